"""What an explanation is taken from: the stored tables of documents and of results.

Belongs here: opening them. Not here: what is read of them (lineage/).
"""

from __future__ import annotations

from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.lineage.shelf import Shelf
from finsync_dagster.matching.tables import TABLES as MATCHING
from finsync_dagster.storage.lake import Lake


def stored_shelf(lake: Lake) -> Shelf:
    """Canonical tables, all versions, and the results of matching."""
    return Shelf({spec.name: lake.read(spec) for spec in (*TABLES.values(), *MATCHING)})
