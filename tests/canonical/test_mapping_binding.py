"""Expressions that could never work are told before any record is seen."""

import pytest

from finsync_dagster.canonical.expressions import open_room
from finsync_dagster.canonical.mapping import MappingError, SystemMappings
from finsync_dagster.canonical.mapping_binding import unbindable
from tests.canonical.support import MAPPINGS, extract, line, order
from tests.canonical.world import World

AMOUNT, TEXT = "DECIMAL(38,4)", "VARCHAR"


@pytest.mark.parametrize(
    ("text", "sql_type"),
    [
        ("exact(Net)", AMOUNT),
        ("number(Net, ',') * 0.01", AMOUNT),
        ("nearest(Net, 2)", AMOUNT),
        ("nearest(record.Qty, 6) * exact(record.Price)", AMOUNT),
        ("round(exact(record.Qty) * exact(item.Price), 2)", AMOUNT),
        ("header.Name || code('uom', Unit)", TEXT),
        ("'constant'", TEXT),
        ("NULL", AMOUNT),
        ("Kind = 'PO'", ""),
        ("length(Name) / 2", ""),
    ],
)
def test_what_works(text: str, sql_type: str) -> None:
    with open_room("erp", {"uom": {"E": "EA"}}) as room:
        assert unbindable(room, text, sql_type) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("exakt(Net)", "exakt"),
        ("date_in(Ordered, Format)", "constant"),
        ("number(Net, ',') / 100", "binary floating point"),
        ("round(exact(Net) / 3, 2)", "binary floating point"),
        ("CAST(Net AS DOUBLE)", "binary floating point"),
        ("nearest(CAST(Net AS DOUBLE), 2)", "DOUBLE"),
        ("nearest(exact(Net) / 3, 2)", "DOUBLE"),
    ],
)
def test_what_cannot_work(text: str, said: str) -> None:
    with open_room("erp", {}) as room:
        assert said in (unbindable(room, text, AMOUNT) or "")


@pytest.mark.parametrize(
    ("expression", "said"),
    [("exakt(Net)", "exakt"), ("exact(Net) / 100", "binary floating point")],
)
def test_at_the_latest_a_run_names_mapping_and_column(expression: str, said: str) -> None:
    first = MAPPINGS.mappings[0]
    spoilt = first.model_copy(update={"columns": {**first.columns, "net_amount": expression}})
    mappings = SystemMappings(
        code_maps=MAPPINGS.code_maps, mappings=(spoilt, *MAPPINGS.mappings[1:])
    )
    world = World(mappings)
    with pytest.raises(MappingError, match=f"orders to purchase_orders, column net_amount.*{said}"):
        world.run(orders=extract("orders", [order()]), order_lines=extract("order_lines", [line()]))
