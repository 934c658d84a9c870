"""Every table there is, and how its current rows are read: what is published and documented.

Belongs here: the list. A stage's new table is listed here once, and is then stored, published and
documented.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.canonical.tables.operations import (
    CONSERVATION,
    HALF_SYNCED,
    INCOMPLETE_INVOICES,
    INCOMPLETE_ORDERS,
    OUTSIDE_AUTHORITY,
    QUARANTINE,
)
from finsync_dagster.contracts.tables import TABLES as CONTRACTS
from finsync_dagster.exceptions.tables import EVENTS, EXCEPTIONS
from finsync_dagster.identity.tables import TABLES as IDENTITY
from finsync_dagster.landing.tables import CONTROL_TOTALS, EXTRACTS
from finsync_dagster.matching.tables import TABLES as MATCHING
from finsync_dagster.orchestration.policy_in_force import POLICY_EVENTS
from finsync_dagster.orchestration.replaying import REPLAYS
from finsync_dagster.orchestration.runs import RUNS
from finsync_dagster.orchestration.source_status import SOURCE_STATUS
from finsync_dagster.reconciliation.tables import TABLES as RECONCILIATION
from finsync_dagster.schema import TableSpec
from finsync_dagster.spend.tables import TABLES as SPEND
from finsync_dagster.storage.lake import Lake

IN_LAKE: tuple[TableSpec, ...] = (
    *TABLES.values(),
    *CONTRACTS,
    *IDENTITY,
    *MATCHING,
    *RECONCILIATION,
    *SPEND,
    QUARANTINE,
    CONSERVATION,
    INCOMPLETE_INVOICES,
    INCOMPLETE_ORDERS,
    HALF_SYNCED,
    OUTSIDE_AUTHORITY,
    SOURCE_STATUS,
)
"""Tables kept in the lake."""

ELSEWHERE: tuple[TableSpec, ...] = (
    EXTRACTS,
    CONTROL_TOTALS,
    EXCEPTIONS,
    EVENTS,
    POLICY_EVENTS,
    REPLAYS,
    RUNS,
)
"""Tables read from the landing zone, the state database and Dagster."""


def lineage_tables(lake: Lake) -> dict[str, pl.LazyFrame]:
    """Current rows of what a document can be traced through, by name: canonical, matching."""
    return {spec.name: lake.current(spec) for spec in (*TABLES.values(), *MATCHING)}
