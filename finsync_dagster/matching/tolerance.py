"""Comparing what is stated with what was expected, within the limits of the policy.

Belongs here: variance, the limit that decides, pass or fail. Not here: what is expected and what
a failure leads to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from finsync_dagster.landscape.model import Policy, Tolerance
from finsync_dagster.matching.exact import guard_product
from finsync_dagster.money import PRICE, PRICE_SCALE, divide_half_up, from_scaled, to_scaled

QTY_RECEIVED = "QTY_RECEIVED"
QTY_ORDERED = "QTY_ORDERED"
PRICE_UNIT = "PRICE_UNIT"
LINE_TOTAL = "LINE_TOTAL"
TAX_TOTAL = "TAX_TOTAL"
DOC_ARITHMETIC = "DOC_ARITHMETIC"
OVER_DELIVERY = "OVER_DELIVERY"
UNDER_DELIVERY = "UNDER_DELIVERY"

CHECKS = (
    QTY_RECEIVED,
    QTY_ORDERED,
    PRICE_UNIT,
    LINE_TOTAL,
    TAX_TOTAL,
    DOC_ARITHMETIC,
    OVER_DELIVERY,
    UNDER_DELIVERY,
)

BLOCKED_BOTH_WAYS = (DOC_ARITHMETIC,)
"""Checks of which a breach below blocks as one above does: such a document is wrong in itself."""

_PCT_SCALE = 6
_PCT = 100 * 10**_PCT_SCALE  # a per cent limit in units of 10^-6 per cent of one


@dataclass(frozen=True)
class Limits:
    """The tolerances of one entity for the checks of a stage, all present."""

    by_check: Mapping[str, Tolerance]

    @classmethod
    def of(cls, policy: Policy, entity_id: str, checks: tuple[str, ...] = CHECKS) -> Limits:
        """Looks every check up before anything is compared.

        Raises:
            KeyError: the policy has no row for a check; nothing passes undecided.
        """
        return cls({check: policy.tolerance(check, entity_id) for check in checks})

    def evaluate(self, frame: pl.DataFrame, check: str, basis: str) -> pl.DataFrame:
        """The frame's ``subject_type``, ``subject_id``, ``expected``, ``actual`` as check results.

        Rows where either figure is null are left out: there was nothing to compare.
        """
        stated = frame.filter(pl.col("expected").is_not_null() & pl.col("actual").is_not_null())
        over = pl.col("direction") == "over"
        blocks = pl.lit(True) if check in BLOCKED_BOTH_WAYS else over
        return evaluate(stated, self.by_check[check]).with_columns(
            check=pl.lit(check),
            basis=pl.lit(basis),
            effect=pl.when("passed")
            .then(pl.lit("none"))
            .when(blocks)
            .then(pl.lit("block"))
            .otherwise(pl.lit("warn")),
        )

    def differences(self, frame: pl.DataFrame, check: str, basis: str) -> pl.DataFrame:
        """The same, only of rows where the two figures differ: no limit could fail the others."""
        differs = pl.col("expected") != pl.col("actual")
        return self.evaluate(frame.filter(differs.fill_null(False)), check, basis)


def evaluate(frame: pl.DataFrame, tolerance: Tolerance) -> pl.DataFrame:
    """Adds direction, variance, binding limit and ``passed``; figures become Decimal(38, 10).

    Every limit is turned into the variance it allows: under ALL the smallest binds, under ANY the
    largest. A per cent limit is of the absolute expected value, so that where 0 was expected it
    allows nothing.
    """
    frame = frame.select(
        "subject_type",
        "subject_id",
        pl.col("expected").cast(PRICE),
        pl.col("actual").cast(PRICE),
    )
    expected, actual = (to_scaled(pl.col(c), PRICE_SCALE) for c in ("expected", "actual"))
    frame = frame.with_columns(_expected=expected.abs(), _variance=(actual - expected).abs())
    largest = max((abs(v) for _, v in _stated(tolerance)), default=Decimal(0))
    guard_product(frame, "_variance", pl.lit(_PCT))
    guard_product(frame, "_expected", pl.lit(max(_PCT, _scaled(largest, _PCT_SCALE))))
    over, under = pl.col("actual") > pl.col("expected"), pl.col("actual") < pl.col("expected")
    percent = divide_half_up(pl.col("_variance") * 100 * 10**PRICE_SCALE, pl.col("_expected"))
    guard_product(frame, "_variance", pl.lit(100 * 10**PRICE_SCALE))
    frame = frame.with_columns(
        direction=pl.when(over)
        .then(pl.lit("over"))
        .when(under)
        .then(pl.lit("under"))
        .otherwise(pl.lit("none")),
        variance_abs=from_scaled(pl.col("_variance"), PRICE_SCALE),
        variance_infinite=(pl.col("_expected") == 0) & (pl.col("_variance") != 0),
        variance_pct=pl.when(pl.col("_variance") == 0)
        .then(pl.lit(Decimal(0), dtype=PRICE))
        .otherwise(from_scaled(percent, PRICE_SCALE)),
    )
    return _decide(frame, tolerance).drop("_expected", "_variance")


def _stated(tolerance: Tolerance) -> list[tuple[str, Decimal]]:
    names = ("upper_abs", "upper_pct", "lower_abs", "lower_pct")
    limits = [(name, getattr(tolerance, name)) for name in names]
    return [(name, value) for name, value in limits if value is not None]


def _scaled(value: Decimal, scale: int) -> int:
    units = value.scaleb(scale)
    if units != units.to_integral_value():
        raise ValueError(f"tolerance {value}: more than {scale} decimals cannot be held exactly")
    return int(units)


def _allowed(name: str, value: Decimal) -> pl.Expr:
    """The variance a limit allows, times ``_PCT``, as Int128."""
    if name.endswith("_abs"):
        return pl.lit(_scaled(value, PRICE_SCALE) * _PCT, dtype=pl.Int128)
    return pl.col("_expected") * _scaled(value, _PCT_SCALE)


def _decide(frame: pl.DataFrame, tolerance: Tolerance) -> pl.DataFrame:
    name: pl.Expr = pl.lit("none")
    value: pl.Expr = pl.lit(None, dtype=PRICE)
    passed: pl.Expr = pl.lit(True)
    for side, prefix in (("over", "upper"), ("under", "lower")):
        limits = [(n, v) for n, v in _stated(tolerance) if n.startswith(prefix)]
        if not limits:
            continue
        here = pl.col("direction") == side
        abs_first = _binds_first(limits, tolerance.combine)
        (first, first_value), (last, last_value) = limits[0], limits[-1]
        allowed = (
            pl.when(abs_first)
            .then(_allowed(first, first_value))
            .otherwise(_allowed(last, last_value))
        )
        name = (
            pl.when(here & abs_first)
            .then(pl.lit(first))
            .when(here)
            .then(pl.lit(last))
            .otherwise(name)
        )
        value = (
            pl.when(here & abs_first)
            .then(pl.lit(first_value, dtype=PRICE))
            .when(here)
            .then(pl.lit(last_value, dtype=PRICE))
            .otherwise(value)
        )
        within = pl.col("_variance") * _PCT <= allowed
        passed = pl.when(here).then(within).otherwise(passed)
    return frame.with_columns(limit_binding=name, limit_value=value, passed=passed)


def _binds_first(limits: list[tuple[str, Decimal]], combine: str) -> pl.Expr:
    """Whether the first of one or two limits is the one that decides."""
    if len(limits) == 1:
        return pl.lit(True)
    first, last = (_allowed(name, value) for name, value in limits)
    return first <= last if combine == "ALL" else first >= last
