"""Coupa's stand-in.

Belongs here: Coupa's REST API over the world, release 39. Not here: serving it (../server.py).
"""

from finsync_dagster.sandbox.vendors.coupa.api import Coupa

__all__ = ["Coupa"]
