"""Order headers against their lines, and the tables as a whole."""

import dataclasses
from decimal import Decimal as D

import pytest

from finsync_dagster.landscape.model import Policy, Tolerance
from finsync_dagster.reconciliation.reconcile import reconcile
from finsync_dagster.reconciliation.tables import TABLES
from finsync_dagster.schema import require_valid
from tests.matching.ledger import AS_OF, ENTITY, EXACT, Ledger, finding, reasons
from tests.matching.test_permutation import busy_ledger, shuffled
from tests.reconciliation.support import ALL, reconciled


@pytest.mark.parametrize(("stated", "agrees"), [("53", True), ("53.0001", False), ("33", False)])
def test_header_against_lines(stated: str, agrees: bool) -> None:
    ledger = Ledger().order(net_amount=stated).line("10", "2").line("3", "11", no="2")
    ledger.line("1", "9", no="3", cancelled=True)
    result = reconciled(ledger)
    row = result.order_totals.row(0, named=True)
    assert (row["lines_net"], row["difference"]) == (D(53), D(stated) - 53)
    assert row["agrees"] == agrees
    if not agrees:
        assert finding(result, "DOC_NOT_BALANCED")["amount_at_risk"] == abs(D(stated) - 53)


def test_a_cancelled_order_states_what_its_cancelled_lines_were_worth() -> None:
    ledger = Ledger().order(net_amount="20", status_canon="cancelled")
    ledger.line("10", "2", cancelled=True)
    assert reasons(reconciled(ledger)) == []


def test_within_tolerance() -> None:
    ledger = Ledger().order(net_amount="20.05").line("10", "2")
    assert reasons(reconciled(ledger, ORDER_TOTAL={"upper_abs": "0.05"})) == []


def test_orders_that_state_no_total_or_lack_a_record_are_not_compared() -> None:
    ledger = Ledger().order().line("10", "2").order("PO2", net_amount="99")
    ledger.incomplete = ["PO2"]
    result = reconciled(ledger)
    assert result.order_totals.is_empty()
    assert reasons(result) == []


def test_an_order_without_lines_adds_up_to_nothing() -> None:
    assert reasons(reconciled(Ledger().order(net_amount="99"))) == ["DOC_NOT_BALANCED"]


@pytest.mark.parametrize("check", ["ORDER_TOTAL", "OPEN_BALANCE"])
def test_a_check_without_limits_stops_the_run(check: str) -> None:
    rows = {c: Tolerance(**limits) for c, limits in EXACT.items() if c != check}
    ledger = Ledger()
    with pytest.raises(KeyError, match=check):
        reconcile(
            ledger.documents(),
            ledger.match(),
            Policy(version="v", tolerances=rows),
            AS_OF,
            ENTITY,
            ALL,
            stated_is_current=True,
        )


def full_ledger() -> Ledger:
    ledger = busy_ledger().order("PO9", net_amount="7").line("1", "8", "PO9")
    ledger.payment("P1", "300").settles("P1", "I1a", "200.40").payment("P2", "5")
    return ledger.invoice("D1", "9", invoice_no_norm="N1")


def test_results_are_the_declared_tables() -> None:
    result = reconciled(full_ledger())
    for spec in TABLES:
        frame = require_valid(spec, getattr(result, spec.name))
        assert frame.height > 0, spec.name
        assert frame.select(spec.key).is_duplicated().sum() == 0, spec.name


def test_permuting_all_rows_changes_no_byte() -> None:
    ledger = full_ledger()
    first = reconciled(ledger)
    docs = ledger.documents()
    for seed in (3, 44):
        ledger.documents = lambda seed=seed: shuffled(docs, seed)  # type: ignore[method-assign]
        again = reconciled(ledger)
        for field in dataclasses.fields(first):
            left, right = getattr(first, field.name), getattr(again, field.name)
            assert left.serialize() == right.serialize(), field.name


def test_an_order_of_which_every_line_was_cancelled_goes_on_stating_its_worth() -> None:
    ledger = Ledger().order(net_amount="30", status_canon="closed")
    ledger.line("1", "10", cancelled=True).line("2", "10", no="2", cancelled=True)
    assert reconciled(ledger).order_totals["agrees"].to_list() == [True]
