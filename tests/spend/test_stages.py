"""What each stage counts, in document currency."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsync_dagster.spend.stages import paid
from tests.matching.ledger import Ledger, on_day
from tests.spend.support import of, spend, total

pytestmark = pytest.mark.slow

BINDING = ["approved", "sent", "partial", "received", "closed"]


def ordered(status: str = "sent", qty: str = "10", price: str = "5", **more: Any) -> Ledger:
    return Ledger().order(status_canon=status).line(qty, price, **more)


# Committed and open commitment


@pytest.mark.parametrize("status", BINDING)
def test_an_order_that_binds_is_committed_in_full(status: str) -> None:
    result = spend(ordered(status).receipt("R1", "4"))
    assert total(result, "committed") == 50
    assert of(result, "committed")["fact_date"].to_list() == [on_day(0)]


@pytest.mark.parametrize("status", ["draft", "rejected", "cancelled"])
def test_an_order_that_does_not_bind_is_not_committed(status: str) -> None:
    result = spend(ordered(status))
    assert result.facts.is_empty()


def test_a_cancelled_line_is_not_committed() -> None:
    result = spend(ordered(cancelled=True).line("1", "7", no="2"))
    assert total(result, "committed") == total(result, "open_commitment") == 7


def test_committed_is_the_stated_net_not_quantity_times_price() -> None:
    assert total(spend(ordered(net_amount="48.50")), "committed") == Decimal("48.50")


def test_open_is_what_is_neither_received_nor_invoiced() -> None:
    ledger = ordered().receipt("R1", "4").quantity_invoice("I1", "6", "5")
    assert total(spend(ledger), "open_commitment") == 20
    assert total(spend(ordered().receipt("R1", "4")), "open_commitment") == 30
    assert total(spend(ordered().receipt("R1", "12")), "open_commitment") == 0


def test_nothing_is_to_come_where_the_source_expects_nothing() -> None:
    assert total(spend(ordered(delivery_complete=True)), "open_commitment") == 0
    assert total(spend(ordered("closed")), "open_commitment") == 0


def test_rejected_goods_are_still_to_come() -> None:
    ledger = ordered(match_type="4w").receipt("R1", "10", qty_accepted="7", qty_rejected="3")
    assert total(spend(ledger), "open_commitment") == 15


# Received


def test_returns_lower_what_was_received() -> None:
    result = spend(ordered().receipt("R1", "10").receipt("R2", "-4", day=2))
    amounts = of(result, "received").select("receipt_line_id", "amount_doc", "fact_date").rows()
    assert amounts == [("R1", Decimal(50), on_day(1)), ("R2", Decimal(-20), on_day(2))]


@pytest.mark.parametrize(("kind", "value"), [("3w", 50), ("4w", 35)])
def test_only_a_4_way_line_counts_what_was_accepted(kind: str, value: int) -> None:
    ledger = ordered(match_type=kind).receipt("R1", "10", qty_accepted="7", qty_rejected="3")
    assert total(spend(ledger), "received") == value


def test_price_per_hundred() -> None:
    ledger = ordered(qty="250", price="3.33", price_unit="100").receipt("R1", "250")
    assert total(spend(ledger), "received") == Decimal("8.325")


def cartons(**receipt: Any) -> Ledger:
    """Five cartons of twelve at 60; the receipt is in pieces."""
    line: dict[str, Any] = {"uom_order": "CT", "uom_base": "EA", "qty_ordered_base": "60"}
    facts: dict[str, Any] = {"uom": "EA", "qty_base": receipt["qty"], **receipt}
    qty = facts.pop("qty")
    return ordered(qty="5", price="60", **line).receipt("R1", qty, **facts)


def test_a_receipt_in_another_unit_is_valued_in_the_order_unit() -> None:
    assert total(spend(cartons(qty="24")), "received") == 120


def test_accepted_goods_in_another_unit() -> None:
    line: dict[str, Any] = {
        "uom_order": "CT",
        "uom_base": "EA",
        "qty_ordered_base": "60",
        "match_type": "4w",
    }
    part: dict[str, Any] = {"uom": "EA", "qty_accepted": "12", "qty_rejected": "12"}
    ledger = ordered(qty="5", price="60", **line).receipt("R1", "24", **part)
    assert total(spend(ledger), "received") == 60


def test_a_receipt_whose_unit_cannot_be_converted_is_reported_by_matching_not_valued() -> None:
    for ledger in (cartons(qty="1", uom_base="KGM"), cartons(qty="0.000001")):
        assert total(spend(ledger), "received") == 0
        assert "UOM_CONVERSION_MISSING" in ledger.match().findings["reason_code"].to_list()


# Invoiced


def per_line(ledger: Ledger) -> dict[str, Decimal]:
    facts = of(spend(ledger), "invoiced").filter(pl.col("invoice_line_id").is_not_null())
    sums = facts.group_by("invoice_line_id").agg(pl.col("amount_doc").sum())
    return dict(sums.rows())


def test_an_invoice_line_is_shown_by_order_line() -> None:
    result = spend(ordered().receipt("R1", "10").quantity_invoice("I1", "10", "5.01"))
    (fact,) = of(result, "invoiced").to_dicts()
    assert (fact["po_line_id"], fact["amount_doc"]) == ("PO1-1", Decimal("50.10"))
    assert (fact["supplier_id"], fact["invoice_id"]) == ("G1", "I1")


def test_what_is_billed_beyond_the_receipt_still_adds_up() -> None:
    ledger = ordered().receipt("R1", "3").quantity_invoice("I1", "7", "5.33")
    assert per_line(ledger) == {"I1/1": Decimal("37.31")}


def test_a_header_level_invoice_over_several_order_lines_adds_up() -> None:
    ledger = ordered().line("3", "3.33", no="2").receipt("R1", "10").receipt("R2", "3", "PO1-2")
    ledger.invoice("I1", "59.99").bills("I1", "59.99")
    facts = of(spend(ledger), "invoiced")
    assert set(facts["po_line_id"]) == {"PO1-1", "PO1-2"}
    assert facts["amount_doc"].sum() == Decimal("59.99")


def test_an_invoice_that_fits_no_order_stands_on_its_own() -> None:
    ledger = ordered().invoice("I1", "12.34").bills("I1", "12.34", po=None)
    (fact,) = of(spend(ledger), "invoiced").to_dicts()
    assert (fact["po_id"], fact["po_line_id"]) == (None, None)
    assert fact["amount_doc"] == Decimal("12.34")


def test_credits_are_negative() -> None:
    ledger = ordered().receipt("R1", "10").quantity_invoice("I1", "10", "5")
    ledger.quantity_invoice("C1", "-4", "5", day=3, kind="credit_qty")
    assert per_line(ledger) == {"I1/1": Decimal(50), "C1/1": Decimal(-20)}


def test_tax_and_void_invoices_are_not_spend_but_charges_are() -> None:
    ledger = ordered().receipt("R1", "10")
    ledger.invoice("I1", "50", tax="10").bills("I1", "50").bills("I1", "10", no="2", type="tax")
    ledger.bills("I1", "3", no="3", type="charge")
    ledger.invoice("I2", "50", status_canon="void").bills("I2", "50")
    assert per_line(ledger) == {"I1/1": Decimal(50), "I1/3": Decimal(3)}


def test_charges_on_the_header_are_a_row_of_the_invoice() -> None:
    ledger = ordered().receipt("R1", "10").quantity_invoice("I1", "10", "5", charges="8.50")
    facts = of(spend(ledger), "invoiced").sort("amount_doc")
    assert facts.select("invoice_id", "invoice_line_id", "amount_doc").rows() == [
        ("I1", None, Decimal("8.50")),
        ("I1", "I1/1", Decimal(50)),
    ]


quantities = st.integers(1, 30)
prices = st.integers(1, 2000).map(lambda n: str(Decimal(n).scaleb(-2)))
bills = st.lists(st.tuples(quantities, prices, st.booleans()), min_size=1, max_size=4)


@settings(deadline=None, max_examples=8)
@given(st.lists(quantities, max_size=3), bills)
def test_the_rows_of_an_invoice_line_add_up_to_its_net(
    received: list[int], billed: list[tuple[int, str, bool]]
) -> None:
    ledger = ordered(qty="40", price="3.33")
    for i, qty in enumerate(received):
        ledger.receipt(f"R{i}", str(qty))
    for i, (qty, price, by_header) in enumerate(billed):
        if by_header:
            ledger.invoice(f"I{i}", price).bills(f"I{i}", price)
        else:
            ledger.quantity_invoice(f"I{i}", str(qty), price)
    lines = ledger.documents().invoice_lines
    assert per_line(ledger) == dict(lines.select("invoice_line_id", "net_amount").rows())


# Paid


def paying(gross: str, tax: str, *parts: str, **more: Any) -> Ledger:
    net = str(Decimal(gross) - Decimal(tax))
    ledger = Ledger().invoice("I1", net, tax=tax, **more).bills("I1", net, po=None)
    for i, part in enumerate(parts):
        ledger.payment(f"P{i}", part, day=10 + i).settles(f"P{i}", "I1", part, day=10 + i)
    return ledger


def parts_paid(ledger: Ledger) -> list[Decimal]:
    """Amounts by payment. What is paid does not depend on matching, so nothing is matched."""
    return paid(ledger.documents()).sort("payment_id")["amount_doc"].to_list()


def test_paid_is_shown_without_its_share_of_tax() -> None:
    result = spend(paying("120", "20", "60"))
    (fact,) = of(result, "paid").to_dicts()
    assert fact["amount_doc"] == 50
    assert (fact["payment_id"], fact["invoice_id"]) == ("P0", "I1")
    assert fact["fact_date"] == on_day(10)


def test_thirds_add_up() -> None:
    assert parts_paid(paying("100", "15", "33.33", "33.33", "33.34")) == [
        Decimal("28.33"),
        Decimal("28.33"),
        Decimal("28.34"),
    ]


def test_a_share_is_rounded_once() -> None:
    # 0.01 × 99.99 / 200 is 0.0049995: nothing at two decimals, but 0.0050 at four.
    assert parts_paid(paying("200", "100.01", "0.01")) == [0]


def test_a_refunded_credit_is_negative() -> None:
    assert parts_paid(paying("-120", "-20", "-120", kind="credit_value")) == [-100]


def test_money_that_did_not_move_is_not_paid() -> None:
    ledger = Ledger().invoice("I1", "100").bills("I1", "100", po=None)
    for name, status in {"P1": "confirmed", "P2": "failed", "P3": "void", "P4": "proposed"}.items():
        ledger.payment(name, "20", status_canon=status).settles(name, "I1", "20")
    assert of(spend(ledger), "paid")["payment_id"].to_list() == ["P1"]


def test_an_invoice_over_nothing() -> None:
    assert parts_paid(paying("0", "0", "5", "-5")) == [5, -5]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(1, 99999), min_size=1, max_size=6),
    st.integers(0, 100),
    st.sampled_from(["USD", "JPY"]),
)
def test_partial_payments_add_up_to_the_invoice_without_tax(
    parts: list[int], tax_pct: int, ccy: str
) -> None:
    amounts = [Decimal(p).scaleb(0 if ccy == "JPY" else -2) for p in parts]
    gross = sum(amounts, Decimal(0))
    tax = (gross * tax_pct / 200).quantize(Decimal("0.0001"))
    ledger = paying(str(gross), str(tax), ccy=ccy)
    for i, amount in enumerate(amounts):
        ledger.payment(f"P{i}", str(amount), ccy=ccy).settles(f"P{i}", "I1", str(amount))
    for row in ledger.rows["payment_allocations"]:
        row["ccy"] = ccy
    assert sum(parts_paid(ledger), Decimal(0)) == gross - tax


# Accrued


def test_accrued_is_received_and_not_invoiced_at_the_orders_price() -> None:
    ledger = ordered().receipt("R1", "8").quantity_invoice("I1", "3", "9")
    (fact,) = of(spend(ledger), "accrued").to_dicts()
    assert fact["amount_doc"] == 25
    assert fact["fact_date"] == on_day(365)


def test_what_was_invoiced_too_much_is_not_netted_across_lines() -> None:
    ledger = ordered().line("10", "5", no="2").receipt("R1", "8").receipt("R2", "2", "PO1-2")
    ledger.quantity_invoice("I1", "9", "5", line="PO1-2")
    assert of(spend(ledger), "accrued").select("po_line_id", "amount_doc").rows() == [
        ("PO1-1", Decimal(40))
    ]


def test_goods_of_an_order_that_does_not_bind_are_owed_all_the_same() -> None:
    result = spend(ordered("draft").receipt("R1", "2"))
    assert total(result, "accrued") == 10
    assert total(result, "committed") == 0


@settings(deadline=None, max_examples=8)
@given(st.lists(st.integers(-9, 20), max_size=4), st.lists(st.integers(1, 20), max_size=4))
def test_open_amounts_are_never_negative(received: list[int], invoiced: list[int]) -> None:
    ledger = ordered()
    for i, qty in enumerate(received):
        ledger.receipt(f"R{i}", str(qty), day=1 + i)
    for i, qty in enumerate(invoiced):
        ledger.quantity_invoice(f"I{i}", str(qty), "5")
    result = spend(ledger)
    for stage in ("accrued", "open_commitment"):
        assert of(result, stage).filter(pl.col("amount_doc") <= 0).is_empty()
