"""Allocation by running totals against a slow, obvious loop over single units."""

from decimal import Decimal as D

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsync_dagster.matching.allocation.allocate import allocate, sequence
from finsync_dagster.matching.allocation.invariants import AllocationError, require_quantities
from finsync_dagster.matching.figures.exact import PrecisionError
from finsync_dagster.matching.figures.positions import LINE_POS, RECEIPT_POS, numbered
from finsync_dagster.matching.figures.sequence import reflected, running_total, surviving
from tests.matching.ledger import Ledger, allocated, finding, outcome, payable, reasons

# One event: (order line, signed quantity).
EVENTS = st.lists(st.tuples(st.sampled_from("ab"), st.integers(-6, 9)), max_size=14)


def left_of_receipts(events: list[tuple[str, int]]) -> dict[int, list[int]]:
    """Per order line the units still there, each named by the event that brought it."""
    stacks: dict[str, list[int]] = {"a": [], "b": []}
    owed = {"a": 0, "b": 0}
    for number, (line, qty) in enumerate(events):
        for _ in range(abs(qty)):
            if qty < 0:
                if stacks[line]:
                    stacks[line].pop()
                else:
                    owed[line] += 1
            elif owed[line]:
                owed[line] -= 1
            else:
                stacks[line].append(number)
    return stacks


def allocated_by_hand(
    receipts: list[tuple[str, int]], bills: list[tuple[str, int]]
) -> dict[tuple[int, int | None], int]:
    """(invoice line, receipt or None) → net units, one unit at a time."""
    shelves = left_of_receipts(receipts)
    billed: dict[str, int] = {"a": 0, "b": 0}
    found: dict[tuple[int, int | None], int] = {}
    for number, (line, qty) in enumerate(bills):
        for _ in range(abs(qty)):
            place = billed[line] - 1 if qty < 0 else billed[line]
            if place < 0:
                continue  # a credit of what was never invoiced
            billed[line] += 1 if qty > 0 else -1
            unit = shelves[line][place] if place < len(shelves[line]) else None
            found[number, unit] = found.get((number, unit), 0) + (1 if qty > 0 else -1)
    return found


def receipt_frame(receipts: list[tuple[str, int]]) -> pl.DataFrame:
    schema = {"receipt_line_id": pl.String, "po_line_id": pl.String, "qty": pl.Int64}
    rows = [(f"{n:03d}", line, qty) for n, (line, qty) in enumerate(receipts)]
    frame = pl.DataFrame(rows, schema=schema, orient="row").sort("po_line_id", "receipt_line_id")
    left = surviving(frame, "qty", "po_line_id")
    left = left.with_columns(end=running_total(pl.col("available"), "po_line_id"))
    return numbered(left, RECEIPT_POS).with_columns(
        line_position(), start=pl.col("end") - pl.col("available")
    )


def line_position() -> pl.Expr:
    """Order lines are named by a letter."""
    return pl.col("po_line_id").replace_strict(PLACES, return_dtype=pl.Int64).alias(LINE_POS)


PLACES = {letter: place for place, letter in enumerate("abcdefgh")}


def bill_frame(bills: list[tuple[str, int]]) -> pl.DataFrame:
    schema = {
        "invoice_line_id": pl.String,
        "po_line_id": pl.String,
        "event_no": pl.Int64,
        "units": pl.Int64,
    }
    rows = [(f"{n:03d}", line, n, qty) for n, (line, qty) in enumerate(bills)]
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(line_position())


@settings(max_examples=100, deadline=None)
@given(EVENTS)
def test_returns_take_the_newest_receipt_first(events: list[tuple[str, int]]) -> None:
    left = receipt_frame(events)
    got = {int(r): a for r, a in left.select("receipt_line_id", "available").iter_rows() if a}
    units = [unit for stack in left_of_receipts(events).values() for unit in stack]
    assert got == {unit: units.count(unit) for unit in units}


