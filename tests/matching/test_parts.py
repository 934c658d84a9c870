"""Documents of an entity in parts: nothing is lost, and nothing is said otherwise."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.matching.match import MatchResult, match
from finsync_dagster.matching.parts import closed_parts, match_in_parts
from tests.matching.ledger import AS_OF, ENTITY, Ledger, policy
from tests.matching.reference.cases import ledger_of

SPLIT = (
    "purchase_orders",
    "purchase_order_lines",
    "purchase_order_charges",
    "receipt_lines",
    "incomplete_orders",
    "invoices",
    "invoice_lines",
)


def parts(docs: Documents, size: int = 1) -> list[Documents]:
    return list(closed_parts(docs, size))


def rows(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.sort(frame.columns, nulls_last=True)


def assert_same(docs: Documents, size: int) -> None:
    """Matched in parts, the documents lead to the same rows."""
    whole = match(docs, policy(), AS_OF, ENTITY)
    split = match_in_parts(docs, policy(), AS_OF, ENTITY, size)
    for field in dataclasses.fields(MatchResult):
        name = field.name
        assert rows(getattr(split, name)).equals(rows(getattr(whole, name))), name


@pytest.mark.slow
@settings(max_examples=2, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(st.integers(0, 10**6), st.sampled_from([1, 20]))
def test_parts_say_what_the_whole_says(seed: int, size: int) -> None:
    assert_same(ledger_of(seed, 8).documents(), size)


@given(st.integers(0, 10**6))
@settings(max_examples=10, deadline=None)
def test_every_document_is_in_exactly_one_part(seed: int) -> None:
    docs = ledger_of(seed, 10).documents()
    found = parts(docs)
    assert len(found) > 1
    for name in SPLIT:
        together = pl.concat([getattr(part, name) for part in found])
        assert rows(together).equals(rows(getattr(docs, name))), name


def test_documents_of_the_size_stay_as_they_are() -> None:
    docs = two_orders().documents()
    assert parts(docs, size=4)[0] is docs
    assert len(parts(docs, size=2)) == 2


def two_orders() -> Ledger:
    """Two orders, each received and billed on its own."""
    ledger = Ledger().supplier()
    for po in ("PO1", "PO2"):
        ledger.order(po).line("10", "5", po).receipt(f"R-{po}", "10", f"{po}-1")
        ledger.quantity_invoice(f"I-{po}", "10", "5", f"{po}-1")
    return ledger


def both_billed(ledger: Ledger) -> Ledger:
    ledger.invoice("I", "20").bills("I", "10", "1", "PO1", po_line_id="PO1-1", qty="2", uom="EA")
    return ledger.bills("I", "10", "2", None, po_line_id="PO2-1", qty="2", uom="EA")


def named_by_number(ledger: Ledger) -> Ledger:
    ledger.invoice("I", "20").bills("I", "10", "1", "PO1", qty="2", uom="EA")
    return ledger.bills("I", "10", "2", "PO2", po_id=None, qty="2", uom="EA")


def corrected(ledger: Ledger) -> Ledger:
    ledger.invoice("I", "10", kind="credit_qty", corrects_invoice_id="I-PO2")
    return ledger.bills("I", "10", "1", "PO1", po_line_id="PO1-1", qty="2", uom="EA")


def line_corrected(ledger: Ledger) -> Ledger:
    ledger.invoice("I", "10", kind="credit_qty")
    return ledger.bills(
        "I", "10", po_line_id="PO1-1", qty="2", uom="EA", orig_invoice_line_id="I-PO2/1"
    )


def copied(ledger: Ledger) -> Ledger:
    ledger.invoice("I", "50.00", invoice_no_norm="I-PO2", invoice_no_supplier="I-PO2")
    return ledger.bills("I", "50.00", "1", "PO1", po_line_id="PO1-1", qty="10", uom="EA")


def received_back(ledger: Ledger) -> Ledger:
    return ledger.receipt("R", "-1", "PO1-1", reverses_id="R-PO2")


def received_elsewhere(ledger: Ledger) -> Ledger:
    """A receipt is of the order of its line, whatever order it states."""
    return ledger.receipt("R", "1", "PO1-1", po_id="PO2")


@pytest.mark.parametrize(
    "bond", [both_billed, named_by_number, corrected, line_corrected, copied, received_back]
)
def test_what_holds_two_orders_together(bond: Callable[[Ledger], Ledger]) -> None:
    assert len(parts(two_orders().documents())) == 2
    docs = bond(two_orders()).documents()
    assert len(parts(docs)) == 1
    assert_same(docs, 1)


def test_a_receipt_goes_with_its_order_line() -> None:
    docs = received_elsewhere(two_orders()).documents()
    (part,) = [p for p in parts(docs) if "PO1" in p.purchase_orders["po_id"]]
    assert sorted(part.receipt_lines["receipt_line_id"]) == ["R", "R-PO1"]
    assert_same(docs, 1)


def test_a_long_chain_is_one_part() -> None:
    """Each invoice bills two orders, the second of which the next one bills, too."""
    ledger = Ledger().supplier()
    for n in range(30):
        ledger.order(f"PO{n}").line("10", "5", f"PO{n}").receipt(f"R{n}", "10", f"PO{n}-1")
    for n in range(29):
        ledger.invoice(f"I{n}", "10")
        for no, po in (("1", n), ("2", n + 1)):
            line = {"po_line_id": f"PO{po}-1", "qty": "1", "uom": "EA", "unit_price": "5"}
            ledger.bills(f"I{n}", "5", no, f"PO{po}", **line)
    docs = ledger.documents()
    assert len(parts(docs)) == 1


def test_what_names_nothing_is_in_the_first_part() -> None:
    ledger = two_orders().invoice("I", "7").bills("I", "7", po=None)
    found = parts(ledger.documents())
    assert [part.invoices.height for part in found] == [1, 1, 1]
    assert_same(ledger.documents(), 1)
