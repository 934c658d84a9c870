"""Places of keys, and rows at places."""

from __future__ import annotations

import polars as pl
import pytest

from finsync_dagster.matching.figures.places import blank, noughts, places, rows_at

FACTS = pl.DataFrame({"name": ["a", "b"], "size": [1, 2]})


def test_a_place_per_key_in_the_order_of_the_keys() -> None:
    keys = pl.Series(["b", None, "x", "a", "b"])
    found = places(keys, FACTS["name"])
    assert found.to_list() == [1, None, None, 0, 1]
    assert rows_at(FACTS, found)["size"].to_list() == [2, None, None, 1, 2]


@pytest.mark.parametrize("facts", [FACTS, FACTS.clear()])
@pytest.mark.parametrize("at", [[], [None], [None, None]])
def test_no_place_is_no_row_of_its_own(facts: pl.DataFrame, at: list[None]) -> None:
    found = rows_at(facts, pl.Series(at, dtype=pl.Int64))
    assert found.schema == facts.schema
    assert found["name"].to_list() == at


def test_nobody_is_found_among_nobody() -> None:
    nobody = pl.Series([], dtype=pl.String)
    assert places(FACTS["name"], nobody).to_list() == [None, None]
    assert places(nobody, FACTS["name"]).to_list() == []


def test_columns_of_one_value() -> None:
    assert blank(pl.Date, 2).to_list() == [None, None]
    assert noughts(pl.Int64, 2).to_list() == [0, 0]
    assert blank(pl.String, 0).dtype == pl.String
    assert len(noughts(pl.Int64, 0)) == 0
