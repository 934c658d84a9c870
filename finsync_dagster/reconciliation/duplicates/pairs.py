"""The shape of a pair, and how documents with a common key are paired.

Belongs here: what all rules share. Not here: a rule.
"""

from __future__ import annotations

import polars as pl

INVOICE = "invoice"
EXPENSE = "expense"

PAIR = ("invoice_id", "earlier_invoice_id", "earlier_type", "rule")
"""Columns that every rule hands on. The earlier document may be an expense (``earlier_type``)."""

_SCHEMA = {name: pl.String for name in PAIR}


def no_pairs() -> pl.DataFrame:
    """No pair at all."""
    return pl.DataFrame(schema=_SCHEMA)


def with_company(invoices: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """Invoices that share the key with another one, in their order."""
    shared = invoices.group_by(key).len().filter(pl.col("len") > 1)
    return invoices.join(shared.select(key), on=key, how="semi", maintain_order="left")


def with_the_first(invoices: pl.DataFrame, key: list[str], rule: str) -> pl.DataFrame:
    """Each invoice with the first of those that share the key: n look-alikes are n - 1 pairs.

    ``invoices`` are in order of date (matching/linking/duplicates.py).
    """
    mine = with_company(invoices, key)
    first = pl.col("invoice_id").first().over(key)
    return as_pairs(mine.with_columns(earlier_invoice_id=first), rule)


def as_pairs(found: pl.DataFrame, rule: str, earlier_type: str = INVOICE) -> pl.DataFrame:
    """The pairs among the rows: those of two different documents."""
    two = found.filter(pl.col("invoice_id") != pl.col("earlier_invoice_id"))
    return two.with_columns(earlier_type=pl.lit(earlier_type), rule=pl.lit(rule)).select(PAIR)
