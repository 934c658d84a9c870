"""A group of companies that never existed, generated whole: what really happened, and what was planted.

Belongs here: the tables of the world, generating them, the planted faults kept apart as ground
truth, and reading them. Not here: how any vendor tells of it (sandbox/vendors).
"""
