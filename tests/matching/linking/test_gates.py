"""Gates, links, and documents that do not add up."""

from decimal import Decimal as D

import pytest

from tests.matching.ledger import Ledger, allocated, finding, outcome, payable, reasons


def received_order(**order: object) -> Ledger:
    return Ledger().order(**order).line("10", "5", item_id="A").receipt("R1", "10")


def test_an_invoice_without_an_order() -> None:
    result = (
        Ledger()
        .invoice("I1", "50")
        .bills("I1", "30", "1", po=None)
        .bills("I1", "20", "2", po=None)
        .match()
    )
    assert finding(result, "INV_NO_PO")["amount_at_risk"] == D(50)
    assert outcome(result, "I1") == "NO_PO"
    assert payable(result, "I1") == 0


def test_an_order_nobody_knows() -> None:
    result = Ledger().invoice("I1", "50").bills("I1", "50", po="PO9").match()
    assert finding(result, "PO_NOT_FOUND")["counter_key"] == "PO9"
    assert outcome(result, "I1") == "BLOCKED"


def test_a_key_that_leads_nowhere_is_not_replaced_by_a_number() -> None:
    ledger = received_order().invoice("I1", "50")
    result = ledger.bills("I1", "50", po="PO1", po_id="PO9", qty="10", unit_price="5").match()
    assert reasons(result) == ["PO_NOT_FOUND"]


def test_a_credit_without_an_order_is_not_called_maverick() -> None:
    result = Ledger().invoice("C1", "-5", kind="credit_value").bills("C1", "-5", po=None).match()
    assert reasons(result) == ["CREDIT_UNLINKED"]
    assert finding(result, "CREDIT_UNLINKED")["amount_at_risk"] == D(5)


@pytest.mark.parametrize(
    ("order", "invoice", "code"),
    [
        ({"status_canon": "draft"}, {}, "PO_NOT_APPROVED"),
        ({"status_canon": "rejected"}, {}, "PO_NOT_APPROVED"),
        ({"status_canon": "cancelled"}, {}, "PO_CANCELLED"),
        ({"supplier_src_id": "S2"}, {}, "SUPPLIER_MISMATCH"),
        ({"ccy": "EUR"}, {}, "CURRENCY_MISMATCH"),
    ],
)
def test_gates_block(order: dict[str, str], invoice: dict[str, str], code: str) -> None:
    ledger = received_order(**order).quantity_invoice("I1", "10", "5", **invoice)
    result = ledger.match()
    of_invoice = result.findings.filter(subject_type="invoice")
    assert of_invoice["reason_code"].to_list() == [code]
    assert of_invoice["amount_at_risk"].to_list() == [D(50)]
    assert of_invoice["counter_key"].to_list() == ["PO1"]
    assert outcome(result, "I1") == "BLOCKED"
    assert payable(result, "I1") == 0


def test_an_invoice_of_another_supplier_takes_no_receipt() -> None:
    ledger = received_order()
    ledger.quantity_invoice("I1", "10", "5", supplier_src_id="S2")
    ledger.quantity_invoice("I2", "10", "5", day=9)
    result = ledger.match()
    assert allocated(result, "I1") == []
    assert allocated(result, "I2") == [("R1", D(10))]
    assert outcome(result, "I2") == "MATCHED"


def test_an_order_placed_after_its_invoice_warns_and_does_not_block() -> None:
    result = received_order(day=5).quantity_invoice("I1", "10", "5", day=3).match()
    assert reasons(result) == ["PO_AFTER_INVOICE"]
    assert outcome(result, "I1") == "MATCHED"
    assert "2024-01-06" in finding(result, "PO_AFTER_INVOICE")["message"]


def test_a_cancelled_line_blocks_what_bills_it() -> None:
    ledger = Ledger().order().line("10", "5", cancelled=True).receipt("R1", "10")
    result = ledger.quantity_invoice("I1", "10", "5").match()
    assert reasons(result) == ["PO_CANCELLED"]


def test_void_invoices_are_out_of_scope() -> None:
    ledger = received_order().quantity_invoice("I1", "10", "5", status_canon="void")
    result = ledger.quantity_invoice("I2", "10", "5", day=5).match()
    assert result.invoice_results["invoice_id"].to_list() == ["I2"]
    assert outcome(result, "I2") == "MATCHED"