@settings(max_examples=100, deadline=None)
@given(EVENTS, EVENTS)
def test_allocation_equals_the_loop_over_units(
    receipts: list[tuple[str, int]], bills: list[tuple[str, int]]
) -> None:
    shelf, events = receipt_frame(receipts), sequence(bill_frame(bills))
    rows = allocate(events, shelf).with_columns(
        qty=(pl.col("high") - pl.col("low")) * pl.col("sign")
    )
    require_quantities(rows, events, shelf)
    got = {
        (int(line), None if receipt is None else int(receipt)): qty
        for line, receipt, qty in rows.select(
            "invoice_line_id", "receipt_line_id", "qty"
        ).iter_rows()
    }
    assert got == allocated_by_hand(receipts, bills)


@settings(max_examples=100, deadline=None)
@given(EVENTS)
def test_a_running_total_never_falls_below_zero(bills: list[tuple[str, int]]) -> None:
    events = reflected(bill_frame(bills).sort("po_line_id", "event_no"), "units", "po_line_id")
    assert (events["before"] >= 0).all()
    assert (events["after"] >= 0).all()
    for _, group in events.group_by("po_line_id"):
        assert group["before"][0] == 0
        assert group["before"][1:].to_list() == group["after"][:-1].to_list()


def test_a_credit_gives_back_the_newest_receipt_first() -> None:
    ledger = Ledger().order().line("20", "1").receipt("R1", "6").receipt("R2", "4", day=2)
    ledger.quantity_invoice("I1", "10", "1", day=3)
    ledger.quantity_invoice("C1", "-5", "1", day=4, kind="credit_qty")
    ledger.quantity_invoice("I2", "5", "1", day=5)
    result = ledger.match()
    assert allocated(result, "C1") == [("R2", D(-4)), ("R1", D(-1))]
    assert allocated(result, "I2") == [("R1", D(1)), ("R2", D(4))]
    assert result.receipt_status["qty_invoiced"].to_list() == [D(6), D(4)]
    assert reasons(result) == []


def test_what_a_credit_gave_back_no_longer_exceeds_the_receipt() -> None:
    ledger = Ledger().order().line("20", "1").receipt("R1", "10")
    ledger.quantity_invoice("I1", "12", "1", day=3)
    assert reasons(ledger.match()) == ["QTY_OVER_RECEIVED"]
    ledger.quantity_invoice("C1", "-2", "1", day=4, kind="credit_qty")
    result = ledger.match()
    assert reasons(result) == []
    assert (payable(result, "I1"), payable(result, "C1")) == (D(12), D(-2))


def test_a_return_leaves_less_to_invoice() -> None:
    ledger = Ledger().order().line("10", "1").receipt("R1", "6").receipt("R2", "4", day=2)
    ledger.receipt("X1", "-5", day=3)
    result = ledger.quantity_invoice("I1", "10", "1", day=4).match()
    assert allocated(result, "I1") == [("R1", D(5)), (None, D(5))]
    assert finding(result, "QTY_OVER_RECEIVED")["amount_at_risk"] == D(5)
    line = result.order_line_status.row(0, named=True)
    assert (line["qty_received"], line["delivery_outcome"]) == (D(5), "RECEIVED_SHORT")


def test_four_way_allocates_only_what_was_accepted() -> None:
    ledger = Ledger().order().line("10", "3", match_type="4w")
    ledger.receipt("R1", "10", qty_accepted="7", qty_rejected="3")
    result = ledger.quantity_invoice("I1", "10", "3").match()
    assert allocated(result, "I1") == [("R1", D(7)), (None, D(3))]
    of_line = result.findings.filter(subject_type="invoice_line")
    assert of_line["reason_code"].to_list() == ["QTY_NOT_ACCEPTED"]
    assert of_line["amount_at_risk"].to_list() == [D(9)]
    assert outcome(result, "I1") == "PARTIALLY_MATCHED"
    assert payable(result, "I1") == D(21)


def test_a_receipt_after_the_day_is_not_there_yet() -> None:
    ledger = Ledger().order().line("10", "1").receipt("R1", "10", day=20)
    ledger.quantity_invoice("I1", "10", "1", day=3)
    early = ledger.match(as_of=ledger.rows["invoices"][0]["invoice_date"])
    assert reasons(early) == ["RECEIPT_MISSING"]
    assert outcome(early, "I1") == "PENDING_RECEIPT"
    assert outcome(ledger.match(), "I1") == "MATCHED"


