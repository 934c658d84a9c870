"""A stand-in for NetSuite's REST web services: SuiteQL, records, logins.

Belongs here: answering as NetSuite does, from a generated world. Not here: serving it
(vendors/server.py), logins as such (vendors/tokens*.py).
"""

from __future__ import annotations

from finsync_dagster.sandbox.vendors.netsuite.api import Logins, NetSuite

__all__ = ["Logins", "NetSuite"]
