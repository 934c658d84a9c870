"""A system that two legal entities share is asked once in a run, and holds up both if it fails."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

from finsync_dagster.cli import cli
from finsync_dagster.publishing.read import query

pytestmark = pytest.mark.slow

ENTITY = "{name: X, functional_currency: EUR, owner: 'team:x', materiality: '1', country: "
LANDSCAPE = f"""
company: Acme
group_currency: EUR
legal_entities:
  acme_at: {ENTITY}AT}}
  acme_de: {ENTITY}DE}}
systems:
  shared:
    connector: shared
    connection: {{url_env: SHARED_URL}}
    entities: [acme_at, acme_de]
    domains: [suppliers, purchase_orders]
    owner: team:erp
    overrides: {{code_maps: {{entity: {{A: acme_at, D: acme_de}}}}}}
policy:
  version: "1"
  tolerances:
    {{QTY_RECEIVED: {{}}, QTY_ORDERED: {{}}, PRICE_UNIT: {{}}, LINE_TOTAL: {{}},
     OVER_DELIVERY: {{}}, UNDER_DELIVERY: {{}}, DOC_ARITHMETIC: {{}},
     CHARGE_PLANNED: {{}}, CHARGE_UNPLANNED: {{}}, SEQUENCE: {{}}, DATE_VALUE: {{}}, LINE_CAP: {{}},
     PRICE_VALUE: {{}}, QTY_RECEIVED_VALUE: {{}}, TAX_LINE: {{}}, TAX_CODE: {{}},
     BALANCE_SMALL_DIFF: {{}}, TAX_TOTAL: {{}}, ORDER_TOTAL: {{}}, OPEN_BALANCE: {{}},
     FX_RATE: {{}}, UOM_RATIO: {{}}}}
"""
SYSTEM = """
protocol: sql
objects:
  vendors: {table: VENDOR, key: [NUMBER]}
  orders: {table: ORDERS, key: [NUMBER]}
"""
MAPPINGS = """
mappings:
  - table: suppliers
    object: vendors
    columns:
      supplier_src_id: id('vendors', NUMBER)
      entity_id: "'*'"
      supplier_no: NUMBER
      name: NAME
      status: "'active'"
      payment_terms_days: "NULL"
      tax_id: "NULL"
      bank_account_hash: "NULL"
  - table: purchase_orders
    object: orders
    columns:
      po_id: id('orders', NUMBER)
      entity_id: code('entity', COMPANY)
      po_number: NUMBER
      supplier_src_id: id('vendors', VENDOR)
      ccy: "'EUR'"
      order_date: day(DATED)
      type: "'standard'"
      status_src: "'open'"
      status_canon: "'sent'"
      buyer: "NULL"
      expected_date: "NULL"
      net_amount: "NULL"
      tax_amount: "NULL"
      charges_amount: "NULL"
      gross_amount: "NULL"
"""
BOOKS = """
CREATE TABLE VENDOR (NUMBER TEXT PRIMARY KEY, NAME TEXT);
CREATE TABLE ORDERS (NUMBER TEXT PRIMARY KEY, COMPANY TEXT, VENDOR TEXT, DATED TEXT);
INSERT INTO VENDOR VALUES ('1', 'One'), ('2', 'Two');
INSERT INTO ORDERS VALUES ('100', 'A', '1', '2026-01-05'), ('200', 'D', '1', '2026-01-06'),
  ('300', 'D', '2', '2026-01-07'), ('400', 'X', '2', '2026-01-08');
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    connector = tmp_path / "connectors" / "shared"
    connector.mkdir(parents=True)
    (connector / "system.yaml").write_text(SYSTEM)
    (connector / "mappings.yaml").write_text(MAPPINGS)
    (tmp_path / "acme.yaml").write_text(LANDSCAPE)
    with sqlite3.connect(tmp_path / "books.sqlite") as books:
        books.executescript(BOOKS)
    monkeypatch.setenv("SHARED_URL", f"sqlite:///{tmp_path}/books.sqlite")
    monkeypatch.setenv("FINSYNC_LANDSCAPE", str(tmp_path / "acme.yaml"))
    monkeypatch.setenv("FINSYNC_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    return tmp_path


def run() -> str:
    done = CliRunner().invoke(cli, ["run"])
    return " ".join(done.output.split())


def ask(home: Path, sql: str) -> list[tuple[object, ...]]:
    return query(f"duckdb:///{home}/home/warehouse.duckdb", sql).rows()


EXTRACTS = "SELECT source_object, count(*) FROM operations.extracts GROUP BY ALL ORDER BY ALL"


def test_it_is_asked_once_and_serves_both(home: Path) -> None:
    said = run()
    assert "4 of 4 runs succeeded" in said
    # The record of a company that nobody mapped waits; it is nobody's guess.
    assert "1 of orders; for example orders 400: COMPANY holds the code 'X'" in said
    assert ask(home, EXTRACTS) == [("orders", 1), ("vendors", 1)]
    orders = "SELECT entity_id, po_number FROM canonical.purchase_orders ORDER BY 2"
    assert ask(home, orders) == [("acme_at", "100"), ("acme_de", "200"), ("acme_de", "300")]
    names = "SELECT DISTINCT entity_id, name FROM canonical.suppliers ORDER BY 2"
    assert ask(home, names) == [("*", "One"), ("*", "Two")]
    run()
    assert ask(home, EXTRACTS) == [("orders", 2), ("vendors", 2)]


def test_if_it_cannot_be_read_no_entity_is_compared_with_half_of_it(home: Path) -> None:
    (home / "books.sqlite").rename(home / "away.sqlite")
    said = run()
    assert "acme_at" in said
    assert "acme_de" in said
    assert "2 of 4 runs succeeded" in said
    (home / "away.sqlite").rename(home / "books.sqlite")
    assert "4 of 4 runs succeeded" in run()
