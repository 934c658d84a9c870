"""SAP Concur's stand-in.

Belongs here: Concur's expense API, version 3, and its financial documents, version 4, over the
world. Not here: serving it (../server.py).
"""

from finsync_dagster.sandbox.vendors.concur.api import Concur

__all__ = ["Concur"]
