"""Comparing keys, however a system spells them and whatever it sends beside them."""

from __future__ import annotations

import json

import pytest

from finsync_dagster.landing.verify import verify
from tests.connectors.http.api import Api, Handler, items, serving
from tests.connectors.http.systems import COUNTED
from tests.landing.test_take_api import shop

LIFTED = COUNTED.replace("key: [id]", "key: [number]\n    lift: {number: [order, id]}")


def nested(handler: Handler) -> bool:
    """The key within something else, of which only what is asked for is given."""
    api = handler.api
    path, _, text = handler.path.partition("?")
    if path != "/items":
        return False
    query = dict(part.split("=") for part in text.split("&"))
    asked = query["fields"].replace("%2C", ",").split(",")
    found = [
        {"id": r["id"]}
        | ({"order": {"id": r["id"]}} if {"order", "order.id"} & {*asked} else {})
        | {k: r[k] for k in ("amount", "changed") if k in asked}
        for r in api.selected({k: v.replace("%3A", ":") for k, v in query.items()})
    ]
    handler.reply(200, json.dumps({"items": found[:3]}).encode())
    return True


@pytest.mark.parametrize("field", ["order", "order.id"])
def test_keys_that_are_lifted_are_asked_for_where_they_lie(field: str) -> None:
    text = LIFTED.replace("fields: [amount]", f"fields: [amount, {field}]")
    with serving(Api(items(8), always=nested)) as api:
        one = shop(api, text)
        assert one.take().mode == "full"
        one.delete(3)
        one.add(20)
        taken = one.take()
    assert (taken.mode, sum(ref.rows for ref in taken.gone)) == ("incremental", 1)
    (gone,) = one.landing.read_page(taken.gone[0].sha256)
    assert gone == {"number": "3"}
    keys = [path for path in api.asked if "amount" not in path and path.startswith("/items")]
    assert len(keys) >= 3
    assert verify(one.landing) == []


def test_more_than_the_keys_does_no_harm() -> None:
    text = COUNTED + "    keys: {path: /items, query: {after: '${after}', limit: '${limit}'}}\n"
    with serving(Api(items(8))) as api:
        one = shop(api, text)
        one.take()
        one.delete(3)
        taken = one.take()
    assert taken.mode == "incremental"
    assert one.landing.read_page(taken.gone[0].sha256) == [{"id": "3"}]
    assert one.held() == one.there()


def test_keys_without_any_left() -> None:
    with serving(Api(items(4))) as api:
        one = shop(api)
        one.take()
        api.records.clear()
        taken = one.take()
    assert (taken.mode, sum(ref.rows for ref in taken.gone)) == ("incremental", 4)
    assert one.held() == {}
