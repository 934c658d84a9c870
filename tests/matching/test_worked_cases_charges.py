"""Worked cases of charges, totals and small differences, under their letters."""

from decimal import Decimal as D

import pytest

from tests.matching.ledger import Ledger, finding, outcome, payable, reasons

TWENTY = {"upper_pct": "20", "lower_pct": "20"}


def test_b_totals_within_twenty_per_cent_but_for_the_discount() -> None:
    """D365 invoice totals: balance 495/495, discount 9.90/0, charges 64.90, tax 137.50/139.98."""
    ledger = Ledger().order(charges_amount=None).line("1", "495", tax_rate="27.7777777778")
    ledger.receipt("R1", "1").agrees("FREIGHT", "64.90", fixed=True)
    ledger.agrees("DISCOUNT", "-9.90", fixed=True)
    ledger.invoice("I1", "559.90", tax="139.98")
    ledger.bills("I1", "495", po_line_id="PO1-1", qty="1", uom="EA", unit_price="495")
    ledger.charge("I1", "64.90", "FREIGHT").bills("I1", "139.98", no="8", po=None, type="tax")
    result = ledger.match(
        CHARGE_PLANNED=TWENTY, CHARGE_UNPLANNED=TWENTY, TAX_TOTAL=TWENTY, LINE_TOTAL=TWENTY
    )
    assert reasons(result) == ["CHARGE_VARIANCE"]
    discount = result.check_results.filter(check="CHARGE_PLANNED").row(0, named=True)
    assert (discount["expected"], discount["actual"]) == (D("-9.90"), D(0))
    assert (discount["variance_pct"], discount["passed"]) == (D(100), False)
    assert finding(result, "CHARGE_VARIANCE")["amount_at_risk"] == D("9.90")


def test_b_tax_of_the_document_within_twenty_per_cent() -> None:
    ledger = Ledger().order().line("1", "550", tax_rate="25").receipt("R1", "1")
    ledger.quantity_invoice("I1", "1", "550", tax="139.98")
    result = ledger.match(TAX_TOTAL=TWENTY)
    tax = result.check_results.filter(check="TAX_TOTAL").row(0, named=True)
    assert (tax["expected"], tax["actual"], tax["passed"]) == (D("137.50"), D("139.98"), True)
    assert outcome(result, "I1") == "MATCHED_WITHIN_TOLERANCE"


def test_h_charges_by_code_within_twenty_five_per_cent() -> None:
    """D365: License 25/0 fails (infinite), Freight 200/200 passes, Expedite 4/2 fails (100 %)."""
    limit = {"upper_pct": "25", "lower_pct": "25"}
    ledger = Ledger().order().line("100", "10").receipt("R1", "100")
    ledger.agrees("FREIGHT", "200").agrees("EXPEDITE", "2").invoice("I1", "1229")
    ledger.bills("I1", "1000", po_line_id="PO1-1", qty="100", uom="EA", unit_price="10")
    for no, (code, amount) in enumerate([("LICENSE", "25"), ("FREIGHT", "200"), ("EXPEDITE", "4")]):
        ledger.charge("I1", amount, code, no=f"{no + 2}")
    result = ledger.match(CHARGE_PLANNED=limit, CHARGE_UNPLANNED=limit)
    found = result.findings.select("reason_code", "subject_id").rows()
    assert sorted(found) == [("CHARGE_UNPLANNED", "I1/2"), ("CHARGE_VARIANCE", "I1/4")]
    rows = {row["subject_id"]: row for row in result.check_results.iter_rows(named=True)}
    assert rows["I1/2"]["variance_infinite"]
    assert rows["I1/4"]["variance_pct"] == D(100)
    assert "I1/3" not in rows
    assert payable(result, "I1") == D(1200)


