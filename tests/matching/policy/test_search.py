"""The search for the narrowest rule, compared with its definition on random rules and documents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsync_dagster.landscape.policy_model import ToleranceRule, overlapping
from finsync_dagster.matching.policy import scopes
from finsync_dagster.matching.policy.ruling import RULE
from finsync_dagster.matching.policy.scopes import TOLERANCE_STEPS, Names, decided, rank
from tests.matching.ledger import DAY_ONE, Ledger, on_day
from tests.matching.policy.rules import rule

GROUPS = {"one": ("S1",), "two": ("S2",)}
FACTS = {
    scopes.LINE: pl.String,
    scopes.ORDER: pl.String,
    scopes.ITEM: pl.String,
    scopes.CATEGORY: pl.String,
    scopes.SUPPLIER: pl.String,
    scopes.MATCH_TYPE: pl.String,
    scopes.DAY: pl.Date,
}
BOOK = Ledger().supplier("S1").supplier("S2").item("X1").item("X2").order("PO1").order("PO2")
DOCS = BOOK.line("1", "1", "PO1").line("1", "1", "PO1", "2").line("1", "1", "PO2").documents()


def maybe(*values: str) -> st.SearchStrategy[str | None]:
    return st.sampled_from([None, None, *values])


@st.composite
def rules(draw: st.DrawFn) -> ToleranceRule:
    said: dict[str, object] = {"entity": draw(maybe("acme")), "match_type": draw(maybe("3w"))}
    if order := draw(maybe("PO1", "PO2")):
        said |= {"order": order, "order_line": draw(maybe("1", "2"))}
    else:
        bought = draw(st.sampled_from([(), ("item", "X1", "X2"), ("category", "C1", "C2")]))
        whose = draw(st.sampled_from([(), ("supplier", "S1", "S2"), ("supplier_group", *GROUPS)]))
        for word, *values in (pick for pick in (bought, whose) if pick):
            said[word] = draw(st.sampled_from(values))
    days = sorted(draw(st.lists(st.integers(0, 4), min_size=2, max_size=2)))
    said |= {"from_": draw(st.sampled_from([None, on_day(days[0])]))}
    said |= {"until": draw(st.sampled_from([None, on_day(days[1])]))}
    return rule("PRICE_UNIT", **said)


SUBJECTS = st.tuples(
    st.sampled_from([("PO1-1", "PO1"), ("PO1-2", "PO1"), ("PO2-1", "PO2"), (None, None)]),
    maybe("X1", "X2"),
    maybe("C1", "C2"),
    maybe("S1", "S2"),
    maybe("2w", "3w"),
    st.one_of(st.none(), st.integers(0, 4).map(on_day)),
).map(lambda drawn: (*drawn[0], *drawn[1:]))


def about(one: ToleranceRule, subject: Sequence[object]) -> bool:
    line, order, item, category, supplier, match_type, day = subject
    grouped = GROUPS.get(one.supplier_group or "", ())
    always = one.from_ is None and one.until is None
    return (
        one.order in (None, order)
        and (one.order_line is None or line == f"{one.order}-{one.order_line}")
        and one.item in (None, item)
        and one.category in (None, category)
        and one.supplier in (None, supplier)
        and (one.supplier_group is None or supplier in grouped)
        and one.match_type in (None, match_type)
        and (always or (isinstance(day, date) and one.covers(day)))
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(rules(), min_size=1, max_size=8), st.lists(SUBJECTS, min_size=1, max_size=6))
def test_the_narrowest_rule_that_fits(
    given_rules: list[ToleranceRule], subjects: list[tuple[object, ...]]
) -> None:
    written = [(one, "") for one in given_rules]
    twice = {j for _, j, _ in overlapping(written)}
    kept = [one for i, one in enumerate(given_rules) if i not in twice]
    frame = pl.DataFrame(
        [(n, *subject) for n, subject in enumerate(subjects)],
        schema={"_n": pl.UInt32, **FACTS},
        orient="row",
    )
    found = dict(decided(frame, kept, TOLERANCE_STEPS, Names(DOCS, GROUPS)).iter_rows())
    for n, subject in enumerate(subjects):
        fitting = [i for i, one in enumerate(kept) if about(one, subject)]
        best = min(fitting, key=lambda i: rank(kept[i], TOLERANCE_STEPS), default=None)
        assert found.get(n) == best


@pytest.mark.parametrize("shuffled", [False, True])
def test_the_order_of_rules_and_of_rows_says_nothing(shuffled: bool) -> None:
    step = -1 if shuffled else 1
    given_rules = [rule("PRICE_UNIT", supplier="S1"), rule("PRICE_UNIT", item="X1")][::step]
    rows = [(0, None, None, "X1", None, "S1", None, DAY_ONE), (1, *[None] * 4, "S1", None, DAY_ONE)]
    frame = pl.DataFrame(rows[::step], schema={"_n": pl.UInt32, **FACTS}, orient="row")
    found = decided(frame, given_rules, TOLERANCE_STEPS, Names(DOCS, GROUPS))
    labels = {n: given_rules[i].label for n, i in found.select("_n", RULE).iter_rows()}
    assert labels == {0: "item X1", 1: "supplier S1"}
