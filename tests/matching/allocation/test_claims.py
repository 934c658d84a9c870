"""Invoice lines that name their receipt, credits that name what they correct."""

from decimal import Decimal as D
from typing import Any

import pytest

from finsync_dagster.landscape.policy_model import MatchingRule
from finsync_dagster.matching.match import MatchResult, match
from tests.matching.ledger import (
    AS_OF,
    ENTITY,
    Ledger,
    allocated,
    finding,
    outcome,
    payable,
    policy,
    reasons,
)


def two_receipts(**order_line: Any) -> Ledger:
    ledger = Ledger().order().line("100", "1", **order_line)
    ledger.receipt("R1", "10", day=1, delivery_note="LS7", line_no="0010")
    return ledger.receipt("R2", "20", day=2, delivery_note="LS8", line_no="0010")


def bill(ledger: Ledger, name: str, qty: str, day: int = 3, **more: Any) -> Ledger:
    """An invoice of one line that may name receipts and invoices."""
    kind = {"kind": "credit_qty"} if qty.startswith("-") else {}
    header = {k: more.pop(k) for k in ("corrects_invoice_id",) if k in more}
    ledger.invoice(name, qty, day, **kind, **header)
    return ledger.bills(name, qty, po_line_id="PO1-1", qty=qty, uom="EA", unit_price="1", **more)


def by_receipt(ledger: Ledger) -> MatchResult:
    """Matched where the policy has every receipt billed for itself."""
    rules = (MatchingRule(receipt_basis="receipt_specific"),)
    strict = policy(QTY_RECEIVED_VALUE={"upper_abs": "100"}).model_copy(update={"matching": rules})
    return match(ledger.documents(), strict, AS_OF, ENTITY)


@pytest.mark.parametrize(
    "names",
    [
        {"receipt_no_ref": "R2"},
        {"receipt_no_ref": "LS8"},
        {"receipt_no_ref": "R2", "receipt_line_ref": "10"},
    ],
)
def test_a_line_bills_the_receipt_or_delivery_note_it_names(names: dict[str, str]) -> None:
    result = bill(two_receipts(), "I1", "15", **names).match()
    assert allocated(result, "I1") == [("R2", D(15))]
    assert result.allocations["method"].to_list() == ["explicit"]
    assert outcome(result, "I1") == "MATCHED"


def test_what_the_named_receipt_lacks_the_oldest_others_have() -> None:
    ledger = bill(two_receipts(), "I1", "25", receipt_no_ref="R2")
    result = bill(ledger, "I2", "5", day=4).match()
    assert allocated(result, "I1") == [("R2", D(20)), ("R1", D(5))]
    assert allocated(result, "I2") == [("R1", D(5))]
    assert result.allocations.sort("sequence_no")["method"].to_list() == [
        "explicit",
        "fifo",
        "fifo",
    ]


@pytest.mark.parametrize(
    "names", [{"receipt_no_ref": "R9"}, {"receipt_no_ref": "R2", "receipt_line_ref": "20"}]
)
def test_a_name_that_leads_nowhere_counts_as_none(names: dict[str, str]) -> None:
    result = bill(two_receipts(), "I1", "15", **names).match()
    assert allocated(result, "I1") == [("R1", D(10)), ("R2", D(5))]


def test_what_an_earlier_line_took_a_later_name_does_not_get_back() -> None:
    ledger = bill(two_receipts(), "I1", "10", day=3)
    result = bill(ledger, "I2", "10", day=4, receipt_no_ref="R1").match()
    assert allocated(result, "I1") == [("R1", D(10))]
    assert allocated(result, "I2") == [("R2", D(10))]


def test_a_receipt_is_never_billed_twice_by_name() -> None:
    ledger = Ledger().order().line("100", "1").receipt("R1", "10")
    bill(ledger, "I1", "10", receipt_no_ref="R1")
    result = bill(ledger, "I2", "10", day=4, receipt_no_ref="R1").match()
    assert allocated(result, "I2") == [(None, D(10))]
    assert (payable(result, "I1"), payable(result, "I2")) == (D(10), D(0))
    assert reasons(result) == ["QTY_OVER_RECEIVED"]


