"""Which invoices a person means by a number.

Belongs here: the search. Not here: what is told of them (explaining.py).
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.canonical.across_systems import invoice_number
from finsync_dagster.lineage.shelf import Row, Shelf

_SIMILAR = 5


def invoices_named(shelf: Shelf, said: str, entity: str | None = None) -> list[Row]:
    """Invoices, by date, of which the supplier's number or an id is what was said.

    The first of these that any invoice answers to decides: the supplier's number or the canonical
    id as written; the supplier's number whatever its case, signs and leading zeros; the number or
    key that the system of the invoice gave it.
    """
    own = pl.lit(True) if entity is None else pl.col("entity_id") == entity
    key = pl.col("source_pk")
    for meant in (
        (pl.col("invoice_no_supplier") == said) | (pl.col("invoice_id") == said),
        pl.col("invoice_no_norm") == normal(said) if normal(said) else pl.lit(False),
        (key == said) | key.str.starts_with(f"{said}|"),
    ):
        found = shelf.rows("invoices", meant & own)
        if found:
            return sorted(found, key=lambda r: (r["entity_id"], r["invoice_date"], r["invoice_id"]))
    return []


def similar_numbers(shelf: Shelf, said: str, entity: str | None = None) -> list[str]:
    """Up to five numbers of invoices that hold what was said, or are held by it."""
    text = normal(said)
    if len(text) < 3:
        return []
    own = pl.lit(True) if entity is None else pl.col("entity_id") == entity
    held = pl.col("invoice_no_norm").str.contains(text, literal=True)
    numbers = {row["invoice_no_supplier"] for row in shelf.rows("invoices", held & own)}
    return sorted(numbers, key=lambda number: (len(number), number))[:_SIMILAR]


def normal(said: str) -> str:
    """A number as numbers are compared."""
    text: str = pl.DataFrame({"said": [said]}).select(invoice_number("said")).item()
    return text
