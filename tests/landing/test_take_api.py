"""Extracts of a source that may change while it is read: what is held is what the source has."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.http import clients
from finsync_dagster.connectors.model import ObjectSpec
from finsync_dagster.landing import reading
from finsync_dagster.landing.landing import Landing
from finsync_dagster.landing.manifest import Manifest
from finsync_dagster.landing.take import take
from finsync_dagster.landing.verify import verify
from tests.connectors.http.api import Api, Handler, items, serving, status
from tests.connectors.http.systems import COUNTED, ITEMS, system

_names = itertools.count()


@dataclass
class Shop:
    """An API, a landing of its own, and a clock that the change stamps follow."""

    api: Api
    spec: ObjectSpec
    landing: Landing = field(
        default_factory=lambda: Landing(f"memory://take-api-{next(_names)}/landing")
    )
    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    def __post_init__(self) -> None:
        self.api.clock = self._clock

    def _clock(self) -> float:
        return self.now.timestamp()

    def tick(self) -> str:
        self.now += timedelta(minutes=1)
        return self.now.strftime("%Y-%m-%dT%H:%M:%SZ")

    def add(self, number: int) -> None:
        self.api.records.append({"id": number, "amount": number, "changed": self.tick()})

    def change(self, number: int) -> None:
        for record in self.api.records:
            if record["id"] == number:
                record |= {"amount": f"{record['amount']}1", "changed": self.tick()}

    def delete(self, number: int) -> None:
        self.api.records[:] = [r for r in self.api.records if r["id"] != number]

    def take(self, **options: bool) -> Manifest:
        return take(
            self.landing,
            "shop",
            self.api.url,
            "items",
            self.spec,
            now=lambda: datetime.now(UTC),
            **options,
        )

    def held(self) -> dict[str, str | None]:
        """Id → amount of every record held, newest version, without what is gone."""
        found: dict[str, str | None] = {}
        for manifest in self.landing.current_manifests("shop", "items"):
            for frame in reading.batches(self.landing, [manifest]):
                found |= dict(frame.select("id", "amount").iter_rows())
            for frame in reading.gone(self.landing, [manifest]):
                for number in frame["id"]:
                    del found[number]
        return found

    def there(self) -> dict[str, str | None]:
        """The same, as the API has it."""
        return {str(r["id"]): str(r["amount"]) for r in self.api.records}


def shop(api: Api, text: str = COUNTED) -> Shop:
    clients.forget()
    return Shop(api, system(text).objects["items"])


def test_a_deleted_record_is_found_by_its_key_and_not_by_a_snapshot() -> None:
    with serving(Api(items(8))) as api:
        one = shop(api)
        assert one.take().mode == "full"
        one.delete(3)
        one.add(20)
        taken = one.take()
    assert taken.mode == "incremental"
    assert (taken.complete, sum(ref.rows for ref in taken.gone)) == (True, 1)
    assert one.held() == one.there()
    assert verify(one.landing) == []


def test_what_was_deleted_and_made_again_is_there() -> None:
    with serving(Api(items(4))) as api:
        one = shop(api)
        one.take()
        one.delete(2)
        one.take()
        one.add(2)
        taken = one.take()
    assert (taken.mode, one.held()) == ("incremental", one.there())


def test_a_record_with_an_old_stamp_that_came_late_calls_for_a_snapshot() -> None:
    with serving(Api(items(4, "2026-06-01T00:00:00Z"))) as api:
        one = shop(api)
        one.take()
        api.records.append({"id": 9, "amount": 1, "changed": "2020-01-01T00:00:00Z"})
        taken = one.take()
    assert taken.mode == "full"
    assert "old change stamp" in taken.reason
    assert one.held() == one.there()


def test_without_a_count_keys_are_compared_when_it_is_time() -> None:
    text = ITEMS + "    compare_keys_every: 2\n"
    with serving(Api(items(5))) as api:
        one = shop(api, text)
        one.take()
        one.delete(1)
        modes = [(one.take().keys_compared, len(one.held())) for _ in range(4)]
    assert modes == [(False, 5), (True, 4), (False, 4), (True, 4)]


def test_a_source_that_loses_records_on_the_way_is_not_complete() -> None:
    def forgets(handler: Handler) -> bool:
        if "/count" in handler.path:
            handler.reply(200, b'{"count": 9}')
            return True
        return False

    with serving(Api(items(5), always=forgets)) as api:
        taken = shop(api).take()
    assert taken.incomplete_because == ("the source stated 9 records, 5 were landed",)


AT_ONCE = (
    COUNTED.replace("{scheme: keyset, by: id}", "{scheme: none}")
    .replace("        limit: ${limit}\n", "")
    .replace("        after: ${after}\n", "")
)


@pytest.mark.parametrize("full", [True, False])
def test_a_record_that_comes_twice_counts_once(full: bool) -> None:
    """As from a server that pages by place while records move."""
    with serving(Api(items(4))) as api:
        one = shop(api, AT_ONCE)
        one.take()
        one.add(20)
        api.always = _repeats_the_last
        taken = one.take(full=full)
    assert taken.row_count > (5 if full else 1)
    assert (taken.mode, taken.complete) == ("full" if full else "incremental", True)
    assert one.held() == one.there()


def _repeats_the_last(handler: Handler) -> bool:
    parts = urlsplit(handler.path)
    if parts.path != "/items":
        return False
    body = handler.api.answer(parts.path, dict(parse_qsl(parts.query)))
    body["items"] += body["items"][-1:]
    handler.reply(200, json.dumps(body).encode())
    return True


def test_a_new_field_calls_for_a_snapshot_since_other_records_may_have_it() -> None:
    text = COUNTED.replace('fields: {join: ",", of: "${fields}"}', "").replace(
        "        after: ${after}", "        after: ${after}\n"
    )
    with serving(Api(items(5))) as api:
        one = shop(api, text)
        one.take()
        one.add(6)
        for record in api.records:
            record["note"] = "new"
        taken = one.take()
    assert (taken.mode, taken.reason) == ("full", "the source's columns changed (note)")
    assert taken.columns == ("id", "changed", "amount", "note")


@pytest.mark.parametrize("broken_at", range(1, 8))
def test_an_extract_that_broke_off_goes_on_with_the_page_it_stopped_at(broken_at: int) -> None:
    def breaks(handler: Handler) -> bool:
        if handler.path.startswith("/items") and len(pages()) == broken_at:
            handler.reply(400)
            return True
        return False

    def pages() -> list[str]:
        return [p for p in api.asked if p.startswith("/items")]

    with serving(Api(items(17))) as api:
        one = shop(api)
        expected = one.take(full=True).pages
        one = shop(api)
        api.asked.clear()
        api.always = breaks
        with pytest.raises(SourceError):
            one.take()
        api.always = None
        taken = one.take()
        assert taken.pages == expected
        assert len(pages()) == len(set(pages())) + 1
    assert one.landing.store.names("progress/shop/items") == []


def test_what_was_begun_for_something_else_is_not_gone_on_with() -> None:
    with serving(Api(items(6))) as api:
        one = shop(api)
        api.plays = [status(200, b'{"count": 6}'), lambda h: False, status(400)]
        with pytest.raises(SourceError):
            one.take()
        assert len(one.landing.store.names("progress/shop/items")) == 1
        one.spec = system(COUNTED.replace("rows_per_page: 3", "rows_per_page: 2")).objects["items"]
        clients.forget()
        assert one.take().complete
    assert one.landing.store.names("progress/shop/items") == []


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.lists(
            st.tuples(
                st.sampled_from(["add", "change", "delete"]),
                st.integers(1, 12),
                st.integers(0, 6),
            ),
            max_size=6,
        ),
        min_size=1,
        max_size=5,
    )
)
def test_whatever_happens_while_it_is_read_the_next_extract_knows(
    history: list[list[tuple[str, int, int]]],
) -> None:
    """Changes come before the n-th request of an extract; after a quiet one, all is as it is."""
    with serving(Api(items(5), most=2)) as api:
        one = shop(api)
        act: dict[str, Callable[[int], None]] = {
            "add": lambda n: None if str(n) in one.there() else one.add(n),
            "change": one.change,
            "delete": one.delete,
        }
        for changes in history:
            begun = len(api.asked)

            def now_and_then(request: int, begun: int = begun, changes: list = changes) -> None:
                for what, number, at in changes:
                    if request - begun == at:
                        act[what](number)

            api.before_answer = now_and_then
            one.take()
            api.before_answer = lambda _: None
            one.take()
            assert one.held() == one.there()
    assert verify(one.landing) == []


def test_on_disk_too(tmp_path: Path) -> None:
    with serving(Api(items(7))) as api:
        one = shop(api)
        one.landing = Landing(f"file://{tmp_path}/landing")
        one.take()
        one.delete(7)
        one.take()
    assert one.held() == one.there()
    assert not (tmp_path / "landing/progress/shop/items").exists() or not any(
        (tmp_path / "landing/progress/shop/items").iterdir()
    )
