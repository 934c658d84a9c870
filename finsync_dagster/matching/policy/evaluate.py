"""Whether a stated figure is as close to the expected one as its limits ask.

Belongs here: variance, the limit that decides, pass or fail, effect. Not here: what is expected,
which limits hold for a row (scopes.py), and what a failure leads to.

Sources: SAP tolerance keys (each with an absolute and a per cent limit, both must hold), Oracle
matching tolerances, D365 price and charge tolerances ("percentage and amount"); boundaries are
inclusive in all three.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from finsync_dagster.landscape.policy_model import PERCENT_DECIMALS
from finsync_dagster.matching.figures.exact import PrecisionError
from finsync_dagster.matching.policy.ruling import DIRECTIONS, RULE, Ruling, sides
from finsync_dagster.money import (
    PRICE,
    PRICE_SCALE,
    RATE_SCALE,
    divide_half_up,
    from_scaled,
    to_scaled,
)

RATE = "_rate"
"""Column: one unit of the document's currency in functional currency, in 10^-12; null: unknown."""
NO_RATE = "; no exchange rate is known, so that its absolute limit allows nothing"

_PCT = 100 * 10**PERCENT_DECIMALS
"""A per cent limit in units of 10^-6 per cent of one."""
_INT128 = 2**127 - 1
_SUBJECT = ("subject_type", "subject_id")
EVALUATED: dict[str, Any] = {
    "subject_type": pl.String,
    "subject_id": pl.String,
    "expected": PRICE,
    "actual": PRICE,
    "direction": pl.String,
    "variance_abs": PRICE,
    "variance_infinite": pl.Boolean,
    "variance_pct": PRICE,
    "limit_binding": pl.String,
    "limit_value": PRICE,
    "passed": pl.Boolean,
    "limit_rule": pl.String,
    "effect": pl.String,
}
"""What comes out: nothing to compare costs nothing to plan."""


def evaluate(frame: pl.DataFrame, rulings: Sequence[Ruling]) -> pl.DataFrame:
    """Adds direction, variance, binding limit, ``passed``, ``effect``, ``limit_rule``.

    Every limit is turned into the variance it allows: under ALL the smallest binds, under ANY the
    largest. A per cent limit is of the absolute expected value, so that where 0 was expected it
    allows nothing.

    Args:
        frame: ``subject_type``, ``subject_id``, ``expected``, ``actual``; ``_rule`` (position of
            the ruling of each row) where there are several rulings; ``_rate`` where absolute
            limits are in another currency than the figures.
        rulings: at least one.

    Raises:
        PrecisionError: a figure is too large to be compared exactly.
    """
    if frame.is_empty():
        return pl.DataFrame(schema=EVALUATED)
    rule = pl.col(RULE) if RULE in frame.columns else pl.lit(0, dtype=pl.Int32)
    rows = frame.select(
        *_SUBJECT,
        pl.col("expected").cast(PRICE),
        pl.col("actual").cast(PRICE),
        rule.alias(RULE),
        *([RATE] if RATE in frame.columns else []),
    )
    expected, actual = (to_scaled(pl.col(c), PRICE_SCALE) for c in ("expected", "actual"))
    rows = rows.with_columns(
        _expected=expected.abs(),
        _variance=(actual - expected).abs(),
        _side=pl.col(RULE) * len(DIRECTIONS) + _direction(),
    )
    _require_room(rows, rulings)
    return _decided(_allowed(rows.hstack(sides(rulings)[rows["_side"]])))


def _direction() -> pl.Expr:
    """Position among ``DIRECTIONS``."""
    over, under = (pl.col("actual") > pl.col("expected")), (pl.col("actual") < pl.col("expected"))
    return over.cast(pl.Int32) + 2 * under.cast(pl.Int32)


def _require_room(rows: pl.DataFrame, rulings: Sequence[Ruling]) -> None:
    """Refuses figures whose products could leave Int128, which Polars would wrap around."""
    largest = [ruling.largest for ruling in rulings]
    (most,) = rows.select(pl.col("_expected", "_variance").max().fill_null(0)).rows()
    expected, variance = most
    if _has_room(expected, variance, max(largest)):
        return
    # The largest figure and the largest limit may be of different checks.
    each = rows.group_by(RULE).agg(pl.col("_expected", "_variance").max().fill_null(0))
    if not all(_has_room(e, v, largest[rule]) for rule, e, v in each.iter_rows()):
        raise PrecisionError("a product of quantities or prices is too large to be held exactly")


def _has_room(expected: int, variance: int, largest: int) -> bool:
    products = (
        variance * max(_PCT, 100 * 10**PRICE_SCALE),
        expected * max(_PCT, largest),
        largest * max(_PCT, 10**RATE_SCALE),
    )
    return 4 * max(products) <= _INT128


def _allowed(rows: pl.DataFrame) -> pl.DataFrame:
    """Adds what each limit allows, times ``_PCT`` (``_money``, ``_share``), null where none is
    stated; and the variance in per cent.

    A variance is a whole number of units, so that it is within ``limit / rate`` exactly if it is
    within that quotient rounded down. Where no rate is known, an absolute limit allows nothing:
    nobody can say what it is worth.
    """
    money = pl.col("_abs")
    if RATE in rows.columns:
        converted = (money * 10**RATE_SCALE) // pl.col(RATE)
        money = pl.when(money.is_not_null()).then(converted.fill_null(0))
    variance = pl.col("_variance")
    return rows.with_columns(
        _money=money * _PCT,
        _share=pl.col("_expected") * pl.col("_pct"),
        _times=variance * _PCT,
        _percent=divide_half_up(variance * 100 * 10**PRICE_SCALE, pl.col("_expected")),
    )


def _decided(rows: pl.DataFrame) -> pl.DataFrame:
    money, share, variance = pl.col("_money"), pl.col("_share"), pl.col("_times")
    tighter = pl.when("_any").then(money >= share).otherwise(money <= share)
    # With only one of the two, that one decides.
    rows = rows.with_columns(_by_money=tighter.fill_null(money.is_not_null()))
    binds = pl.when("_by_money")
    passed = binds.then(variance <= money).otherwise(variance <= share)
    rows = rows.with_columns(
        passed=passed.fill_null(True),
        limit_binding=binds.then("_abs_name").otherwise("_pct_name"),
        limit_value=binds.then("_abs_stated").otherwise("_pct_stated"),
    )
    rule = pl.col("limit_rule")
    if RATE in rows.columns:
        unknown = pl.col(RATE).is_null() & pl.col("_by_money") & (pl.col("limit_value") != 0)
        rule = pl.when(unknown).then(rule + pl.lit(NO_RATE)).otherwise(rule)
    nothing = pl.col("_variance") == 0
    return rows.select(
        *_SUBJECT,
        "expected",
        "actual",
        "direction",
        variance_abs=from_scaled(pl.col("_variance"), PRICE_SCALE),
        variance_infinite=(pl.col("_expected") == 0) & ~nothing,
        variance_pct=pl.when(nothing)
        .then(pl.lit(0, dtype=PRICE))
        .otherwise(from_scaled(pl.col("_percent"), PRICE_SCALE)),
        limit_binding=pl.col("limit_binding"),
        limit_value=pl.col("limit_value"),
        passed=pl.col("passed"),
        limit_rule=rule,
        effect=pl.when("passed").then(pl.lit("none")).otherwise("_effect"),
    )
