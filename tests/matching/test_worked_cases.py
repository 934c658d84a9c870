"""The worked cases of the matching rules, one test each, under their letters."""

from decimal import Decimal as D

import polars as pl
import pytest

from tests.matching.ledger import Ledger, allocated, finding, outcome, payable, reasons

FIVE_PCT = {"upper_pct": "5"}
LOOSE = {"upper_pct": "100"}


@pytest.mark.parametrize(("price", "codes"), [("1.05", []), ("1.10", ["PRICE_OVER"])])
def test_a_unit_price_boundary_is_inclusive(price: str, codes: list[str]) -> None:
    ledger = Ledger().order().line("1000", "1.00").receipt("R1", "1000")
    ledger.quantity_invoice("I1", "1000", price)
    result = ledger.match(PRICE_UNIT=FIVE_PCT, LINE_TOTAL=LOOSE)
    assert reasons(result) == codes
    if codes:
        assert finding(result, "PRICE_OVER")["amount_at_risk"] == D(100)
        assert outcome(result, "I1") == "BLOCKED"
        assert payable(result, "I1") == 0
    else:
        assert outcome(result, "I1") == "MATCHED_WITHIN_TOLERANCE"
        assert payable(result, "I1") == D(1050)


def test_e_totals_accumulate_over_invoices() -> None:
    ledger = Ledger().order().line("1000", "10").receipt("R1", "1100")
    for n, qty in enumerate(["800", "100", "200"]):
        ledger.quantity_invoice(f"I{n}", qty, "10.80", day=2 + n)
    result = ledger.match(
        PRICE_UNIT={"upper_pct": "10"},
        LINE_TOTAL={"upper_pct": "15", "upper_abs": "500"},
        QTY_ORDERED=LOOSE,
        OVER_DELIVERY=LOOSE,
    )
    totals = result.check_results.filter(check="LINE_TOTAL").sort("subject_id")
    assert totals["actual"].to_list() == [D(8640), D(9720), D(11880)]
    assert totals["passed"].to_list() == [True, True, False]
    assert totals["variance_abs"].to_list()[2] == D(1880)
    assert reasons(result) == ["LINE_TOTAL_EXCEEDED"]


def test_f_price_within_tolerance() -> None:
    ledger = Ledger().order().line("5", "8000").receipt("R1", "5")
    ledger.quantity_invoice("I1", "5", "8100")
    result = ledger.match(PRICE_UNIT={"upper_pct": "8"}, LINE_TOTAL={"upper_pct": "15"})
    assert outcome(result, "I1") == "MATCHED_WITHIN_TOLERANCE"
    assert reasons(result) == []
    assert result.allocations["price_variance"].to_list() == [D(500)]


def test_g_no_receipts_three_way_and_two_way() -> None:
    ledger = Ledger().order()
    ledger.line("2", "2500", no="1").line("2", "40", no="2")
    ledger.line("200", "10", no="3", match_type="2w")
    ledger.invoice("I1", "7092")
    for no, qty, price, net in [
        ("1", "2", "2500", "5000"),
        ("2", "2", "41", "82"),
        ("3", "200", "10.05", "2010"),
    ]:
        ledger.bills("I1", net, no=no, po_line_id=f"PO1-{no}", qty=qty, unit_price=price)
    result = ledger.match(PRICE_UNIT={"upper_pct": "2"}, LINE_TOTAL={"upper_pct": "10"})
    lines = dict(result.invoice_line_results.select("invoice_line_id", "outcome").iter_rows())
    assert lines == {
        "I1/1": "PENDING_RECEIPT",
        "I1/2": "BLOCKED",
        "I1/3": "MATCHED_WITHIN_TOLERANCE",
    }
    found = result.findings.select("reason_code", "subject_id").rows()
    assert sorted(found) == [
        ("PRICE_OVER", "I1/2"),
        ("RECEIPT_MISSING", "I1/1"),
        ("RECEIPT_MISSING", "I1/2"),
    ]
    total = result.check_results.filter(check="LINE_TOTAL", subject_id="I1/2")
    assert total["passed"].to_list() == [True]


