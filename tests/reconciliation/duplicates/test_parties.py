"""One invoice for two suppliers that are one, or for two legal entities."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from finsync_dagster.canonical.documents import GROUP_INVOICE
from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.landscape.model import Domain
from finsync_dagster.matching.match import match
from finsync_dagster.reconciliation.duplicates.rules import OTHER_ENTITY, OTHER_SUPPLIER
from finsync_dagster.reconciliation.reconcile import ReconciliationResult, reconcile
from tests.matching.ledger import AS_OF, ENTITY, Ledger, finding, on_day, policy
from tests.reconciliation.duplicates.pairs import rules
from tests.reconciliation.support import reconciled


def two_suppliers(first: dict[str, str], second: dict[str, str], net: str = "100") -> Ledger:
    ledger = Ledger().supplier("S1", **first).supplier("S2", **second)
    ledger.invoice("A", "100", 1, invoice_no_norm="77")
    return ledger.invoice("B", net, 2, invoice_no_norm="77", supplier_src_id="S2")


def test_two_suppliers_with_one_bank_account() -> None:
    ledger = two_suppliers({"bank_account_hash": "x"}, {"bank_account_hash": "x"})
    assert rules(ledger) == [("B", "A", OTHER_SUPPLIER)]
    said = finding(reconciled(ledger), "DUP_SUSPECT")["message"]
    assert "of supplier S1, which has the same bank account or tax registration" in said


def test_two_suppliers_with_one_tax_registration_however_written() -> None:
    ledger = two_suppliers({"tax_id": "DE 811.907-980"}, {"tax_id": "de811907980"})
    assert rules(ledger) == [("B", "A", OTHER_SUPPLIER)]


@pytest.mark.parametrize(
    ("first", "second", "net"),
    [
        ({"bank_account_hash": "x"}, {"bank_account_hash": "y"}, "100"),
        ({}, {}, "100"),
        ({"tax_id": "N/A"}, {"tax_id": "N/A"}, "100"),
        ({"bank_account_hash": "x"}, {"bank_account_hash": "x"}, "101"),
    ],
)
def test_two_suppliers_of_which_nothing_says_that_they_are_one(
    first: dict[str, str], second: dict[str, str], net: str
) -> None:
    assert rules(two_suppliers(first, second, net)) == []


def beside(ledger: Ledger, *theirs: dict[str, object]) -> ReconciliationResult:
    """With invoices to other legal entities at hand."""
    schema = {name: TABLES["invoices"].polars_schema[name] for name in GROUP_INVOICE}
    own = ledger.documents()
    rows = [own.invoices.select(GROUP_INVOICE).row(0, named=True) | row for row in theirs]
    docs = replace(own, group_invoices=pl.DataFrame(rows, schema=schema))
    limits, every = policy(), set(Domain)
    found = match(docs, limits, AS_OF, ENTITY)
    return reconcile(docs, found, limits, AS_OF, ENTITY, every, stated_is_current=True)


def theirs(name: str, day: date, **more: object) -> dict[str, object]:
    return {"invoice_id": name, "entity_id": "sister", "invoice_date": day, **more}


def test_another_legal_entity_was_billed_before() -> None:
    result = beside(Ledger().invoice("B", "100", 5), theirs("A", on_day(3)))
    assert result.duplicates.select("invoice_id", "earlier_invoice_id", "rule").rows() == [
        ("B", "A", OTHER_ENTITY)
    ]
    said = finding(result, "DUP_SUSPECT")
    assert said["message"].endswith("of the same supplier to legal entity sister.")
    assert said["counter_key"] == "A"


def test_the_earlier_of_the_two_is_no_duplicate() -> None:
    assert beside(Ledger().invoice("B", "100", 5), theirs("A", on_day(6))).duplicates.is_empty()


def test_of_one_day_the_greater_key_is_the_later() -> None:
    assert beside(Ledger().invoice("B", "100", 5), theirs("C", on_day(5))).duplicates.is_empty()
    assert beside(Ledger().invoice("B", "100", 5), theirs("A", on_day(5))).duplicates.height == 1


def test_what_is_dated_after_the_day_is_not_known() -> None:
    late = theirs("A", date(2025, 1, 1))
    assert beside(Ledger().invoice("B", "100", 5), late).duplicates.is_empty()


def test_another_supplier_or_total_is_no_duplicate() -> None:
    own = Ledger().invoice("B", "100", 5)
    others = [{"supplier_src_id": "S2"}, {"gross": 101}, {"ccy": "EUR"}, {"kind": "credit_qty"}]
    result = beside(own, *(theirs(f"A{n}", on_day(3), **o) for n, o in enumerate(others)))
    assert result.duplicates.is_empty()
