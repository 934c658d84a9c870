"""Any filter finds the rows for which Python says it is true."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finsync_dagster.sandbox.vendors.sap.filters.grammar import Both, Compare, Not, parse
from finsync_dagster.sandbox.vendors.sap.sap import Sap
from tests.sandbox.vendors.sap.asking import ORDERS, results

Row = dict[str, Any]
Test = tuple[str, Callable[[Row], bool]]
OPERATORS = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}


def of_quantity(name: str, number: int, half: bool) -> Test:
    value = Decimal(number) + (Decimal("0.5") if half else 0)
    test = OPERATORS[name]
    return f"OrderQuantity {name} {value}M", lambda row: test(Decimal(row["OrderQuantity"]), value)


def of_item(name: str, number: int, padded: bool) -> Test:
    test = OPERATORS[name]
    said = f"{number:05}" if padded else str(number)
    return (
        f"PurchaseOrderItem {name} '{said}'",
        lambda row: test(int(row["PurchaseOrderItem"]), number),
    )


def of_order(name: str, number: str) -> Test:
    test = OPERATORS[name]
    return f"'{number}' {name} PurchaseOrder", lambda row: test(number, row["PurchaseOrder"])


def of_text(function: str, part: str) -> Test:
    said = f"substringof('{part}',PurchaseOrder)"
    if function != "substringof":
        said = f"{function}(PurchaseOrder,'{part}')"
    ways: dict[str, Callable[[str], bool]] = {
        "startswith": lambda text: text.startswith(part),
        "endswith": lambda text: text.endswith(part),
        "substringof": lambda text: part in text,
    }
    return said, lambda row: ways[function](row["PurchaseOrder"])


def of_date(name: str) -> Test:
    # No row has this date: whatever it is compared with, only ne is true.
    said = f"TaxDeterminationDate {name} datetime'2026-01-01T00:00:00'"
    return said, lambda _: name == "ne"


NAMES = st.sampled_from(sorted(OPERATORS))
TESTS = st.one_of(
    st.builds(of_quantity, NAMES, st.integers(0, 12), st.booleans()),
    st.builds(of_item, NAMES, st.integers(0, 120), st.booleans()),
    st.builds(of_order, NAMES, st.sampled_from(["4500000001", "4500000003", "5"])),
    st.builds(
        of_text,
        st.sampled_from(["startswith", "endswith", "substringof"]),
        st.sampled_from(["45", "7", "03", "000", ""]),
    ),
    st.builds(of_date, NAMES),
)


def joined(word: str, left: Test, right: Test) -> Test:
    both = word == "and"
    return (
        f"({left[0]} {word} {right[0]})",
        lambda row: (left[1](row) and right[1](row)) if both else (left[1](row) or right[1](row)),
    )


FILTERS = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        st.builds(joined, st.sampled_from(["and", "or"]), inner, inner),
        inner.map(lambda test: (f"not ({test[0]})", lambda row: not test[1](row))),
    ),
    max_leaves=6,
)


@pytest.mark.slow
@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(test=FILTERS)
def test_a_filter_finds_what_is_true(sap: Sap, test: Test) -> None:
    said, holds = test
    columns = "$select=PurchaseOrder,PurchaseOrderItem,OrderQuantity,TaxDeterminationDate"
    every = results(sap, f"{ORDERS}A_PurchaseOrderItem?{columns}")
    found = results(sap, f"{ORDERS}A_PurchaseOrderItem?{columns}&$filter={said}")
    assert found == [row for row in every if holds(row)]


def test_and_binds_closer_than_or_and_not_closer_than_both() -> None:
    tree = parse("A eq 1 or B eq 2 and not C eq 3", 2)
    assert isinstance(tree, Both)
    assert tree.operator == "or"
    assert isinstance(tree.right, Both)
    assert isinstance(tree.right.right, Not)
    assert isinstance(tree.right.right.of, Compare)


def test_not_twice_is_not_at_all() -> None:
    assert parse("not not A eq 1", 2) == parse("A eq 1".rjust(14), 2)
