"""Whether a stated figure is as close to the expected one as its limits ask.

Belongs here: variance, the limit that decides, pass or fail, effect. Not here: what is expected,
which limits hold for a row (scopes.py), and what a failure leads to.

Sources: SAP tolerance keys (each with an absolute and a per cent limit, both must hold), Oracle
matching tolerances, D365 price and charge tolerances ("percentage and amount"); boundaries are
inclusive in all three.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from finsync_dagster.landscape.policy_model import PERCENT_DECIMALS
from finsync_dagster.matching.figures.exact import PrecisionError
from finsync_dagster.matching.policy.ruling import RULE, Ruling, table, units
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
_EVALUATED: dict[str, Any] = {
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


def evaluate(frame: pl.DataFrame, rulings: tuple[Ruling, ...]) -> pl.DataFrame:
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
        return pl.DataFrame(schema=_EVALUATED)
    beside = [name for name in (RULE, RATE) if name in frame.columns]
    rows = frame.select(
        *_SUBJECT, pl.col("expected").cast(PRICE), pl.col("actual").cast(PRICE), *beside
    )
    expected, actual = (to_scaled(pl.col(c), PRICE_SCALE) for c in ("expected", "actual"))
    rows = rows.with_columns(_expected=expected.abs(), _variance=(actual - expected).abs())
    _require_room(rows, max(ruling.largest for ruling in rulings))
    rows = _described(rows)
    if len(rulings) == 1:
        return _finished(_decided(rows, _Alone(rulings[0])))
    rows = rows.join(table(rulings), on=RULE, how="left", maintain_order="left")
    return _finished(_decided(rows, _EachItsOwn()))


def _require_room(rows: pl.DataFrame, largest: int) -> None:
    """Refuses figures whose products could leave Int128, which Polars would wrap around."""
    most = rows.select(pl.col("_expected", "_variance").max()).row(0)
    expected, variance = (int(value or 0) for value in most)
    products = (
        variance * max(_PCT, 100 * 10**PRICE_SCALE),
        expected * max(_PCT, largest),
        largest * max(_PCT, 10**RATE_SCALE),
    )
    if 4 * max(products) > _INT128:
        raise PrecisionError("a product of quantities or prices is too large to be held exactly")


def _described(rows: pl.DataFrame) -> pl.DataFrame:
    over, under = pl.col("actual") > pl.col("expected"), pl.col("actual") < pl.col("expected")
    percent = divide_half_up(pl.col("_variance") * 100 * 10**PRICE_SCALE, pl.col("_expected"))
    return rows.with_columns(
        direction=pl.when(over)
        .then(pl.lit("over"))
        .when(under)
        .then(pl.lit("under"))
        .otherwise(pl.lit("none")),
        variance_abs=from_scaled(pl.col("_variance"), PRICE_SCALE),
        variance_infinite=(pl.col("_expected") == 0) & (pl.col("_variance") != 0),
        variance_pct=pl.when(pl.col("_variance") == 0)
        .then(pl.lit(0, dtype=PRICE))
        .otherwise(from_scaled(percent, PRICE_SCALE)),
    )


@dataclass(frozen=True)
class _Alone:
    """One ruling for all rows: its limits are constants, what it does not state costs nothing."""

    ruling: Ruling

    def allowed(self, name: str) -> pl.Expr | None:
        value = self.ruling.limit(name)
        return None if value is None else pl.lit(units(name, value), dtype=pl.Int128)

    def stated(self, name: str) -> pl.Expr:
        return pl.lit(self.ruling.limit(name), dtype=PRICE)

    @property
    def any(self) -> pl.Expr:
        return pl.lit(self.ruling.tolerance.combine == "ANY")

    @property
    def above(self) -> pl.Expr:
        return pl.lit(self.ruling.above)

    @property
    def below(self) -> pl.Expr:
        return pl.lit(self.ruling.below)

    @property
    def rule(self) -> pl.Expr:
        return pl.lit(self.ruling.rule)


@dataclass(frozen=True)
class _EachItsOwn:
    """Limits that stand beside each row (ruling.table)."""

    def allowed(self, name: str) -> pl.Expr | None:
        return pl.col(f"_{name}")

    def stated(self, name: str) -> pl.Expr:
        return pl.col(f"_{name}_stated")

    @property
    def any(self) -> pl.Expr:
        return pl.col("_any")

    @property
    def above(self) -> pl.Expr:
        return pl.col("_above")

    @property
    def below(self) -> pl.Expr:
        return pl.col("_below")

    @property
    def rule(self) -> pl.Expr:
        return pl.col("limit_rule")


def _decided(rows: pl.DataFrame, limits: _Alone | _EachItsOwn) -> pl.DataFrame:
    name: pl.Expr = pl.lit("none")
    value: pl.Expr = pl.lit(None, dtype=PRICE)
    passed: pl.Expr = pl.lit(True)
    rated = RATE in rows.columns
    for direction, side in (("over", "upper"), ("under", "lower")):
        absolute, percent = f"{side}_abs", f"{side}_pct"
        money, share = _money(limits.allowed(absolute), rated), _share(limits.allowed(percent))
        binds = _binds(money, share, limits.any)
        allowed = _allowed(binds, money, share)
        if allowed is None:
            continue
        here = pl.col("direction") == direction
        stated = binds.is_not_null() & here
        first = stated & binds
        name = (
            pl.when(first).then(pl.lit(absolute)).when(stated).then(pl.lit(percent)).otherwise(name)
        )
        value = (
            pl.when(first)
            .then(limits.stated(absolute))
            .when(stated)
            .then(limits.stated(percent))
            .otherwise(value)
        )
        within = pl.col("_variance") * _PCT <= allowed
        passed = pl.when(stated).then(within).otherwise(passed)
    rule = limits.rule
    if rated:
        unknown = pl.col(RATE).is_null() & name.str.ends_with("_abs") & (value != 0)
        rule = pl.when(unknown).then(rule + pl.lit(NO_RATE)).otherwise(rule)
    return rows.with_columns(
        limit_binding=name,
        limit_value=value,
        passed=passed,
        limit_rule=rule,
        _effect=pl.when(pl.col("direction") == "over").then(limits.above).otherwise(limits.below),
    )


def _money(limit: pl.Expr | None, rated: bool) -> pl.Expr | None:
    """The variance an absolute limit allows, times ``_PCT``, in the figures' own currency.

    A variance is a whole number of units, so that it is within ``limit / rate`` exactly if it is
    within that quotient rounded down. Where no rate is known, the limit allows nothing: nobody can
    say what it is worth.
    """
    if limit is None or not rated:
        return None if limit is None else limit * _PCT
    converted = (limit * 10**RATE_SCALE) // pl.col(RATE)
    known = pl.when(limit.is_not_null()).then(converted.fill_null(0))
    return known * _PCT


def _share(limit: pl.Expr | None) -> pl.Expr | None:
    """The variance a per cent limit allows, times ``_PCT``."""
    return None if limit is None else pl.col("_expected") * limit


def _binds(money: pl.Expr | None, share: pl.Expr | None, any_holds: pl.Expr) -> pl.Expr:
    """Does the absolute limit decide? Null where neither is stated."""
    if money is None or share is None:
        return pl.lit(share is None)
    smaller = pl.when(any_holds).then(money >= share).otherwise(money <= share)
    return (
        pl.when(share.is_null() & money.is_null())
        .then(None)
        .when(share.is_null())
        .then(pl.lit(True))
        .when(money.is_null())
        .then(pl.lit(False))
        .otherwise(smaller)
    )


def _allowed(binds: pl.Expr, money: pl.Expr | None, share: pl.Expr | None) -> pl.Expr | None:
    if money is None or share is None:
        return share if money is None else money
    return pl.when(binds).then(money).otherwise(share)


_RESULT = (
    *_SUBJECT,
    "expected",
    "actual",
    "direction",
    "variance_abs",
    "variance_infinite",
    "variance_pct",
    "limit_binding",
    "limit_value",
    "passed",
)


def _finished(rows: pl.DataFrame) -> pl.DataFrame:
    effect = pl.when("passed").then(pl.lit("none")).otherwise(pl.col("_effect"))
    return rows.select(*_RESULT, "limit_rule", effect=effect)
