"""Which reading that broke off is gone on with, and which is begun anew."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.http import clients
from finsync_dagster.landing.manifest import Manifest
from finsync_dagster.landing.take import take
from finsync_dagster.landing.verify import verify
from tests.connectors.http.api import Api, Handler, Play, items, serving
from tests.connectors.http.systems import COUNTED, ITEMS, system
from tests.landing.test_take_api import Shop, shop

EVERY_FIELD = COUNTED.replace('fields: {join: ",", of: "${fields}"}', "all: ${fields}")


def refuses_after(pages: int, code: int = 400) -> Play:
    """Answers so many pages, and from then on with an error."""
    seen = []

    def play(handler: Handler) -> bool:
        if not handler.path.startswith("/items"):
            return False
        seen.append(handler.path)
        if len(seen) > pages:
            handler.reply(code)
        return len(seen) > pages

    return play


def broken_off(one: Shop, pages: int, **options: bool) -> None:
    one.api.always = refuses_after(pages)
    with pytest.raises(SourceError):
        one.take(**options)
    one.api.always = None
    one.api.asked.clear()


def pages_asked(one: Shop) -> list[str]:
    return [path for path in one.api.asked if path.startswith("/items")]


def test_a_snapshot_that_an_increment_called_for_goes_on() -> None:
    """Else every attempt would begin with the increment, and then from the first page."""
    with serving(Api(items(9))) as api:
        one = shop(api, EVERY_FIELD)
        one.take()
        for record in api.records:
            record["note"] = "new"
        # An increment of three pages and the empty one, then two pages of the snapshot.
        broken_off(one, 4 + 2)
        taken = one.take()
    assert (taken.mode, taken.reason) == ("full", "the source's columns changed (note)")
    assert (taken.row_count, taken.complete) == (9, True)
    assert len(pages_asked(one)) == 2
    assert "after=6" in pages_asked(one)[0]


def test_a_snapshot_that_somebody_asked_for_does_not_hold_up_increments() -> None:
    with serving(Api(items(9))) as api:
        one = shop(api)
        one.take()
        broken_off(one, 2, full=True)
        taken = one.take()
    assert taken.mode == "incremental"
    assert one.landing.store.names("progress/shop/items") == []


def test_one_that_is_asked_for_again_goes_on() -> None:
    with serving(Api(items(9))) as api:
        one = shop(api)
        one.take()
        broken_off(one, 2, full=True)
        assert one.take(full=True).row_count == 9
    assert len(pages_asked(one)) == 2


def test_what_the_server_no_longer_wants_to_go_on_with_is_begun_anew() -> None:
    """Tokens of pages expire: the second refusal is of the first request since."""
    with serving(Api(items(9))) as api:
        one = shop(api)
        broken_off(one, 2)
        broken_off(one, 0)
        taken = one.take()
    assert (taken.row_count, taken.complete) == (9, True)
    assert len(pages_asked(one)) == 4


def test_a_system_that_is_down_has_forgotten_nothing() -> None:
    with serving(Api(items(9))) as api:
        one = shop(api)
        broken_off(one, 2)
        api.always = refuses_after(0, 401)
        with pytest.raises(SourceError):
            one.take()
        api.always = None
        api.asked.clear()
        assert one.take().row_count == 9
    assert len(pages_asked(one)) == 2


def test_headers_of_the_system_belong_to_what_is_asked() -> None:
    """A header may name the company of which all pages are."""
    text = "headers: {X-Company: '1'}" + COUNTED
    with serving(Api(items(9))) as api:
        one = shop(api, text)
        broken_off(one, 2)
        one.spec = system(text.replace("'1'", "'2'")).objects["items"]
        clients.forget()
        assert one.take().row_count == 9
    assert len(pages_asked(one)) == 4


def take_at(one: Shop, moment: datetime) -> Manifest:
    return take(one.landing, "shop", one.api.url, "items", one.spec, now=lambda: moment)


@pytest.mark.parametrize(("hours", "asked"), [(5, 2), (7, 4)])
def test_notes_are_old_when_the_last_of_them_is(hours: int, asked: int) -> None:
    """However long the whole extract takes."""
    began = datetime(2026, 1, 1, tzinfo=UTC)
    later = began + timedelta(hours=5)
    with serving(Api(items(9))) as api:
        one = shop(api)
        for pages, moment in ((1, began), (1, later)):
            api.always = refuses_after(pages)
            with pytest.raises(SourceError):
                take_at(one, moment)
        api.always = None
        api.asked.clear()
        taken = take_at(one, later + timedelta(hours=hours))
    assert taken.row_count == 9
    assert len(pages_asked(one)) == asked


def test_notes_that_are_not_whole_are_not_believed() -> None:
    with serving(Api(items(9))) as api:
        one = shop(api)
        broken_off(one, 2)
        (folder,) = one.landing.store.names("progress/shop/items")
        one.landing.store.remove(f"progress/shop/items/{folder}/00000000.json")
        taken = one.take()
    assert (taken.row_count, len(pages_asked(one))) == (9, 4)
    assert one.landing.store.names("progress/shop/items") == []


@pytest.mark.parametrize("field", ["ID", "Changed", "extract_id", "_file", "_defect"])
def test_fields_that_cannot_be_called_as_they_are_stay_what_they_are(field: str) -> None:
    """Beside a field of the same letters, or of a name that the landing uses itself."""
    with serving(Api(items(4))) as api:
        one = shop(api, EVERY_FIELD)
        for record in api.records:
            record[field] = f"own {record['id']}"
        first = one.take()
        one.change(2)
        second = one.take()
        one.add(9)
        third = one.take()
    assert [m.mode for m in (first, second, third)] == ["full", "incremental", "incremental"]
    assert first.columns == second.columns == third.columns
    assert len(first.columns) == 4
    frame = one.landing.frame(second)
    assert set(frame[first.columns[3]]) == {f"own {n}" for n in frame["id"]}
    assert verify(one.landing) == []


def test_nothing_there_at_first() -> None:
    with serving(Api()) as api:
        one = shop(api)
        first, second = one.take(), one.take()
        one.add(1)
        third = one.take()
        one.add(2)
        fourth = one.take()
    assert [m.row_count for m in (first, second, third)] == [0, 0, 1]
    assert [m.complete for m in (first, second, third, fourth)] == [True] * 4
    assert fourth.mode == "incremental"
    assert one.held() == one.there()


def test_records_without_any_stamp_are_read_whole_each_time() -> None:
    with serving(Api([{"id": n, "amount": 1, "changed": None} for n in range(4)])) as api:
        one = shop(api, ITEMS)
        assert one.take().cursor_to is None
        taken = one.take()
    assert (taken.mode, taken.reason) == ("full", "no record had a change stamp")
