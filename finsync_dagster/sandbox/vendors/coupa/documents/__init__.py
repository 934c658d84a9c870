"""Coupa's objects, built from the world.

Belongs here: one module a subject, each with the SQL it reads by and the functions that fill an
object's properties. Not here: which of them a request wants (../conditions.py, ../selection.py).
"""
