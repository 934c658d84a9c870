"""Invoices that are there twice: which take part in the search, and exact copies.

Belongs here: the hard key (SAP checks supplier, currency, company code, gross amount, reference
number and date on entry; here the date is left out, since a copy is often dated anew, and credits
are checked, too). Not here: suspects (reconciliation/duplicates).
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.matching.linking.billing import CREDITS
from finsync_dagster.matching.telling.notes import NOTES, noted
from finsync_dagster.matching.telling.text import day, money

DUP_EXACT = "DUP_EXACT"

LIKE_A_COPY = ("invoice_no_norm", "ccy", "gross")
EXACT_KEY = ("golden", "side", *LIKE_A_COPY)


def counting(invoices: pl.DataFrame, docs: Documents) -> pl.DataFrame:
    """Live invoices that may be a copy or have one, with ``golden`` and ``side``, in order of date.

    An invoice that credits took back in full is settled, whatever resembles it: neither it nor
    what was entered in its place is a copy. ``side`` keeps apart what cannot be the same document:
    a credit and an invoice, a request for a prepayment and the invoice that settles it.
    """
    credit = pl.col("kind").is_in(CREDITS) | (pl.col("gross") < 0)
    side = (
        pl.when(credit)
        .then(pl.lit("credit"))
        .when(pl.col("kind") == "prepayment")
        .then(pl.lit("prepayment"))
        .otherwise(pl.lit("invoice"))
    )
    standing, corrected = invoices, docs.invoices["corrects_invoice_id"]
    if corrected.null_count() < len(corrected):
        standing = not_taken_back(invoices.lazy(), docs.invoices.lazy()).collect()
    return in_order(docs.golden(standing).with_columns(side=side))


def not_taken_back(invoices: pl.LazyFrame, documents: pl.LazyFrame) -> pl.LazyFrame:
    """Without those that credits took back in full.

    Args:
        invoices: canonical invoices.
        documents: canonical invoices, the credits that may correct them among them.
    """
    credits = documents.filter(
        pl.col("corrects_invoice_id").is_not_null()
        & pl.col("kind").is_in(CREDITS)
        & (pl.col("status_canon") != "void")
    )
    back = credits.group_by(invoice_id="corrects_invoice_id").agg(_back=pl.col("gross").sum())
    both = invoices.join(back, on="invoice_id", how="left")
    return both.filter((pl.col("gross") + pl.col("_back") > 0).fill_null(True)).drop("_back")


def in_order(invoices: pl.DataFrame) -> pl.DataFrame:
    """By date; within a day as they were entered, as far as their keys tell (9 before 10)."""
    length = pl.col("invoice_id").str.len_bytes().alias("_length")
    return (
        invoices.with_columns(length).sort("invoice_date", "_length", "invoice_id").drop("_length")
    )


def exact_copies(invoices: pl.DataFrame, docs: Documents) -> pl.DataFrame:
    """Every later invoice with the number, currency and total of an earlier one of its supplier.

    Args:
        invoices: live invoices of one legal entity.
        docs: the entity's documents.

    Returns:
        ``invoice_id``, ``earlier_invoice_id`` (the first of its kind, so that n copies are n - 1
        rows), and of both ``invoice_no_supplier``, ``invoice_date``, ``gross``, ``ccy`` (those of
        the earlier one prefixed ``earlier_``); sorted by key. A number without letters or digits
        identifies no document.
    """
    key = list(LIKE_A_COPY)
    # Nearly all invoices fall out here, before suppliers are looked up.
    again = invoices.group_by(key).len().filter((pl.col("len") > 1) & (pl.col(key[0]) != ""))
    told = ("invoice_id", "invoice_no_supplier", "invoice_date", "gross", "ccy")
    if again.is_empty():
        none = invoices.clear()
        return none.select(*told, *(pl.col(c).alias(f"earlier_{c}") for c in told))
    rows = counting(invoices.join(again, on=key, how="semi"), docs)
    first = [pl.col(c).first().over(EXACT_KEY).alias(f"earlier_{c}") for c in told]
    copies = rows.with_columns(first).filter(pl.col("invoice_id") != pl.col("earlier_invoice_id"))
    return copies.select(*told, *(f"earlier_{c}" for c in told)).sort("invoice_id")


def lines_of(copies: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """The lines of the copies as gates not passed (gates.py): ``invoice_line_id``, ``gate``."""
    named = lines.select("invoice_line_id", gate=pl.lit(DUP_EXACT))
    if copies.is_empty():
        return named.clear()
    return named.filter(lines["invoice_id"].is_in(copies["invoice_id"].implode()))


def copy_notes(copies: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """A sentence per copy and per line of it (a frame of NOTES, without a reason code).

    The finding itself is told with the suspects (reconciliation/duplicates), which name the pair.
    """
    if copies.is_empty():
        return pl.DataFrame(schema=NOTES)
    told = copies.select(
        "invoice_id",
        message=pl.Series(_sentences(copies), dtype=pl.String),
        release=pl.lit(_RELEASE),
    )
    each = lines.select("invoice_line_id", copy="invoice_id")
    of_lines = each.join(told.rename({"invoice_id": "copy"}), on="copy", maintain_order="left")
    return pl.concat([noted(told), noted(of_lines)])


_RELEASE = "The supplier proves that both are owed, and the later one gets a number of its own."


def _sentences(copies: pl.DataFrame) -> list[str]:
    return [
        f"Invoice {row['invoice_no_supplier']} of {day(row['invoice_date'])} over "
        f"{money(row['gross'], row['ccy'])} has number and total of invoice "
        f"{row['earlier_invoice_no_supplier']} of {day(row['earlier_invoice_date'])} of the same "
        "supplier: it is a copy, of which nothing is to be paid."
        for row in copies.iter_rows(named=True)
    ]
