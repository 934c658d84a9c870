"""Running again: nothing changes unless a source did, and then only that."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import polars as pl

from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.storage.lake import Lake
from tests.pipeline.homes import Home, assert_same

LINES = TABLES["purchase_order_lines"]


def lake(home: Home) -> Lake:
    return Lake(f"file://{home.path}/lake")


def test_a_second_run_changes_nothing(finished: Home, copied: Home) -> None:
    commits = {name: lake(copied).version(spec) for name, spec in TABLES.items()}
    events = copied.one("SELECT count(*) FROM operations.exception_events")
    done = copied.finsync("run")
    assert done.code == 0, done.text
    versioned = [n for n, spec in TABLES.items() if "valid_from" in spec.polars_schema]
    assert {n: lake(copied).version(TABLES[n]) for n in versioned} == {
        n: commits[n] for n in versioned
    }
    assert copied.one("SELECT count(*) FROM operations.exception_events") == events
    assert copied.one("SELECT sum(changed) FROM operations.conservation_now") == Decimal(0)
    assert_same(finished, copied)


def test_changes_new_rows_and_deletions_are_versions(copied: Home) -> None:
    before = lake(copied).read(LINES).select(pl.col("valid_from").max()).collect().item()
    assert isinstance(before, datetime)
    table = "Purchasing_PurchaseOrderDetail"
    copied.source(
        "adventureworks",
        f"UPDATE {table} SET ReceivedQty = '550.00', StockedQty = '550.00', "
        "ModifiedDate = '2026-01-05 00:00:00' WHERE PurchaseOrderDetailID = 7",
        f"INSERT INTO {table} SELECT PurchaseOrderID, 9001, DueDate, OrderQty, ProductID, "
        "UnitPrice, LineTotal, ReceivedQty, RejectedQty, StockedQty, '2026-01-05 00:00:00' "
        f"FROM {table} WHERE PurchaseOrderDetailID = 7",
        f"DELETE FROM {table} WHERE PurchaseOrderDetailID = 8",
    )
    done = copied.finsync("run", "--entity", "adventureworks")
    assert done.code == 0, done.text

    def received(line: int) -> list[tuple]:
        return copied.ask(
            "SELECT qty_received FROM matching.order_line_status "
            f"WHERE po_line_id = 'adventureworks_erp|purchase_order_detail|{line}'"
        )

    assert received(7) == [(Decimal(550),)]
    assert received(9001) == [(Decimal(550),)]
    assert received(8) == []
    # The order of the deleted and the doubled line no longer adds up to its header.
    assert copied.one("SELECT count(*) FROM reconciliation.order_totals WHERE NOT agrees") == 2
    kept = lake(copied).known_at(LINES, before, source_system="adventureworks_erp").collect()
    assert kept.height == 8845
    assert "adventureworks_erp|purchase_order_detail|8" in kept["po_line_id"]


def test_a_look_back_leaves_out_what_came_later(finished: Home, copied: Home) -> None:
    done = copied.finsync("run", "--entity", "wwi", "--as-of", "2014-12-31")
    assert done.code == 0, done.text
    last = copied.one("SELECT max(fact_date)::VARCHAR FROM spend.facts WHERE entity_id = 'wwi'")
    assert last == "2014-12-31"
    invoices = "SELECT count(*) FROM canonical.invoices WHERE invoice_date <= DATE '2014-12-31'"
    matched = "SELECT count(*) FROM matching.invoice_results WHERE entity_id = 'wwi'"
    assert copied.one(matched) == copied.one(invoices)
    resolved = "SELECT count(*) FROM operations.exceptions WHERE state LIKE 'RESOLVED%'"
    assert copied.one(resolved) == finished.one(resolved) == 0
