"""Where it came from: from any figure back to the record, and to the bytes that were received.

Belongs here: following references between canonical rows and into the landing zone.
"""
