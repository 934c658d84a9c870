"""Limits beside each row, in another currency, and what follows a breach."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsync_dagster.landscape.policy_model import Tolerance
from finsync_dagster.matching.figures.exact import PrecisionError
from finsync_dagster.matching.policy.evaluate import NO_RATE, RATE, evaluate
from finsync_dagster.matching.policy.ruling import RULE, Ruling
from finsync_dagster.money import PRICE, RATE_SCALE


def figures(*pairs: tuple[D, D]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "subject_type": ["invoice"] * len(pairs),
            "subject_id": [str(i) for i in range(len(pairs))],
            "expected": [expected for expected, _ in pairs],
            "actual": [actual for _, actual in pairs],
        },
        schema_overrides={"expected": PRICE, "actual": PRICE},
    )


def at_rate(expected: str, actual: str, rate: str | None, **limits: Any) -> dict[str, Any]:
    scaled = None if rate is None else int(D(rate).scaleb(RATE_SCALE))
    frame = figures((D(expected), D(actual))).with_columns(
        pl.lit(scaled, dtype=pl.Int128).alias(RATE)
    )
    ruling = Ruling.of("LINE_TOTAL", Tolerance(**limits), "default")
    return evaluate(frame, (ruling,)).row(0, named=True)


@pytest.mark.parametrize(
    ("actual", "rate", "passed"),
    [
        # A limit of 10 in functional currency, of which one unit of the document's is worth 0.5.
        ("120", "0.5", True),
        ("120.0001", "0.5", False),
        ("105", "2", True),
        ("105.0001", "2", False),
        # 10 / 3 is 3.333...: what is beyond it by any digit is beyond it.
        ("103.3333333333", "3", True),
        ("103.3333333334", "3", False),
        ("100.0001", None, False),
    ],
)
def test_money_is_limited_in_functional_currency(
    actual: str, rate: str | None, passed: bool
) -> None:
    row = at_rate("100", actual, rate, upper_abs="10")
    assert (row["passed"], row["limit_value"], row["limit_binding"]) == (
        passed,
        10,
        "upper_abs",
    )
    assert row["limit_rule"] == ("default" if rate else "default" + NO_RATE)


def test_without_a_rate_a_share_still_decides_where_one_limit_is_enough() -> None:
    row = at_rate("100", "104", None, upper_abs="10", upper_pct="5", combine="ANY")
    assert (row["passed"], row["limit_binding"], row["limit_rule"]) == (
        True,
        "upper_pct",
        "default",
    )


@pytest.mark.parametrize(
    ("check", "limits", "actual", "effect"),
    [
        ("LINE_TOTAL", {}, "150", "block"),
        ("LINE_TOTAL", {}, "50", "warn"),
        ("LINE_TOTAL", {"below": "block"}, "50", "block"),
        ("LINE_TOTAL", {"above": "warn"}, "150", "warn"),
        ("LINE_TOTAL", {"above": "warn"}, "50", "warn"),
        ("DOC_ARITHMETIC", {}, "50", "block"),
        ("DOC_ARITHMETIC", {"below": "warn"}, "50", "warn"),
        ("LINE_TOTAL", {}, "101", "none"),
    ],
)
def test_what_follows_a_breach(
    check: str, limits: dict[str, Any], actual: str, effect: str
) -> None:
    tolerance = Tolerance(upper_pct=D(1), lower_pct=D(1), **limits)
    row = evaluate(figures((D(100), D(actual))), (Ruling.of(check, tolerance, "x"),))
    assert row["effect"].item() == effect


AMOUNTS = st.decimals("-9999", "9999", places=4)
LIMITS = st.one_of(st.none(), st.decimals("0", "200", places=3))
TOLERANCES = st.builds(
    Tolerance,
    upper_abs=LIMITS,
    upper_pct=LIMITS,
    lower_abs=LIMITS,
    lower_pct=LIMITS,
    combine=st.sampled_from(["ALL", "ANY"]),
    above=st.sampled_from([None, "warn"]),
    below=st.sampled_from([None, "block"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(AMOUNTS, AMOUNTS, TOLERANCES), min_size=2, max_size=6))
def test_each_row_is_judged_by_its_own_limits_as_if_it_were_alone(
    rows: list[tuple[D, D, Tolerance]],
) -> None:
    rulings = tuple(Ruling.of("LINE_TOTAL", t, f"rule {i}") for i, (_, _, t) in enumerate(rows))
    frame = figures(*[(expected, actual) for expected, actual, _ in rows]).with_columns(
        pl.Series(RULE, range(len(rows)), dtype=pl.Int32)
    )
    together = evaluate(frame, rulings)
    alone = pl.concat(
        [evaluate(frame[i].drop(RULE), (ruling,)) for i, ruling in enumerate(rulings)]
    )
    assert together.equals(alone)


def test_figures_that_cannot_be_compared_exactly_are_refused() -> None:
    huge = figures((D(0), D("9" * 24)))
    with pytest.raises(PrecisionError, match="too large to be held exactly"):
        evaluate(huge, (Ruling.of("LINE_TOTAL", Tolerance(upper_pct=D(1)), "x"),))
