"""What allocations are worth: order price, variance of price, rounding."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import polars as pl
import pytest

from finsync_dagster.matching.allocation.invariants import AllocationError, require_consistent
from finsync_dagster.matching.figures.exact import value_at_price, worth
from finsync_dagster.matching.match import MatchResult
from tests.matching.ledger import Ledger

PARTS = ("amount_at_po_price", "price_variance", "rounding")


def parts(result: MatchResult) -> list[tuple[Any, ...]]:
    return result.allocations.sort("sequence_no").select(PARTS).rows()


def test_s_a_net_rounded_to_the_cent_differs_by_rounding_alone() -> None:
    """125 x 0.0423 = 5.2875 is billed as 5.29."""
    ledger = Ledger().order().line("200", "0.0423").receipt("R1", "125")
    result = ledger.quantity_invoice("I1", "125", "0.0423").match()
    assert parts(result) == [(D("5.2875"), D(0), D("0.0025"))]


def test_the_rounding_is_shared_by_the_parts_of_a_line() -> None:
    ledger = Ledger().order().line("200", "0.0423").receipt("R1", "100", day=1)
    ledger.receipt("R2", "25", day=2).quantity_invoice("I1", "125", "0.0423", day=3)
    assert parts(ledger.match()) == [
        (D("4.2300"), D(0), D("0.0020")),
        (D("1.0575"), D(0), D("0.0005")),
    ]


def test_a_price_of_its_own_and_its_rounding_are_told_apart() -> None:
    """3 x 0.115 = 0.345 is billed as 0.35 where 0.10 was ordered."""
    ledger = Ledger().order().line("3", "0.10").receipt("R1", "3")
    ledger.invoice("I1", "0.35").bills(
        "I1", "0.35", po_line_id="PO1-1", qty="3", uom="EA", unit_price="0.115"
    )
    assert parts(ledger.match()) == [(D("0.30"), D("0.045"), D("0.005"))]


def test_ac_price_variance_is_exact() -> None:
    """(0.01782 - 0.01719) x 30,000 = 18.90."""
    ledger = Ledger().order().line("30000", "0.01719").receipt("R1", "30000")
    result = ledger.quantity_invoice("I1", "30000", "0.01782").match()
    assert parts(result) == [(D("515.70"), D("18.90"), D(0))]


def test_a_net_that_no_price_explains_is_no_rounding() -> None:
    """2 x 10 is 20; the line says 25."""
    ledger = Ledger().order().line("2", "10").receipt("R1", "2").invoice("I1", "25")
    ledger.bills("I1", "25", po_line_id="PO1-1", qty="2", uom="EA", unit_price="10")
    assert parts(ledger.match()) == [(D(20), D(5), D(0))]


def test_without_a_price_a_net_that_is_the_order_s_rounded_is_at_its_price() -> None:
    ledger = Ledger().order().line("200", "0.0423").receipt("R1", "125").invoice("I1", "5.29")
    ledger.bills("I1", "5.29", po_line_id="PO1-1", qty="125", uom="EA")
    assert parts(ledger.match()) == [(D("5.2875"), D(0), D("0.0025"))]


@pytest.mark.parametrize(
    ("ccy", "price", "net", "rounding"),
    [("JPY", "33.35", "100", "-0.05"), ("BHD", "0.1115", "0.335", "0.0005")],
)
def test_the_minor_unit_of_the_currency_decides(
    ccy: str, price: str, net: str, rounding: str
) -> None:
    ledger = Ledger().order(ccy=ccy).line("3", price).receipt("R1", "3")
    ledger.invoice("I1", net, ccy=ccy).bills(
        "I1", net, po_line_id="PO1-1", qty="3", uom="EA", unit_price=price
    )
    (found,) = parts(ledger.match())
    assert found == (D(price) * 3, D(0), D(rounding))


def test_a_price_for_a_thousand() -> None:
    ledger = Ledger().order().line("500", "12.34", price_unit="1000").receipt("R1", "500")
    ledger.invoice("I1", "6.17").bills(
        "I1", "6.17", po_line_id="PO1-1", qty="500", uom="EA", unit_price="12.34", price_unit="1000"
    )
    assert parts(ledger.match()) == [(D("6.17"), D(0), D(0))]


def test_a_credit_takes_every_part_back() -> None:
    ledger = Ledger().order().line("10", "10").receipt("R1", "10")
    ledger.quantity_invoice("I1", "10", "10.50", day=2)
    ledger.quantity_invoice("C1", "-10", "10.50", day=3, kind="credit_qty")
    first, back = parts(ledger.match())
    assert first == (D(100), D(5), D(0))
    assert back == (D(-100), D(-5), D(0))


def test_parts_of_many_lines_are_their_nets() -> None:
    """Uneven receipts, prices that do not divide, a line beyond what arrived."""
    ledger = Ledger().order().line("70", "1.00", price_unit="3")
    for n, qty in enumerate(("7", "11", "13", "17")):
        ledger.receipt(f"R{n}", qty, day=n)
    for n, qty in enumerate(("5", "19", "23")):
        net = (D(qty) * D("0.3335")).quantize(D("0.01"))
        ledger.invoice(f"I{n}", str(net), day=10 + n).bills(
            f"I{n}", str(net), po_line_id="PO1-1", qty=qty, uom="EA", unit_price="0.3335"
        )
    result = ledger.match()
    sums = result.allocations.group_by("invoice_id").agg(pl.sum_horizontal(*PARTS).sum())
    nets = dict(result.invoice_results.select("invoice_id", "net").iter_rows())
    assert dict(sums.iter_rows()) == nets
    at_order = result.allocations["amount_at_po_price"].sum()
    assert at_order == (D(47) / 3).quantize(D("0.0001"))


@pytest.mark.parametrize("per", ["1", "3", "1000"])
@pytest.mark.parametrize("decimals", [4, 2, 0])
def test_worth_is_value_at_price(per: str, decimals: int) -> None:
    quantities = [0, 1, -1, 4_500_000, -4_500_000, 125_000_000, 999_999_999_999]
    prices = pl.DataFrame(
        {"q": quantities, "unit_price": [D("0.0423")] * 7, "price_unit": [D(per)] * 7},
        schema={"q": pl.Int64, "unit_price": pl.Decimal(38, 10), "price_unit": pl.Decimal(38, 6)},
    )
    both = prices.select(
        fast=worth(prices, "q", decimals).reinterpret(dtype=pl.Decimal(38, 4)),
        plain=value_at_price("q", decimals),
    )
    assert both["fast"].to_list() == both["plain"].to_list()


def _consistent() -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    money = pl.Decimal(38, 4)
    rate = pl.Decimal(38, 12)
    stretches = pl.DataFrame(
        {
            "event_no": [0],
            "invoice_line_id": ["L"],
            "po_line_id": ["P"],
            "line_pos": [0],
            "receipt_line_id": ["R"],
            "receipt_pos": [0],
            "qty": [2],
            "amount_at_po_price": [D(20)],
            "price_variance": [D(1)],
            "rounding": [D(0)],
            "rate_received": [D(1)],
            "rate_invoiced": [D("1.5")],
            "fx_variance": [D(10)],
        },
        schema_overrides=dict.fromkeys((*PARTS, "fx_variance"), money)
        | dict.fromkeys(("rate_received", "rate_invoiced"), rate),
    )
    events = pl.DataFrame(
        {
            "event_no": [0],
            "invoice_line_id": ["L"],
            "units": [2],
            "excess": [0],
            "net_amount": [D(21)],
        },
        schema_overrides={"net_amount": money},
    )
    receipts = pl.DataFrame(
        {
            "receipt_line_id": ["R"],
            "receipt_pos": [0],
            "po_line_id": ["P"],
            "line_pos": [0],
            "available": [2],
        }
    )
    return stretches, events, receipts


def test_what_adds_up_passes() -> None:
    require_consistent(*_consistent())


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("price_variance", D("1.0001"), "parts of invoice lines are not their net.* L"),
        ("rounding", D("0.01"), "parts of invoice lines are not their net.* L"),
        ("fx_variance", D("10.0001"), "exchange does not add up.* L"),
    ],
)
def test_money_that_gets_lost_stops_the_run(column: str, value: D, told: str) -> None:
    stretches, events, receipts = _consistent()
    wrong = stretches.with_columns(pl.lit(value, dtype=pl.Decimal(38, 4)).alias(column))
    with pytest.raises(AllocationError, match=told):
        require_consistent(wrong, events, receipts)
