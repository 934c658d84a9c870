"""What to say about quantities and prices that failed a check.

Belongs here: reason code, amount at risk, wording and what would release the line, per failed check
of a line with a quantity. Not here: the checks (quantity_checks.py).

Written as whole columns: on a bad day every tenth invoice line has something to say.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from finsync_dagster.matching import tolerance as t
from finsync_dagster.matching.figures.exact import to_qty
from finsync_dagster.matching.linking.billing import CORRECTION
from finsync_dagster.matching.telling.notes import NOTES, noted
from finsync_dagster.matching.telling.wording import (
    money_text,
    number_text,
    price_text,
    quantity_text,
    with_texts,
)
from finsync_dagster.money import (
    AMOUNT,
    AMOUNT_SCALE,
    PRICE_SCALE,
    QTY,
    QTY_SCALE,
    multiply_half_up,
)

RECEIPT_MISSING = "RECEIPT_MISSING"
QTY_NOT_ACCEPTED = "QTY_NOT_ACCEPTED"
QTY_OVER_RECEIVED = "QTY_OVER_RECEIVED"
QTY_OVER_ORDERED = "QTY_OVER_ORDERED"
PRICE_OVER = "PRICE_OVER"
PRICE_UNDER = "PRICE_UNDER"
LINE_TOTAL_EXCEEDED = "LINE_TOTAL_EXCEEDED"
DOC_NOT_BALANCED = "DOC_NOT_BALANCED"
CREDIT_EXCEEDS_INVOICED = "CREDIT_EXCEEDS_INVOICED"

_CHECK = (
    "check",
    "direction",
    "actual",
    "expected",
    "variance_abs",
    "variance_pct",
    "limit_value",
    "limit_binding",
)
_LINE = ("invoice_line_id", "event_no", "invoice_no_supplier", "line_no", "supplier_src_id", "ccy")
_STATED = (*_LINE, "qty", "uom", "unit_price")
_PRICED = (
    *_LINE,
    "billing",
    "net_amount",
    "units",
    "excess",
    "net_excess",
    "po_number",
    "po_line_no",
    "match_type",
    "price",
    "uom_order",
    "ordered",
    "over_delivery_pct",
    "po_line_net",
    "received",
    "last_receipt_date",
)

# Billed less than could be is told of prices alone: of quantities more may follow.
_BOTH_WAYS = (t.PRICE_UNIT, t.DOC_ARITHMETIC)
_OF_QUANTITY = (t.QTY_RECEIVED, t.QTY_ORDERED)
_ORDER_LINE = ("po_number", "po_line_no")
_CREDITED_QUANTITY = "credit of a quantity"
_CREDITED_VALUE = "credit of a value"


def line_notes(priced: pl.DataFrame, lines: pl.DataFrame, failed: pl.DataFrame) -> pl.DataFrame:
    """Notes per failed check of a line, and per credit beyond what was invoiced.

    A failure below a limit on quantity or total is no finding: less was billed than could be.

    Args:
        priced: the lines compared by quantity.
        lines: all of them: any may not add up in itself.
        failed: failed check results, of anything.
    """
    failed = failed.select("subject_type", *_CHECK, invoice_line_id="subject_id").filter(
        (pl.col("subject_type") == "invoice_line")
        & pl.col("check").is_in(list(_TELL))
        & ((pl.col("direction") == "over") | pl.col("check").is_in(_BOTH_WAYS))
    )
    facts = priced.select(_PRICED)
    parts = {
        **_stated(failed, lines),
        **_compared(failed, facts),
        **_credits(facts),
    }
    told = [tell(parts[check]) for check, tell in _TELL.items() if check in parts]
    if not told:
        return pl.DataFrame(schema=NOTES)
    return noted(
        pl.concat(told)
        .sort("event_no", maintain_order=True)
        .with_columns(
            subject_type=pl.lit("invoice_line"),
            subject_id="invoice_line_id",
            subject_label=pl.format("{} line {}", "invoice_no_supplier", "line_no"),
        )
    )


def _stated(failed: pl.DataFrame, lines: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Lines that do not add up in themselves, with what they state and ``amount``."""
    failed = failed.filter(pl.col("check") == t.DOC_ARITHMETIC)
    if failed.is_empty():
        return {}
    rows = failed.join(lines.select(_STATED), on="invoice_line_id", maintain_order="left")
    return {t.DOC_ARITHMETIC: rows.with_columns(amount=pl.col("variance_abs").cast(AMOUNT))}