@pytest.mark.parametrize(
    ("reference", "linked", "code"),
    [
        ({"item_id": "B"}, "PO1-2", None),
        ({"item_id": "A"}, None, "LINK_AMBIGUOUS"),
        ({"item_id": "Z"}, None, "LINK_MISSING"),
        ({}, None, "LINK_AMBIGUOUS"),
        ({"po_line_id": "PO1-3"}, "PO1-3", None),
        ({"po_line_id": "PO1-9"}, None, "LINK_MISSING"),
        ({"po_line_id": "PO2-1"}, None, "LINK_AMBIGUOUS"),
    ],
)
def test_links_are_found_or_refused_never_guessed(
    reference: dict[str, str], linked: str | None, code: str | None
) -> None:
    ledger = (
        Ledger().order().line("10", "5", no="1", item_id="A").line("10", "5", no="2", item_id="B")
    )
    ledger.line("10", "5", no="3", item_id="A").order("PO2").line("10", "5", po="PO2")
    for no in "123":
        ledger.receipt(f"R{no}", "10", f"PO1-{no}")
    result = (
        ledger.invoice("I1", "50").bills("I1", "50", qty="10", unit_price="5", **reference).match()
    )
    row = result.invoice_line_results.row(0, named=True)
    assert row["po_line_id"] == linked
    assert reasons(result) == ([code] if code else [])
    assert row["outcome"] == ("BLOCKED" if code else "MATCHED")


@pytest.mark.parametrize(
    ("item", "outcome_"), [(None, "MATCHED"), ("A", "MATCHED"), ("Z", "BLOCKED")]
)
def test_a_one_line_order_is_found_unless_the_items_differ(item: str | None, outcome_: str) -> None:
    ledger = received_order().invoice("I1", "50")
    result = ledger.bills("I1", "50", qty="10", unit_price="5", item_id=item).match()
    assert outcome(result, "I1") == outcome_


def test_an_order_number_is_enough_only_if_it_is_unique() -> None:
    ledger = received_order().invoice("I1", "50")
    ledger.bills("I1", "50", po_id=None, qty="10", unit_price="5")
    assert outcome(ledger.match(), "I1") == "MATCHED"
    ledger.order("PO1b", po_number="PO1").line("10", "5", po="PO1b")
    assert reasons(ledger.match()) == ["LINK_AMBIGUOUS"]


@pytest.mark.parametrize(
    ("header", "basis"), [({"gross": "51"}, "gross"), ({"net": "51", "gross": "51"}, "lines")]
)
def test_documents_that_do_not_add_up_are_blocked(header: dict[str, str], basis: str) -> None:
    net = header.pop("net", "50")
    ledger = received_order().invoice("I1", net, **header)
    result = ledger.bills("I1", "50", po_line_id="PO1-1", qty="10", unit_price="5").match()
    found = finding(result, "DOC_NOT_BALANCED")
    assert (found["counter_key"], found["amount_at_risk"]) == (basis, D(1))
    assert outcome(result, "I1") == "BLOCKED"
    assert payable(result, "I1") == 0
    assert result.invoice_line_results["outcome"].to_list() == ["MATCHED"]


def test_a_line_that_bills_more_than_quantity_times_price() -> None:
    ledger = received_order().invoice("I1", "45")
    result = ledger.bills("I1", "45", po_line_id="PO1-1", qty="8", unit_price="5").match()
    found = finding(result, "DOC_NOT_BALANCED")
    assert (found["subject_type"], found["amount_at_risk"]) == ("invoice_line", D(5))
    assert outcome(result, "I1") == "BLOCKED"


def test_an_invoice_without_lines_does_not_add_up() -> None:
    result = Ledger().invoice("I1", "50").match()
    assert reasons(result) == ["DOC_NOT_BALANCED"]
    assert outcome(result, "I1") == "BLOCKED"