def test_billed_receipt_by_receipt_another_receipt_makes_up_for_nothing() -> None:
    """SAP: goods-receipt-based invoice verification."""
    result = by_receipt(bill(two_receipts(), "I1", "15", receipt_no_ref="R1"))
    assert allocated(result, "I1") == [("R1", D(10)), (None, D(5))]
    assert outcome(result, "I1") == "PARTIALLY_MATCHED"
    assert payable(result, "I1") == D(10)
    assert finding(result, "QTY_OVER_RECEIVED")["amount_at_risk"] == D(5)


def test_billed_receipt_by_receipt_the_excess_has_a_value() -> None:
    result = by_receipt(bill(two_receipts(), "I1", "15", receipt_no_ref="R1"))
    row = result.check_results.filter(check="QTY_RECEIVED_VALUE").row(0, named=True)
    assert (row["subject_id"], row["expected"], row["actual"]) == ("I1/1", D(0), D(5))


def test_billed_receipt_by_receipt_the_one_named_has_to_come() -> None:
    ledger = bill(two_receipts(), "I1", "15", receipt_no_ref="R3")
    result = by_receipt(ledger)
    assert allocated(result, "I1") == [(None, D(15))]
    assert (outcome(result, "I1"), reasons(result)) == ("PENDING_RECEIPT", ["RECEIPT_MISSING"])
    assert outcome(by_receipt(ledger.receipt("R3", "15", day=5)), "I1") == "MATCHED"


def test_billed_receipt_by_receipt_a_name_is_needed() -> None:
    result = by_receipt(bill(two_receipts(), "I1", "5"))
    assert (outcome(result, "I1"), allocated(result, "I1")) == ("PENDING_RECEIPT", [(None, D(5))])


def test_billed_receipt_by_receipt_a_credit_releases_what_was_too_much() -> None:
    ledger = bill(two_receipts(), "I1", "15", receipt_no_ref="R1")
    result = by_receipt(bill(ledger, "C1", "-5", day=5, receipt_no_ref="R1"))
    assert reasons(result) == []
    assert (payable(result, "I1"), payable(result, "C1")) == (D(15), D(-5))


@pytest.mark.parametrize("names", [{"orig_invoice_line_id": "I1/1"}, {"corrects_invoice_id": "I1"}])
def test_a_credit_takes_back_what_it_corrects(names: dict[str, str]) -> None:
    ledger = bill(bill(two_receipts(), "I1", "10"), "I2", "20", day=4)
    result = bill(ledger, "C1", "-8", day=5, **names).match()
    assert allocated(result, "C1") == [("R1", D(-8))]
    assert result.receipt_status["qty_invoiced"].to_list() == [D(2), D(20)]
    assert result.allocations["method"].unique().sort().to_list() == ["explicit", "fifo"]


def test_a_credit_that_corrects_the_newest_line_is_said_to_name_it() -> None:
    ledger = bill(two_receipts(), "I1", "10")
    result = bill(ledger, "C1", "-8", day=5, corrects_invoice_id="I1").match()
    assert allocated(result, "C1") == [("R1", D(-8))]
    assert result.allocations.sort("sequence_no")["method"].to_list() == ["fifo", "explicit"]


def test_what_a_credit_frees_goes_to_what_waited_longest() -> None:
    ledger = bill(bill(two_receipts(), "I1", "30"), "I2", "6", day=4)
    bill(ledger, "C1", "-10", day=5, corrects_invoice_id="I1")
    result = bill(ledger, "I3", "6", day=6).match()
    assert allocated(result, "C1") == [("R2", D(-10))]
    assert allocated(result, "I2") == [("R2", D(6))]
    assert allocated(result, "I3") == [("R2", D(4)), (None, D(2))]
    assert reasons(result) == ["QTY_OVER_RECEIVED"]


def test_x_a_credit_of_more_than_the_line_it_corrects_takes_the_rest_elsewhere() -> None:
    ledger = bill(bill(two_receipts(), "I1", "10"), "I2", "5", day=4)
    result = bill(ledger, "C1", "-12", day=5, orig_invoice_line_id="I1/1").match()
    assert allocated(result, "C1") == [("R1", D(-10)), ("R2", D(-2))]
    assert reasons(result) == []
    more = bill(ledger, "C2", "-4", day=6, orig_invoice_line_id="I1/1").match()
    assert finding(more, "CREDIT_EXCEEDS_INVOICED")["amount_at_risk"] == D(1)


