"""Documents that name each other by number only, because different systems keep them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import polars as pl
import pytest

from finsync_dagster.canonical.across_systems import linked_across_systems
from finsync_dagster.canonical.authority import split_by_authority
from finsync_dagster.canonical.documents import Documents
from finsync_dagster.canonical.settlement import settle
from finsync_dagster.landscape.service_model import Authority
from tests.matching.ledger import AS_OF, ENTITY, Ledger, policy
from tests.matching.ledger import match as match_documents

KEYS = ["po_id", "po_line_id"]
QUANTITY = {"qty": "5", "uom": "EA", "unit_price": "10"}


def numbered(**more: object) -> dict[str, object]:
    return {"po_id": None, "po_line_id": None, "source_system": "other", **more}


def receipt_keys(ledger: Ledger) -> tuple[str | None, str | None]:
    return linked_across_systems(ledger.documents()).receipt_lines.select(KEYS).row(0)


@pytest.mark.parametrize("stated", ["2", "0002", " 2 "])
def test_goods_find_the_order_line_they_name_by_number(stated: str) -> None:
    ledger = Ledger().order().line("5", "10").line("7", "1", no="2")
    ledger.receipt("R1", "7", line="", **numbered(po_number_ref="PO1", po_line_ref=stated))
    assert receipt_keys(ledger) == ("PO1", "PO1-2")


def test_goods_that_name_no_line_came_for_the_only_one() -> None:
    ledger = Ledger().order().line("5", "10")
    ledger.receipt("R1", "5", line="", **numbered(po_number_ref="PO1"))
    assert receipt_keys(ledger) == ("PO1", "PO1-1")
    assert receipt_keys(ledger.line("1", "1", no="2")) == (None, None)


@pytest.mark.parametrize(
    ("number", "line"), [("PO1", "3"), ("PO9", "1"), (None, "1"), ("po1", "1")]
)
def test_a_number_that_leads_nowhere_stays_a_number(number: str | None, line: str) -> None:
    ledger = Ledger().order().line("5", "10")
    ledger.receipt("R1", "5", line="", **numbered(po_number_ref=number, po_line_ref=line))
    assert receipt_keys(ledger) == (None, None)


def test_a_number_that_two_orders_bear_names_neither() -> None:
    ledger = (
        Ledger().order().line("5", "10").order("PO2", po_number="PO1").line("5", "10", po="PO2")
    )
    ledger.receipt("R1", "5", line="", **numbered(po_number_ref="PO1", po_line_ref="1"))
    assert receipt_keys(ledger) == (None, None)


def test_a_key_that_is_stated_is_never_replaced() -> None:
    ledger = Ledger().order().line("5", "10").line("7", "1", no="2")
    ledger.receipt("R1", "5", line="PO1-1", po_number_ref="PO1", po_line_ref="2")
    assert receipt_keys(ledger)[1] == "PO1-1"


def crosswalk(docs: Documents, **golden: str) -> Documents:
    frame = pl.DataFrame(
        {"supplier_src_id": list(golden), "supplier_id": list(golden.values())},
        schema={"supplier_src_id": pl.String, "supplier_id": pl.String},
    )
    return replace(docs, supplier_crosswalk=frame)


def three_systems() -> Ledger:
    """An order here, its goods there, its invoice in a third system with its own supplier."""
    ledger = Ledger().order().line("5", "10")
    ledger.receipt("R1", "5", line="", **numbered(po_number_ref="PO1", po_line_ref="1"))
    ledger.invoice("I1", "50", supplier_src_id="S2")
    ledger.bills("I1", "50", po=None, **QUANTITY, **numbered(po_number_ref="PO1", po_line_ref="01"))
    return ledger


def test_an_order_its_goods_and_its_invoice_in_three_systems_match() -> None:
    docs = linked_across_systems(crosswalk(three_systems().documents(), S1="G", S2="G"))
    result = match_documents(docs, policy(), AS_OF, ENTITY)
    assert result.invoice_results["outcome"].to_list() == ["MATCHED"]
    assert result.findings.is_empty()


def test_another_company_stays_another_company() -> None:
    docs = linked_across_systems(crosswalk(three_systems().documents(), S1="G", S2="H"))
    result = match_documents(docs, policy(), AS_OF, ENTITY)
    assert result.findings["reason_code"].to_list() == ["SUPPLIER_MISMATCH"]


def test_a_line_that_does_not_exist_is_not_the_only_line() -> None:
    ledger = Ledger().order().line("5", "10").receipt("R1", "5").invoice("I1", "50")
    ledger.bills("I1", "50", po=None, **QUANTITY, po_number_ref="PO1", po_line_ref="3")
    result = match_documents(linked_across_systems(ledger.documents()), policy(), AS_OF, ENTITY)
    assert "LINK_MISSING" in result.findings["reason_code"].to_list()


def of_record(system: str) -> Authority:
    given = {"entity": ENTITY, "domain": "purchase_orders", "system": system}
    return Authority.model_validate({**given, "from": date(2020, 1, 1)})


def test_what_is_booked_against_a_copy_belongs_to_the_order_of_record() -> None:
    ledger = Ledger().order("A", po_number="PO1", source_system="buying").line("5", "10", po="A")
    ledger.order("B", po_number="PO1", source_system="erp").line("5", "9", po="B", no="1")
    ledger.receipt("R1", "5", line="B-1", po_id="B", source_system="erp")
    ledger.invoice("I1", "50", source_system="erp")
    ledger.bills("I1", "50", po="B", po_line_id="B-1", **QUANTITY)
    split = split_by_authority(ledger.documents(), [of_record("buying")], ENTITY, AS_OF)
    docs = linked_across_systems(split.documents)
    assert docs.receipt_lines.select(KEYS).rows() == [("A", "A-1")]
    assert docs.invoice_lines.select(KEYS).rows() == [("A", "A-1")]
    result = match_documents(docs, policy(), AS_OF, ENTITY)
    assert result.invoice_results["outcome"].to_list() == ["MATCHED"]


def copied(factors: list[int]) -> list[str | None]:
    """Two lines of two orders, copied under numbers times a factor; whose the goods then are."""
    ledger = Ledger()
    for n, factor in enumerate(factors, 1):
        buying, erp = f"A{n}", f"B{n}"
        ledger.order(buying, po_number=f"PO{n}", source_system="buying")
        ledger.order(erp, po_number=f"PO{n}", source_system="erp")
        for no in (1, 2):
            ledger.line("5", "10", po=buying, no=str(no))
            ledger.line("5", "10", po=erp, no=f"{no * factor:05}")
    last, factor = len(factors), factors[-1]
    ledger.receipt("R1", "5", line=f"B{last}-{2 * factor:05}", po_id=f"B{last}")
    docs = split_by_authority(ledger.documents(), [of_record("buying")], ENTITY, AS_OF).documents
    return linked_across_systems(docs).receipt_lines["po_line_id"].to_list()


def test_a_copy_may_number_its_lines_by_a_rule_of_its_own() -> None:
    assert copied([10, 10]) == ["A2-2"]
    assert copied([1]) == ["A1-2"]


def test_no_rule_is_made_up() -> None:
    assert copied([10, 1]) == ["A2-2"]
    assert copied([1, 10]) == [None]


def test_without_an_order_of_record_the_copy_stays_what_is_named() -> None:
    ledger = Ledger().order("B", po_number="PO1", source_system="erp").line("5", "9", po="B")
    ledger.receipt("R1", "5", line="B-1", po_id="B", source_system="erp")
    split = split_by_authority(ledger.documents(), [of_record("buying")], ENTITY, AS_OF)
    assert split.documents.receipt_lines.select(KEYS).rows() == [("B", "B-1")]


@pytest.mark.parametrize(("stated", "found"), [("re-0047", True), ("RE 48", False)])
def test_a_payment_settles_the_invoice_its_supplier_gave_that_number(
    stated: str, found: bool
) -> None:
    ledger = Ledger().invoice("I1", "50", invoice_no_supplier="RE47", invoice_no_norm="RE0047")
    ledger.payment("P1", "50", supplier_src_id="S2", source_system="erp")
    ledger.states("P1", "", "50", invoice_id=None, invoice_no_ref=stated)
    docs = linked_across_systems(crosswalk(ledger.documents(), S1="G", S2="G"))
    settled = settle(docs).select("payment_id", "invoice_id", "amount_applied").rows()
    assert settled == ([("P1", "I1", D(50))] if found else [])


def test_another_suppliers_invoice_of_that_number_is_not_meant() -> None:
    ledger = Ledger().invoice("I1", "50", invoice_no_norm="47")
    ledger.payment("P1", "50", supplier_src_id="S2")
    ledger.states("P1", "", "50", invoice_id=None, invoice_no_ref="47")
    assert settle(linked_across_systems(ledger.documents())).is_empty()
