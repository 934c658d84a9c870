"""The core rules as one SQL script for DuckDB, which writes the same result tables.

Belongs here: running the script over the inputs. Not here: its rules (script.sql, outputs.sql).

It does less than the engine: orders are found by the order line named, and nobody is told anything
(no findings, no sentence with figures). What both decide, they decide alike (a test).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb

from benchmarks.match.generate import AS_OF, SHARED, VIEWS, Bucket, beside, buckets, database
from benchmarks.match.limits import policy

HERE = Path(__file__).parent
CORE = (
    "QTY_RECEIVED",
    "QTY_ORDERED",
    "PRICE_UNIT",
    "LINE_TOTAL",
    "TAX_TOTAL",
    "DOC_ARITHMETIC",
    "OVER_DELIVERY",
    "UNDER_DELIVERY",
)
"""Checks that the script makes."""

RESULTS = (
    "allocations",
    "check_results",
    "invoice_line_results",
    "invoice_results",
    "order_line_status",
    "receipt_status",
)
_SIDES = ("upper_abs", "upper_pct", "lower_abs", "lower_pct")


def run(inputs: Path, out: Path, at_once: bool = False) -> None:
    """Matches all buckets: one after another, or all in one query."""
    with database() as con:
        limits(con)
        every = buckets(inputs)
        for part in [every] if at_once else [[bucket] for bucket in every]:
            folder = out if at_once else out / part[0].entity / part[0].folder.name
            folder.mkdir(parents=True, exist_ok=True)
            match(con, part)
            for table in RESULTS:
                file = folder / f"{table}.parquet"
                con.execute(
                    f"COPY (FROM out_{table}) TO '{file}' (FORMAT parquet, COMPRESSION zstd)"
                )


def match(con: duckdb.DuckDBPyConnection, part: list[Bucket]) -> None:
    """Decides the documents of some buckets; results are the views ``out_*``."""
    for table in VIEWS:
        _given(con, table, [bucket.file(table) for bucket in part])
    for table in SHARED:
        _given(con, table, {beside(bucket, table): None for bucket in part})
    con.execute((HERE / "script.sql").read_text())
    con.execute((HERE / "outputs.sql").read_text())


def _given(con: duckdb.DuckDBPyConnection, table: str, files: Iterable[Path]) -> None:
    named = ", ".join(f"'{file}'" for file in files)
    con.execute(f"CREATE OR REPLACE TEMP VIEW {table} AS FROM read_parquet([{named}])")


def limits(con: duckdb.DuckDBPyConnection) -> None:
    """Tells a database the limits of the policy and the day."""
    by = policy()
    con.execute("SET VARIABLE as_of = $day", {"day": AS_OF})
    con.execute("SET VARIABLE policy_version = $version", {"version": by.version})
    columns = ", ".join(f"{side} DECIMAL(38, 10)" for side in _SIDES)
    con.execute(f'CREATE TEMP TABLE limits ("check" VARCHAR, {columns})')
    for check in CORE:
        stated = [getattr(by.tolerances[check], side) for side in _SIDES]
        con.execute("INSERT INTO limits VALUES (?, ?, ?, ?, ?)", [check, *stated])
