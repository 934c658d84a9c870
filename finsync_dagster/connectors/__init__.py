"""Reaching a source system: reading its objects as they are, with the totals it states itself.

Belongs here: one folder per system (what it has, as YAML) and one module per protocol. Not here:
keeping what was read (landing), nor what it means (canonical).
"""