@pytest.mark.parametrize(
    ("tax", "code", "outcome_"),
    [
        ("7.50", None, "MATCHED"),
        ("7.51", "TAX_OVER", "BLOCKED"),
        ("7.49", "TAX_UNDER", "MATCHED_WITHIN_TOLERANCE"),
    ],
)
def test_tax_is_recomputed_from_the_rates_of_the_order(
    tax: str, code: str | None, outcome_: str
) -> None:
    ledger = Ledger().order().line("10", "5", tax_rate="15").receipt("R1", "10")
    result = ledger.quantity_invoice("I1", "10", "5", tax=tax).match()
    assert reasons(result) == ([code] if code else [])
    assert outcome(result, "I1") == outcome_


def test_tax_is_not_judged_where_a_rate_is_unknown_or_charges_are_billed() -> None:
    ledger = received_order().quantity_invoice("I1", "10", "5", tax="3")
    assert ledger.match().check_results.filter(check="TAX_TOTAL").is_empty()
    ledger = Ledger().order().line("10", "5", tax_rate="15").receipt("R1", "10")
    result = ledger.quantity_invoice("I1", "10", "5", tax="9", charges="10").match()
    assert result.check_results.filter(check="TAX_TOTAL").is_empty()


def test_lower_price_warns_and_does_not_block() -> None:
    result = received_order().quantity_invoice("I1", "10", "4.5").match()
    assert finding(result, "PRICE_UNDER")["amount_at_risk"] == D(5)
    assert outcome(result, "I1") == "MATCHED_WITHIN_TOLERANCE"
    assert payable(result, "I1") == D(45)


def test_charges_and_prepayments_need_no_order_and_are_not_released() -> None:
    ledger = received_order().invoice("I1", "62")
    ledger.bills("I1", "50", "1", po_line_id="PO1-1", qty="10", unit_price="5")
    ledger.bills("I1", "12", "2", po=None, type="charge")
    ledger.invoice("P1", "100", kind="prepayment").bills("P1", "100")
    result = ledger.match(CHARGE_UNPLANNED={})
    assert reasons(result) == []
    assert outcome(result, "I1") == "MATCHED"
    assert payable(result, "I1") == D(50)
    assert (outcome(result, "P1"), payable(result, "P1")) == ("NOT_REQUIRED", 0)


def test_orders_not_to_be_matched_are_payable() -> None:
    ledger = Ledger().order().line("10", "5", match_type="none")
    result = ledger.quantity_invoice("I1", "10", "6").match()
    assert (outcome(result, "I1"), payable(result, "I1")) == ("NOT_REQUIRED", D(60))


def test_an_order_with_a_record_in_quarantine_accuses_nobody() -> None:
    ledger = Ledger().order().line("10", "5", delivery_complete=True)
    ledger.quantity_invoice("I1", "10", "7")
    ledger.invoice("I2", "5").bills("I2", "5", po="PO7")
    ledger.incomplete = ["PO1", "PO7"]
    result = ledger.match()
    assert reasons(result) == ["EXTRACT_INCOMPLETE", "EXTRACT_INCOMPLETE"]
    assert set(result.findings["subject_id"]) == {"PO1", "PO7"}
    assert (outcome(result, "I1"), outcome(result, "I2")) == ("BLOCKED", "BLOCKED")
    assert "quarantine" in result.invoice_results["reason"][0]
    assert result.order_line_status["incomplete"].to_list() == [True]


@pytest.mark.parametrize(
    ("order", "invoice", "code"),
    [
        ({"status_canon": "draft"}, {}, "PO_NOT_APPROVED"),
        ({"status_canon": "cancelled"}, {}, "PO_CANCELLED"),
        ({}, {"supplier_src_id": "S2"}, "SUPPLIER_MISMATCH"),
        ({"ccy": "EUR"}, {}, "CURRENCY_MISMATCH"),
    ],
)
def test_who_may_bill_is_asked_of_orders_not_to_be_matched_too(
    order: dict[str, str], invoice: dict[str, str], code: str
) -> None:
    ledger = Ledger().order(**order).line("10", "5", match_type="none")
    result = ledger.quantity_invoice("I1", "10", "6", **invoice).match()
    assert reasons(result) == [code]
    assert (outcome(result, "I1"), payable(result, "I1")) == ("BLOCKED", 0)
