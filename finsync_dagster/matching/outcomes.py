"""Outcome of every invoice line, and what may be paid of it.

Belongs here: how gates, checks and allocations lead to an outcome. Not here: the checks
themselves, nor the outcome of the invoice as a whole (results.py).
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.matching.allocation.by_event import totals_beside
from finsync_dagster.matching.checks.quantity_checks import ORDERED, RECEIVED
from finsync_dagster.matching.figures.exact import guard_product, to_qty, value_at_price
from finsync_dagster.matching.linking.billing import NOTHING
from finsync_dagster.matching.tolerance import (
    DOC_ARITHMETIC,
    LINE_TOTAL,
    PRICE_UNIT,
)
from finsync_dagster.money import (
    AMOUNT,
    AMOUNT_SCALE,
    PRICE,
    PRICE_SCALE,
    QTY,
    round_half_up,
    to_scaled,
)

_ZERO = pl.lit(0, dtype=AMOUNT)

PAYABLE = ("MATCHED", "MATCHED_WITHIN_TOLERANCE", "MATCHED_SMALL_DIFF")
FIGURES = (
    "qty_billed",
    "qty_billed_to_date",
    "qty_received",
    "qty_ordered",
    "price_billed",
    "price_ordered",
    "net_billed_to_date",
    "net_received",
    "net_ordered",
)
"""What a line was compared with, on its result; null where there is nothing of the kind."""

DECIDED = ("event_no", "outcome", "expected_amount", "payable_amount", *FIGURES)
"""What each decision hands on to the results."""


def breaches(checks: pl.DataFrame) -> pl.DataFrame:
    """Per invoice line: which limits were broken upwards, and whether anything varied at all.

    What only warns breaks nothing.
    """
    beyond = ~pl.col("passed") & (pl.col("direction") == "over")
    blocks = pl.col("effect") == "block"
    over = beyond & blocks
    received = pl.col("basis") == RECEIVED
    # Less billed than received or ordered so far is no variance: more may follow.
    counts = (pl.col("direction") == "over") | pl.col("check").is_in([PRICE_UNIT, DOC_ARITHMETIC])
    total = pl.col("check") == LINE_TOTAL
    # What the policy only warns of is as good as within its limits.
    allowed = pl.col("passed") | (beyond & ~blocks)
    near = total & allowed & (pl.col("limit_binding") != "none")
    lines = checks.filter(pl.col("subject_type") == "invoice_line")
    return lines.group_by(invoice_line_id="subject_id").agg(
        over_received=(over & received).any(),
        over_other=(blocks & ~(over & received)).any(),
        varies=((pl.col("variance_abs") != 0) & counts).any(),
        # For lines that bill an amount: close to what is due, by a limit the policy states.
        near_received=(near & received).any(),
        limited=(pl.col("limit_binding") != "none").any(),
        # To be told of, whether it blocks or warns.
        beyond_received=(beyond & received).any(),
        beyond_ordered=(beyond & total & (pl.col("basis") == ORDERED)).any(),
    )


_FLAGS = (
    "over_received",
    "over_other",
    "varies",
    "near_received",
    "beyond_received",
    "beyond_ordered",
)


def _with_flags(lines: pl.DataFrame, broken: pl.DataFrame) -> pl.DataFrame:
    keys = lines.select("invoice_line_id")
    found = keys.join(broken, on="invoice_line_id", how="left", maintain_order="left")
    flags = found.select(pl.col(_FLAGS).fill_null(False))
    return lines.hstack(flags)


def decide_quantities(
    priced: pl.DataFrame, broken: pl.DataFrame, totals: pl.DataFrame
) -> pl.DataFrame:
    """``priced_lines`` with ``outcome``, ``expected_amount`` and ``payable_amount``.

    Gates are not looked at here: they override the outcome (results.py).
    """
    covered = totals.select("event_no", "covered", _covered_net="covered_net")
    lines = _with_flags(priced, broken)
    lines = lines.hstack(totals_beside(lines["event_no"], covered))
    lines = lines.with_columns(outcome=_quantity_outcome(), expected_amount=_expected(lines))
    payable = (
        pl.when(pl.col("outcome").is_in(PAYABLE))
        .then(pl.col("net_amount"))
        .when(pl.col("outcome") == "PARTIALLY_MATCHED")
        .then(pl.col("_covered_net"))
        .otherwise(_ZERO)
    )
    return lines.with_columns(
        payable_amount=payable,
        qty_billed=to_qty("units"),
        qty_billed_to_date=to_qty("invoiced"),
        qty_received=to_qty("basis"),
        qty_ordered=to_qty("ordered"),
        price_billed="effective_price",
        price_ordered="price",
        net_billed_to_date="invoiced_net",
        net_received=_no_amount(),
        net_ordered=round_half_up(pl.col("po_line_net"), AMOUNT_SCALE, pl.col("minor")),
    )


def _no_amount() -> pl.Expr:
    return pl.lit(None, dtype=AMOUNT)


def _without_quantity() -> dict[str, pl.Expr]:
    quantity, price = pl.lit(None, dtype=QTY), pl.lit(None, dtype=PRICE)
    return {
        name: price if name.startswith("price_") else quantity
        for name in FIGURES
        if not name.startswith("net_")
    }


def _quantity_outcome() -> pl.Expr:
    too_much_credited = pl.col("credit") & ((pl.col("excess") > 0) | (pl.col("net_excess") > 0))
    over_received = (
        pl.when(pl.col("received") <= 0)
        .then(pl.lit("PENDING_RECEIPT"))
        .when(pl.col("covered") > 0)
        .then(pl.lit("PARTIALLY_MATCHED"))
        .otherwise(pl.lit("BLOCKED"))
    )
    return (
        pl.when(too_much_credited.fill_null(False) | pl.col("over_other"))
        .then(pl.lit("BLOCKED"))
        .when("over_received")
        .then(over_received)
        .when("varies")
        .then(pl.lit("MATCHED_WITHIN_TOLERANCE"))
        .otherwise(pl.lit("MATCHED"))
    )


def _expected(lines: pl.DataFrame) -> pl.Expr:
    """The line's quantity at the order's price; a price correction has no quantity to expect."""
    guard_product(lines, "units", to_scaled(pl.col("po_unit_price"), PRICE_SCALE))
    return value_at_price("units", pl.col("minor"), "po_unit_price", "po_price_unit")


def decide_values(mine: pl.DataFrame, broken: pl.DataFrame) -> pl.DataFrame:
    """``value_lines`` with ``outcome``, ``expected_amount``, ``payable_amount``, and what
    value_notes.py needs: ``credit_excess``, ``ambiguous``.
    """
    lines = _with_flags(mine, broken).with_columns(
        net_after=pl.col("net_before") + pl.col("net_amount")
    )
    # Of a return that was ordered, a credit is what is billed.
    ordered = pl.col("ordered_value") >= 0
    excess = pl.col("credit") & ordered & (pl.col("net_after") < 0)
    lines = lines.with_columns(credit_excess=excess)
    outcome = _value_outcome()
    lines = lines.with_columns(outcome=outcome.fill_null("PARTIALLY_MATCHED")).with_columns(
        ambiguous=outcome.is_null(),
        expected_amount=pl.max_horizontal(pl.col("due") - pl.col("net_before"), _ZERO),
    )
    payable = pl.when(pl.col("outcome").is_in(PAYABLE)).then("net_amount").otherwise(_ZERO)
    return lines.with_columns(
        payable_amount=payable,
        **_without_quantity(),
        net_billed_to_date="invoiced_net",
        net_received="received_value",
        net_ordered="ordered_value",
    )


def _value_outcome() -> pl.Expr:
    """Null where the total is within what was received, but which receipts it bills is open."""
    exact = pl.col("sole") & (pl.col("net_amount") == pl.col("due"))
    return (
        pl.when(pl.col("credit_excess") | pl.col("over_other"))
        .then(pl.lit("BLOCKED"))
        .when("credit")
        .then(pl.lit("MATCHED"))
        .when(pl.col("needs_receipt") & ~pl.col("any_received"))
        .then(pl.lit("PENDING_RECEIPT"))
        .when(exact)
        .then(pl.lit("MATCHED"))
        .when("over_received")
        .then(
            pl.when(pl.col("net_before") < pl.col("due"))
            .then(pl.lit("PARTIALLY_MATCHED"))
            .otherwise(pl.lit("BLOCKED"))
        )
        # Close to the total is as good as equal for paying, but no proof of which receipts.
        .when(pl.col("sole") & pl.col("near_received"))
        .then(pl.lit("MATCHED_WITHIN_TOLERANCE"))
        .when(pl.col("needs_receipt"))
        .then(None)
        .when("varies")
        .then(pl.lit("MATCHED_WITHIN_TOLERANCE"))
        .otherwise(pl.lit("MATCHED"))
    )


def decide_nothing(
    lines: pl.DataFrame, charges: pl.DataFrame, broken: pl.DataFrame
) -> pl.DataFrame:
    """Lines that no order limits by quantity or value. Of an order that is not to be matched they
    are payable, unless a check of their own blocks them (they do not add up, exceed a cap); so are
    charges within what was agreed or tolerated (charges.py). A charge that
    nobody compared with anything is not, nor a prepayment, which its final invoice settles. What
    a document rounds goes with it.
    """
    mine = lines.filter(pl.col("billing") == NOTHING)
    agreed = pl.col("type").is_in(["item", "rounding"]) & (pl.col("kind") != "prepayment")
    wrong = broken.filter("over_other")["invoice_line_id"].implode()
    blocked = pl.col("invoice_line_id").is_in(wrong) & (pl.col("kind") != "prepayment")
    decided = mine.with_columns(
        outcome=pl.when(blocked).then(pl.lit("BLOCKED")).otherwise(pl.lit("NOT_REQUIRED")),
        expected_amount=_no_amount(),
        payable_amount=pl.when(agreed & ~blocked).then("net_amount").otherwise(_ZERO),
    )
    compared = charges.filter(pl.col("invoice_line_id").is_not_null())
    if not compared.is_empty():
        decided = _with_charges(decided, _decided_charges(compared, broken))
    return decided.with_columns(
        **_without_quantity(),
        net_billed_to_date=_no_amount(),
        net_received=_no_amount(),
        net_ordered=_no_amount(),
    )


def _decided_charges(charges: pl.DataFrame, broken: pl.DataFrame) -> pl.DataFrame:
    """``invoice_line_id``, ``_outcome``, ``_may_bill`` of charge lines that were compared."""
    flags = broken.select("invoice_line_id", "over_other", "varies", "limited")
    rows = charges.join(flags, on="invoice_line_id", how="left").with_columns(
        pl.col("over_other", "varies").fill_null(False), pl.col("limited").fill_null(True)
    )
    outcome = (
        pl.when("over_other")
        .then(pl.lit("BLOCKED"))
        # Not checked: nobody has looked at what nobody agreed to.
        .when(~pl.col("planned") & ~pl.col("limited") & (pl.col("amount") > 0))
        .then(pl.lit("NOT_REQUIRED"))
        .when("varies")
        .then(pl.lit("MATCHED_WITHIN_TOLERANCE"))
        .otherwise(pl.lit("MATCHED"))
    )
    left = pl.col("expected") - (pl.col("actual") - pl.col("amount"))
    may_bill = pl.when(~pl.col("credit")).then(pl.max_horizontal(left, _ZERO))
    return rows.select("invoice_line_id", _outcome=outcome, _may_bill=may_bill)


def _with_charges(lines: pl.DataFrame, charges: pl.DataFrame) -> pl.DataFrame:
    found = lines.join(charges, on="invoice_line_id", how="left", maintain_order="left")
    outcome = pl.coalesce("_outcome", "outcome")
    paid = pl.col("_outcome").is_in(PAYABLE)
    return found.with_columns(
        outcome=outcome,
        expected_amount=pl.col("_may_bill").cast(AMOUNT),
        payable_amount=pl.when(paid).then("net_amount").otherwise("payable_amount"),
    ).drop("_outcome", "_may_bill")
