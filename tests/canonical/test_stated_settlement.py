"""What a source states of its payments: what of it counts, and that nothing else overrides it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal as D
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsync_dagster.canonical.settlement import settle
from finsync_dagster.canonical.stated_settlement import MOVED, judged
from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.schema import require_valid
from tests.matching.ledger import Ledger, on_day

PAIR = ("payment_id", "invoice_id", "amount_applied")


def settled(ledger: Ledger) -> pl.DataFrame:
    docs = ledger.documents()
    frame = settle(docs)
    return require_valid(TABLES["payment_allocations"], frame)


def test_discounts_of_one_payment_are_added_up() -> None:
    ledger = Ledger().invoice("I1", "100").payment("P1", "95")
    ledger.states("P1", "I1", "50", discount_taken="2").states("P1", "I1", "45")
    assert settled(ledger)["discount_taken"].to_list() == [D(2)]


def pairs(ledger: Ledger) -> list[tuple[str, str, D]]:
    return settled(ledger).select(PAIR).rows()


def refused(ledger: Ledger) -> list[str | None]:
    docs = ledger.documents()
    frame = judged(docs.payment_applications, docs.payments, docs.invoices)
    return frame["refused"].to_list()


def one(amount: str = "100", **payment: Any) -> Ledger:
    return Ledger().invoice("I1", "100").payment("P1", amount, **payment)


def test_a_statement_becomes_an_allocation() -> None:
    ledger = one(day=12).states("P1", "I1", "60")
    assert settled(ledger).to_dicts() == [
        {
            "payment_id": "P1",
            "invoice_id": "I1",
            "entity_id": "acme",
            "ccy": "USD",
            "amount_applied": D(60),
            "discount_taken": None,
            "applied_date": on_day(12),
            "method": "stated",
            "confidence": "stated",
            "evidence": "The source names the invoice.",
        }
    ]


def test_several_invoices_of_a_payment_and_several_payments_of_an_invoice() -> None:
    ledger = one().invoice("I2", "50").payment("P2", "50")
    ledger.states("P1", "I1", "70").states("P1", "I2", "30").states("P2", "I1", "30")
    assert pairs(ledger) == [("P1", "I1", D(70)), ("P1", "I2", D(30)), ("P2", "I1", D(30))]


def test_statements_of_the_same_pair_are_added_up() -> None:
    ledger = one().states("P1", "I1", "70").states("P1", "I1", "30.01").states("P1", "I1", "-0.01")
    assert pairs(ledger) == [("P1", "I1", D(100))]


def test_a_statement_that_was_taken_back_leaves_nothing() -> None:
    assert pairs(one().states("P1", "I1", "70").states("P1", "I1", "-70")) == []


def test_a_credit_lowers_what_is_paid() -> None:
    ledger = Ledger().invoice("I1", "100").invoice("C1", "-30").payment("P1", "70")
    ledger.states("P1", "I1", "100").states("P1", "C1", "-30")
    assert pairs(ledger) == [("P1", "C1", D(-30)), ("P1", "I1", D(100))]


def test_a_refund_settles_a_credit() -> None:
    ledger = Ledger().invoice("C1", "-30").payment("P1", "-30").states("P1", "C1", "-30")
    assert pairs(ledger) == [("P1", "C1", D(-30))]


@pytest.mark.parametrize(
    ("ledger", "why"),
    [
        *(
            (one(status_canon=state).states("P1", "I1", "100"), "no money has left")
            for state in ("proposed", "failed", "void")
        ),
        (one().states("P2", "I1", "100"), "payment P2 is not known"),
        (one(entity_id="other").states("P1", "I1", "100"), "payment P1 is not known"),
        (one().states("P1", "I9", "100"), "the source names invoice I9, which is not known"),
        (
            Ledger()
            .invoice("I1", "9", status_canon="void")
            .payment("P1", "9")
            .states("P1", "I1", "9"),
            "the source names invoice I1, which is void",
        ),
        (
            one(ccy="EUR").states("P1", "I1", "100", ccy="EUR"),
            "the source applies EUR to invoice I1, which is in USD, of a payment in EUR",
        ),
        (
            one(ccy="EUR").states("P1", "I1", "100"),
            "the source applies USD to invoice I1, which is in USD, of a payment in EUR",
        ),
        (
            one().states("P1", "I1", "100.01"),
            "the source applies 100.01 USD to invoices, which cannot be of a payment of 100.00 USD",
        ),
        (
            one().states("P1", "I1", "-5"),
            "the source applies -5.00 USD to invoices, which cannot be of a payment of 100.00 USD",
        ),
        (
            one("-10").states("P1", "I1", "10"),
            "the source applies 10.00 USD to invoices, which cannot be of a payment of -10.00 USD",
        ),
        (
            one("0").states("P1", "I1", "0.0001"),
            "the source applies 0.0001 USD to invoices, which cannot be of a payment of 0.00 USD",
        ),
    ],
)
def test_what_cannot_be_true_does_not_count(ledger: Ledger, why: str) -> None:
    assert refused(ledger) == [why]
    assert pairs(ledger) == []


def test_of_statements_that_exceed_the_payment_none_counts() -> None:
    """Nobody knows which of them is wrong."""
    ledger = one().invoice("I2", "100").states("P1", "I1", "60").states("P1", "I2", "60")
    assert pairs(ledger) == []
    assert all("120.00 USD" in str(why) for why in refused(ledger))


def test_a_statement_that_does_not_count_by_itself_does_not_spoil_the_others() -> None:
    ledger = one().invoice("I2", "100", status_canon="void")
    ledger.states("P1", "I2", "100").states("P1", "I1", "100")
    assert pairs(ledger) == [("P1", "I1", D(100))]


def test_an_invoice_may_be_paid_beyond_its_total() -> None:
    """Reconciliation reports it; the payments are what they are."""
    ledger = one().payment("P2", "100").states("P1", "I1", "100").states("P2", "I1", "100")
    assert pairs(ledger) == [("P1", "I1", D(100)), ("P2", "I1", D(100))]


MARKED = {"settled_date": on_day(10), "status_canon": "paid"}


def test_where_the_source_is_silent_the_total_decides() -> None:
    ledger = Ledger().invoice("I1", "100", **MARKED).invoice("I2", "40", **MARKED)
    ledger.payment("P1", "100").payment("P2", "40").states("P1", "I1", "100")
    assert settled(ledger).select(*PAIR, "method").rows() == [
        ("P1", "I1", D(100), "stated"),
        ("P2", "I2", D(40), "settlement_total"),
    ]


def test_a_payment_whose_statement_does_not_count_is_not_inferred() -> None:
    ledger = Ledger().invoice("I1", "100", **MARKED).payment("P1", "100")
    assert pairs(ledger) == [("P1", "I1", D(100))]
    assert pairs(ledger.states("P1", "I9", "100")) == []


def test_an_invoice_whose_statement_does_not_count_is_not_inferred() -> None:
    ledger = Ledger().invoice("I1", "100", **MARKED).payment("P2", "100")
    assert pairs(ledger) == [("P2", "I1", D(100))]
    ledger.payment("P1", "90", day=11).states("P1", "I1", "100")
    assert pairs(ledger) == []


def test_an_invoice_of_a_failed_payment_may_be_settled_by_another_one() -> None:
    ledger = Ledger().invoice("I1", "100", **MARKED).payment("P2", "100")
    ledger.payment("P1", "100", status_canon="failed").states("P1", "I1", "100")
    assert pairs(ledger) == [("P2", "I1", D(100))]


cents = st.integers(-300, 300).map(lambda n: str(D(n).scaleb(-2)))
currencies = st.sampled_from(["USD", "USD", "USD", "EUR"])


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    """Few payments and invoices, so that they meet; what is stated is right, near or absurd."""
    ledger = Ledger()
    for i in range(draw(st.integers(0, 4))):
        marked = draw(st.sampled_from([MARKED, {}, {"status_canon": "void"}]))
        ledger.invoice(f"I{i}", draw(cents), ccy=draw(currencies), **marked)
    for i in range(draw(st.integers(0, 4))):
        state = draw(st.sampled_from(["sent", "confirmed", "confirmed", "failed"]))
        totals = [row["gross"] for row in ledger.rows.get("invoices", [])]
        amount = draw(st.sampled_from(totals) | cents) if totals else draw(cents)
        ledger.payment(f"P{i}", amount, ccy=draw(currencies), status_canon=state)
    for _ in range(draw(st.integers(0, 6))):
        payment, invoice = draw(st.integers(0, 4)), draw(st.integers(0, 4))
        ledger.states(f"P{payment}", f"I{invoice}", draw(cents), ccy=draw(currencies))
    return ledger


@settings(deadline=None, max_examples=30)
@given(ledgers())
def test_no_more_is_allocated_than_was_paid(ledger: Ledger) -> None:
    no_more_than_was_paid(ledger)


def no_more_than_was_paid(ledger: Ledger) -> None:
    payments = {row["payment_id"]: row for row in ledger.rows.get("payments", [])}
    totals: dict[str, D] = defaultdict(D)
    for row in settled(ledger).to_dicts():
        assert payments[row["payment_id"]]["status_canon"] in MOVED
        assert payments[row["payment_id"]]["ccy"] == row["ccy"]
        totals[row["payment_id"]] += row["amount_applied"]
    for payment, total in totals.items():
        paid = D(payments[payment]["amount"])
        assert min(D(0), paid) <= total <= max(D(0), paid)


@settings(deadline=None, max_examples=30)
@given(ledgers())
def test_what_is_stated_is_allocated_as_stated_or_not_at_all(ledger: Ledger) -> None:
    as_stated_or_not_at_all(ledger)


@pytest.mark.long
@settings(deadline=None, max_examples=150)
@given(ledgers())
def test_so_it_is_in_many_ledgers(ledger: Ledger) -> None:
    """Long: the same two things of five times as many."""
    no_more_than_was_paid(ledger)
    as_stated_or_not_at_all(ledger)


def as_stated_or_not_at_all(ledger: Ledger) -> None:
    stated: dict[tuple[str, str], list[D]] = defaultdict(list)
    for row, why in zip(ledger.rows.get("payment_applications", []), refused(ledger), strict=True):
        stated[row["payment_id"], row["invoice_id"]] += [] if why else [D(row["amount_applied"])]
    counted = {pair: sum(amounts, D(0)) for pair, amounts in stated.items()}
    frame = settled(ledger)
    assert frame.select("payment_id", "invoice_id").is_unique().all()
    of_stated = frame.filter(pl.col("method") == "stated").select(PAIR).rows()
    assert {(p, i): a for p, i, a in of_stated} == {k: v for k, v in counted.items() if v}
    inferred = frame.filter(pl.col("method") != "stated")
    assert not set(inferred["payment_id"]) & {payment for payment, _ in stated}


@settings(deadline=None, max_examples=50)
@given(ledgers(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(ledger: Ledger, chance: Any) -> None:
    docs = ledger.documents()
    names = ("payments", "invoices", "payment_applications")
    frames = {name: getattr(docs, name) for name in names}
    shuffled = {n: f[chance.sample(range(f.height), f.height)] for n, f in frames.items()}
    assert settle(replace(docs, **shuffled)).equals(settle(docs))
