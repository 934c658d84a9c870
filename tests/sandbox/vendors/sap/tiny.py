"""A world of a few documents, written by hand, so that every answer can be worked out by hand.

lumen_fr (1200) orders in group_sap; lumen_de's order 7000000001 is a copy there; lumen_ie (2000)
orders in group_s4.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from finsync_dagster.sandbox.world import company, schema
from finsync_dagster.sandbox.world.reading import World

_DEFAULTS: dict[str, Any] = {
    "BIGINT": 1,
    "INTEGER": 1,
    "VARCHAR": "",
    "BOOLEAN": False,
    "DATE": dt.date(2026, 1, 5),
    "TIMESTAMP": dt.datetime(2026, 1, 5, 9, 30, 15),
}


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


class Writer:
    """Inserts rows; what is not said and must be there gets a plain value."""

    def __init__(self, path: Path) -> None:
        self.connection = duckdb.connect(str(path))
        schema.create(self.connection)

    def add(self, table: str, **values: Any) -> None:
        row = []
        for column in schema.BY_NAME[table].columns:
            value = values.pop(column.name, None)
            if value is None and column.required:
                value = _DEFAULTS.get(column.sql_type, Decimal(0))
            row.append(value)
        assert not values, values
        marks = ", ".join("?" * len(row))
        self.connection.execute(f"INSERT INTO {table} VALUES ({marks})", row)


def tiny_world(path: Path) -> World:
    writer = Writer(path)
    _master_data(writer)
    _orders(writer)
    _receipts(writer)
    _invoices(writer)
    _requisition(writer)
    _ledger(writer)
    writer.connection.close()
    return World(path)


def _master_data(w: Writer) -> None:
    for row in company.ENTITIES:
        names = schema.BY_NAME["entity"].names
        w.add("entity", **dict(zip(names, row, strict=True)))
    w.add("employee", employee_id=1, user_name="AWEBER", entity_id="lumen_fr")
    number = 0
    for kind, rows in {
        "group_sap": (("EA", "ST"), ("KGM", "KG"), ("HUR", "H")),
        "group_s4": (("EA", "ST"), ("KGM", "KG"), ("HUR", "H")),
    }.items():
        for uom, code in rows:
            number += 1
            w.add("uom_code", uom_code_id=number, system=kind, uom=uom, code=code, is_default=True)
    w.add("gl_account", gl_account_id=1, entity_id="lumen_fr", account="160000", kind="payable")
    w.add("item", item_id=1, description="Bolt", base_uom="EA", gtin="4006381333931")
    w.add("item_code", item_code_id=1, item_id=1, system="group_sap", code="M-0001")
    w.add("supplier", supplier_id=1, legal_name="Bolts & <Nuts> 'SARL'", country="FR")
    for account, system, number_there in ((1, "group_sap", "0010300001"), (2, "group_s4", "0020")):
        w.add(
            "supplier_account",
            supplier_account_id=account,
            supplier_id=1,
            system=system,
            account_no=number_there,
            name="Bolts & <Nuts> 'SARL'",
            country="FR",
            tax_id="FR83404833048",
            tax_id_type="FR0",
            iban="FR7630006000011234567890189",
            bank_country="FR",
            duns="123456789",
            currency="EUR",
            terms_days=30,
            discount_days=0,
            status="active",
            created_by=1,
            created_at=moment("2025-05-01T08:00:00"),
            changed_at=moment("2026-02-01T08:00:00"),
        )
    w.add(
        "supplier_bank_change",
        supplier_bank_change_id=1,
        supplier_account_id=1,
        old_bank_account="FR1420041010050500013M02606",
        new_bank_account="FR7630006000011234567890189",
        changed_at=moment("2026-02-01T08:00:00"),
    )


def _order(w: Writer, number: int, po: str, entity: str, system: str, **more: Any) -> None:
    w.add(
        "purchase_order",
        **{
            "purchase_order_id": number,
            "po_number": po,
            "entity_id": entity,
            "system": system,
            "supplier_account_id": 2 if system == "group_s4" else 1,
            "currency": "EUR",
            "fx_rate": Decimal(1),
            "order_date": day("2026-01-05"),
            "status": "sent",
            "terms_days": 30,
            "discount_days": 0,
            "created_at": moment(f"2026-01-{number + 4:02}T09:30:15"),
            "changed_at": moment(f"2026-01-{number + 4:02}T09:30:15"),
        }
        | more,
    )


def _line(w: Writer, line: int, order: int, line_no: int, **more: Any) -> None:
    w.add(
        "purchase_order_line",
        **{
            "purchase_order_line_id": line,
            "purchase_order_id": order,
            "line_no": line_no,
            "item_id": 1,
            "description": f"Bolt {line}",
            "category": "components",
            "match_type": "3w",
            "match_basis": "qty",
            "receipt_required": True,
            "qty": Decimal(10),
            "uom": "EA",
            "price": Decimal("12.5"),
            "price_unit": Decimal(1),
            "price_uom": "EA",
            "price_uom_numerator": Decimal(1),
            "price_uom_denominator": Decimal(1),
            "net_amount": Decimal(125),
            "tax_code": "VF",
            "created_at": moment("2026-01-05T09:30:15"),
            "changed_at": moment("2026-01-05T09:30:15"),
        }
        | more,
    )
    w.add(
        "purchase_order_schedule",
        purchase_order_schedule_id=line,
        purchase_order_line_id=line,
        due_date=day("2026-02-01"),
        qty=more.get("qty", Decimal(10)),
    )
    w.add(
        "purchase_order_assignment",
        purchase_order_assignment_id=line,
        purchase_order_line_id=line,
        gl_account="300000",
        cost_center="200",
        project="P-300" if line == 3 else None,
        pct=Decimal(100),
        amount=more.get("net_amount", Decimal(125)),
    )


def _orders(w: Writer) -> None:
    _order(w, 1, "4500000001", "lumen_fr", "group_sap")
    _line(w, 1, 1, 10)
    # Ordered in pieces, priced by weight, and so cheap that the price is told for a thousand.
    _line(
        w,
        2,
        1,
        20,
        qty=Decimal("1234.5"),
        price=Decimal("0.0125"),
        price_uom="KGM",
        price_uom_numerator=Decimal("0.35"),
        net_amount=Decimal("5.40"),
    )
    changed = moment("2026-03-01T10:00:00")
    _order(w, 2, "4500000002", "lumen_fr", "group_sap", changed_at=changed, status="cancelled")
    _line(w, 3, 2, 10)
    _order(w, 3, "4500000003", "lumen_fr", "group_sap", currency="JPY", fx_rate=Decimal("0.00612"))
    for each in range(1, 12):
        # The last is in pallets, a unit nobody entered.
        unit = {"uom": "XPX", "price_uom": "XPX"} if each == 11 else {}
        _line(w, 3 + each, 3, each * 10, qty=Decimal(each), net_amount=Decimal(each), **unit)
    _order(w, 4, "4500000004", "lumen_fr", "group_sap")
    _line(w, 15, 4, 10)
    w.add(
        "deletion",
        deletion_id=1,
        system="group_sap",
        object="purchase_order",
        object_id=4,
        deleted_at=moment("2026-02-15T00:00:00"),
    )
    _order(
        w,
        5,
        "7000000001",
        "lumen_de",
        "group_coupa",
        copied_to="group_sap",
        copied_at=moment("2026-01-10T12:00:00"),
        copied_supplier_account_id=1,
        copied_currency="EUR",
        copied_status="approved",
        copied_changed_at=moment("2026-01-10T12:00:00"),
    )
    _line(w, 16, 5, 1, copied_qty=Decimal(11), copied_price=Decimal("12.5"))
    _order(w, 6, "4600000001", "lumen_ie", "group_s4")
    _line(w, 17, 6, 10, tax_code="VI")
    _line(
        w,
        18,
        6,
        20,
        qty=None,
        uom=None,
        price=Decimal("100.10"),
        price_uom=None,
        match_type="limit",
        match_basis="amount",
        net_amount=Decimal("100.10"),
        limit_amount=Decimal(500),
        expected_amount=Decimal("100.10"),
    )


def _receipts(w: Writer) -> None:
    rows = (
        (1, "5000000001", "receipt", Decimal(10), None, True, "2026-01-20T10:00:01"),
        (2, "5000000002", "reversal", Decimal(-10), 1, False, "2026-01-25T10:00:00"),
        (3, "5000000003", "receipt", Decimal(8), None, False, "2026-01-26T10:00:00"),
        (4, "5000000004", "return", Decimal(-2), 3, True, "2026-01-27T10:00:00"),
        (5, "5000000005", "reversal", Decimal(2), 4, False, "2026-01-28T10:00:00"),
    )
    for number, document, kind, qty, reverses, is_reversed, at in rows:
        w.add(
            "receipt",
            receipt_id=number,
            entity_id="lumen_fr",
            system="group_sap",
            receipt_number=document,
            fiscal_year=2026,
            kind=kind,
            supplier_account_id=1,
            delivery_note=f"DN-{number}",
            created_at=moment(at),
            changed_at=moment(at),
        )
        w.add(
            "receipt_line",
            receipt_line_id=number,
            receipt_id=number,
            purchase_order_line_id=1,
            kind=kind,
            qty=qty,
            uom="EA",
            qty_order_uom=qty,
            amount=qty * Decimal("12.5"),
            amount_entity=qty * Decimal("12.5"),
            reverses_receipt_line_id=reverses,
            is_reversed=is_reversed,
            qty_accepted=Decimal(7) if number == 3 else None,
            qty_rejected=Decimal(1) if number == 3 else None,
        )


def _invoices(w: Writer) -> None:
    rows = (
        (1, "invoice", "RE-1", 1, Decimal(10), {"is_reversed": True}),
        (2, "credit_qty", "RE-1", -1, Decimal(-10), {"reverses_invoice_id": 1}),
        (3, "credit_value", "GS-1", -1, None, {"corrects_invoice_id": 1}),
        (4, "debit_value", "ND-1", 1, None, {"corrects_invoice_id": 1, "payment_block": "R"}),
    )
    for number, kind, supplier_number, sign, qty, more in rows:
        net = sign * Decimal(125)
        w.add(
            "invoice",
            **{
                "invoice_id": number,
                "entity_id": "lumen_fr",
                "system": "group_sap",
                "document_number": f"510000000{number}",
                "fiscal_year": 2026,
                "invoice_number": supplier_number,
                "kind": kind,
                "supplier_account_id": 1,
                "currency": "EUR",
                "fx_rate": Decimal(1),
                "due_date": day("2026-03-02"),
                "invoice_date": day("2026-01-31"),
                "terms_days": 30,
                "discount_days": 0,
                "gross_amount": net * Decimal("1.2"),
                "state": "posted",
                "created_at": moment(f"2026-02-{number:02}T08:00:00"),
                "changed_at": moment(f"2026-02-{number:02}T08:00:00"),
            }
            | more,
        )
        w.add(
            "invoice_line",
            invoice_line_id=number,
            invoice_id=number,
            type="item",
            po_number_ref="4500000001",
            po_line_ref=10,
            purchase_order_line_id=1,
            receipt_line_id=1 if number == 1 else None,
            qty=qty,
            uom="EA",
            price_uom="EA",
            price_uom_numerator=Decimal(1),
            price_uom_denominator=Decimal(1),
            net_amount=net,
            tax_code="VF",
            description="Bolt",
        )
        w.add(
            "invoice_tax",
            invoice_tax_id=number,
            invoice_id=number,
            tax_code="VF",
            base_amount=net,
            tax_amount=net * Decimal("0.2"),
        )
    for number, (kind, po, net) in enumerate(
        (("charge", "4500000001", "7.50"), ("charge", None, "3"), ("rounding", None, "-0.01")), 2
    ):
        w.add(
            "invoice_line",
            invoice_line_id=number + 10,
            invoice_id=1,
            line_no=number,
            type=kind,
            po_number_ref=po,
            price_uom_denominator=Decimal(1),
            net_amount=Decimal(net),
            gl_account="475000",
        )


def _requisition(w: Writer) -> None:
    w.add(
        "requisition",
        requisition_id=1,
        entity_id="lumen_fr",
        system="group_sap",
        requisition_number="0010000001",
        status="ordered",
        currency="EUR",
        approved_at=moment("2026-01-04T12:00:00"),
        created_at=moment("2026-01-02T12:00:00"),
    )
    w.add(
        "requisition_line",
        requisition_line_id=1,
        requisition_id=1,
        line_no=10,
        description="Bolt",
        qty=Decimal(10),
        uom="EA",
        price=Decimal("12.5"),
        price_unit=Decimal(1),
        net_amount=Decimal(125),
        purchase_order_line_id=1,
        created_at=moment("2026-01-02T12:00:00"),
        changed_at=moment("2026-01-05T09:30:15"),
    )


def _ledger(w: Writer) -> None:
    for number, document, kind, line_kind, amount, supplier, cleared in (
        (1, "5100000001", "RE", "vendor", Decimal(-150), 1, True),
        (2, "5100000001", "RE", "grir", Decimal(150), None, False),
        (3, "1500000001", "KZ", "vendor", Decimal(150), 1, True),
        (4, "1500000001", "KZ", "bank", Decimal(-147), None, False),
        (5, "1500000001", "KZ", "discount", Decimal(-3), None, False),
    ):
        w.add(
            "gl_line",
            gl_line_id=number,
            system="group_sap",
            entity_id="lumen_fr",
            company_code="1200",
            fiscal_year=2026,
            document_number=document,
            line_no=number,
            document_type=kind,
            line_kind=line_kind,
            amount=amount,
            transaction_amount=amount,
            currency="EUR",
            transaction_currency="EUR",
            reference="RE-1",
            supplier_account_id=supplier,
            created_at=moment("2026-02-01T08:00:00"),
            changed_at=moment("2026-03-05T08:00:00"),
            clearing_document="1500000001" if cleared else None,
            clearing_fiscal_year=2026 if cleared else None,
            clearing_date=day("2026-03-05") if cleared else None,
        )
