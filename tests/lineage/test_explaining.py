"""An invoice taken apart: figures, receipts, limits, and which system says so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.exceptions.tables import EXCEPTIONS
from finsync_dagster.lineage.comparisons import WORDS
from finsync_dagster.lineage.explaining import Books, explain
from finsync_dagster.lineage.explanation import InvoiceExplained
from finsync_dagster.lineage.invoices_named import invoices_named, similar_numbers
from finsync_dagster.lineage.shelf import Shelf
from finsync_dagster.matching.checks.families import ALL_CHECKS
from finsync_dagster.matching.tables import TABLES as MATCHING
from tests.matching.ledger import Ledger

NO_EXCEPTIONS = EXCEPTIONS.empty()


def shelf_of(ledger: Ledger, systems: Mapping[str, str] | None = None, **looser: Any) -> Shelf:
    """The documents and what matching says of them; ``systems``: table → its source system."""
    docs, result = ledger.documents(), ledger.match(**looser)
    tables = {name: spec.empty().lazy() for name, spec in TABLES.items()}
    for name in ledger.rows:
        frame: pl.DataFrame = getattr(docs, name)
        if systems and name in systems:
            frame = frame.with_columns(source_system=pl.lit(systems[name]))
        tables[name] = frame.lazy()
    tables |= {spec.name: getattr(result, spec.name).lazy() for spec in MATCHING}
    return Shelf(tables)


def explained(
    ledger: Ledger, number: str = "I1", books: pl.DataFrame = NO_EXCEPTIONS, **how: Any
) -> InvoiceExplained:
    shelf = shelf_of(ledger, **how)
    (invoice,) = invoices_named(shelf, number)
    return explain(shelf, invoice, Books(books, {"acme": "USD"}))


def over() -> Ledger:
    """Ordered 10 at 10.00, received 6 and 2, billed 10 at 10.30."""
    return (
        Ledger()
        .supplier("S1", name="Schrauben AG")
        .order("PO1", day=0)
        .line("10", "10", "PO1")
        .receipt("R1", "6", "PO1-1", day=1)
        .receipt("R2", "2", "PO1-1", day=2)
        .quantity_invoice("I1", "10", "10.30", "PO1-1", day=3)
    )


def said(invoice: InvoiceExplained) -> dict[str, tuple[str, str, str, str]]:
    (line,) = invoice.lines
    return {c.check: (c.expected, c.actual, c.difference, c.effect) for c in line.comparisons}


def test_every_check_is_told_with_its_figures_whether_it_agrees_or_not() -> None:
    checks = said(explained(over(), PRICE_UNIT={"upper_pct": "5"}))
    assert checks["QTY_RECEIVED"] == (
        "8 EA received",
        "10 EA billed so far",
        "2 EA (25 %) above",
        "block",
    )
    assert checks["QTY_ORDERED"] == ("10 EA ordered", "10 EA billed so far", "agrees", "none")
    assert checks["PRICE_UNIT"] == (
        "10.00 USD per EA ordered",
        "10.30 USD per EA billed",
        "0.30 USD (3 %) above",
        "none",
    )


def test_the_limit_that_decided_is_named_with_its_rule() -> None:
    (line,) = explained(over(), PRICE_UNIT={"upper_pct": "5"}).lines
    limits = {c.check: c.limit for c in line.comparisons}
    assert limits["PRICE_UNIT"] == "limit 5 %; rule: default"
    assert limits["QTY_RECEIVED"] == "no difference allowed; rule: default"
    # What blocks comes first.
    assert line.comparisons[0].effect == "block"
    assert line.comparisons[-1].effect == "none"


def test_an_absolute_limit_of_money_is_in_the_currency_of_the_books() -> None:
    ledger = over()
    shelf = shelf_of(ledger, LINE_TOTAL={"upper_abs": "2"})
    (invoice,) = invoices_named(shelf, "I1")
    (line,) = explain(shelf, invoice, Books(NO_EXCEPTIONS, {"acme": "EUR"})).lines
    (total,) = [c for c in line.comparisons if c.check == "LINE_TOTAL"]
    assert total.limit == "limit 2.00 EUR; rule: default"
    assert total.difference == "3.00 USD (3 %) above"


def test_receipts_are_told_one_by_one_and_the_rest_has_none() -> None:
    (line,) = explained(over()).lines
    parts = [
        (each.quantity, each.amount, each.source.number if each.source else None, each.method)
        for each in line.consumed
    ]
    assert parts == [
        (Decimal(6), Decimal(60), "R1 line 1", "fifo"),
        (Decimal(2), Decimal(20), "R2 line 1", "fifo"),
        (Decimal(2), Decimal(20), None, "fifo"),
    ]
    assert line.other_receipts == ()


def test_what_other_lines_bill_is_told_apart_from_what_is_left() -> None:
    ledger = (
        over().receipt("R3", "5", "PO1-1", day=4).quantity_invoice("I2", "2", "10", "PO1-1", day=5)
    )
    (line,) = explained(ledger, "I2").lines
    assert [(each.source.number, each.quantity) for each in line.consumed if each.source] == [
        ("R3 line 1", Decimal(2))
    ]
    others = [(each.source.number, each.quantity) for each in line.other_receipts if each.source]
    assert others == [("R1 line 1", Decimal(0)), ("R2 line 1", Decimal(0))]


def test_a_charge_has_nothing_to_do_with_receipts() -> None:
    ledger = over().agrees("FRT", "5").invoice("I2", "5", day=5)
    ledger.bills("I2", "5", type="charge", charge_code="FRT", po_line_id="PO1-1")
    (line,) = explained(ledger, "I2").lines
    assert (line.type, line.consumed, line.other_receipts) == ("charge", (), ())


def test_the_net_is_taken_apart_to_the_last_digit() -> None:
    (line,) = explained(over()).lines
    v = line.variances
    assert v is not None
    assert (v.at_order_price, v.price, v.rounding, v.beyond) == (100, 3, 0, 0)
    assert v.at_order_price + v.price + v.rounding + v.beyond == line.net


def test_a_credit_beyond_what_was_billed_is_told_as_such() -> None:
    ledger = over().quantity_invoice("C1", "-12", "10.30", "PO1-1", day=6, kind="credit_qty")
    (line,) = explained(ledger, "C1").lines
    v = line.variances
    assert v is not None
    assert v.beyond < 0
    assert v.at_order_price + v.price + v.rounding + v.beyond == line.net
    assert "A credit takes back" in line.uncompared


def test_three_systems_each_say_their_part() -> None:
    invoice = explained(
        over(),
        systems={
            "purchase_orders": "coupa",
            "purchase_order_lines": "coupa",
            "receipt_lines": "sap",
            "invoices": "netsuite",
            "invoice_lines": "netsuite",
        },
    )
    (line,) = invoice.lines
    assert [(s.what, s.number, s.system) for s in line.sources] == [
        ("invoice line", "1", "netsuite"),
        ("order", "PO1", "coupa"),
        ("order line", "1", "coupa"),
        ("receipt", "R1 line 1", "sap"),
        ("receipt", "R2 line 1", "sap"),
    ]
    assert [(s.what, s.system) for s in invoice.sources] == [("invoice", "netsuite")]


def test_open_exceptions_are_told_and_resolved_ones_are_not() -> None:
    ledger = over()
    line_id = ledger.documents().invoice_lines["invoice_line_id"].item()
    at = datetime(2024, 2, 1, tzinfo=UTC)
    row = {name: "x" for name in EXCEPTIONS.polars_schema} | {
        "subject_id": line_id,
        "opened_at": at,
        "due_at": at,
        "resolved_at": None,
        "amount_at_risk": Decimal(20),
        "ccy": "USD",
    }
    rows = [
        row | {"exception_id": "a", "reason_code": "QTY_OVER_RECEIVED", "state": "OPEN"},
        row | {"exception_id": "b", "reason_code": "PRICE_OVER", "state": "RESOLVED_AUTO"},
        row
        | {"exception_id": "c", "reason_code": "PRICE_OVER", "state": "OPEN", "subject_id": "y"},
    ]
    register = pl.DataFrame(rows, schema=EXCEPTIONS.polars_schema, infer_schema_length=None)
    (line,) = explained(ledger, books=register).lines
    assert [(p.reason_code, p.due) for p in line.problems] == [
        ("QTY_OVER_RECEIVED", date(2024, 2, 1))
    ]


def test_an_invoice_nobody_matched_says_so() -> None:
    void = explained(over().invoice("V1", "10", status_canon="void"), "V1")
    assert (void.outcome, void.payable) == ("", None)
    assert void.reason == "It is void, so that it is compared with nothing."


def test_a_line_without_an_order_says_why_nothing_was_compared() -> None:
    ledger = Ledger().supplier().invoice("I1", "10").bills("I1", "10", po=None)
    (line,) = explained(ledger).lines
    assert (line.outcome, line.ordered) == ("NO_PO", "")
    assert line.uncompared.startswith("Nothing could be compared")


def test_unequal_figures_are_never_said_to_agree_without_a_reason() -> None:
    """A limit order is compared with its limit alone, not with receipts it has none of."""
    ledger = (
        Ledger()
        .supplier()
        .order("PO1")
        .line("1", "100", "PO1", match_type="limit", match_basis="amount", limit_amount="100")
        .invoice("I1", "40")
        .bills("I1", "40", po_id="PO1", po_line_id="PO1-1")
    )
    (line,) = explained(ledger).lines
    assert [c for c in line.comparisons if c.difference.startswith("agrees")] == []


@pytest.mark.parametrize("meant", ["RE-0017", "re 17", "k9", "erp|invoices|RE-0017"])
def test_an_invoice_answers_to_several_numbers(meant: str) -> None:
    ledger = Ledger().supplier().invoice("RE-0017", "10")
    (row,) = ledger.rows["invoices"]
    row["source_pk"] = "k9|2024"
    row["invoice_id"] = "erp|invoices|RE-0017"
    row["invoice_no_norm"] = "RE17" if meant == "re 17" else row["invoice_no_norm"]
    found = invoices_named(shelf_of(ledger), meant)
    assert [each["invoice_no_supplier"] for each in found] == ["RE-0017"]


def test_several_invoices_of_one_number_and_none() -> None:
    ledger = Ledger().supplier().supplier("S2").invoice("A77", "10").invoice("A770", "10")
    shelf = shelf_of(ledger)
    assert invoices_named(shelf, "A77", "elsewhere") == []
    assert invoices_named(shelf, "zzz") == []
    assert invoices_named(shelf, "---") == []
    assert similar_numbers(shelf, "a77") == ["A77", "A770"]
    assert similar_numbers(shelf, "a") == []


def test_every_check_has_words_for_its_figures() -> None:
    named = {check for check, _ in WORDS}
    assert set(ALL_CHECKS) <= named
