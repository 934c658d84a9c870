"""Profiles of pages add up to the profile of all records, in any order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsync_dagster.contracts import profile as module
from finsync_dagster.contracts.profile import Profile, merge, nothing, profile

SCHEMA = {"Id": pl.String, "Amount": pl.String, "_file": pl.String, "_defect": pl.String}
cells = st.sampled_from([None, "1", "2", "3.5", "2016-06-01", "x", "äöü", "", "True", "{}"])
records = st.tuples(
    cells, cells, st.sampled_from(["a.csv", "b.csv"]), st.sampled_from([None, None, "cut off"])
)
pages = st.lists(st.lists(records, max_size=6), max_size=5)


@pytest.fixture(autouse=True, scope="module")
def few_distinct() -> Iterator[None]:
    """So few that the small samples below have more."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "DISTINCT_LIMIT", 3)
        yield


def frame(rows: list[tuple]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def added(parts: list[Profile]) -> Profile:
    total = nothing(list(SCHEMA))
    for part in parts:
        total = merge(total, part)
    return total


@given(pages)
def test_the_profile_of_all_records_is_that_of_their_pages_together(
    split: list[list[tuple]],
) -> None:
    whole = profile(frame([row for page in split for row in page]))
    parts = [profile(frame(page)) for page in split]
    assert added(parts) == whole
    assert added(parts[::-1]) == whole


@given(pages)
def test_knowing_other_pages_changes_nothing(split: list[list[tuple]]) -> None:
    total = nothing(list(SCHEMA))
    for page in split:
        total = merge(total, profile(frame(page), guess=total))
    assert total == profile(frame([row for page in split for row in page]))


def test_what_is_counted() -> None:
    found = profile(
        frame(
            [
                ("1", "3.50", "a.csv", None),
                ("2", None, "a.csv", None),
                (None, "12", "b.csv", None),
                (None, None, "b.csv", "a quote that never ends"),
            ]
        )
    )
    assert found.rows == 3
    assert list(found.fields) == ["Id", "Amount"]
    amount = found.fields["Amount"]
    assert (amount.rows, amount.nulls, amount.kind) == (3, 1, "decimal")
    assert amount.kinds == {"integer": 1, "decimal": 1}
    assert (amount.min_length, amount.max_length) == (2, 4)
    assert amount.values == {"3.50": 1, "12": 1}
    assert found.files == {
        "a.csv": (2, frozenset({"Id", "Amount"})),
        "b.csv": (1, frozenset({"Amount"})),
    }


def test_more_values_than_are_counted() -> None:
    few = profile(frame([(str(i), None, "a.csv", None) for i in range(3)]))
    many = profile(frame([(str(i), None, "a.csv", None) for i in range(4)]))
    assert few.fields["Id"].values is not None
    assert many.fields["Id"].values is None
    assert merge(few, many).fields["Id"] == replace(many.fields["Id"], rows=7, kinds={"integer": 7})


def test_a_field_that_one_page_lacks_is_empty_there() -> None:
    left = profile(pl.DataFrame({"Id": ["1", "2"]}))
    right = profile(pl.DataFrame({"Id": ["3"], "Amount": ["1.5"]}))
    amount = merge(left, right).fields["Amount"]
    assert (amount.rows, amount.nulls) == (3, 2)
