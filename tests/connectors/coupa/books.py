"""Records as Coupa writes them: figures as text, moments with an offset, dashes in names.

Belongs here: ordinary records, of which tests change what they are about. Not here: serving them.
"""

from __future__ import annotations

from typing import Any

Record = dict[str, Any]
CHANGED = "2026-03-02T09:30:00+01:00"


def account(entity: str = "Lumen UK Ltd", code: str = "GB-4711-600100") -> Record:
    return {"code": code, "segment-1": "GB", "account-type": {"legal-entity-name": entity}}


def supplier(number: int = 7, /, **changes: Any) -> Record:
    good = {
        "id": number,
        "updated-at": CHANGED,
        "number": f"0000{number}",
        "name": "Hartmann & Söhne",
        "status": "active",
        "on-hold": False,
        "tax-id": "GB123456789",
        "payment-term": {"type": "DaysAfterNetPaymentTerm", "days-for-net-payment": 30},
    }
    return {**good, **changes}


def item(number: int = 3, /, **changes: Any) -> Record:
    good = {
        "id": number,
        "updated-at": CHANGED,
        "item-number": f"I-{number}",
        "name": "Screw M4",
        "description": "",
        "uom": {"code": "EA"},
        "commodity": {"name": "Hardware"},
    }
    return {**good, **changes}


def approval(number: int, /, status: str = "approved", **changes: Any) -> Record:
    good = {
        "id": number,
        "position": 1,
        "status": status,
        "approval-date": "2026-02-28T17:00:00-08:00",
        "approved-by": {"login": "jdoe"},
        "approver": {"login": "jdoe"},
    }
    return {**good, **changes}


def requisition(number: int, /, *lines: Record, **changes: Any) -> Record:
    good = {
        "id": number,
        "updated-at": CHANGED,
        "created-at": "2026-02-27T10:00:00+00:00",
        "status": "ordered",
        "need-by-date": "2026-04-01T00:00:00+01:00",
        "requested-by": {"login": "mmiller"},
        "approvals": [],
        "requisition-lines": list(lines),
    }
    return {**good, **changes}


def asked(number: int, /, **changes: Any) -> Record:
    """A requisition's line."""
    good = {
        "id": number,
        "line-num": 1,
        "description": "Screws",
        "quantity": "10.0",
        "unit-price": "12.50",
        "total": "125.00",
        "need-by-date": None,
        "order-line-id": None,
        "currency": {"code": "GBP"},
        "uom": {"code": "EA"},
        "item": {"id": 3},
        "supplier": {"id": 7},
        "account": account(),
        "account-allocations": [],
    }
    return {**good, **changes}


def order(number: int, /, *lines: Record, **changes: Any) -> Record:
    good = {
        "id": number,
        "updated-at": CHANGED,
        "created-at": "2026-03-01T23:30:00-05:00",
        "po-number": f"PO{number}",
        "status": "issued",
        "supplier": {"id": 7},
        "currency": {"code": "GBP"},
        "requester": {"login": "mmiller"},
        "requisition-header": None,
        "order-lines": list(lines),
    }
    return {**good, **changes}


def ordered(number: int, /, **changes: Any) -> Record:
    """An order's line: ten pieces at 12.50."""
    good = {
        "id": number,
        "line-num": "1",
        "type": "OrderQuantityLine",
        "description": "Screws",
        "quantity": "10.0",
        "price": "12.50",
        "total": "125.00",
        "status": "created",
        "match-type": "3-way",
        "receipt-required": True,
        "need-by-date": "2026-04-01T00:00:00+01:00",
        "requisition-line-id": None,
        "uom": {"code": "EA"},
        "item": {"id": 3},
        "bulk-price": None,
        "account": account(),
        "account-allocations": [],
    }
    return {**good, **changes}


def receipt(number: int, /, of: Record | None, line: int = 0, **changes: Any) -> Record:
    """Goods that came against a line of an order."""
    named = None
    if of is not None:
        named = {
            **{k: of["order-lines"][line][k] for k in ("id", "line-num", "uom", "account")},
            "order-header-id": of["id"],
            "order-header-number": of["po-number"],
        }
    good = {
        "id": number,
        "updated-at": CHANGED,
        "created-at": CHANGED,
        "type": "ReceivingQuantityConsumption",
        "status": "created",
        "quantity": "4.0",
        "total": "50.00",
        "voided-value": None,
        "transaction-date": "2026-03-05T11:00:00+01:00",
        "original-transaction-id": None,
        "uom": {"code": "EA"},
        "asn-header": None,
        "account": account(),
        "account-allocations": [],
        "order-line": named,
    }
    return {**good, **changes}


