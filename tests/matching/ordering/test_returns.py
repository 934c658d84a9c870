"""What is left of receipts after reversals and returns."""

from decimal import Decimal as D

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from finsync_dagster.matching.match import MatchResult
from finsync_dagster.matching.ordering.returns import left_of_receipts
from tests.matching.ledger import Ledger, allocated, finding, on_day, outcome, reasons


def left(result: MatchResult) -> dict[str, D]:
    return dict(result.receipt_status.select("receipt_line_id", "qty_available").rows())


def status(result: MatchResult) -> dict[str, object]:
    return result.order_line_status.row(0, named=True)


def two_receipts() -> Ledger:
    return Ledger().order().line("20", "1").receipt("R1", "6").receipt("R2", "10", day=2)


def test_a_return_takes_from_the_receipt_it_names() -> None:
    result = two_receipts().receipt("X1", "-4", day=3, reverses_id="R1").match()
    assert left(result) == {"R1": D(2), "R2": D(10), "X1": D(0)}


def test_a_return_without_a_name_takes_from_the_newest_receipt() -> None:
    assert left(two_receipts().receipt("X1", "-4", day=3).match()) == {
        "R1": D(6),
        "R2": D(6),
        "X1": D(0),
    }


def test_what_the_named_receipt_cannot_give_the_newest_gives() -> None:
    result = two_receipts().receipt("X1", "-7", day=3, reverses_id="R1").match()
    assert left(result) == {"R1": D(0), "R2": D(9), "X1": D(0)}


def test_two_returns_that_name_one_receipt_take_in_order() -> None:
    ledger = two_receipts().receipt("X1", "-4", day=3, reverses_id="R1")
    result = ledger.receipt("X2", "-4", day=4, reverses_id="R1").match()
    assert left(result) == {"R1": D(0), "R2": D(8), "X1": D(0), "X2": D(0)}


def test_a_name_that_is_no_receipt_of_the_order_line_counts_as_none() -> None:
    ledger = two_receipts().line("5", "1", no="2").receipt("R3", "5", "PO1-2")
    result = ledger.receipt("X1", "-4", day=3, reverses_id="R3").match()
    assert left(result) == {"R1": D(6), "R2": D(6), "R3": D(5), "X1": D(0)}


def test_a_return_that_was_taken_back_leaves_the_receipt_whole() -> None:
    ledger = two_receipts().receipt("X1", "-4", day=3, reverses_id="R1")
    ledger.receipt("X2", "4", day=4, kind="reversal", reverses_id="X1")
    result = ledger.match()
    assert left(result) == {"R1": D(6), "R2": D(10), "X1": D(0), "X2": D(0)}
    assert status(result)["qty_received"] == D(16)


def test_a_reversed_receipt_and_its_reversal_drop_out_together() -> None:
    ledger = Ledger().order().line("10", "1", match_type="4w")
    ledger.receipt("R1", "10", qty_accepted="7", qty_rejected="3")
    ledger.receipt("X1", "-10", day=5, kind="reversal", reverses_id="R1")
    result = ledger.match()
    assert left(result) == {"R1": D(0), "X1": D(0)}
    of_line = status(result)
    assert [of_line[f"qty_{name}"] for name in ("received", "accepted", "rejected")] == [D(0)] * 3
    assert of_line["last_receipt_date"] is None
    assert reasons(result) == []


def test_posted_wrongly_taken_back_and_posted_again() -> None:
    ledger = Ledger().order().line("10", "1").receipt("R1", "10", day=1)
    ledger.receipt("X1", "-10", day=2, kind="reversal", reverses_id="R1")
    result = ledger.receipt("R2", "8", day=3).quantity_invoice("I1", "8", "1", day=4).match()
    assert allocated(result, "I1") == [("R2", D(8))]
    assert status(result)["last_receipt_date"] == on_day(3)
    assert outcome(result, "I1") == "MATCHED"


def test_a_reversal_that_was_reversed_takes_nothing_back() -> None:
    ledger = Ledger().order().line("10", "1").receipt("R1", "10", day=1)
    ledger.receipt("X1", "-10", day=2, kind="reversal", reverses_id="R1")
    result = ledger.receipt("X2", "10", day=3, kind="reversal", reverses_id="X1").match()
    assert left(result) == {"R1": D(10), "X1": D(0), "X2": D(0)}


def test_a_second_reversal_of_one_receipt_is_a_return_of_the_rest() -> None:
    ledger = two_receipts().receipt("X1", "-6", day=3, kind="reversal", reverses_id="R1")
    result = ledger.receipt("X2", "-6", day=4, kind="reversal", reverses_id="R1").match()
    assert left(result) == {"R1": D(0), "R2": D(4), "X1": D(0), "X2": D(0)}


def test_only_accepted_quantities_count_with_four_documents() -> None:
    ledger = Ledger().order().line("20", "1", match_type="4w")
    ledger.receipt("R1", "10", qty_accepted="7", qty_rejected="3")
    ledger.receipt("X1", "-2", day=3, reverses_id="R1", qty_accepted="-2")
    assert left(ledger.match()) == {"R1": D(5), "X1": D(0)}


_ROWS = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(-6, 9), st.none() | st.integers(0, 9)), max_size=10
)


