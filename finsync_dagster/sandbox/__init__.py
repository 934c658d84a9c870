"""Stand-ins for systems that a demonstration or a test has no access to.

Belongs here: playing a source system from data that ships with the project. Not here: reading it
(connectors), which knows nothing of this package, nor this package of it.
"""
