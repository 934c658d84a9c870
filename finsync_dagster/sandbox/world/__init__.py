"""A generated group of companies: what really happened in it, and which faults were planted.

Belongs here: the tables of the world, generating them, the planted faults kept apart as ground
truth, and reading them. Not here: how any vendor tells of it (sandbox/vendors).
"""
