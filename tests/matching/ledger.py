"""A ledger to write small sets of documents in, as a test would tell them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.landscape.model import Policy, Tolerance
from finsync_dagster.matching.match import MatchResult, match

ENTITY = "acme"
DAY_ONE = date(2024, 1, 1)
AS_OF = date(2024, 12, 31)

EXACT: dict[str, Mapping[str, Any]] = {
    "QTY_RECEIVED": {"upper_abs": "0"},
    "QTY_ORDERED": {"upper_abs": "0"},
    "PRICE_UNIT": {"upper_pct": "0", "lower_pct": "0"},
    "LINE_TOTAL": {"upper_abs": "0"},
    "OVER_DELIVERY": {"upper_pct": "0"},
    "UNDER_DELIVERY": {"lower_pct": "0"},
    "DOC_ARITHMETIC": {"upper_abs": "0", "lower_abs": "0"},
    "TAX_TOTAL": {"upper_abs": "0", "lower_abs": "0"},
    "TAX_LINE": {"upper_abs": "0", "lower_abs": "0"},
    "TAX_CODE": {},
    "BALANCE_SMALL_DIFF": {"upper_abs": "0", "lower_abs": "0"},
    "CHARGE_PLANNED": {"upper_abs": "0"},
    "CHARGE_UNPLANNED": {"upper_abs": "0"},
    "SEQUENCE": {},
    "DATE_VALUE": {},
    "LINE_CAP": {},
    "PRICE_VALUE": {},
    "QTY_RECEIVED_VALUE": {},
    "FX_RATE": {"upper_pct": "0", "lower_pct": "0"},
    "UOM_RATIO": {"upper_pct": "0", "lower_pct": "0"},
    "ORDER_TOTAL": {"upper_abs": "0", "lower_abs": "0"},
    "OPEN_BALANCE": {"upper_abs": "0", "lower_abs": "0"},
}


def policy(**looser: Mapping[str, Any]) -> Policy:
    """No variance allowed anywhere, except where a check is given other limits."""
    rows = {check: Tolerance(**limits) for check, limits in {**EXACT, **looser}.items()}
    return Policy(version="test", tolerances=rows)


def on_day(number: int) -> date:
    return DAY_ONE + timedelta(days=number)


def _audit(pk: str) -> dict[str, Any]:
    at = datetime(2024, 1, 1, tzinfo=UTC)
    return {
        "record_id": hashlib.sha256(pk.encode()).hexdigest(),
        "source_system": "erp",
        "source_object": "documents",
        "source_pk": pk,
        "source_updated_at": at,
        "source_deleted": False,
        "extracted_at": at,
        "extract_id": "x",
        "landing_page": "p",
        "landing_row": 0,
        "mapping_version": "m",
        "row_hash": "h",
        "valid_from": at,
    }


class Ledger:
    """Rows are added in any order; ``documents()`` makes canonical tables of them."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.incomplete: list[str] = []

    def _add(self, table: str, pk: str, row: Mapping[str, Any]) -> None:
        columns = {name: None for name in TABLES[table].polars_schema}
        given = {**_audit(f"{table}|{pk}"), "entity_id": ENTITY, **row}
        known = {k: v for k, v in given.items() if k in columns}
        assert set(row) <= set(columns), set(row) - set(columns)
        self.rows.setdefault(table, []).append({**columns, **known})

    def supplier(self, key: str = "S1", **more: Any) -> Ledger:
        """A supplier record."""
        row = {"supplier_src_id": key, "supplier_no": key, "name": key, "status": "active"}
        self._add("suppliers", key, {**row, **more})
        return self

    def item(self, key: str = "X1", **more: Any) -> Ledger:
        """An item of master data."""
        self._add("items", key, {"item_id": key, "item_no": key, "description": key, **more})
        return self

    def order(self, po: str = "PO1", day: int = 0, **more: Any) -> Ledger:
        row = {
            "po_id": po,
            "po_number": po,
            "supplier_src_id": "S1",
            "ccy": "USD",
            "order_date": on_day(day),
            "type": "standard",
            "status_src": "sent",
            "status_canon": "sent",
        }
        self._add("purchase_orders", po, {**row, **more})
        return self

    def line(self, qty: str, price: str, po: str = "PO1", no: str = "1", **more: Any) -> Ledger:
        net = (Decimal(qty) * Decimal(price) / Decimal(more.get("price_unit", "1"))).quantize(
            Decimal("0.0001")
        )
        row = {
            "po_line_id": f"{po}-{no}",
            "po_id": po,
            "line_no": no,
            "match_type": "3w",
            "match_basis": "qty",
            "qty_ordered": qty,
            "uom_order": "EA",
            "qty_ordered_base": qty,
            "uom_base": "EA",
            "unit_price": price,
            "price_unit": "1",
            "net_amount": str(net),
            "delivery_complete": False,
            "cancelled": False,
        }
        self._add("purchase_order_lines", row["po_line_id"], {**row, **more})
        return self

    def agrees(self, code: str | None, amount: str, line: str | None = None, **more: Any) -> Ledger:
        """A charge agreed with an order (``po``), or with an order line."""
        number = len(self.rows.get("purchase_order_charges", [])) + 1
        row = {
            "po_charge_id": f"K{number}",
            "po_id": line.split("-", maxsplit=1)[0] if line else "PO1",
            "po_line_id": line,
            "charge_code": code,
            "amount": amount,
            "fixed": False,
        }
        self._add("purchase_order_charges", row["po_charge_id"], {**row, **more})
        return self

    def receipt(
        self, name: str, qty: str, line: str = "PO1-1", day: int = 1, **more: Any
    ) -> Ledger:
        row = {
            "receipt_line_id": name,
            "receipt_no": name,
            "line_no": "1",
            "po_line_id": line,
            "po_id": line.split("-", maxsplit=1)[0],
            "kind": "receipt" if Decimal(qty) >= 0 else "return",
            "qty": qty,
            "uom": "EA",
            "qty_base": qty,
            "uom_base": "EA",
            "qty_accepted": qty,
            "qty_rejected": "0",
            "posting_date": on_day(day),
        }
        self._add("receipt_lines", name, {**row, **more})
        return self

    def invoice(self, name: str, net: str, day: int = 2, **more: Any) -> Ledger:
        tax, charges = more.get("tax", "0"), more.get("charges", "0")
        row = {
            "invoice_id": name,
            "invoice_no_supplier": name,
            "invoice_no_norm": name,
            "kind": "invoice",
            "supplier_src_id": "S1",
            "ccy": "USD",
            "invoice_date": on_day(day),
            "net": net,
            "tax": tax,
            "charges": charges,
            "gross": str(Decimal(net) + Decimal(tax) + Decimal(charges)),
            "status_src": "posted",
            "status_canon": "posted",
        }
        self._add("invoices", name, {**row, **more})
        return self

    def bills(
        self, invoice: str, net: str, no: str = "1", po: str | None = "PO1", **more: Any
    ) -> Ledger:
        """An invoice line; without ``qty`` it bills an amount."""
        row = {
            "invoice_line_id": f"{invoice}/{no}",
            "invoice_id": invoice,
            "line_no": no,
            "type": "item",
            "po_number_ref": po,
            "po_id": po,
            "net_amount": net,
        }
        self._add("invoice_lines", row["invoice_line_id"], {**row, **more})
        return self

    def charge(
        self, invoice: str, amount: str, code: str | None = "FRT", no: str = "9", **more: Any
    ) -> Ledger:
        """A line of freight or the like."""
        given = {"type": "charge", "charge_code": code, **more}
        return self.bills(invoice, amount, no=no, **given)

    def quantity_invoice(
        self, name: str, qty: str, price: str, line: str = "PO1-1", day: int = 2, **more: Any
    ) -> Ledger:
        """An invoice of one line over a quantity at a price."""
        net = str((Decimal(qty) * Decimal(price)).quantize(Decimal("0.01")))
        po = line.split("-", maxsplit=1)[0]
        self.invoice(name, net, day, **more)
        return self.bills(name, net, po=po, po_line_id=line, qty=qty, uom="EA", unit_price=price)

    def payment(self, name: str, amount: str, day: int = 10, **more: Any) -> Ledger:
        row = {
            "payment_id": name,
            "payment_no": name,
            "supplier_src_id": "S1",
            "ccy": "USD",
            "amount": amount,
            "payment_date": on_day(day),
            "status_canon": "confirmed",
        }
        self._add("payments", name, {**row, **more})
        return self

    def states(self, payment: str, invoice: str, amount: str, **more: Any) -> Ledger:
        """The source says which invoice a payment settles."""
        number = len(self.rows.get("payment_applications", [])) + 1
        row = {
            "application_id": f"A{number}",
            "payment_id": payment,
            "invoice_id": invoice,
            "ccy": "USD",
            "amount_applied": amount,
        }
        self._add("payment_applications", f"A{number}", {**row, **more})
        return self

    def settles(
        self, payment: str, invoice: str, amount: str, day: int = 10, **more: Any
    ) -> Ledger:
        row = {
            "payment_id": payment,
            "invoice_id": invoice,
            "ccy": "USD",
            "amount_applied": amount,
            "applied_date": on_day(day),
            "method": "stated",
            "confidence": "stated",
            "evidence": "the source says so",
        }
        self._add("payment_allocations", f"{payment}|{invoice}", {**row, **more})
        return self

    def report(self, name: str, status: str = "approved", day: int = 5, **more: Any) -> Ledger:
        """An expense report."""
        row = {
            "expense_report_id": name,
            "report_no": name,
            "employee_id": "kim",
            "ccy": "USD",
            "total": "0",
            "submitted_at": datetime.combine(on_day(day), datetime.min.time(), UTC),
            "status_src": status,
            "status_canon": status,
        }
        self._add("expense_reports", name, {**row, **more})
        return self

    def expense(self, name: str, amount: str, report: str = "E1", **more: Any) -> Ledger:
        """An expense of a report, in the report's currency."""
        row = {
            "expense_line_id": name,
            "expense_report_id": report,
            "line_no": name,
            "transaction_date": on_day(4),
            "amount": amount,
            "ccy": "USD",
            "posted_amount": amount,
            "personal": False,
        }
        self._add("expense_lines", name, {**row, **more})
        return self

    def documents(self) -> Documents:
        frames = {
            name: _frame(rows, TABLES[name].polars_schema) for name, rows in self.rows.items()
        }
        incomplete = pl.DataFrame({"po_id": self.incomplete}, schema={"po_id": pl.String})
        return Documents.of(**frames, incomplete_orders=incomplete)

    def match(self, as_of: date = AS_OF, **looser: Mapping[str, Any]) -> MatchResult:
        return match(self.documents(), policy(**looser), as_of, ENTITY)


