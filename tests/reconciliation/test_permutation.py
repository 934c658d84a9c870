"""The order of rows decides nothing in reconciliation."""

from __future__ import annotations

from dataclasses import fields, replace

import polars as pl
import pytest

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.landscape.model import Domain
from finsync_dagster.matching.match import match
from finsync_dagster.reconciliation.reconcile import ReconciliationResult, reconcile
from tests.matching.ledger import AS_OF, ENTITY, Ledger, on_day, policy


def everything() -> Documents:
    """Documents of which every control has something to say."""
    ledger = Ledger().supplier("S1", name="Acme", bank_account_hash="x").supplier("S2")
    ledger.order().line("10", "10").receipt("R1", "10")
    ledger.quantity_invoice("I1", "5", "10", day=3, payment_block="R")
    for number, (name, day) in enumerate((("I2", 4), ("I3", 4), ("I4", 9), ("I5", 9))):
        ledger.quantity_invoice(name, "5", "10", day=day, invoice_no_norm=f"I{1 + number // 2}")
    ledger.invoice("I6", "50", 12, invoice_no_norm="I1A")
    for number in range(3):
        ledger.payment(f"P{number}", "50", day=10 + number)
        ledger.settles(f"P{number}", "I1", "50", day=10 + number)
    ledger.payment("P9", "50", day=14, invoice_no_ref="I1").payment("P8", "7", day=14)
    ledger.report("E1").expense("X1", "50", merchant="Acme", transaction_date=on_day(5))
    links = pl.DataFrame({"supplier_src_id": ["S1", "S2"], "supplier_id": ["G", "G"]})
    return replace(ledger.documents(), supplier_crosswalk=links)


def reconciled(docs: Documents) -> ReconciliationResult:
    limits = policy()
    found = match(docs, limits, AS_OF, ENTITY)
    every = set(Domain)
    return reconcile(docs, found, limits, AS_OF, ENTITY, every, stated_is_current=True)


def shuffled(docs: Documents, seed: int) -> Documents:
    frames = {f.name: getattr(docs, f.name) for f in fields(docs)}
    mixed = {name: f.sample(fraction=1, shuffle=True, seed=seed) for name, f in frames.items()}
    return Documents(**mixed)


@pytest.mark.parametrize("seed", range(4))
def test_results_are_the_same_in_any_order(seed: int) -> None:
    docs = everything()
    one, other = reconciled(docs), reconciled(shuffled(docs, seed))
    for field in fields(one):
        left, right = getattr(one, field.name), getattr(other, field.name)
        assert left.rows() == right.rows(), field.name


def test_there_is_something_to_say() -> None:
    told = set(reconciled(everything()).findings["reason_code"])
    assert {"DUP_EXACT", "DUP_SUSPECT", "PAID_TWICE", "PAID_WHILE_BLOCKED"} <= told
    assert {"SUPPLIER_DUPLICATE", "PAID_NOT_INVOICED"} <= told