@pytest.mark.parametrize(
    ("net", "passes"), [("105.00", True), ("105.01", False), ("95.00", True), ("94.99", False)]
)
def test_i_total_within_five_per_cent_both_sides(net: str, passes: bool) -> None:
    ledger = Ledger().order().line("1", "100").receipt("R1", "1")
    ledger.invoice("I1", net).bills("I1", net)
    result = ledger.match(LINE_TOTAL={"upper_pct": "5", "lower_pct": "5"})
    checks = result.check_results.filter(check="LINE_TOTAL")
    assert set(checks["passed"]) == {passes}
    assert outcome(result, "I1") == (
        "MATCHED_WITHIN_TOLERANCE"
        if passes
        else {"105.01": "BLOCKED", "94.99": "PARTIALLY_MATCHED"}[net]
    )
    assert result.allocations.is_empty()


@pytest.mark.parametrize("price", ["0.0423", None])
def test_s_line_amount_is_rounded_half_up_before_it_is_compared(price: str | None) -> None:
    ledger = Ledger().order().line("200", "0.0423").receipt("R1", "125")
    ledger.invoice("I1", "5.29")
    ledger.bills("I1", "5.29", po_line_id="PO1-1", qty="125", unit_price=price)
    result = ledger.match()
    assert outcome(result, "I1") == "MATCHED"
    assert reasons(result) == []
    row = result.allocations.to_dicts()[0]
    assert (row["amount_at_po_price"], row["rounding"]) == (D("5.2875"), D("0.0025"))
    assert row["price_variance"] == 0


def test_s_holds_for_an_invoice_without_lines_too() -> None:
    ledger = Ledger().order().line("200", "0.0423").receipt("R1", "125")
    result = ledger.invoice("I1", "5.29").bills("I1", "5.29").match()
    assert outcome(result, "I1") == "MATCHED"
    assert allocated(result, "I1") == [("R1", D(125))]


def test_t_total_off_by_the_limit_matches() -> None:
    ledger = Ledger().order().line("1", "25990").receipt("R1", "1")
    result = (
        ledger.invoice("I1", "26000")
        .bills("I1", "26000")
        .match(LINE_TOTAL={"upper_abs": "10", "lower_abs": "10"})
    )
    assert outcome(result, "I1") == "MATCHED_WITHIN_TOLERANCE"
    assert payable(result, "I1") == D(26000)


def test_q_value_credit_lowers_the_price_and_keeps_the_quantity() -> None:
    ledger = Ledger().order().line("10", "10").receipt("R1", "10")
    ledger.quantity_invoice("I1", "10", "11")
    ledger.invoice("C1", "-10", day=5, kind="credit_value")
    ledger.bills("C1", "-10", po_line_id="PO1-1")
    result = ledger.match()
    billed = result.invoice_line_results.filter(invoice_line_id="I1/1")
    assert billed["price_billed"].to_list() == [D(10)]
    assert result.order_line_status["qty_invoiced"].to_list() == [D(10)]
    assert reasons(result) == []
    assert (outcome(result, "I1"), outcome(result, "C1")) == ("MATCHED", "MATCHED")


def test_w_receipts_are_consumed_in_order_and_once() -> None:
    ledger = Ledger().order().line("500", "2").receipt("R1", "100").receipt("R2", "10", day=3)
    ledger.quantity_invoice("I1", "100", "2", day=4).quantity_invoice("I2", "10", "2", day=5)
    result = ledger.match()
    assert allocated(result, "I1") == [("R1", D(100))]
    assert allocated(result, "I2") == [("R2", D(10))]
    assert reasons(result) == []


def test_w_what_exceeds_the_receipts_stands_without_one() -> None:
    ledger = Ledger().order().line("500", "2").receipt("R1", "100").receipt("R2", "10", day=3)
    ledger.quantity_invoice("I1", "60", "2", day=4).quantity_invoice("I2", "60", "2", day=5)
    result = ledger.match()
    assert allocated(result, "I1") == [("R1", D(60))]
    assert allocated(result, "I2") == [("R1", D(40)), ("R2", D(10)), (None, D(10))]
    assert finding(result, "QTY_OVER_RECEIVED")["amount_at_risk"] == D(20)
    assert (outcome(result, "I1"), outcome(result, "I2")) == ("MATCHED", "PARTIALLY_MATCHED")
    assert payable(result, "I2") == D(100)