def _frame(rows: list[dict[str, Any]], schema: pl.Schema) -> pl.DataFrame:
    exact = [
        {
            k: Decimal(v) if v is not None and isinstance(schema[k], pl.Decimal) else v
            for k, v in row.items()
        }
        for row in rows
    ]
    return pl.DataFrame(exact, schema=schema)


def reasons(result: Any) -> list[str]:
    """Reason codes found, sorted."""
    return sorted(result.findings["reason_code"])


def finding(result: Any, code: str) -> dict[str, Any]:
    """The one finding of a reason."""
    rows = result.findings.filter(pl.col("reason_code") == code).to_dicts()
    assert len(rows) == 1, [r["message"] for r in rows]
    return rows[0]


def outcome(result: MatchResult, invoice: str) -> str:
    """Outcome of an invoice."""
    return result.invoice_results.filter(pl.col("invoice_id") == invoice)["outcome"].item()


def payable(result: MatchResult, invoice: str) -> Decimal:
    """What may be paid of an invoice, net."""
    return result.invoice_results.filter(pl.col("invoice_id") == invoice)["payable_amount"].item()


def allocated(result: MatchResult, invoice: str) -> list[tuple[str | None, Decimal]]:
    """(receipt, quantity) of an invoice's allocations, in sequence."""
    mine = result.allocations.filter(pl.col("invoice_id") == invoice)
    return mine.sort("po_line_id", "sequence_no").select("receipt_line_id", "qty").rows()
