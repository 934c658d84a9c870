"""The stages together: keys, currencies, findings, order."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.findings import FINDINGS
from finsync_dagster.schema import require_valid
from finsync_dagster.spend.facts import Books, SpendResult, spend_facts
from finsync_dagster.spend.summary import summarize
from finsync_dagster.spend.tables import STAGES, SUMMARY
from tests.matching.ledger import AS_OF, ENTITY, Ledger, finding, on_day, reasons
from tests.spend.support import DOLLARS, FRESH, MONTHLY, crosswalk, of, rates, spend

CENT = Decimal("0.01")


def purchase() -> Ledger:
    """Every stage has a row: ten ordered, eight received, five invoiced, part of it paid."""
    ledger = Ledger().order().line("10", "5", item_id="X").line("2", "7.77", no="2")
    ledger.receipt("R1", "6").receipt("R2", "2", day=40).receipt("R3", "1", "PO1-2")
    ledger.quantity_invoice("I1", "5", "5", day=20, tax="5")
    ledger.invoice("I2", "12.34", day=21).bills("I2", "12.34", po=None)
    ledger.payment("P1", "15", day=60).settles("P1", "I1", "15", day=60)
    ledger.payment("P2", "10", day=61).settles("P2", "I1", "10", day=61)
    return ledger


@cache
def bought() -> SpendResult:
    """Facts of ``purchase()``; matching takes longer than all the questions asked of them."""
    return spend(purchase())


def shuffled(docs: Documents, chance: Any) -> Documents:
    def mix(frame: pl.DataFrame) -> pl.DataFrame:
        return frame[chance.sample(range(frame.height), frame.height)]

    return Documents(**{name: mix(frame) for name, frame in vars(docs).items()})


def test_every_stage_of_one_purchase() -> None:
    result = bought()
    sums = result.facts.group_by("stage").agg(pl.col("amount_doc").sum())
    assert dict(sums.rows()) == {
        "committed": Decimal("65.54"),
        "open_commitment": Decimal("17.77"),
        "received": Decimal("47.77"),
        "invoiced": Decimal("37.34"),
        "paid": Decimal("20.83"),
        "accrued": Decimal("22.77"),
    }
    assert result.findings.is_empty()


def test_the_identity_of_a_fact_is_made_of_its_documents() -> None:
    facts = bought().facts
    assert facts["fact_id"].is_unique().all()
    assert facts["fact_id"].is_sorted()
    assert f"received|{ENTITY}|PO1-1|R2||||" not in facts["fact_id"]
    assert f"received|{ENTITY}|PO1-1|R2|||" in facts["fact_id"]
    assert f"invoiced|{ENTITY}|PO1-1||I1|I1/1|" in facts["fact_id"]
    assert f"paid|{ENTITY}|||I1||P2" in facts["fact_id"]


def test_period_supplier_and_category_are_told() -> None:
    ledger = purchase()
    ledger._add("items", "X", {"item_id": "X", "category": "Bearings"})
    received = of(spend(ledger), "received").filter(pl.col("receipt_line_id") == "R2").to_dicts()[0]
    assert received["period"] == "2024-02"
    assert (received["item_id"], received["category"]) == ("X", "Bearings")
    assert (received["supplier_src_id"], received["supplier_id"]) == ("S1", "G1")


def test_a_supplier_that_is_not_resolved_is_no_reason_to_leave_a_fact_out() -> None:
    ledger = Ledger().order(supplier_src_id="S9").line("1", "5")
    assert set(spend(ledger).facts["supplier_id"]) == {None}


def test_amounts_in_three_currencies_can_be_done_again_from_the_rate() -> None:
    facts = bought().facts
    for row in facts.to_dicts():
        assert row["amount_functional"] == row["amount_doc"]
        again = row["amount_functional"] / row["rate_used"]
        assert row["amount_group"] == again.quantize(CENT, rounding=ROUND_HALF_UP)
        assert row["rate_used"] == Decimal("1.25")
        assert row["rate_date"] <= row["fact_date"]


def test_the_group_amount_follows_from_the_functional_one() -> None:
    """Two steps, as in consolidation: first the books, then the group."""
    fx = pl.concat([FRESH, rates(("GBP", on_day(0), "0.8"), ("GBP", AS_OF, "0.8"))])
    ledger = Ledger().order(ccy="GBP").line("1", "0.03")
    (row,) = of(spend(ledger, fx), "committed").to_dicts()
    # 0.03 GBP are 0.046875 USD, booked as 0.05; 0.05 USD are 0.04 EUR.
    assert (row["amount_functional"], row["amount_group"]) == (Decimal("0.05"), Decimal("0.04"))


def test_books_in_the_groups_currency_are_not_converted() -> None:
    facts = spend(purchase(), rates(), Books(ENTITY, "USD", "USD")).facts
    assert facts["amount_group"].equals(facts["amount_doc"], check_names=False)
    assert set(facts["rate_used"]) == {Decimal(1)}
    assert set(facts["rate_date"]) == {None}


def test_documents_after_the_cut_off_do_not_count() -> None:
    result = spend(purchase(), as_of=on_day(30))
    assert "paid" not in result.facts["stage"].to_list()
    assert of(result, "received")["receipt_line_id"].to_list() == ["R1", "R3"]
    assert set(of(result, "accrued")["fact_date"]) == {on_day(30)}


# Findings


def test_a_missing_rate_is_a_finding_and_the_amount_stays_empty() -> None:
    fx = rates(("USD", on_day(30), "1.25"), ("USD", AS_OF, "1.25"))
    result = spend(purchase(), fx)
    early = result.facts.filter(pl.col("fact_date") < on_day(30))
    assert early.height > 0
    assert early["amount_group"].null_count() == early.height
    assert reasons(result) == ["FX_RATE_MISSING", "FX_RATE_STALE"]
    row = finding(result, "FX_RATE_MISSING")
    assert (row["subject_type"], row["subject_id"]) == ("currency", "USD")
    assert row["message"].startswith("Amounts in USD that could not be converted")
    assert row["message"].endswith(f": {early.height}.")


def test_an_unknown_document_currency_is_named() -> None:
    ledger = Ledger().order(ccy="XYZ").line("1", "5")
    result = spend(ledger)
    assert finding(result, "FX_RATE_MISSING")["subject_id"] == "XYZ"
    assert set(result.facts["amount_functional"]) == {None}
    assert set(result.facts["rate_date"]) == {date(2024, 1, 1), AS_OF}


@pytest.mark.parametrize(("age", "codes"), [(7, []), (8, ["FX_RATE_STALE"])])
def test_a_rate_is_old_after_seven_days(age: int, codes: list[str]) -> None:
    fx = rates(("USD", on_day(0), "1.25"), ("USD", AS_OF - timedelta(days=age), "1.25"))
    result = spend(Ledger().order().line("1", "5"), fx)
    assert reasons(result) == codes
    # Old is not missing: the amount is converted all the same.
    assert result.facts["amount_group"].null_count() == 0


def test_the_oldest_rate_is_named() -> None:
    fx = rates(("USD", on_day(0), "1.25"))
    row = finding(spend(Ledger().order().line("1", "5"), fx), "FX_RATE_STALE")
    assert row["subject_id"] == "USD"
    assert row["message"] == (
        "Amounts in USD converted at a rate more than 7 days older than they are: 1. "
        "For 2024-12-31 the last rate known is that of 2024-01-01."
    )


def test_an_old_rate_into_the_books_is_found_too() -> None:
    """The rate that is stored is the group's; the one that booked the amount may be older."""
    fx = pl.concat([FRESH, rates(("GBP", on_day(0), "0.8"))])
    result = spend(Ledger().order(ccy="GBP").line("1", "5"), fx)
    assert reasons(result) == ["FX_RATE_STALE"]
    assert finding(result, "FX_RATE_STALE")["subject_id"] == "GBP"


