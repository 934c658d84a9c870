"""Caps on what a line bills; variances in money where quantity and price pass per unit."""

from datetime import date
from decimal import Decimal as D
from typing import Any

import polars as pl
import pytest

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.matching.match import MatchResult, match
from tests.matching.ledger import AS_OF, ENTITY, Ledger, finding, outcome, policy, reasons

LOOSE = {"upper_pct": "100", "lower_pct": "100"}
CAP = {"upper_abs": "1000"}


def check(result: MatchResult, name: str) -> list[tuple[Any, ...]]:
    rows = result.check_results.filter(check=name).sort("subject_id", "basis")
    return rows.select("subject_id", "basis", "expected", "actual", "passed").rows()


@pytest.mark.parametrize(("price", "codes"), [("100", []), ("100.01", ["ITEM_AMOUNT_CAP"])])
def test_a_line_up_to_the_cap(price: str, codes: list[str]) -> None:
    ledger = Ledger().order().line("10", price).receipt("R1", "10")
    result = ledger.quantity_invoice("I1", "10", price).match(LINE_CAP=CAP)
    assert reasons(result) == codes
    assert outcome(result, "I1") == ("BLOCKED" if codes else "MATCHED")
    if codes:
        assert finding(result, "ITEM_AMOUNT_CAP")["message"] == (
            "Invoice I1 line 1 (order PO1) bills 1,000.10 USD; one line may bill at most "
            "1,000.00 USD."
        )


def test_the_cap_holds_without_an_order_and_per_line() -> None:
    ledger = Ledger().invoice("I1", "3200")
    for no, net in (("1", "900"), ("2", "1200"), ("3", "1100")):
        ledger.bills("I1", net, no, po=None, type="charge" if no == "3" else "item")
    result = ledger.match(LINE_CAP=CAP)
    assert check(result, "LINE_CAP") == [
        ("I1/2", "without order", D(0), D(1200), False),
        ("I1/3", "without order", D(0), D(1100), False),
    ]


def test_a_credit_has_no_cap_and_no_cap_is_no_check() -> None:
    ledger = Ledger().order().line("10", "500").receipt("R1", "10")
    ledger.quantity_invoice("I1", "10", "500")
    assert check(ledger.match(), "LINE_CAP") == []
    ledger.quantity_invoice("C1", "-10", "500", day=4, kind="credit_qty")
    assert [row[0] for row in check(ledger.match(LINE_CAP=CAP), "LINE_CAP")] == ["I1/1"]


def rated(docs: Documents, *rates: tuple[str, str]) -> Documents:
    """The documents, of books in EUR, with what one unit of a currency is worth in them."""
    rows = [
        {"functional_ccy": "EUR", "ccy": ccy, "rate_date": date(2024, 1, 1), "rate": D(rate)}
        for ccy, rate in rates
    ]
    frame = pl.DataFrame(rows, schema=docs.functional_rates.schema)
    return Documents(**{**vars(docs), "functional_rates": frame})


@pytest.mark.parametrize(("rate", "above"), [("0.5", False), ("0.51", True)])
def test_the_cap_is_in_the_currency_of_the_books(rate: str, above: bool) -> None:
    ledger = Ledger().order().line("10", "200").receipt("R1", "10")
    docs = rated(ledger.quantity_invoice("I1", "10", "200").documents(), ("USD", rate))
    result = match(docs, policy(LINE_CAP=CAP), AS_OF, ENTITY)
    assert reasons(result) == (["ITEM_AMOUNT_CAP"] if above else [])
    if above:
        assert finding(result, "ITEM_AMOUNT_CAP")["message"] == (
            "Invoice I1 line 1 (order PO1) bills 2,000.00 USD (1,020.00 EUR); one line may bill at "
            "most 1,000.00 EUR."
        )


def test_a_line_of_which_nobody_knows_the_worth_is_above_any_cap() -> None:
    ledger = Ledger().order().line("10", "1").receipt("R1", "10")
    docs = rated(ledger.quantity_invoice("I1", "10", "1").documents(), ("GBP", "1.2"))
    assert reasons(match(docs, policy(LINE_CAP=CAP), AS_OF, ENTITY)) == ["ITEM_AMOUNT_CAP"]


