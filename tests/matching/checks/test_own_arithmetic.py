"""A line that adds up to the last digit is seen to, without rounding: as rounding would see it."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from finsync_dagster.matching.checks.quantity_checks import own_arithmetic
from finsync_dagster.matching.figures.units import own_amount
from finsync_dagster.money import AMOUNT, PRICE, QTY

SCHEMA: dict[str, Any] = {
    "invoice_line_id": pl.String,
    "billing": pl.String,
    "kind": pl.String,
    "qty": QTY,
    "unit_price": PRICE,
    "net_amount": AMOUNT,
    "minor": pl.Int64,
}
figure = st.sampled_from(["0", "1", "-1", "2.5", "-2.5", "0.333333", "10.125", "3"])


@st.composite
def line(draw: st.DrawFn) -> dict[str, Any]:
    qty, price = D(draw(figure)), D(draw(figure))
    exact = qty * price
    net = draw(
        st.sampled_from([exact, -exact, round(exact, 2), round(exact, 0), exact + D("0.01")])
    )
    return {
        "billing": draw(st.sampled_from(["quantity", "quantity", "correction"])),
        "kind": draw(st.sampled_from(["invoice", "credit_qty"])),
        "qty": qty,
        "unit_price": draw(st.sampled_from([price, price, None])),
        "net_amount": round(net, 4),
        "minor": draw(st.sampled_from([0, 2, 3, 4])),
    }


@given(st.lists(line(), max_size=6))
def test_as_if_every_line_had_been_rounded(rows: list[dict[str, Any]]) -> None:
    lines = pl.DataFrame(
        [{"invoice_line_id": str(n), **row} for n, row in enumerate(rows)], schema=SCHEMA
    )
    billed = lines.filter(pl.col("billing") == "quantity")
    whole = billed.with_columns(expected=own_amount(billed))
    wrong = whole.filter((pl.col("expected") != pl.col("net_amount")).fill_null(False))
    found = own_arithmetic(lines).rows
    assert found["subject_id"].to_list() == wrong["invoice_line_id"].to_list()
    assert found["expected"].to_list() == wrong["expected"].to_list()