@pytest.mark.parametrize(("freight", "passes"), [("110", True), ("111", False)])
def test_k_planned_delivery_costs_with_an_absolute_limit(freight: str, passes: bool) -> None:
    """SAP KW: 100 planned, 10 absolute."""
    ledger = Ledger().order().line("100", "10").receipt("R1", "100").agrees("FRB1", "100")
    ledger.invoice("I1", str(1000 + D(freight)))
    ledger.bills("I1", "1000", po_line_id="PO1-1", qty="100", uom="EA", unit_price="10")
    result = ledger.charge("I1", freight, "FRB1").match(CHARGE_PLANNED={"upper_abs": "10"})
    assert reasons(result) == ([] if passes else ["CHARGE_VARIANCE"])
    check = result.check_results.filter(check="CHARGE_PLANNED").row(0, named=True)
    assert check["effect"] == ("none" if passes else "block")
    assert outcome(result, "I1") == ("MATCHED_WITHIN_TOLERANCE" if passes else "BLOCKED")


TOTAL = {"lower_abs": "200", "lower_pct": "4", "upper_abs": "30", "upper_pct": "2"}
SMALL = {"lower_abs": "10", "upper_abs": "5"}


@pytest.mark.parametrize(
    ("net", "expected"),
    [
        ("3992", "MATCHED_SMALL_DIFF"),
        ("3925", "MATCHED_WITHIN_TOLERANCE"),
        ("3820", "PARTIALLY_MATCHED"),
        ("4004", "MATCHED_SMALL_DIFF"),
        ("4025", "MATCHED_WITHIN_TOLERANCE"),
        ("4035", "BLOCKED"),
        ("4000", "MATCHED"),
        ("3990", "MATCHED_SMALL_DIFF"),
        ("4005", "MATCHED_SMALL_DIFF"),
    ],
)
def test_m_total_based_acceptance(net: str, expected: str) -> None:
    """SAP: 4000 expected; lower 200 / 4 %, upper 30 / 2 %, small differences -10 / +5."""
    ledger = Ledger().order().line("1", "4000").receipt("R1", "1")
    ledger.invoice("I1", net).bills("I1", net)
    result = ledger.match(LINE_TOTAL=TOTAL, BALANCE_SMALL_DIFF=SMALL)
    assert outcome(result, "I1") == expected
    accepted = expected.startswith("MATCHED")
    assert payable(result, "I1") == (D(net) if accepted else 0)
    assert (reasons(result) == []) == accepted


@pytest.mark.parametrize("net", ["26000", "25980"])
def test_t_total_off_by_ten_is_a_small_difference(net: str) -> None:
    """Oracle ARC: 26000 against 25990, plus or minus 10."""
    ledger = Ledger().order().line("1", "25990").receipt("R1", "1")
    result = ledger.quantity_invoice("I1", "1", net).match(
        BALANCE_SMALL_DIFF={"upper_abs": "10", "lower_abs": "10"}
    )
    assert reasons(result) == []
    assert outcome(result, "I1") == "MATCHED_SMALL_DIFF"
    assert payable(result, "I1") == D(net)


@pytest.mark.parametrize(("total", "passes"), [("105.00", True), ("105.01", False)])
def test_i_charges_and_goods_each_have_their_own_boundary(total: str, passes: bool) -> None:
    """100 expected, 5 %: inclusive, for charges as for totals."""
    ledger = Ledger().order().line("1", "1").receipt("R1", "1").agrees("FRT", "100")
    ledger.invoice("I1", str(1 + D(total)))
    ledger.bills("I1", "1", po_line_id="PO1-1", qty="1", uom="EA", unit_price="1")
    result = ledger.charge("I1", total).match(CHARGE_PLANNED={"upper_pct": "5"})
    assert (reasons(result) == []) == passes


def test_s_tax_of_a_rounded_amount() -> None:
    """125 x 0.0423 = 5.2875 is 5.29; 19 % of that are 1.0051, so 1.01."""
    ledger = Ledger().order().line("200", "0.0423", tax_rate="19").receipt("R1", "125")
    ledger.invoice("I1", "5.29", tax="1.01")
    ledger.bills("I1", "5.29", po_line_id="PO1-1", qty="125", uom="EA", unit_price="0.0423")
    assert reasons(ledger.match()) == []
