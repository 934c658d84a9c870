"""NetSuite's connector: what is entered there, as canonical rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal as D

import pytest

from tests.connectors.http.auth.auth_server import Site
from tests.connectors.netsuite.books import BIG, EUR, JPY, OTHER, Books, ordinary
from tests.connectors.netsuite.suiteql import SECRETS, Account, serving
from tests.connectors.through import Through, mapped

pytestmark = pytest.mark.slow


@dataclass
class Erp:
    account: Account
    books: Books
    through: Through
    site: Site


@pytest.fixture
def erp() -> Iterator[Erp]:
    account = Account()
    with serving(account) as here:
        url = here.url + "/services/rest"
        mappings = mapped("netsuite", entity={"5": "acme_us"})
        through = Through("netsuite", url, SECRETS, mappings)
        books = Books(account)
        ordinary(books)
        yield Erp(account, books, through, here)


def reasons(erp: Erp, *names: str) -> set[tuple[str, str, str]]:
    """Object, table and reason of everything that waits."""
    waiting = erp.through.run(*names).quarantine()
    return set(waiting.select("source_object", "table_name", "reason_code").iter_rows())


def pk(erp: Erp, table: str, **facts: object) -> str:
    """Key of the one row with these values."""
    found = [
        k for k, r in erp.through.rows(table).items() if all(r[n] == v for n, v in facts.items())
    ]
    (only,) = found
    return only


def test_an_order_its_receipts_bill_and_payment(erp: Erp) -> None:
    assert reasons(erp) == set()
    t = erp.through
    assert t.row("suppliers", "11", "entity_id", "supplier_no", "name", "status") == {
        "entity_id": "*",
        "supplier_no": "ACME",
        "name": "Acme Tools Inc.",
        "status": "active",
    }
    order = t.rows("purchase_orders")["200"]
    assert (order["entity_id"], order["po_number"], order["ccy"]) == ("acme_us", "PO200", "USD")
    assert (order["net_amount"], order["tax_amount"], order["gross_amount"]) == (
        D("125"),
        D("9.5"),
        D("134.5"),
    )
    assert (order["status_src"], order["status_canon"]) == ("D", "partial")
    bolts, hours = (pk(erp, "purchase_order_lines", line_no=n) for n in "12")
    line = t.rows("purchase_order_lines")[bolts]
    assert (line["qty_ordered"], line["uom_order"], line["unit_price"]) == (D(10), "EA", D("2.5"))
    assert (line["net_amount"], line["due_date"]) == (D(25), date(2026, 3, 15))
    assert (line["match_type"], line["delivery_complete"], line["final_invoice"]) == (
        "3w",
        True,
        True,
    )
    assert line["requisition_no_ref"] == "REQ100"
    assert t.rows("purchase_order_lines")[hours]["match_type"] == "2w"
    share = t.rows("purchase_order_distributions")[bolts]
    assert (share["account"], share["cost_center"], share["amount"]) == ("6001", "31", D(25))

    receipts = sorted(t.rows("receipt_lines").values(), key=lambda r: r["receipt_no"])
    assert [
        (r["receipt_no"], r["qty"], r["qty_accepted"], r["qty_rejected"]) for r in receipts
    ] == [
        ("IR300", D(4), D(4), D(0)),
        ("IR301", D(6), D(5), D(1)),
    ]
    assert {
        (r["po_id"], r["po_line_id"], r["po_number_ref"], r["po_line_ref"]) for r in receipts
    } == {("erp|purchase_orders|200", f"erp|purchase_order_lines|{bolts}", "PO200", "1")}
    assert {r["kind"] for r in receipts} == {"receipt"}

    invoice = t.rows("invoices")["400"]
    assert (invoice["invoice_no_supplier"], invoice["invoice_no_norm"]) == ("INV-0042", "INV0042")
    assert (invoice["net"], invoice["tax"], invoice["gross"]) == (D(25), D("1.9"), D("26.9"))
    assert (invoice["status_canon"], invoice["settled_date"]) == ("paid", date(2026, 3, 9))
    assert (invoice["open_amount_stated"], invoice["due_date"]) == (D(0), date(2026, 3, 31))
    assert invoice["received_at"] == datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert invoice["missing_fields"] is None
    goods = t.rows("invoice_lines")[pk(erp, "invoice_lines", type="item")]
    assert (goods["qty"], goods["unit_price"], goods["net_amount"]) == (D(10), D("2.5"), D(25))
    assert (goods["po_line_id"], goods["po_line_ref"]) == (f"erp|purchase_order_lines|{bolts}", "1")
    tax = t.rows("invoice_lines")[pk(erp, "invoice_lines", type="tax")]
    assert (tax["qty"], tax["net_amount"], tax["po_line_id"]) == (None, D("1.9"), None)

    payment = t.rows("payments")["500"]
    assert (payment["amount"], payment["ccy"], payment["status_canon"]) == (
        D("26.9"),
        "USD",
        "sent",
    )
    (applied,) = t.rows("payment_applications").values()
    assert (applied["payment_id"], applied["invoice_id"], applied["amount_applied"]) == (
        "erp|payments|500",
        "erp|bills|400",
        D("26.9"),
    )


def test_a_requisition(erp: Erp) -> None:
    erp.through.run()
    (row,) = erp.through.rows("requisition_lines").values()
    assert (row["requisition_no"], row["requester"], row["qty"]) == ("REQ100", "801", D(10))
    assert (row["net_amount"], row["ccy"], row["status_canon"]) == (D(25), "USD", "ordered")


def test_a_credit_is_negative_and_names_the_bill(erp: Erp) -> None:
    b = erp.books
    b.document(410, "VendCred", "5", status="A", foreignpaymentamountunused="5")
    back = {"item": 501, "itemtype": "InvtPart", "units": "EA", "createdfrom": 400}
    b.line(410, 1, "-5", quantity="-2", rate="2.5", **back)
    b.document(411, "VendCred", "12.34", status="B")
    b.line(411, 1, "-12.34", expenseaccount=6001, memo="price corrected")
    assert reasons(erp) == set()
    t = erp.through
    got = t.rows("invoices")["410"]
    assert (got["kind"], got["net"], got["gross"]) == ("credit_qty", D(-5), D(-5))
    assert (got["corrects_invoice_id"], got["open_amount_stated"]) == ("erp|bills|400", D(-5))
    line = t.rows("invoice_lines")[pk(erp, "invoice_lines", invoice_id="erp|bills|410")]
    assert (line["qty"], line["unit_price"], line["net_amount"]) == (D(-2), D("2.5"), D(-5))
    value = t.rows("invoices")["411"]
    assert (value["kind"], value["gross"], value["status_canon"]) == (
        "credit_value",
        D("-12.34"),
        "paid",
    )


def test_quantity_has_the_sign_of_its_amount(erp: Erp) -> None:
    b = erp.books
    b.document(420, "VendBill", "-90", status="A", foreignamountunpaid="40", documentnumber="X1")
    b.line(420, 1, "100", item=1, itemtype="InvtPart", quantity="10", rate="10", units="EA")
    b.line(420, 2, "-10", item=1, itemtype="InvtPart", quantity="1", rate="-10", units="EA")
    b.line(420, 3, "0", item=2, itemtype="Subtotal")
    b.line(420, 4, "-10", expenseaccount=6400, units="HR")
    b.line(420, 5, "10", expenseaccount=6400)
    assert reasons(erp) == set()
    rows = [
        r for r in erp.through.rows("invoice_lines").values() if r["invoice_id"] == "erp|bills|420"
    ]
    got = sorted(
        (r["line_no"], r["type"], r["qty"], r["unit_price"], r["net_amount"]) for r in rows
    )
    assert got == [
        ("1", "item", D(10), D(10), D(100)),
        ("2", "item", D(-1), D(10), D(-10)),
        ("3", "text", None, None, D(0)),
        ("4", "item", None, None, D(-10)),
        ("5", "item", None, None, D(10)),
    ]
    assert erp.through.rows("invoices")["420"]["status_canon"] == "part_paid"


def test_returns_and_reversals_are_negative(erp: Erp) -> None:
    b = erp.books
    b.document(310, "ItemRcpt", "0", isreversal="T", reversal=300)
    b.line(310, 1, "0", item=501, quantity="-4", units="EA", createdfrom=200)
    b.document(311, "ItemRcpt", "0")
    b.line(311, 1, "0", item=501, quantity="-1.5", units="KG", createdfrom=200)
    assert reasons(erp) == set()
    rows = erp.through.rows("receipt_lines")
    taken_back = rows[pk(erp, "receipt_lines", receipt_no="ItemRcpt310")]
    first = pk(erp, "receipt_lines", receipt_no="IR300")
    assert (taken_back["kind"], taken_back["qty"]) == ("reversal", D(-4))
    assert taken_back["reverses_id"] == f"erp|receipt_lines|{first}"
    back = rows[pk(erp, "receipt_lines", receipt_no="ItemRcpt311")]
    assert (back["kind"], back["qty"], back["uom"]) == ("return", D("-1.5"), "KGM")
    # Without a link to a line the order itself is known.
    assert (back["po_id"], back["po_line_id"]) == ("erp|purchase_orders|200", None)


def test_other_currencies_long_ids_and_prices_of_many_decimals(erp: Erp) -> None:
    b = erp.books
    b.document(BIG, "PurchOrd", "-15000", currency=JPY, status="B")
    b.unique = BIG
    first = b.line(
        BIG,
        1,
        "15000",
        item=BIG,
        itemtype="InvtPart",
        quantity="0.333333",
        rate="45000.045",
        units="KG",
    )
    b.document(BIG + 1, "PurchOrd", "-98765432109876.54", currency=EUR, status="A")
    second = b.line(
        BIG + 1, 1, "98765432109876.54", item=1, quantity="1000", rate="0.0423000001", units="M"
    )
    assert reasons(erp) == set()
    t = erp.through
    assert t.rows("purchase_orders")[str(BIG)]["ccy"] == "JPY"
    line = t.rows("purchase_order_lines")[str(first)]
    assert (line["qty_ordered"], line["unit_price"]) == (D("0.333333"), D("45000.045"))
    assert line["item_id"] == f"erp|items|{BIG}"
    large = t.rows("purchase_order_lines")[str(second)]
    assert (large["net_amount"], large["unit_price"]) == (D("98765432109876.54"), D("0.0423000001"))


def test_an_order_line_without_quantity_is_an_amount(erp: Erp) -> None:
    b = erp.books
    b.document(210, "PurchOrd", "-80", status="B")
    b.line(210, 1, "80", expenseaccount=6400, memo="consulting")
    b.document(211, "PurchOrd", "-30", status="H")
    b.line(211, 1, "30", item=501, quantity="3", rate="10", units="EA", isclosed="T")
    assert reasons(erp) == set()
    t = erp.through
    line = t.rows("purchase_order_lines")[
        pk(erp, "purchase_order_lines", po_id="erp|purchase_orders|210")
    ]
    assert (line["match_basis"], line["match_type"]) == ("amount", "2w")
    assert (line["qty_ordered"], line["unit_price"], line["net_amount"]) == (D(1), D(80), D(80))
    closed = t.rows("purchase_order_lines")[
        pk(erp, "purchase_order_lines", po_id="erp|purchase_orders|211")
    ]
    assert (closed["cancelled"], closed["delivery_complete"]) == (True, True)


def test_expenses(erp: Erp) -> None:
    b = erp.books
    b.document(
        600, "ExpRept", "-120.5", status="I", entity=801, memo="March", closedate="2026-03-30"
    )
    b.line(600, 1, "100.5", category=3, expenseaccount=6200, department=31, memo="hotel")
    b.line(600, 2, "20", category=4, memo="taxi")
    assert reasons(erp) == set()
    report = erp.through.rows("expense_reports")["600"]
    assert (report["employee_id"], report["total"], report["status_canon"]) == (
        "801",
        D("120.5"),
        "paid",
    )
    assert report["paid_date"] == date(2026, 3, 30)
    lines = erp.through.rows("expense_lines").values()
    assert {(r["line_no"], r["expense_type"], r["amount"], r["ccy"]) for r in lines} == {
        ("1", "3", D("100.5"), "USD"),
        ("2", "4", D(20), "USD"),
    }
    shares = erp.through.rows("expense_allocations").values()
    assert {(r["account"], r["cost_center"]) for r in shares} == {("6200", "31"), (None, None)}


def test_payments_of_employees_and_applied_credits_are_left_out(erp: Erp) -> None:
    b = erp.books
    b.document(600, "ExpRept", "-50", status="I", entity=801)
    b.document(510, "VendPymt", "-50", entity=801)
    b.link("Payment", (600, 0), (510, 0), foreignamount="50")
    b.document(410, "VendCred", "5", status="B")
    b.link("Payment", (400, 0), (410, 0), foreignamount="5")
    b.document(511, "VendPymt", "-7", status="V", foreignpaymentamountunused="7")
    assert reasons(erp) == set()
    payments = erp.through.rows("payments")
    assert sorted(payments) == ["500", "511"]
    assert (payments["511"]["status_canon"], payments["511"]["unapplied_amount_stated"]) == (
        "void",
        D(7),
    )
    assert len(erp.through.rows("payment_applications")) == 1


def test_what_a_payment_settles_beside_the_money(erp: Erp) -> None:
    """Cash discount is a link of its own; a credit used up with the payment is less to pay."""
    b = erp.books
    b.document(430, "VendBill", "-100", status="B", documentnumber="D1", foreignamountunpaid="0")
    b.line(430, 1, "100", expenseaccount=6400)
    b.document(431, "VendCred", "20", status="B", foreignpaymentamountunused="0")
    b.line(431, 1, "-20", expenseaccount=6400)
    b.document(520, "VendPymt", "-78")
    b.link("Payment", (430, 0), (520, 0), foreignamount="60")
    b.link("Payment", (430, 0), (520, 1), foreignamount="38")
    b.link("PymtDisc", (430, 0), (520, 0), foreignamount="2")
    b.link("Payment", (431, 0), (520, 0), foreignamount="-20")
    assert reasons(erp) == set()
    rows = erp.through.rows("payment_applications").values()
    assert sorted(
        (r["invoice_id"], r["amount_applied"], r["discount_taken"])
        for r in rows
        if r["payment_id"] == "erp|payments|520"
    ) == [
        ("erp|bills|430", D(38), None),
        ("erp|bills|430", D(60), D(2)),
        ("erp|bills|431", D(-20), None),
    ]


def test_charges_taxes_and_what_was_paid_too_much(erp: Erp) -> None:
    b = erp.books
    b.document(440, "VendBill", "-119", status="B", documentnumber="T1", foreignamountunpaid="-5")
    b.line(440, 1, "100", item=1, itemtype="InvtPart", quantity="10", rate="10", units="EA")
    b.line(440, 2, "10", item=9, itemtype="OthCharge", quantity="1", rate="10")
    b.line(440, 3, "9", taxline="T", ratepercent="8.25", memo="TX")
    assert reasons(erp) == set()
    rows = [
        r for r in erp.through.rows("invoice_lines").values() if r["invoice_id"] == "erp|bills|440"
    ]
    assert sorted((r["line_no"], r["type"], r["tax_code"], r["tax_rate"]) for r in rows) == [
        ("1", "item", None, None),
        ("2", "charge", None, None),
        ("3", "tax", "TX", D("8.25")),
    ]
    assert erp.through.rows("invoices")["440"]["open_amount_stated"] == D(-5)


def test_requisitions_cancelled_and_rejected_are_told_apart(erp: Erp) -> None:
    for number, status in ((110, "C"), (111, "R")):
        erp.books.document(number, "PurchReq", "0", status=status, entity=801)
        erp.books.line(number, 1, None, item=501, quantity="1", rate="1", estimatedamount="1")
    assert reasons(erp) == set()
    rows = erp.through.rows("requisition_lines").values()
    found = {r["requisition_no"]: r["status_canon"] for r in rows}
    assert (found["PurchReq110"], found["PurchReq111"]) == ("cancelled", "rejected")


def test_goods_that_need_no_receipt(erp: Erp) -> None:
    """The line says so itself; fully billed does not mean that anything came."""
    erp.books.document(230, "PurchOrd", "-30", status="G")
    goods = {"item": 501, "itemtype": "InvtPart", "quantity": "3", "rate": "10", "units": "EA"}
    erp.books.line(230, 1, "30", matchbilltoreceipt="F", quantitybilled="3", **goods)
    assert reasons(erp) == set()
    line = erp.through.rows("purchase_order_lines")[
        pk(erp, "purchase_order_lines", po_id="erp|purchase_orders|230")
    ]
    assert (line["match_type"], line["delivery_complete"], line["final_invoice"]) == (
        "2w",
        False,
        True,
    )


def test_what_was_paid_to_a_vendor_who_was_deleted_stays(erp: Erp) -> None:
    erp.account.change("DELETE FROM vendor")
    assert reasons(erp) == set()
    assert erp.through.rows("suppliers") == {}
    assert list(erp.through.rows("payments")) == ["500"]
    assert len(erp.through.rows("payment_applications")) == 1


def test_a_defect_waits_and_the_rest_goes_on(erp: Erp) -> None:
    b = erp.books
    b.document(220, "PurchOrd", "-5", status="Q", subsidiary=5)
    b.document(221, "PurchOrd", "-5", status="B", subsidiary=OTHER)
    b.line(221, 1, "5", item=1, quantity="1", rate="5", units="Furlong", subsidiary=OTHER)
    waiting = erp.through.run().quarantine()
    told = {
        (r["source_object"], r["source_pk"], r["column_name"], r["reason_code"])
        for r in waiting.iter_rows(named=True)
    }
    line = str(b.unique)
    assert {
        ("purchase_orders", "220", "status_canon", "MAPPING_MISSING"),
        ("purchase_orders", "221", "entity_id", "MAPPING_MISSING"),
        ("purchase_order_lines", line, "uom_order", "MAPPING_MISSING"),
    } <= told
    said = next(r for r in waiting.iter_rows(named=True) if r["column_name"] == "entity_id")
    assert said["message"].startswith("subsidiary holds the code '9', for which the code map")
    assert sorted(erp.through.rows("purchase_orders")) == ["200"]
    assert "400" in erp.through.rows("invoices")