def test_receipt_and_invoice_in_other_units_meet_in_the_order_unit() -> None:
    ledger = Ledger().order().line("10", "24", uom_order="CS", qty_ordered_base="120")
    ledger.receipt("R1", "60", qty_base="60")
    ledger.invoice("I1", "120").bills(
        "I1", "120", po_line_id="PO1-1", qty="60", uom="EA", unit_price="2"
    )
    result = ledger.match()
    assert allocated(result, "I1") == [("R1", D(5))]
    assert outcome(result, "I1") == "MATCHED"


def test_a_unit_without_exact_ratio_is_not_converted() -> None:
    ledger = Ledger().order().line("7", "1", uom_order="CS", qty_ordered_base="120")
    ledger.receipt("R1", "7", uom="CS", qty_base="120")
    ledger.invoice("I1", "1").bills(
        "I1", "1", po_line_id="PO1-1", qty="1", uom="EA", unit_price="1"
    )
    result = ledger.match()
    assert finding(result, "UOM_CONVERSION_MISSING")["subject_id"] == "I1/1"
    assert outcome(result, "I1") == "BLOCKED"
    assert result.allocations.is_empty()


def test_an_order_with_a_receipt_in_an_unknown_unit_is_not_compared() -> None:
    ledger = Ledger().order().line("10", "1").receipt("R1", "3", uom="KGM", uom_base="KGM")
    result = ledger.quantity_invoice("I1", "3", "1").match()
    assert finding(result, "UOM_CONVERSION_MISSING")["subject_id"] == "PO1-1"
    assert outcome(result, "I1") == "BLOCKED"


def test_figures_too_large_to_be_exact_stop_the_run() -> None:
    ledger = Ledger().order().line("9000000000000", "1").receipt("R1", "9000000000000")
    ledger.receipt("R2", "9000000000000", day=2)
    with pytest.raises(PrecisionError):
        ledger.match()


def test_an_allocation_that_bills_a_receipt_twice_stops_the_run() -> None:
    shelf, events = receipt_frame([("a", 5)]), sequence(bill_frame([("a", 5), ("a", 5)]))
    rows = pl.DataFrame(
        {
            "event_no": [0, 1],
            "invoice_line_id": ["000", "001"],
            "po_line_id": ["a", "a"],
            LINE_POS: [0, 0],
            "receipt_line_id": ["000", "000"],
            RECEIPT_POS: [0, 0],
            "qty": [5, 5],
        }
    )
    with pytest.raises(AllocationError, match="receipts are billed"):
        require_quantities(rows, events, shelf)
    with pytest.raises(AllocationError, match="invoice lines are not allocated"):
        require_quantities(rows.head(1), events, shelf)
    unlinked = rows.with_columns(receipt_pos=pl.lit(None, dtype=pl.Int64))
    with pytest.raises(AllocationError, match="order lines do not add up"):
        require_quantities(unlinked, events, shelf)


def test_a_credit_of_the_same_day_comes_after_what_it_credits() -> None:
    ledger = Ledger().order().line("10", "1").receipt("R1", "10")
    ledger.quantity_invoice("Z1", "10", "1", day=3)
    ledger.quantity_invoice("A1", "-4", "1", day=3, kind="credit_qty")
    result = ledger.match()
    assert reasons(result) == []
    assert allocated(result, "A1") == [("R1", D(-4))]


def test_a_credit_is_not_judged_by_what_it_only_takes_back() -> None:
    ledger = Ledger().order().line("10", "10").receipt("R1", "10")
    ledger.quantity_invoice("I1", "14", "11", day=3)
    ledger.quantity_invoice("C1", "-2", "11", day=4, kind="credit_qty")
    result = ledger.match()
    assert set(result.findings["subject_id"]) == {"I1/1"}
    assert outcome(result, "C1") == "MATCHED"
