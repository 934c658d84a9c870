"""Supplier invoices: what they bill, what they take back, how far they are."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.connectors.sap_s4 import company
from tests.connectors.sap_s4.odata import Sap
from tests.connectors.sap_s4.taking import Home

pytestmark = pytest.mark.slow


@pytest.fixture
def ordered(sap: Sap) -> Sap:
    company.order(sap)
    company.item(sap)
    return sap


def test_an_invoice_of_an_order(ordered: Sap) -> None:
    company.invoice(ordered, InvoiceReceiptDate="2026-02-27")
    company.invoice_item(ordered, ReferenceDocument="5000000001", ReferenceDocumentItem="0001")
    home = Home(ordered).run()
    assert home.defects() == []
    header, line = home.row("invoices"), home.row("invoice_lines")
    assert header["invoice_id"] == line["invoice_id"] == "erp|supplier_invoices|5105600001|2026"
    assert (header["invoice_no_supplier"], header["invoice_no_norm"]) == (
        "RE-2026/0815",
        "RE20260815",
    )
    assert (header["kind"], header["status_canon"]) == ("invoice", "posted")
    assert header["missing_fields"] is None
    assert (header["entity_id"], header["ccy"]) == ("lumen_de", "EUR")
    assert header["supplier_src_id"] == "erp|supplier_companies|0000100001|1000"
    assert [header[c] for c in ("net", "tax", "charges", "gross")] == [
        *(Decimal(50), Decimal("9.5"), Decimal(0), Decimal("59.5")),
    ]
    assert (header["invoice_date"], header["due_date"]) == (date(2026, 2, 25), date(2026, 3, 27))
    assert (header["posting_date"], header["received_at"].day) == (date(2026, 2, 26), 27)
    assert (line["qty"], line["uom"], line["net_amount"]) == (Decimal(4), "EA", Decimal(50))
    assert line["po_line_id"] == "erp|purchase_order_items|4500000001|10"
    assert (line["po_number_ref"], line["po_line_ref"]) == ("4500000001", "10")
    assert (line["receipt_no_ref"], line["receipt_line_ref"]) == ("5000000001", "1")
    assert (line["type"], line["tax_code"], line["tax_rate"]) == ("item", "V1", Decimal(19))


def test_an_invoice_without_the_suppliers_number_says_so(ordered: Sap) -> None:
    company.invoice(ordered, SupplierInvoiceIDByInvcgParty="")
    company.invoice_item(ordered)
    header = Home(ordered).run().row("invoices")
    assert header["missing_fields"] == "supplier's invoice number"
    assert header["invoice_no_supplier"] == "5105600001"


@pytest.mark.parametrize(
    ("header", "line", "kind", "qty", "net"),
    [
        ({"SupplierInvoiceIsCreditMemo": "X"}, {}, "credit_qty", "-4", "-50"),
        (
            {"SupplierInvoiceIsCreditMemo": "X"},
            {"IsSubsequentDebitCredit": "X"},
            *("credit_value", None, "-50"),
        ),
        ({}, {"IsSubsequentDebitCredit": "X"}, "debit_value", None, "50"),
    ],
)
def test_credits_and_later_debits(
    ordered: Sap, header: dict[str, Any], line: dict[str, Any], kind: str, qty: str | None, net: str
) -> None:
    reference = {"InvoiceReference": "5105600009", "InvoiceReferenceFiscalYear": "2025"}
    company.invoice(ordered, **header, **reference)
    company.invoice_item(ordered, **line)
    home = Home(ordered).run()
    assert home.defects() == []
    found, billed = home.row("invoices"), home.row("invoice_lines")
    assert (found["kind"], found["net"], billed["net_amount"]) == (kind, Decimal(net), Decimal(net))
    assert billed["qty"] == (Decimal(qty) if qty else None)
    credit = "erp|supplier_invoices|5105600009|2025"
    corrects = header or kind == "debit_value"
    assert found["corrects_invoice_id"] == (credit if corrects else None)


def test_taxes_of_several_codes_are_added_and_delivery_is_a_charge(ordered: Sap) -> None:
    company.invoice(ordered, tax="9.50", InvoiceGrossAmount="84.13", UnplannedDeliveryCost="5.00")
    key = {"SupplierInvoice": "5105600001", "FiscalYear": "2026"}
    for counter, amount in (("2", "4.63"), ("3", "0.00")):
        ordered.add(
            "A_SupplierInvoiceTax",
            **key,
            TaxCode="VF",
            SupplierInvoiceTaxCounter=counter,
            TaxAmount=amount,
        )
    company.invoice_item(ordered)
    company.invoice_item(
        ordered,
        line="2",
        SuplrInvcDeliveryCostCndnType="FRA1",
        SupplierInvoiceItemAmount="15.00",
    )
    home = Home(ordered).run()
    assert home.defects() == []
    header = home.row("invoices")
    assert [header[c] for c in ("net", "tax", "charges", "gross")] == [
        *(Decimal(65), Decimal("14.13"), Decimal(5), Decimal("84.13")),
    ]
    assert home.rows("invoice_lines", "line_no", "type", "qty", "net_amount", "charge_code") == [
        ("1", "item", Decimal(4), Decimal(50), None),
        ("2", "charge", None, Decimal(15), "FRA1"),
    ]


def test_what_is_billed_without_an_order(sap: Sap) -> None:
    company.invoice(sap, tax="0.00", InvoiceGrossAmount="90.00")
    key = {"SupplierInvoice": "5105600001", "FiscalYear": "2026"}
    for item, side, amount in (("0001", "S", "100.00"), ("0002", "H", "10.00")):
        sap.add(
            "A_SupplierInvoiceItemGLAcct",
            **key,
            SupplierInvoiceItem=item,
            DebitCreditCode=side,
            SupplierInvoiceItemAmount=amount,
            GLAccount="0000476000",
        )
    home = Home(sap).run()
    assert home.defects() == []
    columns = ("line_no", "net_amount", "qty", "po_number_ref")
    assert home.rows("invoice_lines", *columns) == [
        ("G1", Decimal(100), None, None),
        ("G2", Decimal(-10), None, None),
    ]
    assert home.row("invoices")["net"] == Decimal(90)


def test_yen_have_no_decimals_and_figures_may_be_huge(ordered: Sap) -> None:
    company.invoice(ordered, tax="0", DocumentCurrency="JPY", InvoiceGrossAmount="99999999999.000")
    company.invoice_item(ordered, SupplierInvoiceItemAmount="99999999999.000")
    home = Home(ordered).run()
    assert home.row("invoices")["gross"] == home.row("invoice_lines")["net_amount"] == 99999999999


STATES: tuple[tuple[dict[str, str], str], ...] = (
    ({"PaymentBlockingReason": "R"}, "blocked"),
    ({"SupplierInvoiceStatus": "A", "PaymentBlockingReason": "R"}, "parked"),
    ({"SupplierInvoiceStatus": "D"}, "received"),
    ({"SupplierInvoiceStatus": "2"}, "void"),
    ({"SupplierInvoiceStatus": ""}, "posted"),
)


def test_how_far_an_invoice_is(sap: Sap) -> None:
    expected = set()
    for number, (facts, status) in enumerate(STATES, start=5105600001):
        company.invoice(sap, str(number), **facts)
        invoice = f"erp|supplier_invoices|{number}|2026"
        expected.add((invoice, status, facts.get("PaymentBlockingReason")))
    home = Home(sap).run()
    assert home.defects() == []
    assert set(home.rows("invoices", "invoice_id", "status_canon", "payment_block")) == expected


def test_a_reversal_voids_both_though_the_first_is_not_read_again(ordered: Sap) -> None:
    """The reversal is a new document; the flag of the old one changes without a stamp."""
    old = company.invoice(ordered, CreationDate="2025-06-01")
    company.invoice_item(ordered)
    company.invoice(ordered, "5105600050", SupplierInvoiceIDByInvcgParty="OTHER")
    home = Home(ordered).run()
    assert home.rows("invoices", "status_canon") == ["posted", "posted"]
    old |= {
        "ReverseDocument": "5105600002",
        "ReverseDocumentFiscalYear": "2026",
        "IsReversed": True,
    }
    company.invoice(
        ordered,
        "5105600002",
        CreationDate="2026-02-27",
        SupplierInvoiceIsCreditMemo="X",
        ReverseDocument="5105600001",
        ReverseDocumentFiscalYear="2026",
        IsReversal=True,
    )
    home.run()
    taken = home.manifests["supplier_invoices"]
    assert (taken.mode, taken.row_count) == ("incremental", 2)
    assert home.rows("invoices", "invoice_id", "status_canon", "gross") == [
        ("erp|supplier_invoices|5105600001|2026", "void", Decimal("59.5")),
        ("erp|supplier_invoices|5105600002|2026", "void", Decimal("-59.5")),
        ("erp|supplier_invoices|5105600050|2026", "posted", Decimal("59.5")),
    ]
    reversal = home.row("invoices", invoice_id="erp|supplier_invoices|5105600002|2026")
    assert reversal["corrects_invoice_id"] == "erp|supplier_invoices|5105600001|2026"


def test_what_is_wrong_waits_with_its_lines(ordered: Sap) -> None:
    company.invoice(ordered, SupplierInvoiceStatus="9")
    company.invoice_item(ordered)
    company.invoice(ordered, "5105600002")
    company.invoice_item(ordered, "5105600002")
    company.invoice_item(ordered, "5105600002", "2", SupplierInvoiceItemAmount="1.23456")
    home = Home(ordered).run()
    assert home.defects() == [
        ("supplier_invoice_items", "5105600001|2026|1", "PARENT_MISSING"),
        ("supplier_invoice_items", "5105600002|2026|2", "PRECISION_LOST"),
        ("supplier_invoices", "5105600001|2026", "MAPPING_MISSING"),
    ]
    assert home.rows("invoice_lines", "line_no") == ["1"]


def test_an_order_that_another_system_keeps_is_named_by_number_only(sap: Sap) -> None:
    company.invoice(sap)
    company.invoice_item(sap)
    line = Home(sap).run().row("invoice_lines")
    assert (line["po_id"], line["po_line_id"]) == (None, None)
    assert (line["po_number_ref"], line["po_line_ref"]) == ("4500000001", "10")


BOOKED: tuple[tuple[str, dict[str, str], tuple[str, str] | None, str | None], ...] = (
    ("EUR", {"DirectQuotedExchangeRate": "1.00000"}, None, "1"),
    ("GBP", {"DirectQuotedExchangeRate": "1.15459"}, ("-59.50", "-68.70"), "1.15459"),
    ("GBP", {"IndirectQuotedExchangeRate": "0.86611"}, ("-59.50", "-68.70"), "1.1545877544"),
    # Quoted for a hundred yen, as the books show.
    ("JPY", {"DirectQuotedExchangeRate": "0.61250"}, ("-5950", "-36.44"), "0.006125"),
    ("GBP", {}, None, None),
)


def test_the_rate_it_was_booked_at(sap: Sap) -> None:
    expected = set()
    for n, (ccy, rates, books, booked) in enumerate(BOOKED):
        number = f"510560000{n}"
        company.invoice(sap, number, DocumentCurrency=ccy, **rates)
        if books:
            company.journal(
                sap,
                f"510000000{n}",
                books[0],
                AmountInCompanyCodeCurrency=books[1],
                TransactionCurrency=ccy,
                ReferenceDocument=number,
                ReferenceDocumentType="RMRP",
                ReferenceDocumentContext="2026",
            )
        rate = Decimal(booked) if booked else None
        expected.add((f"erp|supplier_invoices|{number}|2026", rate))
    home = Home(sap).run()
    assert home.defects() == []
    assert set(home.rows("invoices", "invoice_id", "fx_rate_booked")) == expected
