"""Concur's objects, built from the world.

Belongs here: one module a subject, each with the SQL it reads by. Not here: pages and parameters
(../lists.py), what was acknowledged (../financial.py).
"""
