"""Invoices, credit notes and payments, told by looking at the rows of conftest.py."""

from __future__ import annotations

from tests.sandbox.vendors.coupa.conftest import Client


def test_one_tax_code_is_told_at_the_header(client: Client) -> None:
    invoice = client.get("/api/invoices/1")
    assert invoice["line-level-taxation"] is False
    (tax,) = invoice["tax-lines"]
    assert (tax["code"], tax["rate"], tax["amount"]) == ("V1", 19.0, "12.6700")
    assert tax["tax-code"]["percentage"] == 19.0
    assert invoice["tax-amount"] == "12.67"
    assert invoice["invoice-lines"][0]["tax-lines"] == []


def test_several_tax_codes_are_told_at_the_lines(client: Client) -> None:
    invoice = client.get("/api/invoices/3")
    assert (invoice["line-level-taxation"], invoice["tax-lines"]) == (True, [])
    assert invoice["tax-amount"] is None
    taxes = [line["tax-lines"][0] for line in invoice["invoice-lines"]]
    assert [(tax["code"], tax["amount"]) for tax in taxes] == [("V1", "3.8000"), ("V0", "0.0000")]


def test_a_charge_is_no_line(client: Client) -> None:
    invoice = client.get("/api/invoices/1")
    assert [line["id"] for line in invoice["invoice-lines"]] == [1]
    (charge,) = invoice["invoice-charges"]
    assert (charge["type"], charge["total"]) == ("InvoiceShippingCharge", "5.00")
    assert (invoice["shipping-amount"], invoice["misc-amount"]) == ("5.0000", "0.0000")
    assert invoice["gross-total"] == "79.37"


def test_a_credit_note_is_negative(client: Client) -> None:
    note = client.get("/api/invoices/2")
    assert (note["document-type"], note["is-credit-note"]) == ("Credit Note", True)
    assert (note["original-invoice-number"], note["gross-total"]) == ("R-1", "-14.68")
    (line,) = note["invoice-lines"]
    assert (line["quantity"], line["price"]) == ("-1000.000000", "0.01234000000000000000")
    assert line["total"] == "-12.34000000000000000000"
    assert (note["tax-lines"][0]["amount"], line["adjustment-type"]) == ("-2.3400", "quantity")


def test_a_line_is_told_in_the_legal_entitys_currency_too(client: Client) -> None:
    note = client.get("/api/invoices/2")
    (line,) = note["invoice-lines"]
    assert (note["currency"]["code"], note["exchange-rate"]) == ("USD", "0.870000000")
    # -12.34 at 0.87 is -10.7358.
    assert line["accounting-total"].startswith("-10.740000")
    assert line["accounting-total-currency"]["code"] == "EUR"


def test_what_an_invoice_states_need_not_exist(client: Client) -> None:
    stated, _ = client.get("/api/invoices/3")["invoice-lines"]
    assert (stated["po-number"], stated["order-line-num"]) == ("PO 9", "1")
    assert stated["order-line-id"] is None
    (found,) = client.get("/api/invoices/1")["invoice-lines"]
    assert (found["po-number"], found["order-line-id"]) == ("PO1", 1)


def test_statuses(client: Client) -> None:
    told = [
        (each["status"], each["paid"], each["canceled"]) for each in client.get("/api/invoices")
    ]
    assert told == [
        ("approved", True, False),
        ("approved", False, False),
        ("on_hold", False, False),
        ("voided", False, True),
    ]


def test_a_paid_invoice_says_when(client: Client) -> None:
    paid, open_note = client.get("/api/invoices", ("id[in]", "1,2"))
    assert paid["payment-date"] == "2026-03-01T00:00:00+00:00"
    assert open_note["payment-date"] is None


def test_a_payment_and_what_it_settles(client: Client) -> None:
    (payment,) = client.get("/api/coupa_pay/payments")
    assert (payment["pay-to-total"], payment["pay-to-currency"]["code"]) == ("77.78", "EUR")
    assert (payment["pay-from-total"], payment["pay-from-currency"]["code"]) == ("66.11", "GBP")
    assert payment["requested-execution-date"] == "2026-03-01"
    assert payment["payee"]["number"] == "S100"
    (detail,) = payment["payment-details"]
    assert (detail["payment-total"], detail["discount-total"]) == ("77.78", "1.59")
    assert (detail["transaction-total"], detail["source-transaction-id"]) == ("79.37", "1")
    (shown,) = client.get("/api/invoices/1")["payments"]
    assert (shown["amount-paid"], shown["payment-date"]) == ("77.7800", "2026-03-01T00:00:00+00:00")


def test_the_approval_of_an_invoice(client: Client) -> None:
    (approval,) = client.get("/api/invoices/1")["approvals"]
    assert approval == client.get("/api/approvals/1")
    assert (approval["approvable-id"], approval["approver"]["login"]) == (
        1,
        "max.boss@lumen.example",
    )
    (boss,) = client.get("/api/users", ("login[starts_with]", "max"))
    assert boss["invoice-approval-limit"]["amount"] == "5000.0000"
