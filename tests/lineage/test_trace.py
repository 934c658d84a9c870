"""From a number to its documents, and from there to the bytes."""

import pytest

from finsync_dagster.landing.errors import LandingError
from finsync_dagster.lineage.trace import trace
from finsync_dagster.orchestration.catalog import IN_LAKE
from tests.canonical.support import extract, line, order
from tests.canonical.world import World

ORDERS = [order("1"), order("2")]
LINES = [line("11", "1"), line("12", "2")]


class Pages:
    """What was landed, by page."""

    def read_page(self, sha256: str) -> list[dict[str, str | None]]:
        if sha256 == "page-orders-x1":
            return ORDERS
        if sha256 == "page-order_lines-x1":
            return LINES
        raise LandingError(f"{sha256}: not landed")


@pytest.fixture(scope="module")
def tables() -> dict:
    world = World()
    world.run(orders=extract("orders", ORDERS), order_lines=extract("order_lines", LINES))
    empty = {spec.name: spec.empty().lazy() for spec in IN_LAKE}
    return empty | {name: world.current(name).lazy() for name in world.mappings.tables}


def test_an_order_leads_to_its_own_lines_receipts_and_bytes(tables: dict) -> None:
    steps = trace("2", tables, Pages())
    assert [s.title for s in steps] == [
        "purchase_orders: erp|orders|2",
        "as received",
        "purchase_order_lines",
        "as received",
        "receipt_lines",
        "as received",
    ]
    evidence = [s.facts for s in steps if s.title == "as received"]
    assert '"OrderID": "2"' in str(evidence[0]["bytes"])
    assert '"LineID": "12"' in str(evidence[1]["bytes"])
    assert "record 1" in str(evidence[1]["page"])


def test_a_canonical_id_finds_the_same(tables: dict) -> None:
    assert trace("erp|orders|2", tables, Pages()) == trace("2", tables, Pages())


def test_a_number_that_nothing_bears(tables: dict) -> None:
    assert trace("99", tables, Pages()) == []


def test_audit_columns_are_told_as_evidence_and_not_as_business_facts(tables: dict) -> None:
    head = trace("1", tables, Pages())[0]
    assert "row_hash" not in head.facts
    assert head.facts["po_number"] == "1"
