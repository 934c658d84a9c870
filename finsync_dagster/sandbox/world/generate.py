"""Generating a world: the stages in order.

Belongs here: which stage follows which, and how much of what a scale means. Not here: what a stage
does.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb

from finsync_dagster.sandbox.world import (
    approvals,
    assertions,
    company,
    company_load,
    deliveries,
    draws,
    expenses,
    invoices,
    items,
    ledger,
    orders,
    payments,
    people,
    publish_documents,
    publish_orders,
    schema,
    suppliers,
    totals,
)
from finsync_dagster.sandbox.world.faults import plant

ORDERS_AT_SCALE_1 = 760
REPORTS_AT_SCALE_1 = 170
MEMORY = "3000MB"
"""What DuckDB may use; the rest of a large world lies on disk while it is made."""


def generate(
    path: Path,
    *,
    seed: int,
    scale: Decimal,
    progress: Callable[[str], None],
    threads: int | None = None,
) -> None:
    """Writes the world of ``seed`` and ``scale`` to a new DuckDB file; ``threads``: DuckDB's.

    Raises:
        WorldError: what was generated contradicts itself: a defect of the generator.
    """
    spill = path.with_suffix(".spill")
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"SET memory_limit = '{MEMORY}'")
        connection.execute(f"SET temp_directory = '{spill}'")
        if threads is not None:
            connection.execute(f"SET threads = {int(threads)}")
        schema.create(connection)
        draws.define(connection, seed)
        _fill(connection, seed, max(1, int(scale * 100)), progress)
        progress("checking that it adds up")
        assertions.require(connection)


def _fill(
    connection: duckdb.DuckDBPyConnection,
    seed: int,
    scale_100: int,
    progress: Callable[[str], None],
) -> None:
    orders_wanted = max(20, ORDERS_AT_SCALE_1 * scale_100 // 100)
    progress("companies, people, suppliers")
    by_row = draws.Draws(seed)
    company_load.load_company(connection)
    company_load.load_rates(connection, draws.LAST_WEEKDAY)
    people.load_people(connection, by_row, scale_100)
    suppliers.load_suppliers(connection, by_row, scale_100)
    items.load_items(connection)
    progress(f"{orders_wanted} orders")
    orders.stage_orders(connection, orders_wanted, company.CURRENCIES_IN_EUR8)
    deliveries.stage_deliveries(connection)
    invoices.stage_invoices(connection)
    plant.choose(connection, scale_100)
    invoices.block_some(connection)
    plant.before_totals(connection)
    totals.compute_totals(connection)
    plant.after_totals(connection)
    payments.stage_payments(connection)
    plant.on_payments(connection)
    payments.complete_payments(connection)
    progress("documents")
    publish_orders.publish_orders(connection)
    publish_documents.publish_documents(connection)
    progress("ledger, expenses, approvals")
    ledger.stage_ledger(connection)
    plant.on_ledger(connection)
    ledger.publish_ledger(connection)
    expenses.publish_expenses(connection, max(4, REPORTS_AT_SCALE_1 * scale_100 // 100))
    approvals.publish_approvals(connection)
    plant.after_publishing(connection, scale_100)
