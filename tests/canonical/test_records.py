"""Records that are more than a flat row: nested lists, joins, defects of their own, lost fields."""

import json
from decimal import Decimal

import polars as pl

from finsync_dagster.canonical.half_synced import half_synced
from finsync_dagster.canonical.landed import LinesOf, ObjectRules
from finsync_dagster.canonical.mapping import SystemMappings
from tests.canonical.support import AT, MAPPINGS, RULES, extract, line, order
from tests.canonical.world import World

ITEMS = ("Item", "Qty", "Unit", "Price")
NESTED = SystemMappings.model_validate(
    {
        "code_maps": MAPPINGS.code_maps,
        "mappings": [
            MAPPINGS.mappings[0].model_dump(),
            {
                **MAPPINGS.mappings[1].model_dump(),
                "object": "orders",
                "joins": {},
                "items": {"path": "Lines.results", "fields": ITEMS},
                "row_key": "item.Item",
                "columns": {
                    **MAPPINGS.mappings[1].columns,
                    "po_line_id": "id('items', OrderID || '|' || item.Item)",
                    "po_id": "id('orders', whole(OrderID))",
                    "line_no": "item.Item",
                    "qty_ordered": "exact(item.Qty)",
                    "uom_order": "code('uom', item.Unit)",
                    "qty_ordered_base": "exact(item.Qty)",
                    "uom_base": "code('uom', item.Unit)",
                    "unit_price": "exact(item.Price)",
                    "net_amount": "exact(item.Qty) * exact(item.Price)",
                    "due_date": "day(OrderDate)",
                },
            },
        ],
    }
)


def nested(**lists: str | None) -> pl.DataFrame:
    """Orders 1, 2, ... with these texts as their list of lines."""
    rows = extract("orders", [order(str(n + 1)) for n in range(len(lists))])
    return rows.with_columns(pl.Series("Lines", list(lists.values()), dtype=pl.String))


def items(*rows: dict[str, str]) -> str:
    good = {"Item": "10", "Qty": "2", "Unit": "E", "Price": "1.25"}
    return json.dumps({"results": [{**good, **row} for row in rows]})


def test_a_nested_list_becomes_lines() -> None:
    world = World(NESTED, {"orders": ObjectRules(("OrderID",))})
    done = world.run(orders=nested(a=items({}, {"Item": "20", "Price": "2"}), b=items(), c=None))
    lines = world.current("purchase_order_lines").sort("line_no")
    assert lines["source_pk"].to_list() == ["1|10", "1|20"]
    assert lines["net_amount"].to_list() == [Decimal("2.5"), Decimal(4)]
    assert world.current("purchase_orders").height == 3
    assert done.quarantine().is_empty()


def test_one_bad_item_holds_back_its_order_and_no_other() -> None:
    world = World(NESTED, {"orders": ObjectRules(("OrderID",))})
    lists = {"a": items({"Qty": "two"}), "b": items({}), "c": "[oops", "d": '{"results": {}}'}
    done = world.run(orders=nested(**lists, e=items({}, {})))
    assert world.current("purchase_orders")["po_number"].to_list() == ["2"]
    told = done.quarantine().select("source_pk", "reason_code", "value")
    assert ("1", "VALUE_NOT_READABLE", "two") in told.rows()
    assert ("3", "VALUE_NOT_READABLE", "[oops") in told.rows()
    assert ("4", "VALUE_NOT_READABLE", '{"results": {}}') in told.rows()
    assert ("5", "KEY_NOT_UNIQUE", "5|10") in told.rows()
    assert world.counts["holds"].all()


def test_a_change_of_a_joined_record_reaches_the_lines_that_read_it() -> None:
    world = World()
    lines = extract("order_lines", [line(), line("12", "2")])
    world.run(orders=extract("orders", [order(), order("2")]), order_lines=lines)
    later = [order(OrderDate="2026-03-01"), order("2")]
    done = world.run(orders=extract("orders", later, "x2"))
    due = world.current("purchase_order_lines").sort("line_no")["due_date"]
    assert [str(d) for d in due] == ["2026-03-01", "2026-01-02"]
    assert done.changed("purchase_order_lines") == 1


def test_a_record_that_could_not_be_taken_apart_says_why_and_nothing_else() -> None:
    world = World()
    lines = extract("order_lines", [line(), line("12", Qty="x")]).with_columns(
        pl.Series("_defect", [None, "The line has 7 cells where 6 were expected."])
    )
    done = world.run(orders=extract("orders", [order()]), order_lines=lines)
    told = done.quarantine().to_dicts()
    assert [t["reason_code"] for t in told] == ["RECORD_NOT_READABLE"]
    assert told[0]["message"] == "The line has 7 cells where 6 were expected."
    assert world.counts["holds"].all()


def test_a_field_the_source_no_longer_delivers_holds_its_records_back() -> None:
    world = World()
    world.run(orders=extract("orders", [order()]), order_lines=extract("order_lines", [line()]))
    without = extract("order_lines", [line()], "x2").drop("Price")
    done = world.run(order_lines=without)
    told = done.quarantine().filter(pl.col("reason_code") == "FIELD_NOT_DELIVERED").to_dicts()
    assert [(t["source_object"], t["field"]) for t in told] == [("order_lines", "Price")]
    assert world.current("purchase_order_lines").is_empty()
    assert world.current("purchase_orders").height == 1, "the order itself goes on"
    # The field is still missing in the next run, and the records still wait.
    done = world.run(orders=extract("orders", [order(Net="11")], "x3"))
    assert "FIELD_NOT_DELIVERED" in done.quarantine()["reason_code"].to_list()


def test_documents_whose_lines_are_not_whole() -> None:
    lines_of = LinesOf("orders", ("OrderID",), "Lines")
    rules = {"orders": RULES["orders"], "order_lines": ObjectRules(("LineID",), lines_of=lines_of)}
    world = World(rules=rules)
    orders = extract("orders", [order(), order("2"), order("3")]).with_columns(
        pl.Series("Lines", ["1", "2", None])
    )
    came = extract("order_lines", [line("11", "1.0"), line("12", "2")])
    world.run(orders=orders, order_lines=came)
    same_time = {"orders": AT, "order_lines": AT}
    told = half_synced(world.h, rules, same_time).to_dicts()
    assert [(t["source_pk"], t["stated"], t["held"]) for t in told] == [("2", 2, 1)]
    world.run(order_lines=extract("order_lines", [line("11"), line("12", "2"), line("13", "2")]))
    assert half_synced(world.h, rules, same_time).is_empty()
    # Orders read after the newest lines: their lines may be those of before.
    earlier = {"orders": AT, "order_lines": AT.replace(year=2025)}
    assert half_synced(world.h, rules, earlier).height == 3


def test_a_record_that_only_repeats_is_as_old_as_what_it_repeats() -> None:
    """Overlapping increments bring unchanged records again; where they came from stays."""
    rows = [
        extract("orders", [order(), order("2", Net="1")], "x1"),
        extract("orders", [order(), order("2", Net="2")], "x2"),
        extract("orders", [order(), order("2", Net="2")], "x3"),
    ]
    world = World()
    world.run(orders=pl.concat(rows), order_lines=extract("order_lines", []))
    found = world.current("purchase_orders").sort("po_number")
    assert found["extract_id"].to_list() == ["x1", "x2"]
    assert found["net_amount"].to_list() == [Decimal("10.5"), Decimal(2)]
    counts = world.counts.filter(pl.col("source_object") == "orders")
    assert counts["holds"].all()
    assert counts["superseded"].to_list()[0] == 4
