"""The words of paging: what may stand together, and what an answer states."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from finsync_dagster.connectors.http.exact_json import Json, Number
from finsync_dagster.connectors.http.paging.pagers import PagingError, page_values, stated_total
from finsync_dagster.connectors.http.paging.stated import says_more
from tests.connectors.http.paging.paging_servers import answer, spec


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("{scheme: offsets}", "does not match any of the expected tags"),
        ("{scheme: offset, start: 2}", "Input should be 0 or 1"),
        ("{scheme: offset, last: {shrot: true}}", "Extra inputs are not permitted"),
        ("{scheme: next_link, link: next, last: {short: true}}", "Extra inputs are not permitted"),
        ("{scheme: offset, empty_status: [200]}", "greater than or equal to 400"),
        ("{scheme: range, low: 1, high: 2026-01-01}", "both be whole numbers or both be dates"),
        ("{scheme: range, low: 9, high: 1}", "low 9 lies above high 1"),
        ("{scheme: range, low: 1, high: 9, cap: 5, within: {scheme: page}}", "within.last"),
        ("{scheme: range, low: 1, high: 9, within: {scheme: none}}", "expected tags"),
        ("{scheme: keyset, by: []}", "at least 1"),
        ("{scheme: keyset, by: [A-b, a_b]}", "fields of one name"),
        ("{scheme: keyset, by: [[0, 1]]}", "would not begin with a letter"),
        ("{scheme: keyset, by: [a, b], first: 0}", "as many values as there are fields"),
        ("{scheme: none, cap: 0}", "greater than or equal to 1"),
    ],
)
def test_words_that_cannot_be_meant(words: str, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        spec(**yaml.safe_load(words))


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ({"scheme": "none"}, {"limit"}),
        ({"scheme": "offset"}, {"limit", "offset", "end", "last"}),
        ({"scheme": "page"}, {"limit", "page"}),
        ({"scheme": "next_link", "link": "n"}, {"limit"}),
        ({"scheme": "link_header"}, {"limit"}),
        ({"scheme": "cursor", "token": "t"}, {"limit", "cursor"}),
        ({"scheme": "keyset", "by": "id"}, {"limit", "after"}),
        (
            {"scheme": "keyset", "by": ["updated-at", "LineNo"]},
            {"limit", "after.updated_at", "after.lineno"},
        ),
        ({"scheme": "range", "low": 1, "high": 2}, {"limit", "low", "high"}),
        (
            {"scheme": "range", "low": 1, "high": 2, "within": {"scheme": "page"}},
            {"limit", "low", "high", "page"},
        ),
    ],
)
def test_places_of_each_scheme(words: dict[str, Any], names: set[str]) -> None:
    assert page_values(spec(**words)) == names


COUNTED = spec(scheme="offset", last={"total": ["meta", "count"]})


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (Number(57), 57),
        (Number("57.0"), 57),
        (Number("5.7e1"), 57),
        ("57", 57),
        (" 0 ", 0),
        (None, None),
        (Number(-1), None),
        ("*", None),
        ("items 0-9/57", 57),
        ("records 0-9/*", None),
    ],
)
def test_counts_as_servers_spell_them(value: Json, count: int | None) -> None:
    assert stated_total(COUNTED, answer({"meta": {"count": value}})) == count


@pytest.mark.parametrize("value", ["many", True, Number("5.5"), Number("1e999"), [], "NaN"])
def test_what_is_no_count_is_told(value: Json) -> None:
    with pytest.raises(PagingError, match="a count is expected at meta / count, and there is"):
        stated_total(COUNTED, answer({"meta": {"count": value}}))


def test_a_total_that_nobody_states_or_asks_for() -> None:
    assert stated_total(COUNTED, answer({})) is None
    assert stated_total(COUNTED, answer("<html>", status=404)) is None
    assert stated_total(spec(scheme="link_header"), answer({"count": Number(3)})) is None
    header = spec(scheme="page", last={"total": {"header": "X-Total-Count"}})
    assert stated_total(header, answer([], {"x-total-count": "12"})) == 12


@pytest.mark.parametrize(
    ("value", "more"),
    [
        (True, True),
        (False, False),
        (None, False),
        ("true", True),
        ("False", False),
        ("F", False),
        ("", False),
        (Number(0), False),
        (Number(3), True),
        ("/next", True),
        ([], False),
    ],
)
def test_more_as_servers_spell_it(value: Json, more: bool) -> None:
    assert says_more(("more",), answer({"more": value})) is more


def test_errors_say_what_and_what_to_do() -> None:
    error = PagingError("it ends nowhere", "Let it end")
    assert str(error) == "it ends nowhere. Let it end."
    assert isinstance(error, ValueError)
    assert not error.transient
