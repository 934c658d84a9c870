"""What is looked up of documents: rates into the books' currency, and nothing that is not known."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal as D

import polars as pl
import pytest

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.canonical.functional_rates import COLUMNS
from finsync_dagster.matching.match import match
from finsync_dagster.matching.policy.subjects import DocumentSubjects
from tests.matching.ledger import AS_OF, DAY_ONE, ENTITY, Ledger, policy
from tests.matching.policy.rules import rule, ruled


def books(docs: Documents, *rates: tuple[str, str]) -> Documents:
    """The documents of an entity that keeps its books in euro."""
    rows = [(ccy, DAY_ONE, "EUR", D(rate)) for ccy, rate in (("EUR", "1"), *rates)]
    return replace(docs, functional_rates=pl.DataFrame(rows, schema=COLUMNS, orient="row"))


def ledger(ccy: str = "USD") -> Ledger:
    """Ordered at 100, billed at 108."""
    return (
        Ledger()
        .supplier()
        .order(ccy=ccy)
        .line("1", "100")
        .receipt("R1", "1")
        .quantity_invoice("I1", "1", "108", ccy=ccy)
    )


def total(docs: Documents) -> tuple[bool, str]:
    loose = policy(LINE_TOTAL={"upper_abs": "5"}, PRICE_UNIT={"upper_pct": "10"})
    checks = match(docs, loose, AS_OF, ENTITY).check_results
    return checks.filter(pl.col("check") == "LINE_TOTAL").select("passed", "limit_rule").row(0)


def test_five_euro_are_ten_of_a_currency_worth_half_of_one() -> None:
    docs = ledger().documents()
    assert total(books(docs, ("USD", "0.5"))) == (True, "default")
    assert total(books(docs, ("USD", "0.625"))) == (True, "default")
    assert total(books(docs, ("USD", "0.63"))) == (False, "default")
    assert total(books(ledger("EUR").documents())) == (False, "default")


def test_where_no_rate_is_known_an_absolute_limit_allows_nothing() -> None:
    passed, why = total(books(ledger().documents()))
    assert not passed
    assert why.startswith("default; no exchange rate is known")


def test_where_the_currency_of_the_books_is_not_known_limits_are_in_that_of_the_document() -> None:
    assert total(ledger().documents()) == (False, "default")


def test_quantities_have_no_currency() -> None:
    book = Ledger().supplier().order().line("10", "1").receipt("R1", "10")
    book.quantity_invoice("I1", "11", "1")
    loose = policy(QTY_RECEIVED={"upper_abs": "1"}, QTY_ORDERED={"upper_abs": "1"})
    checks = match(books(book.documents()), loose, AS_OF, ENTITY).check_results
    quantities = checks.filter(pl.col("check").str.starts_with("QTY"))
    assert quantities["passed"].to_list() == [True, True]


@pytest.mark.parametrize(
    ("kind", "subject", "item", "supplier", "day"),
    [
        ("invoice", "I1", None, "S1", 2),
        ("invoice_id", "I1", None, "S1", 2),
        ("invoice_line", "I1/1", "X1", "S1", 2),
        ("purchase_order", "PO1", None, "S1", 0),
        ("purchase_order_line", "PO1-1", "X1", "S1", 0),
        ("receipt_line", "R1", "X1", "S1", 1),
        ("payment", "P1", None, "S1", 10),
        ("invoice", "of nobody", None, None, None),
    ],
)
def test_facts_of_every_kind_of_subject(
    kind: str, subject: str, item: str | None, supplier: str | None, day: int | None
) -> None:
    book = (
        Ledger()
        .supplier()
        .item("X1", category="bolts")
        .order()
        .line("1", "100", item_id="X1")
        .receipt("R1", "1")
        .quantity_invoice("I1", "1", "100")
        .payment("P1", "100")
    )
    subjects = DocumentSubjects(book.documents(), policy())
    row = subjects.facts(kind, pl.DataFrame({"_n": [7], "subject_id": [subject]})).row(
        0, named=True
    )
    found = (row["_day"] - DAY_ONE).days if row["_day"] else None
    assert (row["_n"], row["_item"], row["_supplier"], found) == (7, item, supplier, day)
    assert row["_category"] == ("bolts" if item else None)


def test_what_nothing_is_known_of_is_refused() -> None:
    subjects = DocumentSubjects(Ledger().documents(), ruled(rule("PRICE_UNIT")))
    with pytest.raises(ValueError, match="the policy knows nothing of a contract"):
        subjects.facts("contract", pl.DataFrame({"_n": [0], "subject_id": ["C"]}))
