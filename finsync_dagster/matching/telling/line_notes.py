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
)
from finsync_dagster.money import AMOUNT, AMOUNT_SCALE, PRICE_SCALE, QTY_SCALE, multiply_half_up

RECEIPT_MISSING = "RECEIPT_MISSING"
QTY_NOT_ACCEPTED = "QTY_NOT_ACCEPTED"
QTY_OVER_RECEIVED = "QTY_OVER_RECEIVED"
QTY_OVER_ORDERED = "QTY_OVER_ORDERED"
PRICE_OVER = "PRICE_OVER"
PRICE_UNDER = "PRICE_UNDER"
LINE_TOTAL_EXCEEDED = "LINE_TOTAL_EXCEEDED"
DOC_NOT_BALANCED = "DOC_NOT_BALANCED"
CREDIT_EXCEEDS_INVOICED = "CREDIT_EXCEEDS_INVOICED"

Tell = Callable[[pl.DataFrame], pl.DataFrame]

_ORDER_LINE = pl.format("Order {} line {}: ", "po_number", "po_line_no")


def line_notes(priced: pl.DataFrame, lines: pl.DataFrame, checks: pl.DataFrame) -> pl.DataFrame:
    """Notes per failed check of a line, and per credit beyond what was invoiced.

    A failure below a limit on quantity or total is no finding: less was billed than could be.
    ``priced`` are the lines compared by quantity, ``lines`` all: any may not add up in itself.
    """
    failed = checks.filter(
        ~pl.col("passed")
        & (pl.col("subject_type") == "invoice_line")
        & pl.col("check").is_in([*_TELL, t.DOC_ARITHMETIC])
    )
    credits = _credits(priced)
    if failed.is_empty() and credits.is_empty():
        return pl.DataFrame(schema=NOTES)
    concerned = pl.concat([failed["subject_id"], credits["invoice_line_id"]]).unique()
    facts = priced.filter(pl.col("invoice_line_id").is_in(concerned.implode())).with_columns(
        _units=to_qty(pl.col("units").fill_null(0)),
        _received=to_qty("received"),
        _excess=to_qty(pl.col("excess").fill_null(0)),
    )
    rows = failed.join(facts, left_on="subject_id", right_on="invoice_line_id")
    rows = rows.with_columns(invoice_line_id="subject_id").sort("event_no", "check")
    parts: list[tuple[Tell, pl.DataFrame]] = [
        (tell, rows.filter(pl.col("check") == check)) for check, tell in _TELL.items()
    ]
    if credits.height:
        parts += [(_value_credits, facts), (_quantity_credits, facts)]
    parts.append((_arithmetic, _facts_of(failed.filter(check=t.DOC_ARITHMETIC), lines)))
    told = [tell(part) for tell, part in parts if part.height]
    if not told:
        return pl.DataFrame(schema=NOTES)
    return pl.concat(told).sort("_event", "_check", maintain_order=True).select(NOTES.names())