@settings(max_examples=60, deadline=None)
@given(_ROWS)
def test_what_is_left_adds_up_whatever_rows_name(
    drawn: list[tuple[str, int, int | None]],
) -> None:
    rows = [
        (f"{n}", line, qty, None if named is None else f"{named}")
        for n, (line, qty, named) in enumerate(drawn)
    ]
    schema = {
        "receipt_line_id": pl.String,
        "po_line_id": pl.String,
        "event_qty": pl.Int64,
        "reverses_id": pl.String,
    }
    frame = pl.DataFrame(rows, schema=schema, orient="row").sort("po_line_id", maintain_order=True)
    got = left_of_receipts(frame)
    assert got.drop("available").equals(frame)
    bounded = (got["available"] >= 0) & (got["available"] <= got["event_qty"].clip(0, None))
    assert bounded.all()
    for _, line in got.group_by("po_line_id"):
        assert line["available"].sum() == max(0, line["event_qty"].sum())


def test_a_return_that_was_ordered_is_credited() -> None:
    """SAP: a returns item; goods leave with movement type 161, a credit memo follows."""
    ledger = Ledger().order(type="return").line("-10", "2").receipt("X1", "-10", day=3)
    result = ledger.quantity_invoice("C1", "-10", "2", day=5, kind="credit_qty").match()
    assert reasons(result) == []
    assert outcome(result, "C1") == "MATCHED"
    assert allocated(result, "C1") == [("X1", D(-10))]
    assert result.allocations["amount_at_po_price"].to_list() == [D(-20)]
    of_line = status(result)
    assert of_line["delivery_outcome"] == "RECEIVED_IN_FULL"
    assert (of_line["qty_basis"], of_line["qty_invoiced"]) == (D(-10), D(-10))
    assert left(result) == {"X1": D(10)}
    assert result.receipt_status["qty_invoiced"].to_list() == [D(10)]


def test_a_return_that_was_ordered_may_be_credited_before_it_leaves() -> None:
    ledger = Ledger().order(type="return").line("-10", "2").receipt("X1", "-4", day=3)
    result = ledger.quantity_invoice("C1", "-10", "2", day=5, kind="credit_qty").match()
    assert reasons(result) == []
    assert allocated(result, "C1") == [("X1", D(-4)), (None, D(-6))]


def sent_back(day: int = 9, qty: str = "-4") -> Ledger:
    """Ten received and invoiced, then some sent back."""
    ledger = Ledger().order().line("10", "2.5").receipt("R1", "10")
    return ledger.quantity_invoice("I1", "10", "2.5", day=3).receipt("X1", qty, day=day)


def test_goods_sent_back_after_they_were_invoiced_are_to_be_credited() -> None:
    result = sent_back().match()
    found = finding(result, "RETURN_NOT_CREDITED")
    assert (found["subject_type"], found["subject_id"]) == ("receipt_line", "X1")
    assert (found["amount_at_risk"], found["ccy"]) == (D(10), "USD")
    assert found["message"] == (
        "Order PO1 line 1: 4 EA returned on 2024-01-10 after being invoiced; 4 EA (10.00 USD) "
        "not credited."
    )
    assert reasons(result) == ["QTY_OVER_RECEIVED", "RETURN_NOT_CREDITED"]


def test_a_credit_settles_a_return_by_its_quantity() -> None:
    ledger = sent_back().quantity_invoice("C1", "-3", "2.5", day=12, kind="credit_qty")
    assert finding(ledger.match(), "RETURN_NOT_CREDITED")["amount_at_risk"] == D("2.5")
    ledger.quantity_invoice("C2", "-1", "2.5", day=13, kind="credit_qty")
    assert reasons(ledger.match()) == []


def test_a_credit_of_an_amount_settles_what_it_pays_for() -> None:
    ledger = sent_back().invoice("C1", "-10", day=12, kind="credit_value")
    ledger.bills("C1", "-10", po_line_id="PO1-1")
    assert "RETURN_NOT_CREDITED" not in reasons(ledger.match(PRICE_UNIT={}))
    early = sent_back().invoice("C1", "-10", day=8, kind="credit_value")
    early.bills("C1", "-10", po_line_id="PO1-1")
    assert "RETURN_NOT_CREDITED" in reasons(early.match(PRICE_UNIT={}))


def test_goods_sent_back_before_the_invoice_are_billed_in_excess() -> None:
    assert reasons(sent_back(day=2).match()) == ["QTY_OVER_RECEIVED"]


def test_credits_settle_the_oldest_return_first() -> None:
    ledger = sent_back(qty="-3").receipt("X2", "-2", day=11)
    result = ledger.quantity_invoice("C1", "-3", "2.5", day=12, kind="credit_qty").match()
    assert finding(result, "RETURN_NOT_CREDITED")["subject_id"] == "X2"


def test_what_was_replaced_is_not_to_be_credited() -> None:
    assert reasons(sent_back().receipt("R2", "4", day=15).match()) == []


def test_a_return_that_was_ordered_is_to_be_credited_in_full() -> None:
    ledger = Ledger().order(type="return").line("-10", "2").receipt("X1", "-10", day=3)
    result = ledger.quantity_invoice("C1", "-7", "2", day=5, kind="credit_qty").match()
    assert finding(result, "RETURN_NOT_CREDITED")["amount_at_risk"] == D(6)
