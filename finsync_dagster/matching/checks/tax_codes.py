"""TAX_CODE: tax that is billed without a tax code.

Belongs here: which tax no code stands for. Not here: whether it is the right amount (tax.py,
tax_lines.py).

Source: AP practice: without a code, input tax can be neither posted nor reclaimed (SAP FS 748,
"enter a tax code"). The policy says whether a legal entity's systems keep codes at all: a limit of
0 asks for one, no limit does not.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from finsync_dagster.matching.checks.family import Family
from finsync_dagster.matching.checks.tax_rounding import tax_of
from finsync_dagster.matching.compared import Compared
from finsync_dagster.matching.telling.notes import Note, Said
from finsync_dagster.matching.telling.text import money
from finsync_dagster.matching.tolerance import Comparison, Limits, differing
from finsync_dagster.money import AMOUNT, minor_unit_expr, round_decimal

TAX_CODE = "TAX_CODE"
TAX_CODE_MISSING = "TAX_CODE_MISSING"
STATED_TAX = "stated tax"
_ZERO = pl.lit(0, dtype=AMOUNT)


def _compare(compared: Compared, limits: Limits) -> list[Comparison]:
    if not limits.checked(TAX_CODE):
        return []
    rows = _uncoded(compared)
    found = rows.select(
        "actual", subject_type=pl.lit("invoice"), subject_id="invoice_id", expected=_ZERO
    )
    return [differing(found, TAX_CODE, STATED_TAX)]


def _nothing() -> pl.DataFrame:
    return pl.DataFrame(schema={"invoice_id": pl.String, "actual": AMOUNT})


def _uncoded(compared: Compared) -> pl.DataFrame:
    """``invoice_id`` and ``actual``: the tax that no code stands for, without its sign.

    A tax line stands for its own amount. Without tax lines, codes stand on what is billed: if none
    has one, for nothing; if some have, what their rates give is accounted for.
    """
    taxed = compared.invoices.filter(pl.col("tax") != 0).join(
        compared.docs.incomplete_invoices, on="invoice_id", how="anti"
    )
    told = compared.docs.invoice_lines.filter(
        pl.col("type").is_in(["item", "charge", "tax"]) & (pl.col("net_amount") != 0)
    ).select("invoice_id", "type", "tax_code", "tax_rate", "net_amount")
    without = told.filter(pl.col("tax_code").is_null()).select("invoice_id").unique()
    mine = told.join(without, on="invoice_id", how="semi")
    mine = mine.join(taxed.select("invoice_id"), on="invoice_id", how="semi")
    if mine.is_empty():
        return _nothing()
    taxes = mine.filter(pl.col("type") == "tax")
    silent = taxes.filter(pl.col("tax_code").is_null())
    of_taxes = silent.group_by("invoice_id").agg(actual=pl.col("net_amount").sum())
    goods = mine.join(taxes, on="invoice_id", how="anti")
    return pl.concat([of_taxes, _of_goods(goods, taxed)]).with_columns(pl.col("actual").abs())


def _of_goods(goods: pl.DataFrame, taxed: pl.DataFrame) -> pl.DataFrame:
    """The same of invoices without tax lines; nothing where a code's rate is not known."""
    heads = taxed.select("invoice_id", "tax", minor=minor_unit_expr(pl.col("ccy")))
    heads = heads.join(goods, on="invoice_id", how="semi")
    coded = goods.filter(pl.col("tax_code").is_not_null())
    unknown = coded.filter(pl.col("tax_rate").is_null()).select("invoice_id").unique()
    bases = coded.rename({"net_amount": "base"}).join(
        heads.select("invoice_id", "minor"), on="invoice_id"
    )
    given = tax_of(bases.join(unknown, on="invoice_id", how="anti"), "rate")
    found = heads.join(unknown, on="invoice_id", how="anti").join(
        given, on="invoice_id", how="left"
    )
    left = pl.col("tax") - pl.col("expected").fill_null(_ZERO)
    return found.select("invoice_id", actual=left)


def _tell(compared: Compared, failed: pl.DataFrame) -> list[Said]:
    if failed.is_empty():
        return []
    rows = failed.join(compared.invoices, left_on="subject_id", right_on="invoice_id")
    return [_said(row) for row in rows.sort("subject_id").iter_rows(named=True)]


def _said(row: dict[str, Any]) -> Said:
    number, ccy = row["invoice_no_supplier"], row["ccy"]
    tax = money(row["actual"], ccy)
    note = Note(
        reason_code=TAX_CODE_MISSING,
        subject_type="invoice",
        subject_id=row["subject_id"],
        subject_label=number,
        supplier_src_id=row["supplier_src_id"],
        amount=round_decimal(row["actual"], 4),
        ccy=ccy,
        message=f"Invoice {number} bills {tax} of tax for which no tax code is entered.",
    )
    return Said(note, invoice_id=row["subject_id"], release="The tax code of what is billed.")


FAMILY = Family(checks=(TAX_CODE,), compare=_compare, tell=_tell)