def _facts_of(failed: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    if failed.is_empty():
        return failed
    mine = lines.filter(pl.col("invoice_line_id").is_in(failed["subject_id"].implode()))
    rows = failed.join(mine, left_on="subject_id", right_on="invoice_line_id")
    return rows.with_columns(invoice_line_id="subject_id")


def _told(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with ``reason_code``, ``amount``, ``message`` and ``release``, as notes in order."""
    notes = noted(
        rows.with_columns(
            subject_type=pl.lit("invoice_line"),
            subject_id="invoice_line_id",
            subject_label=pl.format("{} line {}", "invoice_no_supplier", "line_no"),
            invoice_id=pl.lit(None, dtype=pl.String),
        )
    )
    return notes.with_columns(_event=rows["event_no"], _check=rows["check"])


def _tolerance(unit: pl.Expr) -> pl.Expr:
    """`` (tolerance 2 %)``: the limit that decided."""
    value = number_text("limit_value")
    per_cent = pl.format("tolerance {} %", value)
    absolute = pl.concat_str(pl.lit("tolerance "), value, pl.lit(" "), unit)
    return (
        pl.when(pl.col("limit_value").is_null() | (pl.col("limit_value") == 0))
        .then(pl.lit("no tolerance"))
        .when(pl.col("limit_binding").str.ends_with("_pct"))
        .then(per_cent)
        .otherwise(absolute)
    )


def _beyond(rows: pl.DataFrame) -> pl.DataFrame:
    """Adds ``_over``, this line's part of the quantity beyond what was expected, and ``amount``,
    its value at order price."""
    over = pl.min_horizontal("variance_abs", pl.col("_units"))
    return rows.with_columns(_over=over.cast(rows.schema["_units"])).with_columns(
        amount=_worth(pl.col("_over"))
    )


def _worth(qty: pl.Expr) -> pl.Expr:
    return multiply_half_up(qty, QTY_SCALE, pl.col("price"), PRICE_SCALE, AMOUNT_SCALE)


def _received(rows: pl.DataFrame) -> pl.DataFrame:
    rows = _beyond(rows.filter(pl.col("direction") == "over"))
    uom = pl.col("uom_order")
    billed, expected = quantity_text("actual", uom), quantity_text("expected", uom)
    over, worth = quantity_text("_over", uom), money_text("amount")
    nothing = pl.col("_received") <= 0
    refused = (pl.col("match_type") == "4w") & (pl.col("actual") <= pl.col("_received"))
    code = (
        pl.when(nothing)
        .then(pl.lit(RECEIPT_MISSING))
        .when(refused)
        .then(pl.lit(QTY_NOT_ACCEPTED))
        .otherwise(pl.lit(QTY_OVER_RECEIVED))
    )
    rows = rows.with_columns(
        reason_code=code, amount=pl.when(nothing).then("net_amount").otherwise("amount")
    )
    by = pl.col("last_receipt_date").dt.to_string("%Y-%m-%d").fill_null("today")
    missing = pl.format("billed {} ({} on this line), nothing received yet.", billed, worth)
    not_accepted = pl.format(
        "billed {}, of {} received by {} only {} accepted; over by {} = {}; {}.",
        *(billed, quantity_text("_received", uom), by, expected, over, worth, _tolerance(uom)),
    )
    too_many = pl.format(
        "billed {}, received {} by {}; over by {} = {}; {}.",
        *(billed, expected, by, over, worth, _tolerance(uom)),
    )
    return _told(
        rows.with_columns(
            message=_ORDER_LINE
            + pl.when(nothing).then(missing).when(refused).then(not_accepted).otherwise(too_many),
            release=pl.when(nothing)
            .then(pl.format("A receipt of {}.", billed))
            .when(refused)
            .then(pl.format("Acceptance of {} more, or a credit of {}.", over, worth))
            .otherwise(pl.format("A receipt of {} more, or a credit of {}.", over, worth)),
        )
    )


def _ordered(rows: pl.DataFrame) -> pl.DataFrame:
    rows = _beyond(rows.filter(pl.col("direction") == "over"))
    uom = pl.col("uom_order")
    over, worth = quantity_text("_over", uom), money_text("amount")
    return _told(
        rows.with_columns(
            reason_code=pl.lit(QTY_OVER_ORDERED),
            message=_ORDER_LINE
            + pl.format(
                "billed {}, ordered {}{}; over by {} = {}; {}.",
                quantity_text("actual", uom),
                quantity_text("expected", uom),
                _agreed(to_qty("ordered")),
                over,
                worth,
                _tolerance(uom),
            ),
            release=pl.format("An order of {} more, or a credit of {}.", over, worth),
        )
    )


def _agreed(ordered: pl.Expr) -> pl.Expr:
    """What stands in the figure called ordered, where it is more than what was ordered: billed
    within an over-delivery that was agreed."""
    share = number_text("over_delivery_pct")
    said = pl.format(" with the {} % of over-delivery agreed", share)
    return (
        pl.when((pl.col("over_delivery_pct") > 0) & (pl.col("expected") > ordered))
        .then(said)
        .otherwise(pl.lit(""))
    )


def _price(rows: pl.DataFrame) -> pl.DataFrame:
    difference = multiply_half_up(
        pl.col("_units").abs(), QTY_SCALE, pl.col("variance_abs"), PRICE_SCALE, AMOUNT_SCALE
    )
    correction = pl.col("billing") == CORRECTION
    rows = rows.with_columns(
        reason_code=pl.when(pl.col("direction") == "over")
        .then(pl.lit(PRICE_OVER))
        .otherwise(pl.lit(PRICE_UNDER)),
        amount=pl.when(correction).then(pl.col("net_amount").abs()).otherwise(difference),
    )
    side = pl.col("direction").replace_strict({"over": "above", "under": "below"})
    share = (
        pl.when(pl.col("variance_pct").is_null())
        .then(pl.lit(""))
        .otherwise(
            pl.format(
                ", {} %", number_text(pl.col("variance_pct").round(2, "half_away_from_zero"), 2)
            )
        )
    )
    money = money_text("amount")
    return _told(
        rows.with_columns(
            message=_ORDER_LINE
            + pl.format(
                "billed at {} per {}, ordered at {} ({}{} {}) = {} on this line; {}.",
                price_text("actual"),
                "uom_order",
                price_text("expected"),
                price_text("variance_abs"),
                share,
                side,
                money,
                _tolerance(pl.col("ccy")),
            ),
            release=pl.when(pl.col("direction") == "over").then(
                pl.format("An order at {}, or a credit of {}.", price_text("actual"), money)
            ),
        )
    )


def _total(rows: pl.DataFrame) -> pl.DataFrame:
    rows = rows.filter(pl.col("direction") == "over")
    part = pl.min_horizontal("variance_abs", pl.col("net_amount").abs())
    rows = rows.with_columns(
        reason_code=pl.lit(LINE_TOTAL_EXCEEDED),
        amount=part.cast(AMOUNT),
        _actual=pl.col("actual").cast(AMOUNT),
        _expected=pl.col("expected").cast(AMOUNT),
    )
    over = money_text("amount")
    return _told(
        rows.with_columns(
            message=_ORDER_LINE
            + pl.format(
                "billed {} in total, ordered {}{}; {} of this line exceed it; {}.",
                money_text("_actual"),
                money_text("_expected"),
                _agreed(pl.col("po_line_net")),
                over,
                _tolerance(pl.col("ccy")),
            ),
            release=pl.format("An order of {} more, or a credit of it.", over),
        )
    )


def _arithmetic(rows: pl.DataFrame) -> pl.DataFrame:
    rows = rows.with_columns(
        reason_code=pl.lit(DOC_NOT_BALANCED),
        amount=pl.col("variance_abs").cast(AMOUNT),
        _actual=pl.col("actual").cast(AMOUNT),
        _expected=pl.col("expected").cast(AMOUNT),
    )
    return _told(
        rows.with_columns(
            message=pl.format(
                "Invoice {} line {}: {} at {} are {}, but the line bills {}.",
                "invoice_no_supplier",
                "line_no",
                quantity_text("qty", "uom"),
                price_text("unit_price"),
                money_text("_expected"),
                money_text("_actual"),
            ),
            release=pl.lit("A corrected entry, or a corrected invoice."),
        )
    )


_TELL: dict[str, Tell] = {
    t.QTY_RECEIVED: _received,
    t.QTY_ORDERED: _ordered,
    t.PRICE_UNIT: _price,
    t.LINE_TOTAL: _total,
}


def _credits(priced: pl.DataFrame) -> pl.DataFrame:
    """Credits beyond what was invoiced, in quantity or else in value."""
    return priced.filter(
        ((pl.col("excess").fill_null(0) > 0) & (pl.col("units") < 0)) | (pl.col("net_excess") > 0)
    )


def _value_credits(facts: pl.DataFrame) -> pl.DataFrame:
    below = (pl.col("net_excess") > 0) & (pl.col("_excess") <= 0)
    rows = facts.filter(below).with_columns(
        check=pl.lit("credit"), _credited=pl.col("net_amount").abs()
    )
    rows = rows.with_columns(
        reason_code=pl.lit(CREDIT_EXCEEDS_INVOICED),
        amount="net_excess",
        _before=pl.col("_credited") - pl.col("net_excess"),
    )
    return _told(
        rows.with_columns(
            message=_ORDER_LINE
            + pl.format(
                "{} credited, only {} invoiced before.",
                money_text("_credited"),
                money_text("_before"),
            ),
            release=pl.lit("The invoice that the credit belongs to, or a corrected credit."),
        )
    )


def _quantity_credits(facts: pl.DataFrame) -> pl.DataFrame:
    rows = facts.filter((pl.col("_excess") > 0) & (pl.col("units") < 0)).with_columns(
        check=pl.lit("credit"),
        reason_code=pl.lit(CREDIT_EXCEEDS_INVOICED),
        amount=_worth(pl.col("_excess")),
        _credited=pl.col("_units").abs(),
    )
    uom = pl.col("uom_order")
    return _told(
        rows.with_columns(
            message=_ORDER_LINE
            + pl.format(
                "{} credited, only {} invoiced before; {} ({}) credit nothing.",
                quantity_text("_credited", uom),
                quantity_text(pl.col("_credited") - pl.col("_excess"), uom),
                quantity_text("_excess", uom),
                money_text("amount"),
            ),
            release=pl.lit("The invoice that the credit belongs to, or a corrected credit."),
        )
    )
