"""Lists within lists, fields that an element may lack, and joins that speak of an element."""

import json
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from finsync_dagster.canonical.landed import ObjectRules
from finsync_dagster.canonical.mapping import SystemMappings
from tests.canonical.support import MAPPINGS, extract, order
from tests.canonical.world import World

LINES = {
    **MAPPINGS.mappings[1].model_dump(),
    "object": "orders",
    "joins": {},
    "items": {"path": "Lines", "fields": ["Id"], "optional": ["Text"]},
    "row_key": "item.Id",
    "columns": {
        **MAPPINGS.mappings[1].columns,
        "po_line_id": "id('lines', item.Id)",
        "po_id": "id('orders', whole(OrderID))",
        "line_no": "item.Id",
        "description": "item.Text",
        "qty_ordered": "1",
        "uom_order": "'EA'",
        "qty_ordered_base": "1",
        "uom_base": "'EA'",
        "unit_price": "1",
        "net_amount": "1",
        "due_date": "NULL",
    },
}
SHARES: dict[str, Any] = {
    "table": "purchase_order_distributions",
    "object": "orders",
    "joins": {"own": {"object": "accounts", "condition": "own.Code = item.Account"}},
    "items": {
        "name": "line",
        "path": "Lines",
        "fields": ["Id"],
        "optional": ["Shares"],
        "items": {"path": "Shares.list", "fields": ["No", "Account"]},
    },
    "row_key": "line.Id || '|' || item.No",
    "columns": {
        "po_distribution_id": "id('shares', line.Id || '/' || item.No)",
        "po_line_id": "id('lines', line.Id)",
        "distribution_no": "item.No",
        "account": "coalesce(own.Name, item.Account)",
        "cost_center": "NULL",
        "project": "NULL",
        "percentage": "NULL",
        "qty": "NULL",
        "amount": "NULL",
    },
}
RULES = {"orders": ObjectRules(("OrderID",)), "accounts": ObjectRules(("Code",))}


def mappings(shares: dict[str, Any] = SHARES) -> SystemMappings:
    return SystemMappings.model_validate(
        {
            "code_maps": MAPPINGS.code_maps,
            "mappings": [MAPPINGS.mappings[0].model_dump(), LINES, shares],
        }
    )


def orders(*lists: Any, name: str = "x1") -> pl.DataFrame:
    """Orders 1, 2, ... with these values as their list of lines."""
    rows = extract("orders", [order(str(n + 1)) for n in range(len(lists))], name)
    texts = [None if value is None else json.dumps(value) for value in lists]
    return rows.with_columns(pl.Series("Lines", texts, dtype=pl.String))


def accounts(name: str, extract_id: str = "x1") -> pl.DataFrame:
    frame = extract("order_lines", [{}], extract_id).drop(
        "LineID", "OrderID", "Qty", "Unit", "Price", "Received"
    )
    return frame.with_columns(pl.lit("A").alias("Code"), pl.lit(name).alias("Name"))


def line(number: str, *shares: str, **more: Any) -> dict[str, Any]:
    listed = [{"No": str(n + 1), "Account": a} for n, a in enumerate(shares)]
    return {"Id": number, "Shares": {"list": listed}, **more}


def shown(world: World) -> list[tuple[Any, ...]]:
    rows = world.current("purchase_order_distributions").sort("source_pk")
    return rows.select("source_pk", "po_line_id", "account").rows()


def test_there_is_a_row_for_each_element_of_the_inner_list() -> None:
    world = World(mappings(), RULES)
    first = [line("7", "A", "B"), {"Id": "8"}, line("9"), line("10", "A", Text="ten")]
    done = world.run(orders=orders(first, None, []), accounts=accounts("Paper"))
    assert done.quarantine().is_empty()
    assert shown(world) == [
        ("1|10|1", "erp|lines|10", "Paper"),
        ("1|7|1", "erp|lines|7", "Paper"),
        ("1|7|2", "erp|lines|7", "B"),
    ]
    lines = world.current("purchase_order_lines").sort("line_no")
    assert lines["description"].to_list() == ["ten", None, None, None]


def test_what_an_element_must_have_is_missed_and_what_it_may_lack_is_not() -> None:
    world = World(mappings(), RULES)
    bad: tuple[Any, ...] = (
        [{"Text": "no id"}],
        [{"Id": "7", "Shares": {"list": "none"}}],
        [{"Id": "8", "Shares": {"list": [{"No": "1"}]}}],
    )
    done = world.run(orders=orders([line("6", "A")], *bad), accounts=accounts("Paper"))
    told = done.quarantine().select("source_pk", "table_name", "field", "reason_code").rows()
    inner = ("purchase_order_distributions", "Lines / Shares.list", "VALUE_NOT_READABLE")
    assert ("3", *inner) in told
    assert ("4", *inner) in told
    assert ("2", "purchase_order_lines", "Lines", "VALUE_NOT_READABLE") in told
    assert world.current("purchase_orders")["po_number"].to_list() == ["1"]
    assert world.counts["holds"].all()


def test_an_element_finds_what_it_joins_also_when_only_that_changed() -> None:
    """An increment looks again at the records whose elements found what came."""
    world = World(mappings(), RULES)
    world.run(orders=orders([line("7", "A", "B")], [line("8", "B")]), accounts=accounts("Paper"))
    done = world.run(accounts=accounts("Pens", "x2"))
    assert done.changed("purchase_order_distributions") == 1
    assert [row[2] for row in shown(world)] == ["Pens", "B", "B"]
    world.run(orders=orders([line("7", "B")], [line("8", "A")], name="x3"))
    assert [row[2] for row in shown(world)] == ["B", "Pens"]
    before = world.content()
    world.run(
        anew=True,
        orders=orders([line("7", "B")], [line("8", "A")], name="x4"),
        accounts=accounts("Pens", "x4"),
    )
    assert world.content() == before


def test_lists_need_names_of_their_own() -> None:
    both_items = {**SHARES, "items": {**SHARES["items"], "name": "item"}}
    with pytest.raises(ValidationError, match="item would mean two things; give each list"):
        mappings(both_items)


def test_lineage_names_the_record_s_own_field() -> None:
    of_share = mappings().mappings[2]
    assert [ref.field for ref in of_share.lineage["po_line_id"]] == ["Lines"]
    assert {"Lines"} == {r.field for r in of_share.required_fields() if r.object == "orders"}
