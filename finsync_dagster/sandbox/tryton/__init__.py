"""A real Tryton server with a year of purchasing in it, to reconcile against.

Belongs here: installing it, building its database, serving it. Not here: reading it (connectors).

Tryton is licensed under the GPL: it lives in an environment of its own, runs as a process of its
own, and is never imported by this project's. ``inside/`` is what its process is told to do.
"""
