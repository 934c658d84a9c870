"""Faults planted in a world, and what only looks like one.

Belongs here: which orders get which fault, what each one changes, and the record of it. Not here:
the generator of what is right.
"""
