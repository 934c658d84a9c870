"""Goods received against invoices received."""

from datetime import date
from decimal import Decimal as D

import polars as pl
import pytest

from finsync_dagster.landscape.model import Domain
from finsync_dagster.reconciliation.gr_ir import GrIrError, gr_ir
from tests.matching.ledger import AS_OF, DAY_ONE, Ledger, finding, on_day, reasons
from tests.reconciliation.support import ALL, reconciled


def test_lines_are_never_netted() -> None:
    ledger = Ledger().order().line("10", "2").line("10", "3", no="2")
    ledger.receipt("R1", "10").receipt("R2", "4", "PO1-2")
    ledger.quantity_invoice("I1", "6", "2").quantity_invoice("I2", "7", "3", "PO1-2")
    rows = reconciled(ledger).gr_ir.to_dicts()
    assert [(r["grni"], r["irng"]) for r in rows] == [(D(8), D(0)), (D(0), D(9))]
    assert [(r["received_value"], r["invoiced_value"]) for r in rows] == [
        (D(20), D(12)),
        (D(12), D(21)),
    ]


@pytest.mark.parametrize(
    ("days", "bucket", "codes"),
    [
        (0, "0-30", []),
        (30, "0-30", []),
        (31, "31-60", []),
        (61, "61-90", []),
        (90, "61-90", []),
        (91, "91-365", ["GRIR_AGED"]),
        (365, "91-365", ["GRIR_AGED"]),
        (366, ">365", ["GRIR_AGED"]),
    ],
)
def test_age_of_the_oldest_receipt_not_invoiced(days: int, bucket: str, codes: list[str]) -> None:
    ledger = Ledger().order().line("10", "2").receipt("R1", "5", day=0).receipt("R2", "5", day=0)
    ledger.quantity_invoice("I1", "6", "2", day=0)
    result = reconciled(ledger, as_of=on_day(days))
    row = result.gr_ir.row(0, named=True)
    assert (row["age_days"], row["bucket"], row["oldest_receipt"]) == (days, bucket, DAY_ONE)
    assert reasons(result) == codes
    if codes:
        assert finding(result, "GRIR_AGED")["amount_at_risk"] == D(8)


def test_a_receipt_invoiced_in_full_does_not_age_the_next() -> None:
    ledger = Ledger().order().line("10", "2").receipt("R1", "5", day=0).receipt("R2", "5", day=300)
    ledger.quantity_invoice("I1", "5", "2", day=1)
    row = reconciled(ledger, as_of=on_day(320)).gr_ir.row(0, named=True)
    assert (row["oldest_receipt"], row["age_days"]) == (on_day(300), 20)


def test_cleared_lines_have_no_age() -> None:
    ledger = Ledger().order().line("10", "2").receipt("R1", "10").quantity_invoice("I1", "10", "2")
    row = reconciled(ledger).gr_ir.row(0, named=True)
    assert (row["grni"], row["irng"], row["bucket"]) == (D(0), D(0), None)


def test_four_way_accrues_only_what_was_accepted() -> None:
    ledger = Ledger().order().line("10", "2", match_type="4w")
    ledger.receipt("R1", "10", qty_accepted="7", qty_rejected="3")
    assert reconciled(ledger).gr_ir["grni"].to_list() == [D(14)]


def test_orders_invoiced_by_amount_are_not_called_overdue() -> None:
    ledger = Ledger().order().line("10", "2").receipt("R1", "10")
    ledger.invoice("I1", "15").bills("I1", "15")
    result = reconciled(ledger)
    assert result.gr_ir["clearing"].to_list() == ["invoiced by value"]
    assert reasons(result) == []


def test_without_an_invoice_system_one_finding_says_so() -> None:
    ledger = Ledger().order().line("10", "2").line("1", "5", no="2")
    ledger.receipt("R1", "10").receipt("R2", "1", "PO1-2")
    result = reconciled(ledger, domains={Domain.PURCHASE_ORDERS, Domain.RECEIPTS})
    assert set(result.gr_ir["clearing"]) == {"no invoice system"}
    found = finding(result, "NO_INVOICE_SYSTEM")
    assert (found["subject_type"], found["amount_at_risk"]) == ("legal_entity", D(25))
    assert found["counter_key"] == ""
    assert reasons(result) == ["NO_INVOICE_SYSTEM"]


def test_amounts_of_two_currencies_are_not_added_up() -> None:
    ledger = Ledger().order().line("10", "2").receipt("R1", "10")
    ledger.order("PO2", ccy="EUR").line("1", "5", "PO2").receipt("R2", "1", "PO2-1")
    result = reconciled(ledger, domains={Domain.RECEIPTS})
    rows = result.findings.select("counter_key", "ccy", "amount_at_risk").rows()
    assert sorted(rows) == [("EUR", "EUR", D(5)), ("USD", "USD", D(20))]


def test_a_match_that_does_not_add_up_stops_the_run() -> None:
    ledger = Ledger().order().line("10", "2").receipt("R1", "10").quantity_invoice("I1", "10", "2")
    match = ledger.match()
    lost = match.__class__(**{**match.__dict__, "allocations": match.allocations.clear()})
    with pytest.raises(GrIrError, match="PO1-1"):
        gr_ir(ledger.documents(), lost, AS_OF, ALL)


def test_a_past_day_knows_nothing_of_what_came_later() -> None:
    ledger = Ledger().order().line("10", "2").receipt("R1", "10", day=3)
    ledger.quantity_invoice("I1", "10", "2", day=40)
    assert reconciled(ledger, as_of=on_day(39)).gr_ir["grni"].to_list() == [D(20)]
    assert reconciled(ledger, as_of=on_day(40)).gr_ir["grni"].to_list() == [D(0)]
    assert reconciled(ledger, as_of=date(2024, 1, 2)).gr_ir.select(pl.len()).item() == 0
