"""A choice of records may depend on records that they join."""

from __future__ import annotations

from tests.canonical.support import MAPPINGS, RULES, extract, line, order
from tests.canonical.world import World


def _world() -> World:
    """Orders count once they have a line; of several lines the smallest is looked at."""
    orders, *others = MAPPINGS.mappings
    joins = {
        "line": {"object": "order_lines", "condition": "line.OrderID = record.OrderID"},
        "smaller": {
            "object": "order_lines",
            "condition": "smaller.OrderID = line.OrderID AND smaller.LineID < line.LineID",
        },
    }
    of_lines = type(orders).model_validate(
        {
            **orders.model_dump(),
            "joins": joins,
            "where": "record.Kind = 'PO' AND line.LineID IS NOT NULL AND smaller.LineID IS NULL",
            "updated_at": "stamp(record.Changed)",
            "columns": {
                **orders.columns,
                "po_id": "id('orders', whole(record.OrderID))",
                "po_number": "line.LineID",
            },
        }
    )
    return World(MAPPINGS.model_copy(update={"mappings": (of_lines, *others)}), RULES)


def test_the_smallest_of_several_is_found_by_a_second_join() -> None:
    world = _world()
    done = world.run(
        orders=extract("orders", [order()]),
        order_lines=extract("order_lines", [line("13"), line("12"), line("14")]),
    )
    assert done.quarantine().is_empty()
    assert world.current("purchase_orders")["po_number"].to_list() == ["12"]


def test_a_record_that_is_not_chosen_is_told_with_its_own_fields() -> None:
    world = _world()
    done = world.run(
        orders=extract("orders", [order(), order("2")]),
        order_lines=extract("order_lines", [line("12")]),
    )
    (defect,) = done.quarantine().to_dicts()
    assert (defect["source_pk"], defect["reason_code"]) == ("2", "UNMAPPED_RECORD")
    assert defect["field"] == "Kind"
