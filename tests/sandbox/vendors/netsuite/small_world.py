"""A world of a few documents, written down by hand."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from finsync_dagster.sandbox.world import schema
from finsync_dagster.sandbox.world.reading import World

_DEFAULTS: dict[str, Any] = {
    "BIGINT": 1,
    "INTEGER": 0,
    "VARCHAR": "",
    "BOOLEAN": False,
    "DATE": date(2026, 3, 2),
    "TIMESTAMP": datetime(2026, 3, 2, 9),
}
_ONES = {"fx_rate", "price_unit", "price_uom_numerator", "price_uom_denominator"}
US = {"entity_id": "lumen_us", "system": "group_netsuite"}


def put(connection: duckdb.DuckDBPyConnection, table: str, **values: Any) -> None:
    """A row; columns that must be filled and are not given hold something harmless."""
    for column in schema.BY_NAME[table].columns:
        if column.required and column.name not in values:
            number = Decimal(1) if column.name in _ONES else Decimal(0)
            values[column.name] = _DEFAULTS.get(column.sql_type, number)
    marks = ", ".join("?" for _ in values)
    connection.execute(
        f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", list(values.values())
    )


def at(month: int, day: int, hour: int = 9) -> datetime:
    return datetime(2026, month, day, hour)


def on(month: int, day: int) -> dict[str, datetime]:
    """Made on a day and never changed."""
    return {"created_at": at(month, day), "changed_at": at(month, day)}


def small_world(folder: Path) -> World:
    """One company with two orders, what came of them, and one order that was deleted."""
    path = folder / "small.duckdb"
    with duckdb.connect(str(path)) as connection:
        schema.create(connection)
        _parties(connection)
        _orders(connection)
        _receipts(connection)
        _bills(connection)
    return World(path)


def _parties(c: duckdb.DuckDBPyConnection) -> None:
    put(
        c,
        "entity",
        entity_id="lumen_us",
        name="Lumen Inc.",
        country="US",
        currency="USD",
        subsidiary_id=5,
    )
    put(c, "entity", entity_id="lumen_de", name="Lumen Technik GmbH", currency="EUR")
    person = {"entity_id": "lumen_us", "cost_center": "500", "active": True}
    put(c, "employee", employee_id=1, login="amy", first_name="Amy", last_name="Ott", **person)
    for key, system, name, status in (
        (10, "group_netsuite", "Whitlock Ltd", "active"),
        (11, "group_netsuite", "Öst & Söhne", "inactive"),
        (12, "group_coupa", "Whitlock Ltd", "active"),
    ):
        put(
            c,
            "supplier_account",
            supplier_account_id=key,
            system=system,
            account_no=f"V{key}",
            name=name,
            status=status,
            currency="USD",
            created_at=at(1, 5),
            changed_at=at(1, 5) if key == 10 else at(5, 5),
        )
    put(c, "item", item_id=3, description="Screw", is_service=False)
    put(c, "item_code", item_code_id=1, item_id=3, system="group_netsuite", code="ITEM3")
    for system, code in (("group_netsuite", "Each"), ("group_sap", "ST")):
        put(c, "uom_code", system=system, uom="EA", code=code, is_default=True)
    put(c, "cost_center", cost_center_id=7, entity_id="lumen_us", code="500", name="Finance")
    for key, account, kind in (
        (20, "160000", "payable"),
        (21, "415000", "expense"),
        (22, "154000", "tax"),
    ):
        put(
            c,
            "gl_account",
            gl_account_id=key,
            entity_id="lumen_us",
            account=account,
            name=account,
            kind=kind,
            active=True,
        )


def _orders(c: duckdb.DuckDBPyConnection) -> None:
    put(
        c,
        "requisition",
        requisition_id=1,
        requisition_number="PR1",
        requester_id=1,
        status="ordered",
        currency="USD",
        net_amount=Decimal("12.50"),
        **US,
    )
    put(
        c,
        "requisition_line",
        requisition_line_id=1,
        requisition_id=1,
        line_no=1,
        item_id=3,
        qty=Decimal(10),
        uom="EA",
        price=Decimal("1.25"),
        net_amount=Decimal("12.50"),
        supplier_account_id=10,
    )
    put(
        c,
        "purchase_order",
        purchase_order_id=1,
        po_number="PO1",
        supplier_account_id=10,
        currency="USD",
        status="partial",
        net_amount=Decimal("1012.50"),
        order_date=date(2026, 3, 2),
        created_at=at(3, 2),
        changed_at=at(6, 1),
        **US,
    )
    line = {"purchase_order_id": 1, "created_at": at(3, 2), "changed_at": at(3, 2)}
    put(
        c,
        "purchase_order_line",
        purchase_order_line_id=1,
        line_no=1,
        requisition_line_id=1,
        item_id=3,
        description="Screw",
        match_type="3w",
        qty=Decimal(10),
        uom="EA",
        price=Decimal(125),
        price_unit=Decimal(100),
        net_amount=Decimal("12.50"),
        **line,
    )
    put(
        c,
        "purchase_order_line",
        purchase_order_line_id=2,
        line_no=2,
        description="Advice",
        uom="EA",
        match_type="2w",
        price=Decimal(1000),
        net_amount=Decimal(1000),
        **line,
    )
    put(
        c,
        "purchase_order_assignment",
        purchase_order_assignment_id=1,
        purchase_order_line_id=1,
        assignment_no=1,
        gl_account="415000",
        cost_center="500",
    )
    # In yen: 100 for 7, so that one costs 14.2857142857 yen.
    put(
        c,
        "purchase_order",
        purchase_order_id=2,
        po_number="PO2",
        supplier_account_id=11,
        currency="JPY",
        fx_rate=Decimal("0.006641234567"),
        status="cancelled",
        net_amount=Decimal(0),
        order_date=date(2026, 5, 4),
        **on(5, 4),
        **US,
    )
    put(
        c,
        "purchase_order_line",
        purchase_order_line_id=3,
        purchase_order_id=2,
        line_no=1,
        qty=Decimal(3),
        uom="PF",
        price=Decimal(100),
        price_unit=Decimal(7),
        net_amount=Decimal(43),
        cancelled=True,
        **on(5, 4),
    )
    put(
        c,
        "purchase_order",
        purchase_order_id=3,
        po_number="PO3",
        supplier_account_id=10,
        currency="USD",
        status="sent",
        **on(4, 1),
        **US,
    )
    put(
        c,
        "deletion",
        deletion_id=1,
        system="group_netsuite",
        object="purchase_order",
        object_id=3,
        number="PO3",
        deleted_at=at(4, 20),
        deleted_by=1,
    )
    # The last tenth of the orders has ids above 2^53: this is it.
    put(
        c,
        "purchase_order",
        purchase_order_id=10,
        po_number="PO10",
        supplier_account_id=10,
        currency="USD",
        status="sent",
        **on(8, 1),
        **US,
    )
    put(
        c,
        "purchase_order",
        purchase_order_id=4,
        entity_id="lumen_de",
        system="group_coupa",
        po_number="PO4",
        supplier_account_id=12,
        currency="EUR",
        status="sent",
    )


def _receipts(c: duckdb.DuckDBPyConnection) -> None:
    for key, kind, qty, reverses, day in ((1, "receipt", 4, None, 10), (2, "reversal", -4, 1, 11)):
        put(
            c,
            "receipt",
            receipt_id=key,
            receipt_number=f"R{key}",
            kind=kind,
            supplier_account_id=10,
            delivery_note=f"LS{key}",
            posting_date=date(2026, 3, day),
            **on(3, day),
            **US,
        )
        put(
            c,
            "receipt_line",
            receipt_line_id=key,
            receipt_id=key,
            line_no=1,
            purchase_order_line_id=1,
            kind=kind,
            qty=Decimal(qty),
            uom="EA",
            qty_order_uom=Decimal(qty),
            amount=Decimal(qty) * Decimal("1.25"),
            amount_entity=Decimal(qty) * Decimal("1.25"),
            reverses_receipt_line_id=reverses,
        )


def _bills(c: duckdb.DuckDBPyConnection) -> None:
    bill = {"supplier_account_id": 10, "currency": "USD", **US}
    put(
        c,
        "invoice",
        invoice_id=1,
        document_number="BILL1",
        invoice_number="INV-77",
        kind="invoice",
        state="paid",
        net_amount=Decimal("12.50"),
        charges_amount=Decimal(3),
        tax_amount=Decimal("1.28"),
        gross_amount=Decimal("16.78"),
        created_at=at(4, 1),
        changed_at=at(4, 15),
        **bill,
    )
    put(
        c,
        "invoice_line",
        invoice_line_id=1,
        invoice_id=1,
        line_no=1,
        type="item",
        purchase_order_line_id=1,
        receipt_line_id=1,
        item_id=3,
        description="Screw",
        qty=Decimal(10),
        uom="EA",
        price=Decimal(125),
        price_unit=Decimal(100),
        net_amount=Decimal("12.50"),
        gl_account="415000",
        cost_center="500",
    )
    put(
        c,
        "invoice_line",
        invoice_line_id=2,
        invoice_id=1,
        line_no=2,
        type="charge",
        po_number_ref="PO1",
        description="Freight",
        net_amount=Decimal(3),
    )
    put(
        c,
        "invoice_tax",
        invoice_tax_id=1,
        invoice_id=1,
        tax_no=1,
        tax_code="TX",
        tax_rate_pct=Decimal("8.25"),
        tax_amount=Decimal("1.28"),
    )
    put(
        c,
        "invoice",
        invoice_id=2,
        document_number="CRED1",
        invoice_number="CR-1",
        kind="credit_qty",
        state="posted",
        corrects_invoice_id=1,
        gross_amount=Decimal("-2.50"),
        net_amount=Decimal("-2.50"),
        **on(4, 3),
        **bill,
    )
    put(
        c,
        "invoice_line",
        invoice_line_id=3,
        invoice_id=2,
        line_no=1,
        type="item",
        purchase_order_line_id=1,
        qty=Decimal(-2),
        uom="EA",
        price=Decimal("1.25"),
        net_amount=Decimal("-2.50"),
    )
    # The second settles nothing that is known.
    for key, amount in ((1, "16.44"), (2, "5.00")):
        put(
            c,
            "payment",
            payment_id=key,
            payment_number=f"PAY{key}",
            supplier_account_id=10,
            currency="USD",
            amount=Decimal(amount),
            payment_date=date(2026, 4, 14),
            status="confirmed",
            **on(4, 15),
            **US,
        )
    put(
        c,
        "payment_application",
        payment_application_id=1,
        payment_id=1,
        invoice_id=1,
        amount=Decimal("16.44"),
        discount_amount=Decimal("0.34"),
    )
