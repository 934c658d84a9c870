"""A small made-up system: two objects, three tables, and records that tests can spoil."""

from datetime import UTC, datetime

import polars as pl
import yaml

from finsync_dagster.canonical.landed import ObjectRules
from finsync_dagster.canonical.mapping import SystemMappings

AT = datetime(2026, 1, 1, tzinfo=UTC)
RULES = {
    "orders": ObjectRules(("OrderID",), measures=("Net",)),
    "order_lines": ObjectRules(("LineID",), measures=("Qty", "Price")),
}

MAPPINGS = SystemMappings.model_validate(
    yaml.safe_load(
        """
code_maps:
  uom: {E: EA, C: CT}
  status: {"1": draft, "2": approved}
mappings:
  - table: purchase_orders
    object: orders
    where: Kind = 'PO'
    updated_at: stamp(Changed)
    columns:
      po_id: id('orders', whole(OrderID))
      po_number: whole(OrderID)
      supplier_src_id: id('vendors', VendorID)
      ccy: "'EUR'"
      order_date: day(OrderDate)
      type: "'standard'"
      status_src: Status
      status_canon: code('status', Status)
      buyer: "NULL"
      expected_date: "NULL"
      net_amount: exact(Net)
      tax_amount: "NULL"
      charges_amount: "NULL"
      gross_amount: "NULL"
  - table: purchase_order_lines
    object: order_lines
    joins:
      header: {object: orders, condition: header.OrderID = record.OrderID}
    columns:
      po_line_id: id('order_lines', record.LineID)
      po_id: id('orders', whole(record.OrderID))
      line_no: record.LineID
      item_id: "NULL"
      description: "NULL"
      match_type: "'3w'"
      match_basis: "'qty'"
      qty_ordered: exact(record.Qty)
      uom_order: code('uom', record.Unit)
      qty_ordered_base: exact(record.Qty)
      uom_base: code('uom', record.Unit)
      unit_price: exact(record.Price)
      price_unit: "1"
      net_amount: exact(record.Qty) * exact(record.Price)
      tax_rate: "NULL"
      due_date: day(header.OrderDate)
      delivery_complete: "FALSE"
      cancelled: "FALSE"
  - table: receipt_lines
    object: order_lines
    where: exact(Received) <> 0
    columns:
      receipt_line_id: id('order_lines', LineID)
      receipt_no: OrderID
      line_no: LineID
      po_line_id: id('order_lines', LineID)
      po_id: id('orders', whole(OrderID))
      kind: "'receipt'"
      qty: exact(Received)
      uom: code('uom', Unit)
      qty_base: exact(Received)
      uom_base: code('uom', Unit)
      qty_accepted: exact(Received)
      qty_rejected: "0"
      posting_date: "DATE '2026-01-05'"
"""
    )
)


def order(order_id: str | None = "1", **changes: str | None) -> dict[str, str | None]:
    good = {
        "OrderID": order_id,
        "Kind": "PO",
        "VendorID": "9",
        "OrderDate": "2026-01-02",
        "Status": "2",
        "Net": "10.50",
        "Changed": "2026-01-02 10:00:00",
    }
    return {**good, **changes}


def line(
    line_id: str | None = "11", order_id: str = "1", **changes: str | None
) -> dict[str, str | None]:
    good = {
        "LineID": line_id,
        "OrderID": order_id,
        "Qty": "3",
        "Unit": "E ",
        "Price": "3.50",
        "Received": "3",
    }
    return {**good, **changes}


def extract(
    name: str, records: list[dict[str, str | None]], extract_id: str = "x1"
) -> pl.DataFrame:
    """Records as the landing stage hands them over."""
    template = order() if name == "orders" else line()
    schema = dict.fromkeys(template, pl.String)
    return pl.DataFrame(records, schema=schema).with_columns(
        pl.lit(f"page-{name}-{extract_id}").alias("landing_page"),
        pl.int_range(pl.len(), dtype=pl.Int64).alias("landing_row"),
        pl.lit(extract_id).alias("extract_id"),
        pl.lit(AT).cast(pl.Datetime("us", "UTC")).alias("extracted_at"),
    )
