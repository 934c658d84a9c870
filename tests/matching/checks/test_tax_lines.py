"""Tax of lines, where tax is rounded, tax without a code."""

from decimal import Decimal as D
from typing import Any

import pytest

from finsync_dagster.landscape.model import Policy, Tolerance
from finsync_dagster.matching.match import MatchResult, match
from tests.matching.ledger import AS_OF, ENTITY, EXACT, Ledger, finding, reasons

CODED = {"upper_abs": "0"}


def ruled(ledger: Ledger, rounding: str | None) -> MatchResult:
    """Matched under a policy that says where tax is rounded."""
    strict = {check: Tolerance(**limits) for check, limits in EXACT.items()}
    said: Any = {ENTITY: rounding} if rounding else {}
    policy = Policy(version="t", tolerances=strict, tax_rounding=said)
    return match(ledger.documents(), policy, AS_OF, ENTITY)


def lines(tax: str, *nets: str, ccy: str = "USD", rates: tuple[str, ...] = ()) -> Ledger:
    """An invoice of order lines at 19 %, or at their own rates."""
    ledger = Ledger().order(ccy=ccy).invoice("I1", str(sum(map(D, nets))), tax=tax, ccy=ccy)
    for no, net in enumerate(nets, 1):
        rate = rates[no - 1] if rates else "19"
        ledger.line("1", net, no=str(no), tax_rate=rate).receipt(f"R{no}", "1", f"PO1-{no}")
        ledger.bills("I1", net, str(no), po_line_id=f"PO1-{no}", qty="1", unit_price=net)
    return ledger


@pytest.mark.parametrize(
    ("rounding", "tax"), [(None, "0.04"), ("line", "0.04"), ("rate", "0.03"), ("document", "0.03")]
)
def test_tax_is_rounded_where_the_rule_says(rounding: str | None, tax: str) -> None:
    """Two lines of 0.08 at 19 %: 0.0152 each, 0.0304 together."""
    assert reasons(ruled(lines(tax, "0.08", "0.08"), rounding)) == []
    wrong = {"0.04": "0.03", "0.03": "0.04"}[tax]
    code = "TAX_UNDER" if wrong < tax else "TAX_OVER"
    assert reasons(ruled(lines(wrong, "0.08", "0.08"), rounding)) == [code]


def test_a_document_is_rounded_once_over_all_its_rates() -> None:
    """0.08 at 19 % are 0.0152, 0.06 at 7 % are 0.0042: 0.02 + 0.00, or 0.0194 together."""
    ledger = lines("0.02", "0.08", "0.08", rates=("19", "7"))
    assert reasons(ruled(ledger, "document")) == []  # 0.0152 + 0.0056 = 0.0208
    assert reasons(ruled(ledger, "rate")) == ["TAX_UNDER"]  # 0.02 + 0.01


@pytest.mark.parametrize(("ccy", "tax"), [("JPY", "19"), ("BHD", "18.999")])
def test_minor_units_of_the_currency(ccy: str, tax: str) -> None:
    net = {"JPY": "98", "BHD": "99.994"}[ccy]
    assert reasons(ruled(lines(tax, net, ccy=ccy), "line")) == []


def test_half_a_minor_unit_is_rounded_up() -> None:
    assert reasons(ruled(lines("0.10", "0.50"), "line")) == []  # 0.095


def test_reverse_charge_and_zero_rated_lines_owe_nothing() -> None:
    ledger = lines("19", "100", "50", rates=("19", "0"))
    assert reasons(ruled(ledger, "rate")) == []
    assert reasons(ruled(lines("0", "100", rates=("0",)), None)) == []
    assert reasons(ruled(lines("1", "100", rates=("0",)), None)) == ["TAX_OVER"]


def stated(tax: str, line_tax: str, **more: Any) -> Ledger:
    ledger = Ledger().invoice("I1", "100", tax=tax)
    return ledger.bills("I1", "100", po=None, tax_amount=line_tax, tax_rate="19", **more)


def test_the_tax_of_a_line_is_told_of_the_line_and_once() -> None:
    result = stated("20", "20").match()
    assert reasons(result) == ["INV_NO_PO", "TAX_OVER"]
    found = finding(result, "TAX_OVER")
    assert (found["subject_type"], found["amount_at_risk"]) == ("invoice_line", D(1))
    assert found["message"] == (
        "Invoice I1 line 1 states 20.00 USD of tax; 19 % of 100.00 USD are 19.00 USD (1.00 USD "
        "more, no tolerance)."
    )
    totals = result.check_results.filter(check="TAX_TOTAL")
    assert totals["passed"].to_list() == [False]


def test_a_line_may_carry_a_share_where_tax_is_rounded_later() -> None:
    ledger = stated("19", "19.005")
    assert "TAX_OVER" in reasons(ruled(ledger, "line"))
    assert reasons(ruled(ledger, "rate")) == ["INV_NO_PO"]
    assert "TAX_OVER" in reasons(ruled(stated("19", "19.01"), "document"))


def test_tax_without_a_code() -> None:
    result = stated("19", "19").match(TAX_CODE=CODED)
    found = finding(result, "TAX_CODE_MISSING")
    assert (found["subject_id"], found["amount_at_risk"]) == ("I1", D(19))
    assert "TAX_CODE_MISSING" not in reasons(
        stated("19", "19", tax_code="V1").match(TAX_CODE=CODED)
    )
    assert "TAX_CODE_MISSING" not in reasons(stated("19", "19").match())


def test_a_tax_line_stands_for_its_own_amount() -> None:
    ledger = Ledger().invoice("I1", "100", tax="26").bills("I1", "100", po=None)
    ledger.bills("I1", "19", no="2", po=None, type="tax", tax_code="V1", tax_rate="19")
    ledger.bills("I1", "7", no="3", po=None, type="tax", tax_rate="7")
    assert finding(ledger.match(TAX_CODE=CODED), "TAX_CODE_MISSING")["amount_at_risk"] == D(7)


def test_what_the_codes_account_for_needs_no_other() -> None:
    ledger = Ledger().invoice("I1", "110", tax="19")
    ledger.bills("I1", "100", po=None, tax_code="V1", tax_rate="19")
    ledger.bills("I1", "10", no="2", po=None)
    assert "TAX_CODE_MISSING" not in reasons(ledger.match(TAX_CODE=CODED))
    ledger.bills("I1", "50", no="3", po=None, tax_code="??")
    assert "TAX_CODE_MISSING" not in reasons(ledger.match(TAX_CODE=CODED))


def test_no_tax_needs_no_code() -> None:
    ledger = Ledger().invoice("I1", "100").bills("I1", "100", po=None)
    assert "TAX_CODE_MISSING" not in reasons(ledger.match(TAX_CODE=CODED))
