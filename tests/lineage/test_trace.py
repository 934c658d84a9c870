"""From a number to its documents, and from there to the bytes."""

from pathlib import Path

import pytest
import yaml

from finsync_dagster.canonical.mapping import SystemMappings
from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.landing.errors import LandingError
from finsync_dagster.lineage.trace import trace
from finsync_dagster.matching.tables import TABLES as MATCHING
from finsync_dagster.orchestration.catalog import lineage_tables
from finsync_dagster.storage.lake import Lake
from tests.canonical.paying import MEANS, RULES, landed
from tests.canonical.support import extract, line, order
from tests.canonical.world import World

INVOICE = {"ID": "7", "GROSS": "5", "GONE": ""}
PAYMENT = {"ID": "P1", "AMOUNT": "5.0", "INVOICE": "7", "GONE": ""}
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


class Paid:
    """One invoice and its payment."""

    def read_page(self, sha256: str) -> list[dict[str, str | None]]:
        return [PAYMENT if sha256 == "payments" else INVOICE]


@pytest.fixture(scope="module")
def tables() -> dict:
    world = World()
    world.run(orders=extract("orders", ORDERS), order_lines=extract("order_lines", LINES))
    empty = {spec.name: spec.empty().lazy() for spec in (*TABLES.values(), *MATCHING)}
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


def test_a_payment_leads_to_the_record_that_names_its_invoice() -> None:
    world = World(SystemMappings.model_validate(yaml.safe_load(MEANS)), RULES)
    world.run(invoices=landed("invoices", INVOICE), payments=landed("payments", PAYMENT))
    empty = {spec.name: spec.empty().lazy() for spec in (*TABLES.values(), *MATCHING)}
    held = empty | {name: world.current(name).lazy() for name in world.mappings.tables}
    steps = trace("P1", held, Paid())
    assert [s.title for s in steps] == [
        "payments: erp|payments|P1",
        "as received",
        "payment_applications",
        "as received",
    ]
    assert steps[2].facts["invoice_id"] == "erp|invoices|7"
    assert '"INVOICE": "7"' in str(steps[3].facts["bytes"])


def test_what_is_traced_is_canonical_where_two_tables_have_one_name(tmp_path: Path) -> None:
    found = lineage_tables(Lake(tmp_path.as_uri()))["payment_applications"]
    assert found.collect_schema() == TABLES["payment_applications"].polars_schema
