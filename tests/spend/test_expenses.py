"""What employees spent, as far as the company bears it."""

from decimal import Decimal as D

import polars as pl
import pytest

from finsync_dagster.spend.tables import FACTS
from tests.matching.ledger import DAY_ONE, Ledger, on_day
from tests.spend.support import of, spend, total


@pytest.mark.parametrize(
    ("status", "counted"),
    [("draft", 0), ("submitted", 0), ("rejected", 0), ("approved", 20), ("paid", 20)],
)
def test_a_claim_is_no_spend_before_it_is_approved(status: str, counted: int) -> None:
    ledger = Ledger().report("E1", status).expense("X1", "20")
    assert total(spend(ledger), "expensed") == counted


def test_of_an_expense_with_parts_the_parts_count() -> None:
    ledger = Ledger().report("E1").expense("hotel", "300")
    ledger.expense("night", "250", parent_line_id="hotel")
    ledger.expense("film", "50", parent_line_id="hotel", personal=True)
    facts = of(spend(ledger), "expensed")
    assert facts.select("expense_line_id", "amount_doc").rows() == [("night", D(250))]


def test_what_was_approved_counts_without_its_tax() -> None:
    ledger = Ledger().report("E1").expense("X1", "119", approved_amount="95", tax_amount="19")
    assert total(spend(ledger), "expensed") == D(76)


def test_what_was_not_posted_stays_in_the_currency_spent() -> None:
    ledger = Ledger().report("E1").expense("X1", "119", ccy="CHF", posted_amount=None)
    facts = of(spend(ledger), "expensed")
    assert facts.select("ccy", "amount_doc").rows() == [("CHF", D(119))]
    ledger = Ledger().report("E1").expense("X1", "119", ccy="CHF", posted_amount="130")
    facts = of(spend(ledger), "expensed")
    assert facts.select("ccy", "amount_doc").rows() == [("USD", D(130))]


def test_what_was_handed_in_later_is_not_known_yet() -> None:
    ledger = Ledger().report("E1", day=5).expense("X1", "20")
    assert total(spend(ledger, as_of=on_day(4)), "expensed") == 0
    assert total(spend(ledger, as_of=on_day(5)), "expensed") == D(20)


def test_a_fact_names_its_expense_and_no_supplier() -> None:
    ledger = Ledger().report("E1").expense("X1", "20", transaction_date=None)
    row = of(spend(ledger), "expensed").row(0, named=True)
    assert row["fact_id"].endswith("|X1")
    assert row["supplier_src_id"] is None
    assert (row["fact_date"] - DAY_ONE).days == 5
    assert pl.DataFrame([row], schema=FACTS.polars_schema).height == 1
