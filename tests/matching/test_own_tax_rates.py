"""Tax of an invoice by the rates that it states itself."""

from dataclasses import replace

import polars as pl
import pytest

from tests.matching.ledger import AS_OF, ENTITY, Ledger, match, policy


def invoice(tax: str, *rates: tuple[str | None, str], charges: str = "0") -> Ledger:
    """An invoice of 100 without an order, and a tax line for each rate and its amount."""
    ledger = Ledger().invoice("I1", "100", tax=tax, charges=charges)
    ledger.bills("I1", "100", po=None, tax_rate=rates[0][0] if rates else None)
    for n, (rate, amount) in enumerate(rates, 2):
        ledger.bills("I1", amount, no=str(n), po=None, type="tax", tax_rate=rate)
    return ledger


def codes(ledger: Ledger) -> list[str]:
    found = ledger.match().findings["reason_code"].to_list()
    return [code for code in found if code.startswith("TAX")]


@pytest.mark.parametrize(
    ("tax", "expected"), [("19", []), ("19.01", ["TAX_OVER"]), ("18.99", ["TAX_UNDER"])]
)
def test_one_rate_taxes_everything(tax: str, expected: list[str]) -> None:
    assert codes(invoice(tax, ("19", tax))) == expected


def test_charges_of_the_header_are_taxed_too() -> None:
    assert codes(invoice("20.90", ("19", "20.90"), charges="10")) == []
    assert codes(invoice("19", ("19", "19"), charges="10")) == ["TAX_UNDER"]


def test_with_several_rates_each_line_says_at_which() -> None:
    ledger = invoice("26", ("19", "19"), ("7", "7")).bills("I1", "100", no="9", po=None)
    assert codes(ledger) == []  # which line is taxed at which rate is not told: nothing is checked
    ledger = Ledger().invoice("I1", "200", tax="25")
    for no, rate in (("1", "19"), ("2", "7")):
        ledger.bills("I1", "100", no=no, po=None, tax_rate=rate)
        ledger.bills("I1", "13", no=f"9{no}", po=None, type="tax", tax_rate=rate)
    assert codes(ledger) == ["TAX_UNDER"]


def test_a_rate_that_is_not_told_checks_nothing() -> None:
    assert codes(invoice("50", (None, "50"))) == []
    assert codes(invoice("50")) == []


def test_an_invoice_of_which_a_line_waits_is_not_blamed_for_its_total() -> None:
    ledger = Ledger().invoice("I1", "100", tax="19").bills("I1", "60", po=None, tax_rate="19")
    ledger.bills("I1", "19", no="2", po=None, type="tax", tax_rate="19")
    assert {"DOC_NOT_BALANCED", "TAX_OVER"} <= set(ledger.match().findings["reason_code"])
    waiting = pl.DataFrame({"invoice_id": ["I1"]})
    docs = replace(ledger.documents(), incomplete_invoices=waiting)
    found = match(docs, policy(), AS_OF, ENTITY).findings["reason_code"].to_list()
    assert found == ["INV_NO_PO"]


def test_the_sentence_says_whose_rates() -> None:
    message = invoice("20", ("19", "20")).match().findings["message"].to_list()
    assert (
        "Invoice I1 states 20.00 USD of tax; its rates give 19.00 USD (1.00 USD more, "
        "no tolerance)." in message
    )


def test_the_rates_of_the_order_outrank_those_of_the_invoice() -> None:
    ledger = Ledger().order().line("10", "10", tax_rate="19").receipt("R1", "10")
    ledger.invoice("I1", "100", tax="7")
    ledger.bills("I1", "100", po_line_id="PO1-1", qty="10", uom="EA", unit_price="10")
    ledger.bills("I1", "7", no="2", po=None, type="tax", tax_rate="7")
    assert codes(ledger) == ["TAX_UNDER"]


@pytest.mark.parametrize(("tax", "expected"), [("20.90", []), ("21", ["TAX_OVER"])])
def test_where_no_tax_is_a_line_lines_and_freight_say_their_rate(
    tax: str, expected: list[str]
) -> None:
    ledger = Ledger().invoice("I1", "110", tax=tax).bills("I1", "100", po=None, tax_rate="19")
    ledger.bills("I1", "10", no="2", po=None, type="charge", tax_rate="19")
    assert codes(ledger) == expected
