"""Settlement by total: a payment is allocated only where the data proves it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.canonical.settlement import infer_payment_allocations
from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.schema import require_valid
from tests.matching.ledger import Ledger, on_day

ALLOCATIONS = TABLES["payment_allocations"]
PAID_ON = 10


class Settling(Ledger):
    """A ledger in which invoices are marked as settled, unless a test says otherwise."""

    def settled(self, name: str, gross: str, day: int = PAID_ON, **more: Any) -> Settling:
        row = {"settled_date": on_day(day), "status_canon": "paid"}
        self.invoice(name, gross, **{**row, **more})
        return self

    def paid(self, name: str, amount: str, day: int = PAID_ON, **more: Any) -> Settling:
        self.payment(name, amount, day, **more)
        return self


def inferred(ledger: Ledger) -> pl.DataFrame:
    docs = ledger.documents()
    frame = infer_payment_allocations(
        docs.golden(docs.payments), docs.golden(docs.invoices), docs.payment_allocations
    )
    return require_valid(ALLOCATIONS, frame)


def applied(ledger: Ledger) -> list[tuple[str, str, Decimal]]:
    return inferred(ledger).select("payment_id", "invoice_id", "amount_applied").rows()


def told(ledger: Ledger) -> set[str]:
    return set(inferred(ledger)["evidence"])


def test_one_payment_settles_one_invoice() -> None:
    ledger = Settling().settled("I1", "100.00").paid("P1", "100.00")
    assert inferred(ledger).to_dicts() == [
        {
            "payment_id": "P1",
            "invoice_id": "I1",
            "entity_id": "acme",
            "ccy": "USD",
            "amount_applied": Decimal("100.0000"),
            "discount_taken": None,
            "applied_date": on_day(PAID_ON),
            "method": "settlement_total",
            "confidence": "proven",
            "evidence": "The only invoice marked as settled on 2024-01-11 for which the source "
            "names no executed payment is over 100.00 USD, exactly the only payment to this "
            "supplier on that day for which it names no invoice.",
        }
    ]


def test_one_payment_settles_several_invoices() -> None:
    ledger = Settling().settled("I1", "60.10").settled("I2", "39.90").paid("P1", "100.00")
    assert applied(ledger) == [("P1", "I1", Decimal("60.10")), ("P1", "I2", Decimal("39.90"))]
    (evidence,) = told(ledger)
    assert evidence.startswith("All 2 invoices marked as settled on 2024-01-11")
    assert "add up to 100.00 USD" in evidence


def test_each_supplier_and_day_stands_alone() -> None:
    ledger = (
        Settling()
        .settled("I1", "100")
        .settled("I2", "100", supplier_src_id="S2")
        .settled("I3", "100", day=11)
        .paid("P1", "100")
        .paid("P2", "100", supplier_src_id="S2")
        .paid("P3", "100", day=11)
    )
    assert [row[:2] for row in applied(ledger)] == [("P1", "I1"), ("P2", "I2"), ("P3", "I3")]


def test_a_credit_lowers_the_total_that_is_paid() -> None:
    ledger = Settling().settled("I1", "100").settled("C1", "-30").paid("P1", "70")
    assert applied(ledger) == [("P1", "C1", Decimal(-30)), ("P1", "I1", Decimal(100))]


def test_a_refund_settles_a_credit() -> None:
    ledger = Settling().settled("C1", "-30", kind="credit_qty").paid("P1", "-30")
    assert applied(ledger) == [("P1", "C1", Decimal(-30))]


NOTHING = {
    "two payments on the day": Settling().settled("I1", "100").paid("P1", "60").paid("P2", "40"),
    "two payments, one of them the total": Settling()
    .settled("I1", "100")
    .paid("P1", "100")
    .paid("P2", "5"),
    "a cent too much": Settling().settled("I1", "100.00").paid("P1", "100.01"),
    "a cent too little": Settling().settled("I1", "100.00").paid("P1", "99.99"),
    "a hundredth of a cent": Settling().settled("I1", "100.0001").paid("P1", "100.00"),
    "a part of the invoices": Settling().settled("I1", "60").settled("I2", "40").paid("P1", "60"),
    "a void invoice": Settling().settled("I1", "100", status_canon="void").paid("P1", "100"),
    "no settled date": Settling().settled("I1", "100", settled_date=None).paid("P1", "100"),
    "another day": Settling().settled("I1", "100", day=9).paid("P1", "100"),
    "another currency": Settling().settled("I1", "100", ccy="EUR").paid("P1", "100"),
    "another supplier": Settling().settled("I1", "100", supplier_src_id="S2").paid("P1", "100"),
    "another entity": Settling().settled("I1", "100", entity_id="other").paid("P1", "100"),
    "a refund against an invoice": Settling().settled("I1", "100").paid("P1", "-100"),
    **{
        f"a {state} payment": Settling().settled("I1", "100").paid("P1", "100", status_canon=state)
        for state in ("proposed", "failed", "void")
    },
}


@pytest.mark.parametrize("ledger", NOTHING.values(), ids=NOTHING.keys())
def test_anything_less_proves_nothing(ledger: Settling) -> None:
    assert inferred(ledger).is_empty()


@pytest.mark.parametrize("state", ["failed", "void", "proposed"])
def test_a_payment_that_did_not_move_does_not_make_the_other_ambiguous(state: str) -> None:
    ledger = Settling().settled("I1", "100").paid("P1", "100").paid("P2", "100", status_canon=state)
    assert [row[:2] for row in applied(ledger)] == [("P1", "I1")]


def test_a_void_invoice_does_not_disturb_the_total() -> None:
    ledger = Settling().settled("I1", "100").settled("I2", "7", status_canon="void")
    assert [row[:2] for row in applied(ledger.paid("P1", "100"))] == [("P1", "I1")]


def test_what_the_source_states_passes_through_and_takes_no_part() -> None:
    ledger = Settling().settled("I1", "100").settled("I2", "40").paid("P1", "100").paid("P2", "40")
    ledger.settles("P1", "I1", "80")
    frame = inferred(ledger)
    assert frame.select("payment_id", "invoice_id", "amount_applied", "method").rows() == [
        ("P1", "I1", Decimal(80), "stated"),
        ("P2", "I2", Decimal(40), "settlement_total"),
    ]
    assert frame["evidence"][0] == "the source says so"
    # "The only invoice", "the only payment" stay true sentences beside the stated ones.
    assert "for which the source names no executed payment" in frame["evidence"][1]
    assert "for which it names no invoice" in frame["evidence"][1]


@pytest.mark.parametrize(
    ("gross", "figure"),
    [
        ("100", "100.00"),
        ("2703399.30", "2703399.30"),
        ("0.125", "0.125"),
        ("0.135", "0.135"),
        ("1.2345", "1.2345"),
        ("10.1000", "10.10"),
        ("1000", "1000.00"),
    ],
)
def test_the_evidence_states_the_figure_exactly(gross: str, figure: str) -> None:
    (evidence,) = told(Settling().settled("I1", gross).paid("P1", gross))
    assert f" {figure} USD" in evidence


cents = st.integers(-500, 500).filter(bool).map(lambda n: Decimal(n).scaleb(-2))
keys = st.tuples(st.sampled_from(["S1", "S2"]), st.integers(9, 11), st.sampled_from(["USD", "EUR"]))


@st.composite
def ledgers(draw: st.DrawFn) -> Settling:
    """Invoices of few suppliers and days; payments of some true totals, some near them."""
    ledger = Settling()
    totals: dict[tuple[str, int, str], Decimal] = {}
    for i, (key, gross) in enumerate(draw(st.lists(st.tuples(keys, cents), max_size=8))):
        supplier, day, ccy = key
        ledger.settled(f"I{i}", str(gross), day=day, supplier_src_id=supplier, ccy=ccy)
        totals[key] = totals.get(key, Decimal(0)) + gross
    for i, key in enumerate(draw(st.lists(keys, max_size=6))):
        supplier, day, ccy = key
        off = draw(st.sampled_from(["0", "0", "0.01", "-5"]))
        amount = totals.get(key, Decimal(1)) + Decimal(off)
        ledger.paid(f"P{i}", str(amount), day=day, supplier_src_id=supplier, ccy=ccy)
    return ledger


@settings(deadline=None, max_examples=40)
@given(ledgers())
def test_a_payment_is_allocated_in_full_or_not_at_all(ledger: Settling) -> None:
    docs, frame = ledger.documents(), inferred(ledger)
    per_payment = frame.group_by("payment_id").agg(pl.col("amount_applied").sum())
    amounts = dict(docs.payments.select("payment_id", "amount").rows())
    assert all(amounts[payment] == total for payment, total in per_payment.rows())


@settings(deadline=None, max_examples=40)
@given(ledgers())
def test_an_invoice_is_settled_once_and_by_its_gross(ledger: Settling) -> None:
    docs, frame = ledger.documents(), inferred(ledger)
    assert frame["invoice_id"].is_unique().all()
    gross = dict(docs.invoices.select("invoice_id", "gross").rows())
    assert all(gross[i] == a for i, a in frame.select("invoice_id", "amount_applied").rows())


@settings(deadline=None, max_examples=40)
@given(ledgers(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(ledger: Settling, chance: Any) -> None:
    docs: Documents = ledger.documents()

    def shuffled(frame: pl.DataFrame) -> pl.DataFrame:
        return frame[chance.sample(range(frame.height), frame.height)]

    again = infer_payment_allocations(
        docs.golden(shuffled(docs.payments)),
        docs.golden(shuffled(docs.invoices)),
        docs.payment_allocations,
    )
    assert again.write_csv() == inferred(ledger).write_csv()


def test_a_matching_total_is_found_among_generated_ledgers() -> None:
    """The properties above would hold of a rule that never allocates; this one does."""
    ledger = Settling()
    for supplier in range(50):
        ledger.settled(f"I{supplier}", "10", supplier_src_id=f"S{supplier}")
        ledger.paid(f"P{supplier}", "10", supplier_src_id=f"S{supplier}")
    assert inferred(ledger).height == 50
