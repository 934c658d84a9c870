"""Know who is who: source suppliers become golden suppliers, with the evidence for every link.

Belongs here: linking supplier records. Not here: correcting them in their source.
"""