def test_findings_are_findings() -> None:
    ledger = purchase().order("PO2", ccy="XYZ").line("1", "5", "PO2")
    result = spend(ledger, MONTHLY)
    require_valid(FINDINGS, result.findings)
    assert result.findings.select(FINDINGS.key).is_duplicated().sum() == 0
    assert reasons(result) == ["FX_RATE_MISSING", "FX_RATE_STALE"]


# Sums and order


def test_the_summary_adds_up_and_counts_what_it_leaves_out() -> None:
    ledger = purchase().report("E1").expense("E1-1", "20")
    result = spend(ledger, rates(("USD", on_day(30), "1.25")))
    summary = require_valid(SUMMARY, summarize(result.facts))
    assert summary["facts"].sum() == result.facts.height
    assert summary["without_rate"].sum() == result.facts["amount_group"].null_count() > 0
    for column in ("amount_doc", "amount_functional", "amount_group"):
        assert summary[column].sum() == result.facts[column].sum()
    assert set(summary["stage"]) == set(STAGES)


def test_nothing_bought_is_nothing_spent() -> None:
    result = spend(Ledger())
    assert result.facts.is_empty()
    assert result.findings.is_empty()
    assert summarize(result.facts).is_empty()


@settings(deadline=None, max_examples=5)
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(chance: Any) -> None:
    ledger = purchase().order("PO2", ccy="GBP").line("1", "5", "PO2")
    docs, matched = ledger.documents(), ledger.match()
    plain = spend(ledger, MONTHLY)

    def mix(frame: pl.DataFrame) -> pl.DataFrame:
        return frame[chance.sample(range(frame.height), frame.height)]

    mixed = spend_facts(
        shuffled(docs, chance),
        mix(matched.order_line_status),
        mix(matched.allocations),
        crosswalk(S1="G1"),
        DOLLARS,
        mix(MONTHLY),
        AS_OF,
    )
    assert mixed.facts.write_csv() == plain.facts.write_csv()
    assert mixed.findings.equals(plain.findings)
    assert summarize(mixed.facts).equals(summarize(plain.facts))
