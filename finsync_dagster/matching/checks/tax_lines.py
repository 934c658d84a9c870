"""TAX_LINE: the tax that a line states against its net times its rate.

Belongs here: lines that state an amount of tax. Not here: the tax of a whole invoice (tax.py of the
package above), and what no code is stated for (tax_codes.py).

Source: Oracle Payables tax holds, ServiceNow AP line tax validation. The rate is that of the order
line billed, else the one the invoice line states. Where the entity rounds tax per rate or per
document, a line carries a share of it, which may be off by less than one minor unit.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl

from finsync_dagster.matching.checks.family import Family
from finsync_dagster.matching.checks.tax_rounding import rounded_tax, scaled_base, scaled_rate
from finsync_dagster.matching.compared import Compared
from finsync_dagster.matching.figures.exact import guard_product, power_of_ten
from finsync_dagster.matching.linking.billing import QUANTITY
from finsync_dagster.matching.telling.limit_words import limit_words
from finsync_dagster.matching.telling.notes import Note, Said
from finsync_dagster.matching.telling.text import money, quantity
from finsync_dagster.matching.tolerance import Comparison, Limits, differing
from finsync_dagster.money import (
    AMOUNT_SCALE,
    PRICE_SCALE,
    minor_unit_expr,
    round_decimal,
    to_scaled,
)

TAX_LINE = "TAX_LINE"
LINE_RATE = "line rate"


def _compare(compared: Compared, limits: Limits) -> list[Comparison]:
    stated = compared.docs.invoice_lines["tax_amount"]
    if stated.null_count() == len(stated):
        return []
    rows = _stated(compared)
    product = scaled_base() * scaled_rate()
    guard_product(rows, ("base", AMOUNT_SCALE), ("tax_rate", PRICE_SCALE), 2)
    rows = rows.with_columns(expected=rounded_tax(product), actual="tax_amount")
    if limits.tax_rounding in ("rate", "document"):
        # tax_amount less base x rate, both in units of 10^-16, against one minor unit.
        per_unit = pl.lit(100 * 10**PRICE_SCALE, dtype=pl.Int128)
        off = (to_scaled(pl.col("tax_amount"), AMOUNT_SCALE) * per_unit - product).abs()
        minor_unit = power_of_ten(AMOUNT_SCALE, pl.col("minor")) * per_unit
        rows = rows.filter(off >= minor_unit)
    found = rows.select(
        "expected", "actual", subject_type=pl.lit("invoice_line"), subject_id="invoice_line_id"
    )
    return [differing(found, TAX_LINE, LINE_RATE)]


_READ = ("invoice_line_id", "net_amount", "billing", "problem", "tax_rate", "stated_rate", "ccy")


def _stated(compared: Compared) -> pl.DataFrame:
    """Lines that state tax, with ``base``, ``tax_rate`` and ``minor``."""
    told = compared.docs.invoice_lines.select("invoice_line_id", "type", "tax_amount")
    told = told.filter(told["tax_amount"].is_not_null())
    stated = told.filter(told["type"].is_in(["item", "charge"])).drop("type")
    mine = stated.join(compared.lines.select(_READ), on="invoice_line_id")
    by_order = (pl.col("billing") == QUANTITY) & pl.col("problem").is_null()
    rate = pl.coalesce(pl.when(by_order).then("tax_rate"), "stated_rate")
    return mine.select(
        "invoice_line_id",
        "tax_amount",
        base="net_amount",
        tax_rate=rate,
        minor=minor_unit_expr(pl.col("ccy")),
    ).drop_nulls("tax_rate")


def _tell(compared: Compared, failed: pl.DataFrame) -> list[Said]:
    if failed.is_empty():
        return []
    rows = failed.join(_stated(compared), left_on="subject_id", right_on="invoice_line_id")
    about = compared.lines.select(
        "invoice_line_id", "invoice_no_supplier", "line_no", "supplier_src_id", "ccy"
    )
    rows = rows.join(about, left_on="subject_id", right_on="invoice_line_id").sort("subject_id")
    return [_said(row) for row in rows.iter_rows(named=True)]


def _said(row: dict[str, Any]) -> Said:
    ccy, over = row["ccy"], row["direction"] == "over"
    label = f"{row['invoice_no_supplier']} line {row['line_no']}"
    difference = money(row["variance_abs"], ccy)
    rate = quantity(Decimal(row["tax_rate"]))
    message = (
        f"Invoice {label} states {money(row['actual'], ccy)} of tax; {rate} % of "
        f"{money(row['base'], ccy)} are {money(row['expected'], ccy)} ({difference} "
        f"{'more' if over else 'less'}, {limit_words(row, ccy)})."
    )
    note = Note(
        reason_code="TAX_OVER" if over else "TAX_UNDER",
        subject_type="invoice_line",
        subject_id=row["subject_id"],
        subject_label=label,
        supplier_src_id=row["supplier_src_id"],
        amount=round_decimal(row["variance_abs"], 4),
        ccy=ccy,
        message=message,
    )
    release = f"A corrected invoice, or a credit of {difference}." if over else None
    return Said(note, invoice_line_id=row["subject_id"], release=release)


FAMILY = Family(checks=(TAX_LINE,), compare=_compare, tell=_tell)
