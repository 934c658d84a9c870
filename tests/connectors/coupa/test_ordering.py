"""Suppliers, requisitions, orders and goods of Coupa as canonical rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal as D

import pytest

from tests.connectors.coupa.api import Coupa, serving
from tests.connectors.coupa.books import (
    Record,
    account,
    approval,
    asked,
    item,
    order,
    ordered,
    receipt,
    requisition,
    supplier,
)
from tests.connectors.coupa.taking import Home

pytestmark = pytest.mark.slow
BIG = 9007199254740993  # above what a binary float counts
SPLIT: list[Record] = [
    {"id": 71, "pct": "66.6666666667", "amount": "83.33", "account": account(code="GB-1")},
    {"id": 72, "pct": "33.3333333333", "amount": "41.67", "account": account(code="GB-2")},
]
PER_1000 = {"price": "17.82", "qty": "1000.0"}
# Per ton, ordered by the kilogram.
PER_TON = {"price": "990.00", "qty": "1.0", "conversion-numerator": "1000.0"}
NOT_SO = {"price": "5.00", "qty": "100.0"}
ORDERS = [
    order(
        100,
        ordered(1001),
        ordered(1002, **{"account": None, "account-allocations": SPLIT, "status": "received"}),
        ordered(
            1003, type="OrderAmountLine", quantity=None, price="900.00", total="900.00", uom={}
        ),
        **{"requisition-header": {"id": 50}, "created-by": {"login": "buyer7"}},
    ),
    order(
        101,
        ordered(
            1011, quantity="30000.0", price="0.017820", total="534.60", **{"bulk-price": PER_1000}
        ),
        ordered(
            1012,
            quantity="2500.0",
            price="0.990000",
            total="2475.00",
            uom={"code": "KG"},
            **{"bulk-price": PER_TON},
        ),
        ordered(1013, **{"bulk-price": NOT_SO, "match-type": None}),
        currency={"code": "USD"},
    ),
    order(
        102, ordered(1021, quantity="3.5", price="1001.0", total="3504"), currency={"code": "JPY"}
    ),
    order(
        103, ordered(1031, status="cancelled", **{"match-type": None, "receipt-required": False})
    ),
    order(104, ordered(1041), status="cancelled"),
    order(105, ordered(1051), status="closed"),
    order(BIG, ordered(BIG + 1), **{"po-number": None, "status": "draft"}),
    order(
        107,
        ordered(1071, quantity="12345678901234.123456", price="0.000001", total="12345678.9012"),
    ),
]
HELD = ORDERS[0]
RECEIPTS = [
    receipt(1, HELD, quantity="10.000000"),
    receipt(2, HELD, quantity="2.0", type="ReceivingQuantityReturnToSupplier"),
    receipt(3, HELD, 2, quantity=None, uom=None, total="300.00", type="ReceivingAmountConsumption"),
    receipt(4, HELD, quantity="5.0", status="voided", type="InventoryReceipt"),
    receipt(5, HELD, quantity="5.0", type="VoidInventoryReceipt", **{"original-transaction-id": 4}),
    receipt(6, HELD, quantity="1.0", status="voided"),
    receipt(7, HELD, quantity="9.0", status="partially_voided", **{"voided-value": "3.0"}),
    receipt(8, HELD, quantity="3.0", type="VoidReceivingQuantityConsumption",
            **{"original-transaction-id": 7}),
    receipt(9, HELD, quantity="1.0", type="VoidReceivingQuantityReturnToSupplier",
            **{"original-transaction-id": 2}),
    receipt(10, HELD, quantity="1.0", type="ReceivingQuantityDisposal"),
    receipt(11, order(999, ordered(9991)),
            **{"asn-header": {"packing-slip": "LS-8", "asn-number": "A8"}}),
    receipt(12, {**HELD, "order-lines": [ordered(1999)]}, **{"match-reference": "LS-12"}),
    receipt(13, None, account=None, **{"account-allocations": SPLIT}),
    # Voided in two parts, which together are all of it.
    receipt(14, HELD, quantity="6.0", status="voided", **{"voided-value": "6.0"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    coupa = Coupa()
    coupa.add(
        "suppliers",
        supplier(7),
        supplier(8, **{"on-hold": True, "tax-id": "", "payment-term": None, "number": None}),
        supplier(9, status="inactive", **{"payment-term": {"type": "SpecificDayPaymentTerm"}}),
    )
    coupa.add("items", item(3), item(4, name="", description="Oil", uom=None))
    coupa.add(
        "requisitions",
        requisition(
            50,
            asked(501, **{"order-line-id": 1001}),
            asked(
                502, quantity=None, uom=None, item=None, supplier=None, **{"unit-price": "900.00"}
            ),
            approvals=[
                approval(60),
                approval(
                    61,
                    "pending_approval",
                    position=2,
                    **{"approval-date": None, "approved-by": None},
                ),
                approval(62, "escalated", approver={"name": "Board"}, **{"approved-by": None}),
            ],
        ),
        requisition(
            51, asked(511), status="pending_approval", approvals=[approval(63, "rejected")]
        ),
        requisition(52, asked(521), status="draft", approvals=[approval(64, "rejected")]),
        requisition(53, asked(531), status="withdrawn"),
        requisition(54, asked(541), status="cart"),
    )
    coupa.add("purchase_orders", *ORDERS)
    coupa.add("receiving_transactions", *RECEIPTS)
    with serving(coupa):
        yield Home(coupa).run()


def test_nothing_is_set_aside(home: Home) -> None:
    assert home.told() == []
    assert home.world.counts["holds"].all()


def test_suppliers_are_there_for_all_entities(home: Home) -> None:
    columns = ("supplier_no", "entity_id", "status", "payment_terms_days", "tax_id")
    assert home.rows("suppliers", *columns) == [
        ("00007", "*", "active", 30, "GB123456789"),
        ("00009", "*", "inactive", None, "GB123456789"),
        ("8", "*", "blocked", None, None),
    ]
    assert home.rows("items", "item_no", "description", "base_uom") == [
        ("I-3", "Screw M4", "EA"),
        ("I-4", "Oil", None),
    ]


def test_an_order_is_dated_as_its_moment_is_written(home: Home) -> None:
    first = home.row("purchase_orders", po_number="PO100")
    assert first["order_date"] == date(2026, 3, 1), "in Greenwich it was the second of March"
    assert (first["entity_id"], first["ccy"], first["status_canon"]) == ("lumen_uk", "GBP", "sent")
    assert (first["supplier_src_id"], first["buyer"]) == ("erp|suppliers|7", "buyer7")
    assert first["approved_at"] == datetime(2026, 3, 1, 1, tzinfo=UTC)
    assert first["source_updated_at"] == datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
    assert home.row("purchase_orders", po_number="PO104")["status_canon"] == "cancelled"


def test_ids_beyond_binary_floats_stay_whole(home: Home) -> None:
    draft = home.row("purchase_orders", po_number=str(BIG))
    assert (draft["po_id"], draft["status_canon"]) == (f"erp|purchase_orders|{BIG}", "draft")
    assert f"erp|order_lines|{BIG + 1}" in home.rows("purchase_order_lines", "po_line_id")


def ordered_as(home: Home, number: int) -> tuple[object, ...]:
    line = home.row("purchase_order_lines", po_line_id=f"erp|order_lines|{number}")
    names = ("match_type", "match_basis", "qty_ordered", "uom_order", "unit_price", "price_unit")
    return tuple(line[name] for name in (*names, "net_amount"))


def test_lines_by_quantity_and_by_amount(home: Home) -> None:
    assert ordered_as(home, 1001) == ("3w", "qty", D(10), "EA", D("12.5"), D(1), D(125))
    assert ordered_as(home, 1003) == ("3w", "amount", D(900), "C62", D(1), D(1), D(900))


def test_a_bulk_price_is_for_many_units_if_it_gives_the_total(home: Home) -> None:
    assert ordered_as(home, 1011)[4:] == (D("17.82"), D(1000), D("534.6"))
    assert ordered_as(home, 1012)[3:] == ("KGM", D(990), D(1000), D(2475))
    assert ordered_as(home, 1013)[4:] == (D("12.5"), D(1), D(125))


def test_a_currency_without_decimals_and_figures_of_any_size(home: Home) -> None:
    assert ordered_as(home, 1021)[2:] == (D("3.5"), "EA", D(1001), D(1), D(3504))
    big = ordered_as(home, 1071)
    assert (big[2], big[4]) == (D("12345678901234.123456"), D("0.000001"))


def test_what_is_closed_or_cancelled(home: Home) -> None:
    columns = ("po_line_id", "delivery_complete", "cancelled", "match_type")
    found = {row[0].split("|")[2]: row[1:] for row in home.rows("purchase_order_lines", *columns)}
    assert found["1001"] == (False, False, "3w")
    assert found["1002"] == (True, False, "3w")
    assert found["1013"] == (False, False, "3w")
    assert found["1031"] == (False, True, "2w")
    assert found["1041"] == (False, True, "3w")
    assert found["1051"] == (True, False, "3w")


def test_shares_of_a_line_and_one_account_for_all_of_it(home: Home) -> None:
    columns = ("po_line_id", "distribution_no", "account", "percentage", "amount")
    shares = [r for r in home.rows("purchase_order_distributions", *columns) if "100" in r[0]]
    assert shares == [
        ("erp|order_lines|1001", "1", "GB-4711-600100", D(100), D(125)),
        ("erp|order_lines|1002", "71", "GB-1", D("66.6666666667"), D("83.33")),
        ("erp|order_lines|1002", "72", "GB-2", D("33.3333333333"), D("41.67")),
        ("erp|order_lines|1003", "1", "GB-4711-600100", D(100), D(900)),
    ]


def test_a_requisition_names_the_order_it_became(home: Home) -> None:
    names = ("requisition_no", "line_no", "status_canon", "po_number_ref", "po_line_ref", "qty")
    assert home.rows("requisition_lines", *names) == [
        ("50", "1", "ordered", "PO100", "1", D(10)),
        ("50", "1", "ordered", None, None, None),
        ("51", "1", "submitted", None, None, D(10)),
        ("52", "1", "rejected", None, None, D(10)),
        ("53", "1", "cancelled", None, None, D(10)),
        ("54", "1", "draft", None, None, D(10)),
    ]
    first = home.row("requisition_lines", requisition_line_id="erp|requisition_lines|501")
    assert (first["created_date"], first["needed_date"]) == (date(2026, 2, 27), date(2026, 4, 1))
    assert first["approved_at"] == datetime(2026, 3, 1, 1, tzinfo=UTC)
    assert home.row("requisition_lines", requisition_no="51")["approved_at"] is None


def test_decisions_made_and_awaited(home: Home) -> None:
    at = datetime(2026, 3, 1, 1, tzinfo=UTC)
    names = ("approval_id", "step", "actor", "decision", "decided_at", "subject_id")
    assert home.rows("approval_events", *names) == [
        ("erp|approvals|requisition 50|60", "1", "jdoe", "approved", at, "erp|requisitions|50"),
        ("erp|approvals|requisition 50|61", "2", "jdoe", "pending", None, "erp|requisitions|50"),
        ("erp|approvals|requisition 50|62", "1", "Board", "delegated", at, "erp|requisitions|50"),
        ("erp|approvals|requisition 51|63", "1", "jdoe", "rejected", at, "erp|requisitions|51"),
        ("erp|approvals|requisition 52|64", "1", "jdoe", "rejected", at, "erp|requisitions|52"),
    ]


def moved(home: Home, number: int) -> tuple[object, ...]:
    row = home.row("receipt_lines", receipt_no=str(number))
    return row["kind"], row["qty"], row["uom"], row["reverses_id"]


def test_goods_that_come_go_back_and_are_taken_back(home: Home) -> None:
    ours = "erp|receiving_transactions|"
    assert moved(home, 1) == ("receipt", D(10), "EA", None)
    assert moved(home, 2) == ("return", D(-2), "EA", None)
    assert moved(home, 3) == ("receipt", D(300), "C62", None)
    assert moved(home, 4) == ("receipt", D(5), "EA", None)
    assert moved(home, 5) == ("reversal", D(-5), "EA", f"{ours}4")
    assert moved(home, 7) == ("receipt", D(9), "EA", None)
    assert moved(home, 8) == ("reversal", D(-3), "EA", f"{ours}7")
    assert moved(home, 9) == ("reversal", D(1), "EA", f"{ours}2")
    assert moved(home, 10) == ("receipt", D(0), "EA", None)
    assert moved(home, 14) == ("receipt", D(6), "EA", None)


def test_what_was_voided_without_a_transaction_is_withdrawn(home: Home) -> None:
    assert "6" not in home.rows("receipt_lines", "receipt_no")


def test_goods_name_their_order_by_number_and_by_id_if_it_is_held(home: Home) -> None:
    names = ("po_id", "po_line_id", "po_number_ref", "po_line_ref")
    known = home.row("receipt_lines", receipt_no="1")
    assert [known[n] for n in names] == [
        "erp|purchase_orders|100",
        "erp|order_lines|1001",
        "PO100",
        "1",
    ]
    other = home.row("receipt_lines", receipt_no="11")
    assert [other[n] for n in names] == [None, None, "PO999", "1"]
    assert (other["delivery_note"], other["posting_date"]) == ("LS-8", date(2026, 3, 5))
    lost = home.row("receipt_lines", receipt_no="12")
    assert lost["delivery_note"] == "LS-12"
    assert [lost[n] for n in names] == ["erp|purchase_orders|100", None, "PO100", "1"]
    alone = home.row("receipt_lines", receipt_no="13")
    assert ([alone[n] for n in names], alone["entity_id"]) == ([None] * 4, "lumen_uk")
