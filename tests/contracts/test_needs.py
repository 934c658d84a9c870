"""What is read of an object, as the shipped mappings declare it."""

from __future__ import annotations

import pytest

from finsync_dagster.canonical.expressions import coded_fields
from finsync_dagster.canonical.mapping import load_mappings
from finsync_dagster.connectors.load import load_system
from finsync_dagster.contracts.needs import Needs
from finsync_dagster.orchestration.contract_needs import needs_of


def needs(connector: str, object_name: str) -> Needs:
    return needs_of(load_mappings(connector), load_system(connector), object_name)


def test_what_a_field_is_read_for() -> None:
    orders = needs("wwi", "purchase_orders").fields
    assert orders["PurchaseOrderID"].required
    assert "purchase_orders.po_id" in orders["PurchaseOrderID"].feeds
    assert "the record's key" in orders["PurchaseOrderID"].feeds
    assert orders["OrderDate"].measure
    buyer = orders["ContactPersonID"]
    assert (buyer.feeds, buyer.required, buyer.measure) == (
        ("purchase_orders.buyer",),
        False,
        False,
    )
    assert "the change stamp of purchase_orders" in orders["LastEditedWhen"].feeds
    assert "DeliveryMethodID" not in orders


def test_fields_of_joined_records_are_read_of_their_own_object() -> None:
    items = needs("wwi", "stock_items").fields
    assert "purchase_order_lines.tax_rate" in items["TaxRate"].feeds
    assert "the join for purchase_order_lines" in items["StockItemID"].feeds
    assert "OrderedOuters" not in items


def test_codes_that_every_record_needs() -> None:
    (of_item,) = needs("wwi", "stock_items").codes["UnitPackageID"]
    assert (of_item.map, of_item.certain, "7" in of_item.listed) == ("uom", True, True)
    (of_order,) = needs("wwi", "purchase_orders").codes["IsOrderFinalized"]
    assert (of_order.map, of_order.certain) == ("order_status", True)
    # Only of the transactions that are invoices.
    (of_invoice,) = needs("wwi", "supplier_transactions").codes["IsFinalized"]
    assert (of_invoice.map, of_invoice.certain) == ("invoice_status", False)


def test_columns_that_become_rows() -> None:
    rates = needs("ecb", "eurofxref_hist")
    assert rates.reads_every_field
    assert rates.reads("USD")
    assert set(rates.fields) == {"Date"}


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("code('uom', record.Unit)", [("uom", ("record", "Unit"), True)]),
        ("coalesce(code('uom', Unit), 'EA')", [("uom", ("", "Unit"), False)]),
        ("code('it''s', \"Unit of measure\")", [("it's", ("", "Unit of measure"), True)]),
        ("code('uom', whole(Unit))", []),
        ("code('uom', 'EA')", []),
        ("trim(Unit)", []),
    ],
)
def test_fields_looked_up_as_they_are(expression: str, found: list[tuple]) -> None:
    assert list(coded_fields(expression)) == found
