"""Invoices that may have been entered, or sent, twice.

Belongs here: which pairs look like one document. Not here: payments made twice.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.matching.billing import CREDITS, live_invoices
from finsync_dagster.matching.notes import Note
from finsync_dagster.matching.text import day, money

DUP_EXACT = "DUP_EXACT"
DUP_SUSPECT = "DUP_SUSPECT"

_NUMBER = ["golden", "invoice_no_norm"]
_AMOUNT = ["ccy", "gross"]


def duplicates(docs: Documents) -> pl.DataFrame:
    """Pairs of later and earlier invoice of one supplier, sorted by key; no pair twice.

    Within each group of look-alikes, every invoice is paired with the first one, so that n copies
    are n - 1 findings. Void invoices and credits take no part. A number without letters or digits
    and a total of nothing identify no document.
    """
    invoices = docs.golden(live_invoices(docs)).filter(~pl.col("kind").is_in(CREDITS))
    invoices = invoices.sort("invoice_date", "invoice_id")
    numbered = invoices.filter(pl.col("invoice_no_norm") != "")
    valued = invoices.filter(pl.col("gross") != 0)
    differs = pl.any_horizontal(pl.col(c) != pl.col(f"first_{c}") for c in _AMOUNT)
    other_number = pl.col("invoice_no_norm") != pl.col("first_invoice_no_norm")
    found = pl.concat(
        [
            _pairs(numbered, [*_NUMBER, *_AMOUNT], "same number and amount", DUP_EXACT),
            _pairs(numbered, _NUMBER, "same number", DUP_SUSPECT).filter(differs),
            _pairs(
                valued,
                ["golden", "invoice_date", *_AMOUNT],
                "same date and amount",
                DUP_SUSPECT,
            ).filter(other_number),
        ]
    )
    keys = ["invoice_id", "earlier_invoice_id"]
    return found.unique(keys, keep="first", maintain_order=True).sort(keys)


def _pairs(invoices: pl.DataFrame, group: list[str], rule: str, code: str) -> pl.DataFrame:
    columns = ("invoice_id", "invoice_no_supplier", "invoice_no_norm", "invoice_date", *_AMOUNT)
    first = [pl.col(c).first().over(group).alias(f"first_{c}") for c in columns]
    return (
        invoices.with_columns(first)
        .filter(pl.col("invoice_id") != pl.col("first_invoice_id"))
        .with_columns(
            earlier_invoice_id="first_invoice_id", rule=pl.lit(rule), reason_code=pl.lit(code)
        )
    )


def duplicate_notes(pairs: pl.DataFrame) -> list[Note]:
    """A note per pair, on the later invoice."""
    notes = []
    for row in pairs.iter_rows(named=True):
        message = (
            f"Invoice {row['invoice_no_supplier']} of {day(row['invoice_date'])} over "
            f"{money(row['gross'], row['ccy'])} has the {row['rule']} as invoice "
            f"{row['first_invoice_no_supplier']} of {day(row['first_invoice_date'])} over "
            f"{money(row['first_gross'], row['first_ccy'])} of the same supplier."
        )
        notes.append(
            Note(
                reason_code=row["reason_code"],
                subject_type="invoice",
                subject_id=row["invoice_id"],
                subject_label=row["invoice_no_supplier"],
                supplier_src_id=row["supplier_src_id"],
                amount=row["gross"],
                ccy=row["ccy"],
                message=message,
                counter_key=row["earlier_invoice_id"],
            )
        )
    return notes
