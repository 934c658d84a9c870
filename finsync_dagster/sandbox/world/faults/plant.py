"""Planting: which stage changes what.

Belongs here: the list of all faults and the order in which they are chosen and applied. Not here:
what each one changes (on_*.py, across_systems.py, innocents.py).
"""

from __future__ import annotations

from dataclasses import replace

import duckdb

from finsync_dagster.sandbox.world.faults import (
    across_systems,
    innocents,
    on_amounts,
    on_controls,
    on_links,
    on_partners,
    on_quantities,
)
from finsync_dagster.sandbox.world.faults.choosing import choose_victims
from finsync_dagster.sandbox.world.faults.fault import Fault
from finsync_dagster.sandbox.world.faults.recording import prepare, record
from finsync_dagster.sandbox.world.faults.twins import TWIN, plant_twins, retire_some

# What few orders can carry is chosen first.
FAULTS: tuple[Fault, ...] = (
    *across_systems.FAULTS,
    *on_quantities.FAULTS[:6],
    *on_amounts.FAULTS[:4],
    *(replace(each, innocent=True) for each in innocents.INNOCENTS),
    *on_links.FAULTS,
    *on_quantities.FAULTS[6:],
    *on_amounts.FAULTS[4:],
    *on_controls.FAULTS,
    *on_partners.FAULTS,
    TWIN,
)

_EMPTY = """
CREATE TEMP TABLE s_extra_requisition (n BIGINT, x BIGINT, w BIGINT, status VARCHAR);
CREATE TEMP TABLE s_drift (n BIGINT, missing BOOLEAN, late_days BIGINT, status_kept BOOLEAN);
"""


def choose(connection: duckdb.DuckDBPyConnection, scale_100: int) -> None:
    """Decides which order carries which fault."""
    connection.execute(_EMPTY)
    choose_victims(connection, FAULTS, scale_100)


def before_totals(connection: duckdb.DuckDBPyConnection) -> None:
    """Changes staged orders, receipts and invoice lines."""
    _apply(connection, "before")


def after_totals(connection: duckdb.DuckDBPyConnection) -> None:
    """Changes amounts."""
    _apply(connection, "late")


def on_payments(connection: duckdb.DuckDBPyConnection) -> None:
    """Changes payments."""
    _apply(connection, "pay")


def on_ledger(connection: duckdb.DuckDBPyConnection) -> None:
    """Changes what is posted."""
    _apply(connection, "books")


def after_publishing(connection: duckdb.DuckDBPyConnection, scale_100: int) -> None:
    """Changes master data, approvals and the ledger; records everything that was planted."""
    _apply(connection, "final")
    retire_some(connection)
    prepare(connection)
    plant_twins(connection, TWIN.per_100 * min(scale_100, 5000) // 100)
    record(connection, FAULTS)


def _apply(connection: duckdb.DuckDBPyConnection, stage: str) -> None:
    for fault in FAULTS:
        script: str = getattr(fault, stage)
        if script:
            victims = f"(SELECT n FROM s_fault WHERE fault = '{fault.name}')"
            connection.execute(script.replace("{victims}", victims).replace("{fault}", fault.name))
