"""Invoices against payments, and stated balances against computed ones."""

from decimal import Decimal as D

import pytest

from finsync_dagster.landscape.model import Domain
from tests.matching.ledger import Ledger, finding, on_day, reasons
from tests.reconciliation.support import ALL, reconciled


def invoiced(**more: object) -> Ledger:
    ledger = Ledger().order().line("10", "10").receipt("R1", "10")
    return ledger.quantity_invoice("I1", "10", "10", **more)


def test_part_paid_and_overdue() -> None:
    ledger = invoiced(due_date=on_day(32)).payment("P1", "60").settles("P1", "I1", "60")
    result = reconciled(ledger, as_of=on_day(42))
    row = result.payables.row(0, named=True)
    assert (row["applied"], row["open_amount"], row["overdue_days"]) == (D(60), D(40), 10)
    assert row["agrees"] is None
    assert reasons(result) == []


@pytest.mark.parametrize(
    ("due", "paid", "overdue"),
    [(None, "0", None), (60, "0", 0), (32, "100", 0), (42, "0", 0), (41, "0", 1)],
)
def test_only_an_open_amount_can_be_overdue(
    due: int | None, paid: str, overdue: int | None
) -> None:
    ledger = invoiced(due_date=None if due is None else on_day(due))
    if paid != "0":
        ledger.payment("P1", paid).settles("P1", "I1", paid)
    assert reconciled(ledger, as_of=on_day(42)).payables["overdue_days"].to_list() == [overdue]


def test_overpaid() -> None:
    ledger = invoiced().payment("P1", "110").settles("P1", "I1", "110")
    found = finding(reconciled(ledger), "OVERPAID")
    assert found["amount_at_risk"] == D(10)
    assert "10.00 USD too much" in found["message"]


def test_a_discount_settles_the_invoice_too() -> None:
    ledger = invoiced(open_amount_stated="0").payment("P1", "97")
    result = reconciled(ledger.settles("P1", "I1", "97", discount_taken="3"))
    row = result.payables.row(0, named=True)
    assert (row["applied"], row["discount"], row["open_amount"]) == (D(97), D(3), D(0))
    assert reasons(result) == []


def test_paid_in_full_and_a_discount_taken_is_too_much() -> None:
    ledger = invoiced().payment("P1", "100").settles("P1", "I1", "100", discount_taken="3")
    found = finding(reconciled(ledger), "OVERPAID")
    assert found["message"] == (
        "Invoice I1: 100.00 USD paid and 3.00 USD of discount taken on a total of 100.00 USD: "
        "3.00 USD too much."
    )


def test_a_credit_nobody_refunded_is_not_overpaid() -> None:
    ledger = invoiced().quantity_invoice("C1", "-2", "10", day=5, kind="credit_qty")
    result = reconciled(ledger)
    assert result.payables["open_amount"].to_list() == [D(-20), D(100)]
    assert "OVERPAID" not in reasons(result)


@pytest.mark.parametrize(("stated", "agrees"), [("40", True), ("39.99", False), ("0", False)])
def test_stated_balance(stated: str, agrees: bool) -> None:
    ledger = invoiced(open_amount_stated=stated).payment("P1", "60").settles("P1", "I1", "60")
    result = reconciled(ledger)
    row = result.payables.row(0, named=True)
    assert (row["agrees"], row["difference"]) == (agrees, D(stated) - 40)
    assert reasons(result) == ([] if agrees else ["XSYS_VALUE_DRIFT"])
    if not agrees:
        found = finding(result, "XSYS_VALUE_DRIFT")
        assert (found["counter_key"], found["amount_at_risk"]) == ("open_amount", 40 - D(stated))


def test_stated_balances_are_compared_only_where_they_can_be() -> None:
    ledger = invoiced(open_amount_stated="0")
    assert reasons(reconciled(ledger)) == ["XSYS_VALUE_DRIFT"]
    assert reasons(reconciled(ledger, stated_is_current=False)) == []
    assert reasons(reconciled(ledger, domains=ALL - {Domain.PAYMENTS})) == []
    assert reasons(reconciled(ledger, OPEN_BALANCE={"lower_abs": "100"})) == []


def test_failed_payments_settle_nothing() -> None:
    ledger = invoiced().payment("P1", "100", status_canon="failed").settles("P1", "I1", "100")
    result = reconciled(ledger)
    assert result.payables["open_amount"].to_list() == [D(100)]
    assert result.payment_applications.is_empty()


@pytest.mark.parametrize(
    ("applied", "unapplied", "codes"),
    [("100", "0", []), ("70", "30", ["PAID_NOT_INVOICED"]), (None, "100", ["PAID_NOT_INVOICED"])],
)
def test_payments_of_which_nobody_knows_what_they_settle(
    applied: str | None, unapplied: str, codes: list[str]
) -> None:
    ledger = invoiced().payment("P1", "100")
    if applied:
        ledger.settles("P1", "I1", applied)
    result = reconciled(ledger)
    row = result.payment_applications.row(0, named=True)
    assert row["unapplied"] == D(unapplied)
    assert (row["method"], row["confidence"]) == (("stated",) * 2 if applied else (None, None))
    assert row["invoices"] == (1 if applied else 0)
    assert reasons(result) == codes
    if codes:
        assert finding(result, codes[0])["amount_at_risk"] == D(unapplied)


@pytest.mark.parametrize(("stated", "agrees"), [("30", True), ("0", False), (None, None)])
def test_unapplied_part_as_the_source_states_it(stated: str | None, agrees: bool | None) -> None:
    ledger = invoiced().payment("P1", "100", unapplied_amount_stated=stated)
    ledger.settles("P1", "I1", "70")
    assert reconciled(ledger).payment_applications["agrees"].to_list() == [agrees]
    past = reconciled(ledger, stated_is_current=False)
    assert past.payment_applications["agrees"].to_list() == [None]


def test_payments_after_the_day_are_not_made_yet() -> None:
    ledger = invoiced().payment("P1", "100", day=10).settles("P1", "I1", "100", day=10)
    assert reconciled(ledger, as_of=on_day(9)).payables["open_amount"].to_list() == [D(100)]
    assert reconciled(ledger, as_of=on_day(10)).payables["open_amount"].to_list() == [D(0)]


def test_a_payment_tells_why_what_its_source_says_does_not_count() -> None:
    ledger = invoiced().payment("P1", "100").states("P1", "I1", "120")
    found = finding(reconciled(ledger), "PAID_NOT_INVOICED")
    assert found["message"] == (
        "Payment P1 of 2024-01-11 moved 100.00 USD, and for 100.00 USD finsync could not prove "
        "which invoices it settles: the source applies 120.00 USD to invoices, which cannot be of "
        "a payment of 100.00 USD."
    )
