"""Contracts: the shape of what arrives, compared with what is read of it and with what came before.

Belongs here: observing a landed extract (profile.py, shape.py), what mappings need (needs.py),
differences and how grave they are (drift.py). Not here: setting records aside (canonical), nor
where shapes are stored (orchestration).
"""
