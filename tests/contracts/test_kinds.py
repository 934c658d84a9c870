"""Every text has one kind; kinds form a lattice."""

from __future__ import annotations

from itertools import product

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsync_dagster.contracts.kinds import (
    EMPTY,
    KINDS,
    PATTERNS,
    TEXT,
    count_kinds,
    fits,
    join,
    narrowest,
)

EXAMPLES = {
    "integer": ["0", "-12", "+7", "007", "20160601"],
    "decimal": ["1.50", "-0.5", ".5", "5.", "1E5", "1.5e-07", "+2.0"],
    "date": ["2016-06-01", "9999-12-31"],
    "timestamp": [
        "2016-06-01 08:00:00",
        "2016-06-01T08:00",
        "2016-06-01T08:00:00.1234567Z",
        "2016-06-01 08:00:00+00",
        "2016-06-01 08:00:00 +02:00",
    ],
    "boolean": ["True", "false", "TRUE"],
    "json": ["{}", "[1, 2]", ' {"a": [1]} ', '{\n"a": 1}'],
    "text": [
        "",
        " ",
        "N/A",
        "1,000.00",
        "12 EA",
        " 12",
        "06/01/2016",
        "2016-13-01",
        "2016-06-01 25:00",
        "tbd",
        "[draft]",
        "{not json}",
        "１２",
        "-",
        ".",
        "truely",
        "12\n",
    ],
}
# Texts near the border between kinds, and any text at all.
texts = st.one_of(
    st.sampled_from([text for group in EXAMPLES.values() for text in group]),
    st.text(alphabet="0123456789+-.eE:TZ {}[]tru", max_size=24),
    st.text(max_size=8),
)
kinds = st.sampled_from(KINDS)


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, group in EXAMPLES.items() for text in group]
)
def test_the_kind_of_a_text(kind: str, text: str) -> None:
    assert count_kinds(pl.Series([text])) == {kind: 1}


@given(st.lists(texts, max_size=12), st.permutations(list(PATTERNS)))
def test_every_value_is_of_one_kind_whatever_is_tried_first(
    values: list[str], guess: list[str]
) -> None:
    column = pl.Series(values, dtype=pl.String)
    found = count_kinds(column)
    assert sum(found.values()) == len(values)
    assert count_kinds(column, guess=guess) == found
    alone: dict[str, int] = {}
    for value in values:
        (kind,) = count_kinds(pl.Series([value]))
        alone[kind] = alone.get(kind, 0) + 1
    assert found == alone


def test_a_value_counts_as_often_as_it_occurs() -> None:
    values, times = pl.Series(["1", None, "x", "2"]), pl.Series([10, 5, 3, 1])
    assert count_kinds(values, times) == {"integer": 11, "text": 3}


@given(kinds, kinds, kinds)
def test_kinds_form_a_lattice(a: str, b: str, c: str) -> None:
    assert join(a, a) == a
    assert join(a, b) == join(b, a)
    assert join(a, join(b, c)) == join(join(a, b), c)
    assert (join(a, EMPTY), join(a, TEXT)) == (a, TEXT)
    assert fits(a, b) == (join(a, b) == b)
    upper = [k for k in KINDS if fits(a, k) and fits(b, k)]
    assert all(fits(join(a, b), k) for k in upper)


def test_what_can_be_read_as_what() -> None:
    proper = {(a, b) for a, b in product(KINDS, KINDS) if fits(a, b) and a != b}
    assert {p for p in proper if EMPTY not in p and TEXT not in p} == {
        ("integer", "decimal"),
        ("date", "timestamp"),
    }
    assert narrowest([]) == EMPTY
    assert narrowest(["integer", "decimal"]) == "decimal"
    assert narrowest(["date", "decimal"]) == TEXT
