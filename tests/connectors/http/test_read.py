"""Reading an object page by page from a real server."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.http.read import extract
from tests.connectors.http.api import Api, Handler, items, serving, status
from tests.connectors.http.systems import COUNTED, ITEMS, asked, read_all

FEB, MAR = "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"


def test_every_record_comes_once_with_every_digit() -> None:
    big = {"id": 9007199254740993, "amount": 0.1, "changed": FEB, "more": {"price": 1e-7}}
    with serving(Api([*items(7), big])) as api, extract(asked(ITEMS, api.url)) as extraction:
        records = read_all(extraction)
    assert [r["id"] for r in records] == [*map(str, range(1, 8)), "9007199254740993"]
    assert [r["amount"] for r in records][:2] == ["1.5", "3.0"]
    assert extraction.stated.cursor_max == FEB
    assert extraction.request == "every record of GET /items"


def test_fields_nobody_declared_are_landed_too() -> None:
    text = ITEMS.replace('fields: {join: ",", of: "${fields}"}', "")
    first, second = (
        {"id": 1, "changed": FEB, "note": "a"},
        {"id": 2, "changed": FEB, "other": [1.50]},
    )
    with (
        serving(Api([first, *items(9)[4:], second])) as api,
        extract(asked(text, api.url)) as extraction,
    ):
        records = read_all(extraction)
    assert extraction.columns == ("id", "changed", "amount", "note", "other")
    assert (records[0]["note"], records[1]["other"]) == ("a", '["1.5"]')


def test_an_increment_asks_from_the_newest_stamp_less_the_overlap() -> None:
    text = ITEMS.replace("cursor: changed", "cursor: changed\n    overlap: 1d")
    old, new = items(3, FEB), [{"id": 9, "amount": 1, "changed": MAR}]
    with serving(Api([*old, *new])) as api, extract(asked(text, api.url), since=MAR) as extraction:
        records = read_all(extraction)
    assert [r["id"] for r in records] == ["9"]
    assert extraction.since == "2026-02-28T00:00:00Z"
    assert "since=2026-02-28" in api.asked[0]


def test_a_stamp_after_the_reading_began_is_not_believed() -> None:
    """What changed while pages were read may have been passed already."""
    with (
        serving(Api([*items(2), {"id": 5, "changed": "2999-01-01T00:00:00Z"}])) as api,
        extract(asked(ITEMS, api.url)) as extraction,
    ):
        read_all(extraction)
    newest = extraction.stated.cursor_max
    assert newest is not None
    assert FEB < newest < "2990"


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 12), st.integers(1, 4), st.data())
def test_a_reading_that_broke_off_goes_on_after_any_page(
    count: int, most: int, data: st.DataObject
) -> None:
    with serving(Api(items(count), most=most)) as api:
        one = asked(COUNTED, api.url)
        with extract(one) as whole:
            expected = read_all(whole)
        with extract(one) as first:
            begun, positions = [], []
            for page in first.pages:
                begun.append(page)
                assert first.position is not None
                positions.append(json.dumps(first.position()))
        if not positions:
            return
        kept = data.draw(st.integers(1, len(positions)))
        with extract(one, resume=json.loads(positions[kept - 1])) as rest:
            pages = [*begun[:kept], *rest.pages]
    assert [row[0] for page in pages for row in page] == [r["id"] for r in expected]
    assert rest.stated == whole.stated


def test_counts_are_asked_before_and_after() -> None:
    api = Api(items(4))

    def one_more(request: int) -> None:
        if request == 2:
            api.records.append({"id": 50, "amount": 1, "changed": FEB})

    api.before_answer = one_more
    with serving(api), extract(asked(COUNTED, api.url)) as extraction:
        records = read_all(extraction)
    stated = extraction.stated
    assert (stated.table_before, stated.count_table, len(records)) == (4, 5, 5)


def test_only_keys() -> None:
    with (
        serving(Api(items(7))) as api,
        extract(asked(COUNTED, api.url), only_keys=True) as extraction,
    ):
        records = read_all(extraction)
    assert extraction.columns == ("id",)
    assert [r["id"] for r in records] == list("1234567")
    assert extraction.stated.count_table == 7


def test_a_record_that_is_no_object_is_landed_with_the_reason() -> None:
    text = ITEMS.replace("keyset, by: id", "offset").replace("after: ${after}", "offset: ${offset}")
    body = json.dumps({"items": [{"id": 1, "changed": FEB}, 7, {"id": "a\x00b"}]}).encode()
    plays = [status(200, body), status(200, b'{"items": []}')]
    with serving(Api(plays=plays)) as api, extract(asked(text, api.url)) as extraction:
        records = read_all(extraction)
    assert [r.get("_defect") for r in records] == [
        None,
        "it is no object with fields",
        "id holds a character that no text can hold",
    ]
    assert records[1]["_raw"] == "7"


def test_nothing_at_the_place_of_the_records() -> None:
    with (
        serving(Api(plays=[status(200, b'{"values": []}')])) as api,
        extract(asked(ITEMS, api.url)) as extraction,
        pytest.raises(SourceError) as error,
    ):
        read_all(extraction)
    assert error.value.kind == "mapping"
    assert "no list of records at items" in str(error.value)


@pytest.mark.parametrize("wrapped", ["items", "content", "documents"])
def test_records_of_a_system_that_wraps_its_answers_in_several_ways(wrapped: str) -> None:
    text = ITEMS.replace("records: items", "records: content\n    or_records: [[documents], items]")

    def wraps(handler: Handler) -> bool:
        found = [] if "after" in handler.path else items(2)
        handler.reply(200, json.dumps({wrapped: found}).encode())
        return True

    with serving(Api(always=wraps)) as api, extract(asked(text, api.url)) as extraction:
        assert [r["id"] for r in read_all(extraction)] == ["1", "2"]
