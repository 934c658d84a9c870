"""Reading the documents of one legal entity from the lake.

Belongs here: which stored rows make up a Documents value. Not here: what is done with them.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.canonical.tables.operations import INCOMPLETE_ORDERS
from finsync_dagster.storage.lake import Lake

_NAMES = (
    "suppliers",
    "items",
    "purchase_orders",
    "purchase_order_lines",
    "receipt_lines",
    "invoices",
    "invoice_lines",
    "payments",
    "payment_allocations",
)


def documents(lake: Lake, entity_id: str) -> Documents:
    """The entity's current documents."""
    frames = {n: lake.current(TABLES[n], entity_id=entity_id) for n in _NAMES}
    incomplete = lake.read(INCOMPLETE_ORDERS).select("po_id")
    names = [*frames, "incomplete_orders"]
    collected = pl.collect_all([*frames.values(), incomplete])
    return Documents(**dict(zip(names, collected, strict=True)))
