"""Planting: which stage changes what.

Belongs here: the order of it. Not here: the faults themselves.
"""

from __future__ import annotations

import duckdb

_EMPTY = """
CREATE TEMP TABLE s_extra_requisition (n BIGINT, x BIGINT, w BIGINT, status VARCHAR);
CREATE TEMP TABLE s_drift (n BIGINT, missing BOOLEAN, late_days BIGINT, status_kept BOOLEAN);
CREATE TEMP TABLE s_unposted (n BIGINT, i BIGINT);
"""


def choose(connection: duckdb.DuckDBPyConnection, scale_100: int) -> None:
    """Decides which order carries which fault."""
    connection.execute(_EMPTY)


def before_totals(connection: duckdb.DuckDBPyConnection) -> None:
    """Changes orders, receipts and invoice lines."""


def after_totals(connection: duckdb.DuckDBPyConnection) -> None:
    """Changes amounts."""


def on_payments(connection: duckdb.DuckDBPyConnection) -> None:
    """Changes payments."""


def after_publishing(connection: duckdb.DuckDBPyConnection) -> None:
    """Changes master data and approvals; records everything."""
