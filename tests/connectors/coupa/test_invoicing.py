"""Invoices, credits, taxes, charges and payments of Coupa as canonical rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal as D

import pytest

from tests.connectors.coupa.api import Coupa, serving
from tests.connectors.coupa.books import (
    Record,
    approval,
    billed,
    invoice,
    order,
    ordered,
    payment,
    settles,
    supplier,
    tax,
)
from tests.connectors.coupa.taking import Home

pytestmark = pytest.mark.slow
ORDER = order(100, ordered(1001), ordered(1002))
CREDIT: Record = {"document-type": "Credit Note", "is-credit-note": True}
MINUS: Record = {**CREDIT, "gross-total": "-120.00", "tax-amount": "-20.00"}
LEVEL: Record = {"line-level-taxation": True, "tax-amount": "0.0"}
PAID: Record = {"paid": True, "payment-date": "2026-04-02T00:00:00+01:00"}
GBP = {"code": "GBP"}
IN_BOOKS: Record = {"accounting-total-currency": {"code": "EUR"}}
PER_1000: Record = {"price": "17.82", "qty": "1000.0"}
CHARGES: list[Record] = [
    {"id": 81, "line-num": 2, "total": "7.50", "tax-lines": [tax(24, "1.50")]},
    {"id": 82, "line-num": 3, "total": "2.50", "tax-lines": []},
]
ERP = {"id": 5, "amount-paid": "120.00", "payment-date": None, "check-number": "000077"}
INVOICES = [
    invoice(
        1,
        billed(11, ORDER),
        approvals=[approval(70)],
        **{"tax-lines": [tax(21, "12.00"), tax(22, "8.00", code="", rate=None)]},
    ),
    # Taxes at the lines, and charges that are listed.
    invoice(
        2,
        billed(12, ORDER, **{"tax-amount": "20.00", "tax-lines": [tax(23, "20.00")]}),
        **{**LEVEL, "gross-total": "131.50", "invoice-charges": CHARGES, "shipping-amount": "7.50"},
    ),
    invoice(
        3,
        billed(13),
        billed(14, total="50.00", type="InvoiceAmountLine", quantity=None, price=None, uom=None),
        **{
            "gross-total": "180.25",
            "shipping-amount": "6.00",
            "handling-amount": "4.00",
            "misc-amount": "0.25",
        },
    ),
    # What was billed is taken back: by quantity, by price, and once with positive figures.
    invoice(4, billed(15, ORDER, quantity="-8.0", total="-100.00"), **MINUS),
    invoice(
        5,
        billed(16, ORDER, price="-12.50", total="-100.00", **{"adjustment-type": "price"}),
        **MINUS,
    ),
    invoice(6, billed(17, ORDER), **{**CREDIT, "tax-lines": [tax(25, "20.00")]}),
    invoice(
        7,
        billed(18, quantity=None, price=None, type="InvoiceAmountLine", total="-100.00"),
        **MINUS,
    ),
    invoice(8, billed(19), status="ap_hold", **{"tolerance-failures": "Price is too high"}),
    invoice(9, billed(20), status="approved", **PAID, payments=[ERP]),
    invoice(10, billed(21), canceled=True),
    invoice(
        11,
        billed(22, quantity="30000.0", price="0.01782000000000000000", total="534.60",
               **{"bulk-price": PER_1000}),
        billed(23, quantity="3.0", price="3.33333333333333333333", total="10.00000000000000000000"),
        billed(24, quantity="125.0", price="0.0423", total="5.28750000000000000000"),
        **{"gross-total": "549.8875", "tax-amount": "0.00"},
        currency={"code": "USD"},
    ),
    invoice(12, billed(25, quantity="2", price="1500", total="3000"), currency={"code": "JPY"},
            **{"gross-total": "3300", "tax-amount": "300"}),
    invoice(13, billed(26, ORDER, line=1), payments=[{**ERP, "id": 6}],
            **{**PAID, "payment-channel": "Coupa Pay Invoice Payment"}),
    invoice(14, billed(27, order(999, ordered(9991)))),
    invoice(15, status="new", **{"invoice-number": "", "invoice-date": None, "gross-total": "0.0",
            "tax-amount": None}),
    # The books are in the currency of the invoice: they do not tell.
    invoice(21, billed(33, **{"accounting-total": "100", "accounting-total-currency": GBP}),
            **{"exchange-rate": "1.154600000"}),
    # Two invoices of one number, and the credit note for it; paid, though on hold.
    invoice(17, billed(29), **{"invoice-number": "RE-17", "exchange-rate": "1.154590000"}),
    invoice(18, billed(30, **IN_BOOKS, **{"accounting-total": "86.6100"}),
            **{"invoice-number": "RE-17", "exchange-rate": "1.154600000"}),
    invoice(19, billed(31, quantity="-8.0", total="-100.00", **IN_BOOKS,
            **{"accounting-total": "-115.4600"}), **MINUS,
            **{"original-invoice-number": "RE-17", "exchange-rate": "1.154600000"}),
    invoice(20, billed(32), status="on_hold", **PAID),
    # A debit of the price of what was billed before.
    invoice(22, billed(34, ORDER, **{"adjustment-type": "price"}),
            **{"original-invoice-number": "RE-17"}),
    # Taxes at the lines, without lines of tax.
    invoice(16, billed(28, **{"tax-amount": "20.00"}), **LEVEL),
]  # fmt: skip
FIRST, PAID_BY_COUPA = INVOICES[0], INVOICES[12]
PAYMENTS = [
    payment(40, settles(41, PAID_BY_COUPA)),
    payment(
        42,
        settles(43, FIRST, "100.00", **{"discount-total": "2.00"}),
        settles(44, {"id": 5555, "invoice-number": "RE-X"}, "50.00"),
        status="payment_initiated",
        **{"pay-to-total": "150.00", "requested-execution-date": None, "payment-identifier": None},
    ),
]


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    coupa = Coupa()
    coupa.add("suppliers", supplier())
    coupa.add("purchase_orders", ORDER)
    coupa.add("invoices", *INVOICES)
    coupa.add("coupa_pay/payments", *PAYMENTS)
    with serving(coupa):
        yield Home(coupa).run()


def test_nothing_is_set_aside(home: Home) -> None:
    assert home.told() == []
    assert home.world.counts["holds"].all()


def amounts(home: Home, number: int) -> tuple[object, ...]:
    row = home.row("invoices", invoice_id=f"erp|invoices|{number}")
    return tuple(row[n] for n in ("kind", "net", "tax", "charges", "gross"))


def line(home: Home, number: int) -> tuple[object, ...]:
    row = home.row("invoice_lines", invoice_line_id=f"erp|invoice_lines|{number}")
    return tuple(row[n] for n in ("qty", "unit_price", "price_unit", "net_amount", "tax_amount"))


def test_an_invoice_with_its_dates(home: Home) -> None:
    row = home.row("invoices", invoice_no_supplier="RE-001")
    assert (row["invoice_no_norm"], row["supplier_src_id"]) == ("RE001", "erp|suppliers|7")
    assert (row["invoice_date"], row["due_date"]) == (date(2026, 3, 10), date(2026, 4, 9))
    assert row["received_at"] == datetime(2026, 3, 11, 7, tzinfo=UTC)
    assert (row["entity_id"], row["ccy"], row["settled_date"]) == ("lumen_uk", "GBP", None)
    assert row["missing_fields"] is None


def test_an_invoice_without_a_number_says_so(home: Home) -> None:
    row = home.row("invoices", invoice_id="erp|invoices|15")
    assert (row["invoice_no_supplier"], row["status_canon"]) == ("(15)", "received")
    assert row["missing_fields"] == "supplier's invoice number"


def test_every_invoice_adds_up_as_coupa_states_it(home: Home) -> None:
    for row in home.world.current("invoices").to_dicts():
        assert row["net"] + row["tax"] + row["charges"] == row["gross"], row["invoice_id"]


def test_taxes_and_charges_of_the_header_or_of_the_lines(home: Home) -> None:
    assert amounts(home, 1) == ("invoice", D(100), D(20), D(0), D(120))
    assert amounts(home, 2) == ("invoice", D(100), D("21.5"), D(10), D("131.5"))
    assert amounts(home, 3) == ("invoice", D(150), D(20), D("10.25"), D("180.25"))
    assert amounts(home, 16) == ("invoice", D(100), D(20), D(0), D(120))
    assert (line(home, 11)[4], line(home, 12)[4]) == (None, D(20))
    names = ("invoice_id", "line_no", "net_amount", "tax_code", "tax_rate")
    taxes = [row for row in home.rows("invoice_lines", "type", *names) if row[0] == "tax"]
    assert [row[1:] for row in taxes] == [
        ("erp|invoices|1", "tax 21", D(12), "V20", D(20)),
        ("erp|invoices|1", "tax 22", D(8), None, None),
        ("erp|invoices|2", "charge 2 tax 24", D("1.5"), "V20", D(20)),
        ("erp|invoices|2", "line 1 tax 23", D(20), "V20", D(20)),
        ("erp|invoices|6", "tax 25", D(-20), "V20", D(20)),
    ]
    taxed = home.row("invoice_lines", invoice_line_id="erp|invoice_lines|12")
    assert (taxed["tax_code"], taxed["tax_rate"]) == ("V20", D(20))


def test_credits_are_negative_however_they_are_written(home: Home) -> None:
    negative = (D(-100), D(-20), D(0), D(-120))
    assert amounts(home, 4) == ("credit_qty", *negative)
    assert amounts(home, 5) == ("credit_value", *negative)
    assert amounts(home, 6) == ("credit_qty", *negative)
    assert amounts(home, 7) == ("credit_value", *negative)
    assert line(home, 15) == (D(-8), D("12.5"), None, D(-100), None)
    assert line(home, 16) == (D(8), D("-12.5"), None, D(-100), None)
    assert line(home, 17) == (D(-8), D("12.5"), None, D(-100), None)
    assert line(home, 18) == (None, None, None, D(-100), None)


def test_an_invoice_that_adjusts_a_price_is_a_debit(home: Home) -> None:
    assert amounts(home, 22)[0] == "debit_value"
    assert amounts(home, 1)[0] == "invoice"


def test_states_and_what_blocks(home: Home) -> None:
    found = {r[0].split("|")[2]: r[1:] for r in home.rows("invoices", "invoice_id", "status_canon",
             "status_src", "payment_block", "settled_date")}  # fmt: skip
    assert found["1"] == ("approved", "approved", None, None)
    assert found["8"] == ("blocked", "ap_hold", "Price is too high", None)
    assert found["9"] == ("paid", "approved paid", None, date(2026, 4, 2))
    assert found["10"] == ("void", "approved canceled", None, None)
    assert found["15"] == ("received", "new", None, None)
    assert found["20"] == ("paid", "on_hold paid", "on_hold", date(2026, 4, 2))


def test_a_credit_note_names_the_first_invoice_of_the_number(home: Home) -> None:
    found = dict(home.rows("invoices", "invoice_id", "corrects_invoice_id"))
    assert found.pop("erp|invoices|19") == "erp|invoices|17"
    assert found.pop("erp|invoices|22") == "erp|invoices|17"
    assert set(found.values()) == {None}


def test_the_rate_booked_leads_to_what_the_line_is_worth_in_the_books(home: Home) -> None:
    found = dict(home.rows("invoices", "invoice_id", "fx_rate_booked"))
    assert found["erp|invoices|1"] is None
    assert found["erp|invoices|17"] == D("1.15459")
    assert found["erp|invoices|18"] == D("0.8661008141")
    assert found["erp|invoices|19"] == found["erp|invoices|21"] == D("1.1546")


def test_a_draft_has_neither_number_nor_date(home: Home) -> None:
    row = home.row("invoices", invoice_id="erp|invoices|15")
    assert (row["invoice_no_supplier"], row["invoice_date"]) == ("(15)", date(2026, 3, 2))


def test_prices_for_a_thousand_and_with_twenty_decimals(home: Home) -> None:
    assert line(home, 22) == (D(30000), D("17.82"), D(1000), D("534.6"), None)
    assert line(home, 23) == (D(3), D("3.3333333333"), None, D(10), None)
    assert line(home, 24) == (D(125), D("0.0423"), None, D("5.2875"), None)


def test_a_currency_without_decimals(home: Home) -> None:
    assert amounts(home, 12) == ("invoice", D(3000), D(300), D(0), D(3300))
    assert line(home, 25)[:2] == (D(2), D(1500))


def test_a_line_names_its_order_by_number_and_by_id_if_it_is_held(home: Home) -> None:
    names = ("po_number_ref", "po_line_ref", "po_id", "po_line_id")
    ours = home.row("invoice_lines", invoice_line_id="erp|invoice_lines|11")
    assert [ours[n] for n in names] == [
        "PO100",
        "1",
        "erp|purchase_orders|100",
        "erp|order_lines|1001",
    ]
    other = home.row("invoice_lines", invoice_line_id="erp|invoice_lines|27")
    assert [other[n] for n in names] == ["PO999", "1", None, None]
    none = home.row("invoice_lines", invoice_line_id="erp|invoice_lines|13")
    assert [none[n] for n in names] == [None] * 4


def test_who_approved_an_invoice(home: Home) -> None:
    names = ("subject_type", "subject_id", "decision", "actor")
    assert home.rows("approval_events", *names) == [
        ("invoice", "erp|invoices|1", "approved", "jdoe")
    ]


def test_payments_of_coupa_pay_and_those_of_another_system(home: Home) -> None:
    names = ("payment_id", "payment_no", "amount", "payment_date", "status_canon")
    assert home.rows("payments", *names) == [
        ("erp|invoice_payments|5", "000077", D(120), date(2026, 4, 2), "confirmed"),
        ("erp|payments|40", "CP-40", D(120), date(2026, 4, 2), "confirmed"),
        ("erp|payments|42", "42", D(150), date(2026, 4, 1), "sent"),
    ]
    assert set(home.rows("payments", "supplier_src_id")) == {"erp|suppliers|7"}


def test_what_a_payment_settles(home: Home) -> None:
    names = ("payment_id", "invoice_id", "amount_applied", "discount_taken", "invoice_no_ref")
    assert home.rows("payment_applications", *names) == [
        ("erp|invoice_payments|5", "erp|invoices|9", D(120), None, None),
        ("erp|payments|40", "erp|invoices|13", D(120), D(0), "RE-0013"),
        ("erp|payments|42", "erp|invoices|1", D(100), D(2), "RE-001"),
        ("erp|payments|42", None, D(50), D(0), "RE-X"),
    ]