def received_ten() -> Ledger:
    return Ledger().order().line("20", "1").receipt("R1", "10")


def test_a_credit_releases_the_older_line_that_it_names() -> None:
    ledger = bill(bill(received_ten(), "I0", "12"), "I1", "5", day=4)
    result = bill(ledger, "C1", "-2", day=5, orig_invoice_line_id="I0/1").match()
    assert [outcome(result, name) for name in ("I0", "I1", "C1")] == [
        "MATCHED",
        "BLOCKED",
        "MATCHED",
    ]
    to_date = result.invoice_line_results.sort("invoice_line_id")["qty_billed_to_date"].to_list()
    assert to_date == [D(15), D(10), D(15)]  # C1, I0, I1
    assert finding(result, "QTY_OVER_RECEIVED")["subject_id"] == "I1/1"


def test_a_credit_that_names_nothing_releases_the_newest_line() -> None:
    ledger = bill(bill(received_ten(), "I0", "12"), "I1", "5", day=4)
    result = bill(ledger, "C1", "-2", day=5).match()
    to_date = result.invoice_line_results.sort("invoice_line_id")["qty_billed_to_date"].to_list()
    assert to_date[1:] == [D(12), D(15)]


def test_a_credit_releases_what_billed_the_receipt_that_it_names() -> None:
    ledger = bill(two_receipts(), "I0", "12", receipt_no_ref="R1")
    bill(ledger, "I1", "20", day=4, receipt_no_ref="R2")
    result = bill(ledger, "C1", "-2", day=5, receipt_no_ref="R1").match()
    assert reasons(result) == []
    to_date = result.invoice_line_results.sort("invoice_line_id")["qty_billed_to_date"].to_list()
    assert to_date[1:] == [D(10), D(30)]


def test_the_total_of_the_line_named_falls_too() -> None:
    ledger = Ledger().order().line("20", "1").receipt("R1", "40")
    bill(bill(ledger, "I0", "22"), "I1", "1", day=4)
    result = bill(ledger, "C1", "-3", day=5, corrects_invoice_id="I0").match(OVER_DELIVERY={})
    assert reasons(result) == []
    to_date = result.invoice_line_results.sort("invoice_line_id")["net_billed_to_date"].to_list()
    assert to_date[1:] == [D(19), D(20)]


def test_only_the_share_that_gives_a_line_back_is_taken_off_its_total() -> None:
    """4 credited with 160.00 name I0, which billed 2: half of it is I2's."""
    ledger = Ledger().order().line("7", "40").receipt("R1", "7", day=1)
    ledger.quantity_invoice("I0", "2", "40", day=2)
    ledger.quantity_invoice("I2", "4", "39.2", day=3)
    ledger.invoice("C1", "-160", day=4, kind="credit_qty").bills(
        *("C1", "-160"), po_line_id="PO1-1", qty="-4", unit_price="40", orig_invoice_line_id="I0/1"
    )
    rows = ledger.match().invoice_line_results.sort("invoice_line_id")
    assert rows["qty_billed_to_date"].to_list() == [D(2), D(0), D(2)]
    assert rows["net_billed_to_date"].to_list() == [D("76.80"), D(0), D("76.80")]


def test_a_share_that_does_not_come_out_even_loses_nothing() -> None:
    """3 credited with 10.00 give back 1 of I0 and 2 of I2: 3.3333 and 6.6667."""
    ledger = Ledger().order().line("9", "4").receipt("R1", "9", day=1)
    ledger.quantity_invoice("I0", "1", "4", day=2)
    ledger.quantity_invoice("I2", "5", "4", day=3)
    ledger.invoice("C1", "-10", day=4, kind="credit_qty").bills(
        *("C1", "-10"), po_line_id="PO1-1", qty="-3", orig_invoice_line_id="I0/1"
    )
    rows = ledger.match().invoice_line_results.sort("invoice_line_id")
    assert rows["net_billed_to_date"].to_list() == [D(14), D("0.6667"), D(14)]
