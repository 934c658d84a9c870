"""A source deletes in three ways: a flag, a feed of deletions, or by leaving a record out."""

from datetime import timedelta

import polars as pl
import pytest

from finsync_dagster.canonical.landed import Deletions, ObjectRules
from finsync_dagster.canonical.mapping import SystemMappings
from tests.canonical.support import AT, MAPPINGS, RULES, extract, line, order
from tests.canonical.world import World

FLAGGED = SystemMappings.model_validate(
    {
        "code_maps": MAPPINGS.code_maps,
        "mappings": [
            {**m.model_dump(), **({"deleted": "VendorID = 'gone'"} if m.object == "orders" else {})}
            for m in MAPPINGS.mappings
        ],
    }
)


def feed(*keys: str, at: str | None = None) -> pl.DataFrame:
    """A feed of deleted order lines."""
    rows = extract("order_lines", [line(k) for k in keys])
    stamp = pl.lit(at, dtype=pl.String).alias("At")
    return rows.select(pl.col("LineID").alias("Deleted"), stamp, *rows.columns[-4:])


def rules(at: str | None) -> dict[str, ObjectRules]:
    lines = ObjectRules(("LineID",), deleted_by=Deletions("deletions", ("Deleted",), at))
    return {"orders": RULES["orders"], "order_lines": lines, "deletions": ObjectRules(("Deleted",))}


def test_a_flagged_order_goes_and_takes_its_lines_along() -> None:
    world = World(FLAGGED)
    lines = extract("order_lines", [line(Received="0"), line("12", "2", Received="0")])
    world.run(orders=extract("orders", [order(), order("2")]), order_lines=lines)
    assert world.current("purchase_order_lines").height == 2

    flagged = [order(VendorID="gone"), order("2")]
    done = world.run(orders=extract("orders", flagged, "x2"))
    assert world.current("purchase_orders")["po_number"].to_list() == ["2"]
    assert world.current("purchase_order_lines")["line_no"].to_list() == ["12"]
    assert done.quarantine().is_empty()
    assert world.counts["holds"].all()
    # The withdrawn rows are versions like any other: the flag is known since this run.
    last = world.stored["purchase_order_lines"].sort("valid_from").tail(1)
    assert last["source_deleted"].to_list() == [True]

    world.run(orders=extract("orders", [order(), order("2")], "x3"))
    assert world.current("purchase_order_lines").height == 2, "unflagged, both live again"


def test_a_receipt_of_a_deleted_order_is_told_and_not_dropped() -> None:
    """What arrived did arrive, whatever happened to the order."""
    world = World(FLAGGED)
    done = world.run(
        orders=extract("orders", [order(VendorID="gone")]),
        order_lines=extract("order_lines", [line(Received="3")]),
    )
    assert world.current("receipt_lines").is_empty()
    assert done.quarantine()["reason_code"].to_list() == ["PARENT_MISSING"]
    assert world.counts["holds"].all()


def test_a_record_left_out_of_a_snapshot_is_withdrawn() -> None:
    world = World()
    lines = extract("order_lines", [line(), line("12")])
    world.run(orders=extract("orders", [order()]), order_lines=lines)
    done = world.run(order_lines=extract("order_lines", [line("12")], "x2"))
    assert world.current("purchase_order_lines")["line_no"].to_list() == ["12"]
    assert len(done.withdrawn("purchase_order_lines")) == 1
    assert world.counts["holds"].all()


@pytest.mark.parametrize("together", [True, False])
def test_a_feed_of_deletions(together: bool) -> None:
    world = World(rules=rules(None))
    came = {
        "orders": extract("orders", [order()]),
        "order_lines": extract("order_lines", [line(), line("12")]),
    }
    if together:
        world.run(**came, deletions=feed("11"))
    else:
        world.run(**came, deletions=feed())
        assert world.current("purchase_order_lines").height == 2
        world.run(deletions=feed("11"))
    assert world.current("purchase_order_lines")["line_no"].to_list() == ["12"]
    assert world.counts["holds"].all(), world.counts
    # A snapshot that has the record again does not bring it back: the key is gone for good.
    world.run(order_lines=extract("order_lines", [line(), line("12")], "x2"))
    assert world.current("purchase_order_lines")["line_no"].to_list() == ["12"]
    assert world.counts["holds"].all(), world.counts


def test_a_record_received_after_its_deletion_lives_again() -> None:
    world = World(rules=rules("At"))
    before, after = AT - timedelta(days=1), AT + timedelta(days=1)
    came = {
        "orders": extract("orders", [order()]),
        "order_lines": extract("order_lines", [line(), line("12")]),
    }
    world.run(**came, deletions=feed("11", at=f"{after:%Y-%m-%d}"))
    assert world.current("purchase_order_lines")["line_no"].to_list() == ["12"]
    world = World(rules=rules("At"))
    world.run(**came, deletions=feed("11", at=f"{before:%Y-%m-%d}"))
    assert world.current("purchase_order_lines").height == 2