def test_x_credit_beyond_what_was_invoiced() -> None:
    ledger = Ledger().order().line("10", "10").receipt("R1", "10")
    ledger.quantity_invoice("I1", "10", "10")
    ledger.quantity_invoice("C1", "-12", "10", day=5, kind="credit_qty")
    result = ledger.match()
    assert finding(result, "CREDIT_EXCEEDS_INVOICED")["amount_at_risk"] == D(20)
    assert outcome(result, "C1") == "BLOCKED"
    assert allocated(result, "C1") == [("R1", D(-10))]
    assert result.order_line_status["qty_invoiced"].to_list() == [D(0)]


def test_z_more_invoiced_than_received() -> None:
    ledger = Ledger().order().line("1000", "0.10").receipt("R1", "1000")
    result = ledger.quantity_invoice("I1", "1050", "0.10").match()
    over = finding(result, "QTY_OVER_RECEIVED")
    assert over["amount_at_risk"] == D(5)
    assert "50 EA" in over["message"]
    assert allocated(result, "I1") == [("R1", D(1000)), (None, D(50))]
    assert outcome(result, "I1") == "BLOCKED"


def test_ac_price_difference_is_exact() -> None:
    ledger = Ledger().order().line("30000", "0.01719").receipt("R1", "30000")
    result = ledger.quantity_invoice("I1", "30000", "0.01782").match()
    assert finding(result, "PRICE_OVER")["amount_at_risk"] == D("18.90")
    assert result.allocations["price_variance"].to_list() == [D("18.90")]


def test_af_what_a_float_would_call_different_is_equal() -> None:
    ledger = Ledger().order().line("1", "113.57").receipt("R1", "1")
    ledger.invoice("I1", "113.57")
    ledger.bills(
        "I1",
        "113.57",
        po_line_id="PO1-1",
        qty="1",
        unit_price=str(D("113.57000000000001").quantize(D("1e-10"))),
    )
    result = ledger.match()
    assert outcome(result, "I1") == "MATCHED"
    assert result.check_results.filter(check="PRICE_UNIT").is_empty()
    line = result.invoice_line_results.row(0, named=True)
    assert line["price_billed"] == line["price_ordered"] == D("113.57")


def test_p_over_delivery_boundary_is_inclusive() -> None:
    for qty, codes in (("105", []), ("106", ["OVER_DELIVERY"])):
        ledger = Ledger().order().line("100", "3").receipt("R1", qty)
        result = ledger.match(OVER_DELIVERY=FIVE_PCT)
        assert reasons(result) == codes
        assert result.order_line_status["delivery_outcome"].to_list() == ["OVER_DELIVERED"]


def test_aa_allowance_of_fifty_per_cent_of_the_ordered_quantity() -> None:
    ledger = Ledger().order().line("100", "1").receipt("R1", "150")
    result = ledger.quantity_invoice("I1", "150", "1").match(
        QTY_ORDERED={"upper_pct": "50"}, LINE_TOTAL=LOOSE, OVER_DELIVERY=LOOSE
    )
    assert reasons(result) == []
    assert outcome(result, "I1") == "MATCHED_WITHIN_TOLERANCE"


def test_no_figure_of_a_result_is_a_float() -> None:
    result = (
        Ledger().order().line("1", "1").receipt("R1", "1").quantity_invoice("I1", "1", "1").match()
    )
    for name in result.__dataclass_fields__:
        frame = getattr(result, name)
        assert not [c for c, t in frame.schema.items() if t.is_float()], name
        assert isinstance(frame, pl.DataFrame)


def test_a_debit_that_makes_up_to_the_order_is_at_its_price() -> None:
    """7 at 33.335 are 233.345, rounded 233.35: billed low, and the rest debited."""
    ledger = Ledger().order().line("7", "33.335").receipt("R1", "7")
    ledger.quantity_invoice("I1", "7", "33")
    ledger.invoice("I2", "2.35", day=3, kind="debit_value")
    ledger.bills("I2", "2.35", po_line_id="PO1-1")
    found = ledger.match().findings["reason_code"].to_list()
    assert "PRICE_OVER" not in found
