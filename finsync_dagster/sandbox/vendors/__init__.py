"""Stand-ins for vendors' APIs: they answer as the vendor documents, from a generated world.

Belongs here: one sub-package per vendor, and what all share: the wire (wire.py), serving it
(server.py), tokens, faults on demand. Not here: the world they tell of (sandbox/world), nor any
connector, which knows nothing of this package, nor this package of it.
"""
