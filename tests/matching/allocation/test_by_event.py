"""What the allocations of an invoice line add up to."""

from __future__ import annotations

from decimal import Decimal as D

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from finsync_dagster.matching.allocation.by_event import event_totals, totals_beside
from finsync_dagster.money import AMOUNT

Row = tuple[int, int | None, int, int]
rows = st.tuples(
    st.integers(0, 5),
    st.none() | st.integers(0, 3),
    st.integers(-9, 9),
    st.integers(-(10**12), 10**12),
)


def stretches(drawn: list[Row]) -> pl.DataFrame:
    """Allocations as valued: event, receipt, quantity, and an amount of which a third is price."""
    amounts = [D(amount).scaleb(-4) for *_, amount in drawn]
    return pl.DataFrame(
        {
            "event_no": [row[0] for row in drawn],
            "receipt_pos": [row[1] for row in drawn],
            "qty": [row[2] for row in drawn],
            "amount_at_po_price": amounts,
            "price_variance": [D("0.01")] * len(drawn),
            "rounding": [D("-0.0001")] * len(drawn),
        },
        schema={
            "event_no": pl.Int64,
            "receipt_pos": pl.Int64,
            "qty": pl.Int64,
            "amount_at_po_price": AMOUNT,
            "price_variance": AMOUNT,
            "rounding": AMOUNT,
        },
    )


@given(st.lists(rows, max_size=12))
def test_sums_are_the_same_however_rows_lie(drawn: list[Row]) -> None:
    """Events in one run each, and scattered."""
    expected: dict[int, tuple[int, int, D, D]] = {}
    for event, receipt, qty, amount in drawn:
        count, units, net, worth = expected.get(event, (0, 0, D(0), D(0)))
        if receipt is not None:
            value = D(amount).scaleb(-4)
            count, units = count + 1, units + qty
            net, worth = net + value + D("0.0099"), worth + value
        expected[event] = count, units, net, worth
    for order in (drawn, sorted(drawn, key=lambda row: row[0])):
        found = event_totals(stretches(order)).sort("event_no")
        assert {row[0]: row[1:] for row in found.rows()} == expected
        assert found.columns[1:] == ["receipts", "covered", "covered_net", "covered_at_po_price"]


def test_an_event_without_allocation_has_none() -> None:
    totals = event_totals(stretches([(1, 0, 5, 70_000)]))
    beside = totals_beside(pl.Series([3, 1, 0]), totals)
    assert beside["covered"].to_list() == [None, 5, None]
    assert beside["covered_at_po_price"].to_list() == [None, D("7.0000"), None]
