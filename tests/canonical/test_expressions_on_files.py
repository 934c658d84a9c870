"""Files of a system nobody has seen, by YAML alone: from bytes in a folder to canonical rows."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import yaml

from finsync_dagster.canonical.landed import ObjectRules
from finsync_dagster.canonical.mapping import SystemMappings
from finsync_dagster.connectors.file_model import FileSystem
from finsync_dagster.landing.landing import Landing
from finsync_dagster.landing.take import take
from tests.canonical.world import World

SYSTEM = """
protocol: files
objects:
  orders:
    glob: "*.csv"
    encoding: auto
    delimiter: auto
    header: find
    key: [order_no]
    fields:
      order_no: [Bestellnummer, PO Number]
      supplier: [Lieferant, Vendor]
      ordered_on: [Bestelldatum, Order Date]
      net: [Nettobetrag, Net Amount]
    constants:
      - {header: Nettobetrag, set: {decimal: ",", ccy: EUR}}
      - {header: Net Amount, set: {decimal: ".", ccy: USD}}
"""
MAPPINGS = """
mappings:
  - table: purchase_orders
    object: orders
    columns:
      po_id: id('orders', whole(order_no))
      po_number: whole(order_no)
      supplier_src_id: id('vendors', supplier)
      ccy: ccy
      order_date: date_in(ordered_on, '%d.%m.%Y', '%Y-%m-%d')
      type: "'standard'"
      status_src: "'approved'"
      status_canon: "'approved'"
      buyer: "NULL"
      expected_date: "NULL"
      net_amount: number(net, decimal)
      tax_amount: "NULL"
      charges_amount: "NULL"
      gross_amount: "NULL"
"""
GERMAN = """Bestellungen der Woche
Bestellnummer;Lieferant;Bestelldatum;Nettobetrag
4500000001.0;Müller;31.01.2026;1.234,50
4500000002;Müller;31.01.2026;1.23,50
4500000003;Müller;31.01.2026
"""
AMERICAN = 'PO Number,Net Amount,Vendor,Order Date\n4.500000004E9,"1,234.50",Smith,2026-01-31\n'


def test_two_layouts_become_one_table_and_bad_lines_wait(tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "de.csv").write_bytes(GERMAN.encode("cp1252"))
    (drop / "us.csv").write_bytes(AMERICAN.encode("utf-16"))
    spec = FileSystem.model_validate(yaml.safe_load(SYSTEM)).objects["orders"]
    landing = Landing((tmp_path / "landing").as_uri())
    manifest = take(landing, "acme", drop.as_uri(), "orders", spec, now=lambda: datetime.now(UTC))
    assert manifest.complete
    assert manifest.row_count == 4

    mappings = SystemMappings.model_validate(yaml.safe_load(MAPPINGS))
    world = World(mappings, {"orders": ObjectRules(("order_no",))})
    done = world.run(orders=landing.frame(manifest))
    orders = world.current("purchase_orders").sort("po_number")
    assert orders.select("po_number", "ccy", "order_date", "net_amount").rows() == [
        ("4500000001", "EUR", date(2026, 1, 31), Decimal("1234.50")),
        ("4500000004", "USD", date(2026, 1, 31), Decimal("1234.50")),
    ]
    assert orders["supplier_src_id"][0].endswith("|vendors|Müller")
    messages = sorted(done.quarantine()["message"].to_list())
    assert any("1.23,50" in message for message in messages)
    assert any("de.csv line 5 cannot be read: it has 3 values" in m for m in messages)
    assert len(messages) == 2