def test_ae_a_price_in_money_on_a_part_received_line() -> None:
    """Ordered 10 at 1,000, 4 received and billed at 1,025: 2.5 % per unit, but 100 in total."""
    ledger = Ledger().order().line("10", "1000").receipt("R1", "4")
    ledger.quantity_invoice("I1", "4", "1025")
    result = ledger.match(PRICE_UNIT={"upper_pct": "5"}, PRICE_VALUE={"upper_abs": "99.99"})
    assert check(result, "PRICE_VALUE") == [("I1/1", "order price", D(4000), D(4100), False)]
    said = finding(result, "PRICE_OVER")
    assert said["amount_at_risk"] == D(100)
    assert said["message"] == (
        "Order PO1 line 1: this invoice bills 4,100.00 USD for what costs 4,000.00 USD at the "
        "order's price; 100.00 USD (2.5 %) more; tolerance 99.99 USD."
    )
    assert outcome(result, "I1") == "BLOCKED"
    assert (
        reasons(ledger.match(PRICE_UNIT={"upper_pct": "5"}, PRICE_VALUE={"upper_abs": "100"})) == []
    )


def test_what_the_price_per_unit_tells_is_not_told_twice() -> None:
    ledger = Ledger().order().line("10", "1000").receipt("R1", "4")
    result = ledger.quantity_invoice("I1", "4", "1025").match(PRICE_VALUE={"upper_abs": "0"})
    assert reasons(result) == ["PRICE_OVER"]
    assert "per EA" in finding(result, "PRICE_OVER")["message"]


def test_all_that_an_invoice_bills_of_an_order_line_counts_together() -> None:
    ledger = Ledger().order().line("10", "100").receipt("R1", "10")
    ledger.invoice("I1", "1050")
    for no, price in (("1", "104"), ("2", "106")):
        net = str(5 * int(price))
        ledger.bills("I1", net, no, po_line_id="PO1-1", qty="5", unit_price=price)
    result = ledger.match(PRICE_UNIT=LOOSE, LINE_TOTAL=LOOSE, PRICE_VALUE={"upper_abs": "49"})
    assert [row[2:] for row in check(result, "PRICE_VALUE")] == [(D(1000), D(1050), False)] * 2


def test_a_lower_price_in_total_warns() -> None:
    ledger = Ledger().order().line("10", "100").receipt("R1", "10")
    ledger.quantity_invoice("I1", "10", "99")
    result = ledger.match(PRICE_UNIT=LOOSE, PRICE_VALUE={"lower_abs": "9"})
    assert reasons(result) == ["PRICE_UNDER"]
    assert outcome(result, "I1") == "MATCHED_WITHIN_TOLERANCE"


@pytest.mark.parametrize(("limit", "codes"), [("15", []), ("14.99", ["QTY_OVER_RECEIVED"])])
def test_the_excess_over_what_was_received_in_money(limit: str, codes: list[str]) -> None:
    ledger = Ledger().order().line("20", "5").receipt("R1", "7")
    ledger.quantity_invoice("I1", "10", "5")
    result = ledger.match(QTY_RECEIVED=LOOSE, QTY_RECEIVED_VALUE={"upper_abs": limit})
    assert reasons(result) == codes
    assert check(result, "QTY_RECEIVED_VALUE")[0][1:4] == ("received value", D(0), D(15))
    if codes:
        said = finding(result, "QTY_OVER_RECEIVED")
        assert said["message"] == (
            "Order PO1 line 1: 15.00 USD of this line, at the order's price, were not received; "
            "tolerance 14.99 USD."
        )


def test_an_excess_in_quantity_is_told_once() -> None:
    ledger = Ledger().order().line("20", "5").receipt("R1", "7")
    result = ledger.quantity_invoice("I1", "10", "5").match(QTY_RECEIVED_VALUE={"upper_abs": "0"})
    assert reasons(result) == ["QTY_OVER_RECEIVED"]
