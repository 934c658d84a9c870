"""Keeping what was received: immutable pages, and one manifest per extract.

Belongs here: writing, reading and proving them. Not here: reaching systems (connectors), nor what
records mean (canonical). Everything after landing can be rebuilt from it.
"""
