"""Money that should not have left."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from tests.matching.ledger import Ledger, finding, on_day
from tests.reconciliation.support import reconciled

TOLD = ("PAID_TWICE", "OVERPAID", "PAID_NOT_INVOICED", "PAID_WHILE_BLOCKED")


def codes(ledger: Ledger) -> list[str]:
    """What is told of payments, sorted."""
    return sorted(c for c in reconciled(ledger).findings["reason_code"] if c in TOLD)


def paid(*parts: str, gross: str = "100") -> Ledger:
    """An invoice, and a payment of each part on a day of its own."""
    ledger = Ledger().invoice("I1", gross)
    for number, part in enumerate(parts, start=1):
        ledger.payment(f"P{number}", part, day=10 + number)
        ledger.settles(f"P{number}", "I1", part, day=10 + number)
    return ledger


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        (("100",), []),
        (("50", "50"), []),
        (("60", "40"), []),
        (("100", "100"), ["PAID_TWICE"]),
        (("100", "110"), ["PAID_TWICE"]),
        (("50", "50", "50"), ["PAID_TWICE"]),
        (("110",), ["OVERPAID"]),
        (("60", "60"), ["OVERPAID"]),
        (("100", "10"), ["OVERPAID"]),
    ],
)
def test_an_excess_is_told_once_by_its_cause(parts: tuple[str, ...], told: list[str]) -> None:
    assert codes(paid(*parts)) == told


def test_the_message_names_both_payments_and_the_excess() -> None:
    said = finding(reconciled(paid("100", "100")), "PAID_TWICE")
    assert said["amount_at_risk"] == D(100)
    assert said["message"] == (
        "Invoice I1 over 100.00 USD was paid more than once: 100.00 USD by P1 of 2024-01-12, "
        "100.00 USD by P2 of 2024-01-13; 100.00 USD too much."
    )


def test_a_discount_counts_as_paid() -> None:
    ledger = paid("98")
    ledger.rows["payment_allocations"][0]["discount_taken"] = "2"
    assert codes(ledger.payment("P9", "100").settles("P9", "I1", "100")) == ["PAID_TWICE"]


def test_a_payment_that_has_not_left_is_none() -> None:
    ledger = paid("100").payment("P9", "100", status_canon="proposed").settles("P9", "I1", "100")
    assert codes(ledger) == []


def on_account(amount: str, text: str | None, applied: str = "0", **more: object) -> Ledger:
    """An invoice paid in full, and a payment that is left on account and names an invoice."""
    ledger = Ledger().invoice("I1", "100", invoice_no_norm="RE77")
    if applied == "0":
        ledger.payment("P1", "100").settles("P1", "I1", "100")
    else:
        ledger.settles("P2", "I1", applied)
    return ledger.payment("P2", amount, day=17, invoice_no_ref=text, **more)


def test_a_second_payment_that_names_a_settled_invoice() -> None:
    said = finding(reconciled(on_account("100", "re-77")), "PAID_TWICE")
    assert (said["subject_id"], said["counter_key"]) == ("I1", "P2")
    assert "names invoice I1 over 100.00 USD, which other payments had settled" in said["message"]


@pytest.mark.parametrize(
    ("ledger", "told"),
    [
        (on_account("100", "RE 77"), ["PAID_TWICE"]),
        (on_account("30", "RE77"), ["OVERPAID"]),
        (on_account("110", "RE77", applied="100"), ["OVERPAID"]),
        (on_account("250", "RE77", applied="100"), ["OVERPAID"]),
        (on_account("100", None), ["PAID_NOT_INVOICED"]),
        (on_account("100", "RE78"), ["PAID_NOT_INVOICED"]),
        (on_account("100", "RE77", supplier_src_id="S2"), ["PAID_NOT_INVOICED"]),
        (on_account("100", "RE77", ccy="EUR"), ["PAID_NOT_INVOICED"]),
    ],
)
def test_what_is_left_of_a_payment(ledger: Ledger, told: list[str]) -> None:
    assert codes(ledger) == told


def test_a_payment_on_account_of_an_invoice_that_is_open_is_not_beyond_it() -> None:
    ledger = Ledger().invoice("I1", "100").payment("P2", "100", invoice_no_ref="I1")
    assert codes(ledger) == ["PAID_NOT_INVOICED"]


def test_a_copy_that_was_paid_like_its_original() -> None:
    ledger = paid("100").invoice("I2", "100", 5, invoice_no_norm="I1")
    assert codes(ledger) == []
    ledger.payment("P9", "100").settles("P9", "I2", "100")
    said = finding(reconciled(ledger), "PAID_TWICE")
    assert (said["subject_id"], said["counter_key"]) == ("I2", "I1")


@pytest.mark.parametrize(
    ("invoice", "parts", "told"),
    [
        ({"payment_block": "R"}, ("100",), ["PAID_WHILE_BLOCKED"]),
        ({"payment_block": "R"}, ("40",), ["PAID_WHILE_BLOCKED"]),
        ({"payment_block": "R"}, (), []),
        ({"status_canon": "blocked"}, ("100",), ["PAID_WHILE_BLOCKED"]),
        ({"status_canon": "paid", "payment_block": "on_hold"}, (), ["PAID_WHILE_BLOCKED"]),
        ({"status_canon": "void", "payment_block": "R"}, ("100",), ["PAID_NOT_INVOICED"]),
        ({"payment_block": ""}, ("100",), []),
    ],
)
def test_paid_in_spite_of_a_block(
    invoice: dict[str, str], parts: tuple[str, ...], told: list[str]
) -> None:
    ledger = paid(*parts)
    ledger.rows["invoices"][0].update(invoice)
    if invoice.get("status_canon") == "void":
        ledger.rows.pop("payment_allocations")
    assert codes(ledger) == told


def test_the_message_names_the_block_and_the_payment() -> None:
    ledger = Ledger().invoice("I1", "100", payment_block="R", settled_date=on_day(11))
    ledger.rows["invoices"][0]["status_canon"] = "paid"
    said = finding(reconciled(ledger), "PAID_WHILE_BLOCKED")["message"]
    assert (
        "(block R), and was paid all the same: its source states it as paid on 2024-01-12" in said
    )
