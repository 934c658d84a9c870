"""Sets larger than a page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from finsync_dagster.sandbox.vendors.faults import Faults
from finsync_dagster.sandbox.vendors.sap.sap import Sap
from finsync_dagster.sandbox.vendors.tokens import BasicLogin
from tests.sandbox.vendors.sap.asking import ORDERS, every_page, read
from tests.sandbox.vendors.sap.tiny import tiny_world

pytestmark = pytest.mark.slow
LINES = 12_000
ITEMS = f"{ORDERS}A_PurchaseOrderItem?$select=PurchaseOrder,PurchaseOrderItem"


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sap]:
    path: Path = tmp_path_factory.mktemp("world") / "large.duckdb"
    world = tiny_world(path)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "INSERT INTO purchase_order_line SELECT l.* REPLACE (100 + i AS purchase_order_line_id,"
            f" 30 + 10 * i AS line_no) FROM purchase_order_line l, range({LINES}) r(i)"
            " WHERE purchase_order_line_id = 1"
        )
    login = BasicLogin("USER", "secret")
    sap = Sap(world, Faults(), login, system="group_sap", company_codes=("1200",))
    yield sap
    sap.close()


@pytest.mark.parametrize(
    ("options", "sizes"),
    [
        ("", [1000] * 12 + [14]),
        ("&$top=2500", [2500]),
        ("&$top=5000", [5000]),
        ("&$top=11000", [5000, 5000, 1000]),
        ("&$skip=11500", [514]),
        ("&$skip=11500&$filter=OrderQuantity eq 10", [503]),
        ("&$filter=OrderQuantity gt 10", [2]),
        ("&$top=6000&$orderby=PurchaseOrderItem desc", [5000, 1000]),
    ],
)
def test_a_page_has_a_thousand_rows_or_up_to_five_with_top(
    large: Sap, options: str, sizes: list[int]
) -> None:
    pages = every_page(large, ITEMS + options)
    assert [len(page) for page in pages] == sizes
    keys = [(row["PurchaseOrder"], row["PurchaseOrderItem"]) for page in pages for row in page]
    assert len(set(keys)) == len(keys)


def test_the_last_page_is_no_dearer_than_the_first(large: Sap) -> None:
    """Counted in queries: pages are found by key, not by counting rows from the start."""
    asked: list[str] = []
    run = large._store.run

    def counting(sql: str) -> list[tuple[object, ...]]:
        asked.append(sql)
        return run(sql)

    large._store.run = counting  # type: ignore[method-assign]
    try:
        first = read(large, ITEMS)["d"]
        of_first = len(asked)
        following = first["__next"]
        while following:
            asked.clear()
            following = read(large, following)["d"].get("__next")
    finally:
        large._store.run = run  # type: ignore[method-assign]
    assert len(asked) == of_first
    assert not any("OFFSET" in sql for sql in asked)
