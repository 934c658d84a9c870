"""What is visible at a moment."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from finsync_dagster.sandbox.vendors.view import View, by_keys, rows
from finsync_dagster.sandbox.world.reading import World
from tests.sandbox.vendors.coupa.conftest import client_of
from tests.sandbox.vendors.small_world import SmallWorld


@pytest.fixture
def world(tmp_path: Path) -> World:
    small = SmallWorld()
    small.add("entity", entity_id="e", name="E", country="DE", currency="EUR",
              order_system="group_coupa")  # fmt: skip
    small.add("employee", login="a@b.example", entity_id="e")
    small.add("supplier_account", system="group_coupa", country="DE", currency="EUR")
    for day in ("01", "02", "03"):
        small.add(
            "purchase_order", system="group_coupa", entity_id="e", currency="EUR", status="sent",
            created_at=f"2026-02-{day} 08:00:00", changed_at=f"2026-03-{day} 08:00:00",
        )  # fmt: skip
    small.add("deletion", system="group_coupa", object="purchase_order", object_id=2,
              deleted_at="2026-04-01 00:00:00")  # fmt: skip
    small.add("deletion", system="group_sap", object="purchase_order", object_id=3)
    return small.write(tmp_path / "world.duckdb")


def test_time_goes_on(world: World) -> None:
    client = client_of(world)

    def told(until: datetime | None) -> list[tuple[int, str]]:
        world.until = until
        orders = client.get("/api/purchase_orders", ("fields", '["id","updated-at"]'))
        return [(each["id"], each["updated-at"][5:10]) for each in orders]

    assert told(datetime(2026, 1, 1)) == []
    assert told(datetime(2026, 2, 2, 8)) == [(1, "02-01"), (2, "02-02")]
    assert told(datetime(2026, 3, 2)) == [(1, "03-01"), (2, "02-02"), (3, "02-03")]
    assert told(datetime(2026, 3, 31)) == [(1, "03-01"), (2, "03-02"), (3, "03-03")]
    assert told(datetime(2026, 4, 1)) == [(1, "03-01"), (3, "03-03")]
    assert told(None) == [(1, "03-01"), (3, "03-03")]
    world.until = datetime(2026, 3, 3, 8)
    later = client.ids("/api/purchase_orders", ("updated_at[gt]", "2026-03-02T00:00:00Z"))
    assert later == [2, 3]
    world.until = datetime(2026, 4, 2)
    assert client.ask("/api/purchase_orders/2").status == 404


def test_a_moment_with_a_zone_is_the_same_moment() -> None:
    naive = View("x", datetime(2026, 1, 1))
    assert View("x", datetime(2026, 1, 1, tzinfo=UTC)).there("t") == naive.there("t")


def test_names_cannot_break_out_of_the_sql() -> None:
    assert View("o'brien").here("t") == "t.system = 'o''brien'"


def test_rows_by_their_keys(world: World) -> None:
    cursor = world.connect()
    sql = "SELECT purchase_order_id AS id FROM purchase_order o WHERE true"
    assert by_keys(cursor, sql, "o.purchase_order_id", [3, 1], "id") == [{"id": 1}, {"id": 3}]
    assert by_keys(cursor, sql, "o.purchase_order_id", [], "id") == []
    assert rows(cursor, "SELECT ? AS a", ["x"]) == [{"a": "x"}]
