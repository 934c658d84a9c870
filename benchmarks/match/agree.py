"""Whether engine and SQL script say the same of the same documents, row by row.

Belongs here: which columns have to agree. Not here: which of the two is faster.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import polars as pl

from benchmarks.match import engine, sql_script
from benchmarks.match.generate import Bucket, database
from benchmarks.match.limits import policy

BOTH_DECIDE = {
    "allocations": (
        "invoice_line_id",
        "po_line_id",
        "sequence_no",
        "receipt_line_id",
        "qty",
        "amount_at_po_price",
        "method",
    ),
    "invoice_line_results": (
        "invoice_line_id",
        "po_line_id",
        "outcome",
        "payable_amount",
        "qty_allocated",
        "amount_allocated",
        "expected_amount",
        "qty_billed_to_date",
        "qty_received",
        "qty_ordered",
        "price_billed",
        "net_billed_to_date",
        "net_ordered",
    ),
    "invoice_results": ("invoice_id", "outcome", "payable_amount"),
    "order_line_status": (
        "po_line_id",
        "qty_received",
        "qty_accepted",
        "qty_basis",
        "qty_invoiced",
        "received_value",
        "invoiced_value",
        "delivery_outcome",
        "last_receipt_date",
    ),
    "receipt_status": ("receipt_line_id", "qty_available", "qty_invoiced"),
    "check_results": (
        "subject_type",
        "subject_id",
        "check",
        "basis",
        "expected",
        "actual",
        "variance_pct",
        "passed",
        "effect",
    ),
}
"""Result table → columns that are compared."""


def disagreements(
    con: duckdb.DuckDBPyConnection, bucket: Bucket
) -> Iterator[tuple[str, int, pl.DataFrame]]:
    """Table, rows compared, and the rows that only one of the two has (``side``), per table.

    Left out is what only the engine has rules for: the figures of order lines of which a credit is
    blocked (what it counts for), and the arithmetic of lines that bill no quantity of an order.
    """
    result = engine.matched(bucket, policy())
    sql_script.match(con, [bucket])
    beyond = _with_blocked_credits(bucket, result.invoice_line_results)
    for table, columns in BOTH_DECIDE.items():
        mine = getattr(result, table).select(columns)
        if table == "check_results":
            own = (pl.col("check") == "DOC_ARITHMETIC") & (pl.col("basis") == "line")
            counted = result.invoice_line_results.drop_nulls("qty_billed")["invoice_line_id"]
            mine = mine.filter(
                pl.col("check").is_in(sql_script.CORE)
                & (~own | pl.col("subject_id").is_in(counted.implode()))
            )
        named = ", ".join(f'"{column}"' for column in columns)
        theirs = con.sql(f"SELECT {named} FROM out_{table}").pl().cast(dict(mine.schema))
        if table == "invoice_line_results":
            apart = pl.col("po_line_id").is_in(beyond.implode()).fill_null(False)
            mine, theirs = mine.filter(~apart), theirs.filter(~apart)
        sides = [
            left.join(right, on=list(columns), how="anti", nulls_equal=True).with_columns(
                side=pl.lit(side)
            )
            for side, left, right in (("engine", mine, theirs), ("script", theirs, mine))
        ]
        yield table, mine.height, pl.concat(sides)


def _with_blocked_credits(bucket: Bucket, lines: pl.DataFrame) -> pl.Series:
    invoices = engine.read(bucket)["invoices"]
    credits = invoices.filter(pl.col("kind").is_in(["credit_qty", "credit_value"]))
    blocked = lines.filter(pl.col("outcome") == "BLOCKED")
    return blocked.join(credits, on="invoice_id", how="semi")["po_line_id"].drop_nulls().unique()


def prepared() -> duckdb.DuckDBPyConnection:
    """A database that knows the limits of the policy."""
    con = database()
    sql_script.limits(con)
    return con