def invoice(number: int, /, *lines: Record, **changes: Any) -> Record:
    """An invoice of 100.00 and 20.00 tax on the header."""
    good = {
        "id": number,
        "updated-at": CHANGED,
        "created-at": CHANGED,
        "invoice-number": f"RE-00{number}",
        "invoice-date": "2026-03-10T00:00:00+01:00",
        "status": "approved",
        "document-type": "Invoice",
        "is-credit-note": False,
        "canceled": False,
        "paid": False,
        "payment-date": None,
        "payment-channel": "ERP",
        "date-received": "2026-03-11T08:00:00+01:00",
        "net-due-date": "2026-04-09T00:00:00+02:00",
        "line-level-taxation": False,
        "gross-total": "120.00",
        "total-with-taxes": "120.00",
        "tax-amount": "20.00",
        "shipping-amount": "0.00",
        "handling-amount": "0.00",
        "misc-amount": "0.00",
        "self-billing-reference": None,
        "tolerance-failures": None,
        "supplier": {"id": 7},
        "currency": {"code": "GBP"},
        "account-type": {"legal-entity-name": "Lumen UK Ltd"},
        "approvals": [],
        "payments": [],
        "tax-lines": [],
        "invoice-charges": [],
        "invoice-lines": list(lines),
    }
    return {**good, **changes}


def billed(number: int, /, of: Record | None = None, line: int = 0, **changes: Any) -> Record:
    """An invoice's line: eight pieces at 12.50, of an order's line."""
    named = of["order-lines"][line] if of else {}
    good = {
        "id": number,
        "line-num": 1,
        "type": "InvoiceQuantityLine",
        "description": "Screws",
        "adjustment-type": None,
        "quantity": "8.0",
        "price": "12.50000000000000000000",
        "total": "100.00000000000000000000",
        "tax-amount": "",
        "order-line-id": named.get("id"),
        "order-line-num": named.get("line-num"),
        "order-header-num": of["po-number"] if of else None,
        "po-number": of["po-number"] if of else None,
        "delivery-note-number": None,
        "uom": {"code": "EA"},
        "item": {"id": 3},
        "bulk-price": None,
        "tax-lines": [],
    }
    return {**good, **changes}


def tax(number: int, /, amount: str, **changes: Any) -> Record:
    good = {"id": number, "amount": amount, "code": "V20", "rate": "20.0", "description": "VAT"}
    return {**good, **changes}


def payment(number: int, /, *details: Record, **changes: Any) -> Record:
    """A payment of Coupa Pay."""
    good = {
        "id": number,
        "updated-at": CHANGED,
        "created-at": CHANGED,
        "payment-identifier": f"CP-{number}",
        "status": "completed_successfully",
        "type": "CoupaPay::Payment",
        "transfer-type": "ACH",
        "legal-entity-name": "Lumen UK Ltd",
        "pay-to-total": "120.00",
        "requested-execution-date": "2026-04-02",
        "released-at": "2026-04-01T12:00:00+01:00",
        "pay-to-currency": {"code": "GBP"},
        "payment-details": list(details),
    }
    return {**good, **changes}


def settles(number: int, /, of: Record, total: str = "120.00", **changes: Any) -> Record:
    """What a payment pays."""
    good = {
        "id": number,
        "payment-total": total,
        "discount-total": "0.00",
        "source-transaction-id": of["id"],
        "source-transaction-type": "InvoiceHeader",
        "source-transaction-reference": of["invoice-number"],
    }
    return {**good, **changes}


def report(number: int, /, *lines: Record, **changes: Any) -> Record:
    good = {
        "id": number,
        "updated-at": CHANGED,
        "title": "Trade fair",
        "status": "approved_for_payment",
        "total": "250.00",
        "reimbursable-total-amount": "250.00",
        "submitted-at": "2026-03-01T09:00:00+01:00",
        "paid": False,
        "expensed-by": {"login": "mmiller"},
        "reimbursable-total-currency": {"code": "GBP"},
        "payment": None,
        "expense-lines": list(lines),
    }
    return {**good, **changes}


def expense(number: int, /, **changes: Any) -> Record:
    good = {
        "id": number,
        "line-number": 1,
        "description": "Hotel",
        "merchant": "Ritz",
        "expense-date": "2026-02-20T00:00:00+00:00",
        "amount": "200.00",
        "approved-amount": "200.00",
        "foreign-currency-amount": None,
        "exchange-rate": None,
        "employee-reimbursable": True,
        "currency": {"code": "GBP"},
        "foreign-currency": None,
        "expense-category": {"name": "Lodging"},
        "expense-line-taxes": [],
        "account": account(),
        "account-allocations": [],
        "itemized-expense-lines": [],
    }
    return {**good, **changes}
