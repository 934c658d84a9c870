"""What to say about invoices that do not add up, or bill another tax than their order lines state.

Belongs here: wording. Not here: the checks (document_checks.py, tax.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from finsync_dagster.matching import tolerance as t
from finsync_dagster.matching.checks.document_checks import GROSS
from finsync_dagster.matching.checks.tax import ORDER_RATES
from finsync_dagster.matching.checks.tax_lines import TAX_LINE
from finsync_dagster.matching.telling.limit_words import limit_words
from finsync_dagster.matching.telling.notes import Note, Said
from finsync_dagster.matching.telling.text import money
from finsync_dagster.money import round_decimal

Row = Mapping[str, Any]


def document_notes(invoices: pl.DataFrame, lines: pl.DataFrame, failed: pl.DataFrame) -> list[Said]:
    """A note per failed check of an invoice as a whole.

    That its tax is wrong is not said again where it is said of its lines (TAX_LINE).
    """
    rows = failed.filter(
        (pl.col("subject_type") == "invoice")
        & pl.col("check").is_in([t.TAX_TOTAL, t.DOC_ARITHMETIC])
    )
    if rows.is_empty():
        return []
    tax_lines = failed.filter(pl.col("check") == TAX_LINE)
    if tax_lines.height:
        told = _told_of_lines(lines, tax_lines)
        rows = rows.join(told, on=["subject_id", "check"], how="anti")
    stated = invoices.select("invoice_id", "invoice_no_supplier", "supplier_src_id", "ccy")
    rows = rows.join(stated, left_on="subject_id", right_on="invoice_id")
    rows = rows.sort("subject_id", "check", "basis")
    return [
        Said(_note(row), invoice_id=row["subject_id"], release=_release(row))
        for row in rows.iter_rows(named=True)
    ]


def _told_of_lines(lines: pl.DataFrame, wrong: pl.DataFrame) -> pl.DataFrame:
    """Invoices of which a line states wrong tax, as subjects of TAX_TOTAL."""
    mine = lines.filter(pl.col("invoice_line_id").is_in(wrong["subject_id"].implode()))
    return mine.select(subject_id="invoice_id", check=pl.lit(t.TAX_TOTAL)).unique()


def _note(row: Row) -> Note:
    code, message = _tax(row) if row["check"] == t.TAX_TOTAL else _arithmetic(row)
    return Note(
        reason_code=code,
        subject_type="invoice",
        subject_id=row["subject_id"],
        subject_label=row["invoice_no_supplier"],
        supplier_src_id=row["supplier_src_id"],
        amount=round_decimal(row["variance_abs"], 4),
        ccy=row["ccy"],
        message=message,
        counter_key=row["basis"] if row["check"] == t.DOC_ARITHMETIC else "",
    )


def _tax(row: Row) -> tuple[str, str]:
    over, ccy = row["direction"] == "over", row["ccy"]
    whose = "the rates of its order lines give" if row["basis"] == ORDER_RATES else "its rates give"
    return (
        "TAX_OVER" if over else "TAX_UNDER",
        f"Invoice {row['invoice_no_supplier']} states {money(row['actual'], ccy)} of tax; "
        f"{whose} {money(row['expected'], ccy)} "
        f"({money(row['variance_abs'], ccy)} {'more' if over else 'less'}, "
        f"{limit_words(row, ccy)}).",
    )


def _arithmetic(row: Row) -> tuple[str, str]:
    ccy = row["ccy"]
    figures = (money(row["expected"], ccy), money(row["actual"], ccy))
    said = (
        "net, tax and charges add up to {}, but the total says {}"
        if row["basis"] == GROSS
        else "the lines add up to {}, but the net total says {}"
    ).format(*figures)
    way = "more" if row["direction"] == "over" else "less"
    off = f"{money(row['variance_abs'], ccy)} {way}, {limit_words(row, ccy)}"
    return "DOC_NOT_BALANCED", f"Invoice {row['invoice_no_supplier']}: {said} ({off})."


def _release(row: Row) -> str | None:
    """What would release the invoice; a lower tax only warns."""
    ccy = row["ccy"]
    if row["check"] == t.DOC_ARITHMETIC:
        return "The figures of the document itself, or a corrected document."
    if row["direction"] == "over":
        return f"A corrected invoice, or a credit of {money(row['variance_abs'], ccy)} of tax."
    return None
