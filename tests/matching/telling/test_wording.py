"""Columns of figures read as single figures do."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from finsync_dagster.matching.telling import text, wording
from finsync_dagster.money import AMOUNT, PRICE, QTY

CCY = ("EUR", "JPY", "BHD", "CLF")
CURRENCIES = st.sampled_from(CCY)


def figures(places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(-(10**14), 10**14, places=places, allow_nan=False) | st.sampled_from(
        [Decimal(0), Decimal(1000), Decimal("-0.004"), Decimal(999999)]
    )


@settings(deadline=None)
@given(figures(4), CURRENCIES)
def test_money(amount: Decimal, ccy: str) -> None:
    frame = pl.DataFrame({"a": [amount], "ccy": [ccy]}, schema_overrides={"a": AMOUNT})
    assert frame.select(wording.money_text("a")).item() == text.money(amount, ccy)


@settings(deadline=None)
@given(figures(6), st.sampled_from([None, "EA"]))
def test_quantity(qty: Decimal, uom: str | None) -> None:
    frame = pl.DataFrame({"q": [qty], "u": [uom]}, schema_overrides={"q": QTY, "u": pl.String})
    assert frame.select(wording.quantity_text("q", "u")).item() == text.quantity(qty, uom or "")


@settings(deadline=None)
@given(figures(10), CURRENCIES)
def test_price(price: Decimal, ccy: str) -> None:
    frame = pl.DataFrame({"p": [price], "ccy": [ccy]}, schema_overrides={"p": PRICE})
    assert frame.select(wording.price_text("p")).item() == text.price(price, ccy)
