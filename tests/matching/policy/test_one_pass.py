"""Comparisons of many checks, judged in one pass, are judged as each would be alone."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsync_dagster.landscape.policy_model import Tolerance, ToleranceRule
from finsync_dagster.matching.figures.exact import PrecisionError
from finsync_dagster.matching.policy.evaluate import NO_RATE, RATE
from finsync_dagster.matching.policy.ruling import RULE, Ruling
from finsync_dagster.matching.tolerance import Comparison, Limits, differing
from finsync_dagster.money import PRICE, RATE_SCALE

CHECKS = ("QTY_RECEIVED", "LINE_TOTAL", "TAX_TOTAL")


def figures(*pairs: tuple[Any, Any]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "subject_type": ["invoice"] * len(pairs),
            "subject_id": [str(i) for i in range(len(pairs))],
            "expected": [None if e is None else D(e) for e, _ in pairs],
            "actual": [None if a is None else D(a) for _, a in pairs],
        },
        schema_overrides={"expected": PRICE, "actual": PRICE},
    )


class AtHalf:
    """Documents in a currency worth half of the books'; of subject 2 no rate is known, and a rule
    of a narrower scope is about subject 1."""

    def rates(self, rows: pl.DataFrame) -> pl.DataFrame:
        half = pl.lit(10**RATE_SCALE // 2, dtype=pl.Int128)
        return rows.with_columns(pl.when(pl.col("subject_id") != "2").then(half).alias(RATE))

    def ruled(self, rows: pl.DataFrame, rules: tuple[ToleranceRule, ...]) -> pl.DataFrame:
        first = pl.lit(0, dtype=pl.Int32)
        return rows.with_columns(pl.when(pl.col("subject_id") == "1").then(first).alias(RULE))


def limits(tolerances: list[Tolerance], narrower: Tolerance | None = None) -> Limits:
    rules = {}
    if narrower is not None:
        said = narrower.model_dump(exclude_unset=True)
        rules["LINE_TOTAL"] = (ToleranceRule(check="LINE_TOTAL", order="O", **said),)
    return Limits(
        {
            check: Ruling.of(check, tolerance, f"default of {check}")
            for check, tolerance in zip(CHECKS, tolerances, strict=True)
        },
        rules,
        AtHalf(),
    )


some = st.decimals(-200, 200, places=2)
limit = st.none() | st.decimals(0, 50, places=2)
tolerance = st.builds(
    Tolerance,
    upper_abs=limit,
    upper_pct=limit,
    lower_abs=limit,
    lower_pct=limit,
    combine=st.sampled_from(["ALL", "ANY"]),
)
rows = st.lists(st.tuples(some, some), max_size=4).map(lambda pairs: figures(*pairs))
comparisons = st.lists(
    st.builds(differing, rows, st.sampled_from(CHECKS), st.sampled_from(["a", "b"])), max_size=4
)


@given(comparisons, st.lists(tolerance, min_size=3, max_size=3), st.none() | tolerance)
def test_together_as_alone(
    told: list[Comparison], tolerances: list[Tolerance], narrower: Tolerance | None
) -> None:
    of_policy = limits(tolerances, narrower)
    alone = [of_policy.judged([each]) for each in told]
    together = of_policy.judged(told)
    assert together.equals(pl.concat([of_policy.judged([]), *alone]))


def test_a_rate_is_of_money_only() -> None:
    ten = Tolerance(upper_abs=D(10))
    told = [differing(figures((100, 115), (100, 115), (100, 115)), c, "a") for c in CHECKS[:2]]
    found = limits([ten, ten, ten]).judged(told)
    # Ten units of quantity; ten in the currency of the books are twenty here, or nobody knows.
    assert found["passed"].to_list() == [False, False, False, True, True, False]
    assert found["limit_rule"][5] == "default of LINE_TOTAL" + NO_RATE
    assert found["limit_rule"][2] == "default of QTY_RECEIVED"


def test_what_else_decides_is_asked_of_its_own_rows() -> None:
    exact = Tolerance(upper_abs=D(0))
    first = differing(figures((1, 2)), "QTY_RECEIVED", "a")
    second = differing(figures((1, 2), (1, 3)), "LINE_TOTAL", "a", lambda found: found.head(1))
    third = differing(figures((1, 4)), "TAX_TOTAL", "a")
    found = limits([exact, exact, exact]).judged([first, second, third])
    assert found.select("check", "actual").rows() == [
        ("QTY_RECEIVED", 2),
        ("LINE_TOTAL", 2),
        ("TAX_TOTAL", 4),
    ]


def test_large_figures_of_one_check_leave_room_for_large_limits_of_another() -> None:
    unlimited, high = Tolerance(), Tolerance(upper_abs=D("1e9"))
    large = differing(figures((D(10**18), D(10**18 + 1))), "QTY_RECEIVED", "a")
    small = differing(figures((1, 2)), "LINE_TOTAL", "a")
    assert limits([unlimited, high, high]).judged([large, small])["passed"].all()
    with pytest.raises(PrecisionError):
        limits([high, high, high]).judged([large, small])


@pytest.mark.parametrize("missing", [0, 1])
def test_nothing_is_compared_with_a_figure_that_is_not_there(missing: int) -> None:
    pair = (1, None) if missing else (None, 2)
    assert differing(figures(pair, (1, 1), (1, 2)), "LINE_TOTAL", "a").rows.height == 1
