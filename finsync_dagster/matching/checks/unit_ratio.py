"""UOM_RATIO: how many price units of an invoice one order unit is, against receipt or order.

Belongs here: the ratios compared. Not here: the conversion of quantities and prices (units.py),
wording (unit_ratio_notes.py).

Source: SAP tolerance keys BW and BR, order price unit variance: quantity invoiced in order price
units over quantity invoiced in order units, against the same ratio of the goods receipt (BW) or,
where nothing was weighed there, of the order (BR). It concerns what is ordered by one unit and
priced by another, above all goods whose weight is only known when they are weighed.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.matching.checks.family import Family
from finsync_dagster.matching.checks.unit_ratio_notes import ratio_note
from finsync_dagster.matching.compared import Compared
from finsync_dagster.matching.figures.exact import guard_product, guard_sum, to_units
from finsync_dagster.matching.figures.units import weighed_lines
from finsync_dagster.matching.linking.billing import QUANTITY
from finsync_dagster.matching.telling.notes import Said
from finsync_dagster.matching.tolerance import Comparison, Limits, differing
from finsync_dagster.money import PRICE, PRICE_SCALE, divide_half_up, from_scaled

UOM_RATIO = "UOM_RATIO"
RECEIPT_RATIO = "receipt ratio"
ORDER_RATIO = "order ratio"

_DOCUMENT_STEP = 10**3
"""Documents state quantities with three decimals (SAP: QUAN 13.3), in millionths."""


def compare(compared: Compared, limits: Limits) -> list[Comparison]:
    """Ratios of lines that bill a quantity in two units."""
    apart = _priced_apart(compared)
    if apart.is_empty():
        return []
    rows = _ratios(compared, apart)
    return [
        differing(_of(rows.filter(pl.col("basis") == basis)), UOM_RATIO, basis)
        for basis in (RECEIPT_RATIO, ORDER_RATIO)
    ]


def _of(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        "expected",
        "actual",
        subject_type=pl.lit("invoice_line"),
        subject_id="invoice_line_id",
    )


def tell(compared: Compared, failed: pl.DataFrame) -> list[Said]:
    """One note per line whose ratio is not within the limits."""
    if failed.is_empty():
        return []
    rows = _ratios(compared, _priced_apart(compared)).drop("expected", "actual", "basis")
    rows = rows.join(failed, left_on="invoice_line_id", right_on="subject_id")
    return [ratio_note(row) for row in rows.sort("invoice_line_id").iter_rows(named=True)]


def _ratios(compared: Compared, rows: pl.DataFrame) -> pl.DataFrame:
    """Lines whose weight is not what their quantity amounts to, at the receipts' ratio or the
    order's: facts of the line, ``weight`` and ``expected_weight`` (Int64 millionths of
    ``uom_price``), ``expected`` and ``actual`` (PRICE: price units per order unit), ``basis``.

    A weight that is the expected one, rounded to three decimals, is no variance.
    """
    rows = rows.join(_received(compared, rows), on="invoice_line_id", how="left")
    weighed = pl.col("_received") == pl.col("units").abs()
    units, num, den = pl.col("units").abs(), pl.col("_num"), pl.col("_den")
    guard_product(rows, "units", "_num")
    by_order = divide_half_up(units.cast(pl.Int128) * num.cast(pl.Int128), den.cast(pl.Int128))
    rows = rows.with_columns(
        weight=to_units("qty_price").abs(),
        expected_weight=pl.when(weighed)
        .then("_received_weight")
        .otherwise(by_order.cast(pl.Int64)),
        basis=pl.when(weighed).then(pl.lit(RECEIPT_RATIO)).otherwise(pl.lit(ORDER_RATIO)),
    )
    step = pl.lit(_DOCUMENT_STEP, dtype=pl.Int64)
    rounded = divide_half_up(pl.col("expected_weight"), step) * step
    differs = (pl.col("weight") != pl.col("expected_weight")) & (pl.col("weight") != rounded)
    rows = rows.filter(differs)
    return rows.with_columns(
        expected=_ratio(rows, "expected_weight"), actual=_ratio(rows, "weight")
    )


def _ratio(rows: pl.DataFrame, weight: str) -> pl.Expr:
    guard_product(rows, weight, 10**PRICE_SCALE)
    scaled = pl.col(weight).cast(pl.Int128) * 10**PRICE_SCALE
    return from_scaled(
        divide_half_up(scaled, pl.col("units").abs().cast(pl.Int128)), PRICE_SCALE
    ).cast(PRICE)


def _priced_apart(compared: Compared) -> pl.DataFrame:
    """Lines compared that bill in the order's unit and in the unit it is priced in."""
    stated = compared.docs.invoice_lines.select(_WEIGHED)
    weighed = weighed_lines(stated.filter(stated["qty_price"].is_not_null()))
    ratio = compared.book.lines.select(
        "uom_price",
        link_id="po_line_id",
        _num=to_units("price_ratio_num"),
        _den=to_units("price_ratio_den"),
    ).drop_nulls()
    priced = compared.priced.select("billing", "credit", *_SHOWN)
    if weighed.is_empty() or ratio.is_empty():
        lines = priced.clear()
    else:
        lines = priced.filter(
            (pl.col("billing") == QUANTITY) & (pl.col("units") != 0) & ~pl.col("credit")
        )
    lines = lines.drop("billing", "credit").join(weighed, on="invoice_line_id")
    return lines.join(ratio, on=["link_id", "uom_price"])


_WEIGHED = (
    "invoice_line_id",
    "qty",
    "qty_price",
    "uom_price",
    "unit_price",
    "price_unit",
)
_SHOWN = (
    "invoice_line_id",
    "invoice_id",
    "invoice_no_supplier",
    "line_no",
    "supplier_src_id",
    "ccy",
    "minor",
    "link_id",
    "po_number",
    "po_line_no",
    "po_unit_price",
    "po_price_unit",
    "uom_order",
    "units",
)
"""What is told of a line."""


def _received(compared: Compared, rows: pl.DataFrame) -> pl.DataFrame:
    """What was weighed of the receipts that each line bills: ``_received`` (order units of receipts
    with a weight) and ``_received_weight``, each receipt's share of it rounded to a millionth.
    """
    wanted = rows.select("invoice_line_id", "uom_order", "uom_price")
    parts = compared.stretches.select("invoice_line_id", "receipt_line_id", "qty")
    parts = parts.join(wanted, on="invoice_line_id")
    receipts = compared.docs.receipt_lines.select(
        "receipt_line_id",
        "uom",
        "uom_base",
        _whole=to_units("qty"),
        _weight=to_units("qty_base"),
    )
    parts = parts.join(receipts, on="receipt_line_id").filter(
        (pl.col("uom") == pl.col("uom_order"))
        & (pl.col("uom_base") == pl.col("uom_price"))
        & (pl.col("_whole") != 0)
    )
    guard_product(parts, "qty", "_weight")
    share = divide_half_up(
        pl.col("qty").cast(pl.Int128) * pl.col("_weight").cast(pl.Int128),
        pl.col("_whole").cast(pl.Int128),
    ).cast(pl.Int64)
    parts = parts.with_columns(_share=share)
    guard_sum(parts, "qty", "_share")
    return parts.group_by("invoice_line_id").agg(
        _received=pl.col("qty").sum().abs(), _received_weight=pl.col("_share").sum().abs()
    )


FAMILY = Family(checks=(UOM_RATIO,), compare=compare, tell=tell)