def _compared(failed: pl.DataFrame, facts: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Check → lines that failed it, with ``amount``, ``_over`` (this line's part of the quantity
    beyond what was expected) and what their sentences have in common, as texts."""
    rows = failed.join(facts, on="invoice_line_id", maintain_order="left")
    if rows.is_empty():
        return {}
    of_quantity = pl.col("check").is_in(_OF_QUANTITY)
    rows = with_texts(
        _with_amounts(rows), _worth=money_text("amount"), _limit=number_text("limit_value")
    )
    unit = (
        pl.when(pl.col("limit_binding").str.ends_with("_pct"))
        .then(pl.lit("%"))
        .when(of_quantity)
        .then("uom_order")
        .otherwise("ccy")
    )
    limited = (pl.col("limit_value") != 0).fill_null(False)
    tolerance = pl.format("tolerance {} {}", "_limit", unit)
    rows = rows.with_columns(
        _tolerance=pl.when(limited).then(tolerance).otherwise(pl.lit("no tolerance"))
    )
    by_check = rows.partition_by("check", as_dict=True)
    return {check: part for (check,), part in by_check.items() if check != t.DOC_ARITHMETIC}


def _with_amounts(rows: pl.DataFrame) -> pl.DataFrame:
    """Adds ``_over`` and ``amount``: quantities at order price, prices for the line's quantity."""
    of_price = pl.col("check") == t.PRICE_UNIT
    units = to_qty(pl.col("units").fill_null(0))
    over = pl.min_horizontal("variance_abs", units).cast(QTY)
    rows = rows.with_columns(
        _over=pl.when(of_price).then(units.abs()).otherwise(over),
        _each=pl.when(of_price).then("variance_abs").otherwise("price"),
        _received=to_qty("received"),
    )
    worth = multiply_half_up(pl.col("_over"), QTY_SCALE, pl.col("_each"), PRICE_SCALE, AMOUNT_SCALE)
    of_total = pl.min_horizontal("variance_abs", pl.col("net_amount").abs()).cast(AMOUNT)
    return rows.with_columns(_value=worth).with_columns(
        amount=pl.when(pl.col("check") == t.LINE_TOTAL)
        .then(of_total)
        .when(of_price & (pl.col("billing") == CORRECTION))
        .then(pl.col("net_amount").abs())
        .when(_MISSING)
        .then("net_amount")
        .otherwise("_value")
    )


# Nothing arrived at all, whatever the line bills beyond it.
_MISSING = (pl.col("check") == t.QTY_RECEIVED) & (pl.col("_received") <= 0)


def _told(rows: pl.DataFrame, code: pl.Expr, message: pl.Expr, release: pl.Expr) -> pl.DataFrame:
    """The rows as notes, but for what all of them have in common."""
    return rows.select(*_LINE, "amount", reason_code=code, message=message, release=release)


def _received(rows: pl.DataFrame) -> pl.DataFrame:
    rows = with_texts(
        rows,
        _billed=quantity_text("actual", "uom_order"),
        _expected=quantity_text("expected", "uom_order"),
        _arrived=quantity_text("_received", "uom_order"),
        _beyond=quantity_text("_over", "uom_order"),
    )
    by = pl.col("last_receipt_date").dt.to_string("%Y-%m-%d").fill_null("today")
    refused = (pl.col("match_type") == "4w") & (pl.col("actual") <= pl.col("_received"))
    missing = pl.format(
        "Order {} line {}: billed {} ({} on this line), nothing received yet.",
        *(*_ORDER_LINE, "_billed", "_worth"),
    )
    not_accepted = pl.format(
        "Order {} line {}: billed {}, of {} received by {} only {} accepted; over by {} = {}; {}.",
        *(*_ORDER_LINE, "_billed", "_arrived", by, "_expected", "_beyond", "_worth"),
        "_tolerance",
    )
    too_many = pl.format(
        "Order {} line {}: billed {}, received {} by {}; over by {} = {}; {}.",
        *(*_ORDER_LINE, "_billed", "_expected", by, "_beyond", "_worth", "_tolerance"),
    )

    def either(nothing: pl.Expr, rejected: pl.Expr, otherwise: pl.Expr) -> pl.Expr:
        return pl.when(_MISSING).then(nothing).when(refused).then(rejected).otherwise(otherwise)

    return _told(
        rows,
        either(pl.lit(RECEIPT_MISSING), pl.lit(QTY_NOT_ACCEPTED), pl.lit(QTY_OVER_RECEIVED)),
        either(missing, not_accepted, too_many),
        either(
            pl.format("A receipt of {}.", "_billed"),
            pl.format("Acceptance of {} more, or a credit of {}.", "_beyond", "_worth"),
            pl.format("A receipt of {} more, or a credit of {}.", "_beyond", "_worth"),
        ),
    )


def _ordered(rows: pl.DataFrame) -> pl.DataFrame:
    rows = with_texts(
        rows,
        _billed=quantity_text("actual", "uom_order"),
        _expected=quantity_text("expected", "uom_order"),
        _beyond=quantity_text("_over", "uom_order"),
        _share=number_text("over_delivery_pct"),
    )
    agreed = _agreed(to_qty("ordered"))
    return _told(
        rows,
        pl.lit(QTY_OVER_ORDERED),
        pl.format(
            "Order {} line {}: billed {}, ordered {}{}; over by {} = {}; {}.",
            *(*_ORDER_LINE, "_billed", "_expected", agreed, "_beyond", "_worth", "_tolerance"),
        ),
        pl.format("An order of {} more, or a credit of {}.", "_beyond", "_worth"),
    )


def _agreed(ordered: pl.Expr) -> pl.Expr:
    """What stands in the figure called ordered, where it is more than what was ordered: billed
    within an over-delivery that was agreed, of which ``_share`` is the text."""
    said = pl.format(" with the {} % of over-delivery agreed", "_share")
    mine = (pl.col("over_delivery_pct") > 0) & (pl.col("expected") > ordered)
    return pl.when(mine).then(said).otherwise(pl.lit(""))


def _price(rows: pl.DataFrame) -> pl.DataFrame:
    rows = with_texts(
        rows,
        _billed=price_text("actual"),
        _expected=price_text("expected"),
        _apart=price_text("variance_abs"),
        _per_cent=number_text(pl.col("variance_pct").round(2, "half_away_from_zero"), 2),
    )
    over = pl.col("direction") == "over"
    said = pl.format(", {} %", "_per_cent")
    share = pl.when(pl.col("variance_pct").is_null()).then(pl.lit("")).otherwise(said)
    side = pl.when(over).then(pl.lit("above")).otherwise(pl.lit("below"))
    return _told(
        rows,
        pl.when(over).then(pl.lit(PRICE_OVER)).otherwise(pl.lit(PRICE_UNDER)),
        pl.format(
            "Order {} line {}: billed at {} per {}, ordered at {} ({}{} {}) = {} on this line; {}.",
            *(*_ORDER_LINE, "_billed", "uom_order", "_expected", "_apart", share, side),
            *("_worth", "_tolerance"),
        ),
        pl.when(over).then(pl.format("An order at {}, or a credit of {}.", "_billed", "_worth")),
    )


def _total(rows: pl.DataFrame) -> pl.DataFrame:
    rows = with_texts(
        rows,
        _billed=money_text(pl.col("actual").cast(AMOUNT)),
        _expected=money_text(pl.col("expected").cast(AMOUNT)),
        _share=number_text("over_delivery_pct"),
    )
    agreed = _agreed(pl.col("po_line_net"))
    return _told(
        rows,
        pl.lit(LINE_TOTAL_EXCEEDED),
        pl.format(
            "Order {} line {}: billed {} in total, ordered {}{}; {} of this line exceed it; {}.",
            *(*_ORDER_LINE, "_billed", "_expected", agreed, "_worth", "_tolerance"),
        ),
        pl.format("An order of {} more, or a credit of it.", "_worth"),
    )


def _arithmetic(rows: pl.DataFrame) -> pl.DataFrame:
    rows = with_texts(
        rows,
        _qty=quantity_text("qty", "uom"),
        _price=price_text("unit_price"),
        _expected=money_text(pl.col("expected").cast(AMOUNT)),
        _billed=money_text(pl.col("actual").cast(AMOUNT)),
    )
    return _told(
        rows,
        pl.lit(DOC_NOT_BALANCED),
        pl.format(
            "Invoice {} line {}: {} at {} are {}, but the line bills {}.",
            *("invoice_no_supplier", "line_no", "_qty", "_price", "_expected", "_billed"),
        ),
        pl.lit("A corrected entry, or a corrected invoice."),
    )


def _credits(facts: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Credits beyond what was invoiced, in quantity or else in value, with ``amount``."""
    excess = pl.col("excess").fill_null(0)
    of_quantity = (excess > 0) & (pl.col("units") < 0)
    of_value = (excess <= 0) & (pl.col("net_excess") > 0)
    rows = facts.filter(of_quantity | of_value)
    if rows.is_empty():
        return {}
    rows = rows.with_columns(_units=to_qty(pl.col("units").abs()), _excess=to_qty(excess))
    worth = multiply_half_up(
        pl.col("_excess"), QTY_SCALE, pl.col("price"), PRICE_SCALE, AMOUNT_SCALE
    )
    parts = {
        _CREDITED_QUANTITY: rows.filter(of_quantity).with_columns(amount=worth),
        _CREDITED_VALUE: rows.filter(of_value).with_columns(amount="net_excess"),
    }
    return {kind: part for kind, part in parts.items() if part.height}


def _credited_quantity(rows: pl.DataFrame) -> pl.DataFrame:
    rows = with_texts(
        rows,
        _credited=quantity_text("_units", "uom_order"),
        _before=quantity_text(pl.col("_units") - pl.col("_excess"), "uom_order"),
        _beyond=quantity_text("_excess", "uom_order"),
        _worth=money_text("amount"),
    )
    said = pl.format(
        "Order {} line {}: {} credited, only {} invoiced before; {} ({}) credit nothing.",
        *(*_ORDER_LINE, "_credited", "_before", "_beyond", "_worth"),
    )
    return _told(rows, pl.lit(CREDIT_EXCEEDS_INVOICED), said, _OF_CREDIT)


def _credited_value(rows: pl.DataFrame) -> pl.DataFrame:
    net = pl.col("net_amount").abs()
    rows = with_texts(
        rows, _credited=money_text(net), _before=money_text(net - pl.col("net_excess"))
    )
    said = pl.format(
        "Order {} line {}: {} credited, only {} invoiced before.",
        *(*_ORDER_LINE, "_credited", "_before"),
    )
    return _told(rows, pl.lit(CREDIT_EXCEEDS_INVOICED), said, _OF_CREDIT)


_OF_CREDIT = pl.lit("The invoice that the credit belongs to, or a corrected credit.")

_TELL: dict[str, Callable[[pl.DataFrame], pl.DataFrame]] = {
    t.DOC_ARITHMETIC: _arithmetic,
    t.LINE_TOTAL: _total,
    t.PRICE_UNIT: _price,
    t.QTY_ORDERED: _ordered,
    t.QTY_RECEIVED: _received,
    _CREDITED_QUANTITY: _credited_quantity,
    _CREDITED_VALUE: _credited_value,
}
"""What is said of one line stands in this order."""
