"""Exactness and rounding, against Python's own Decimal."""

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsync_dagster import money

PUBLISHED = Path(__file__).parent / "reference" / "iso4217_list_one.xml"

amounts = st.integers(-(10**15), 10**15).map(lambda n: Decimal(n).scaleb(-4))
prices = st.integers(0, 10**16).map(lambda n: Decimal(n).scaleb(-10))
quantities = st.integers(-(10**12), 10**12).map(lambda n: Decimal(n).scaleb(-6))


def one(value: Decimal, dtype: pl.Decimal) -> pl.DataFrame:
    return pl.DataFrame({"v": [value]}, schema={"v": dtype})


@given(quantities, prices)
@settings(max_examples=200, deadline=None)
def test_product_is_rounded_once_and_half_up(qty: Decimal, price: Decimal) -> None:
    frame = pl.DataFrame({"q": [qty], "p": [price]}, schema={"q": money.QTY, "p": money.PRICE})
    got = frame.select(money.multiply_half_up(pl.col.q, 6, pl.col.p, 10, 4)).item()
    assert got == (qty * price).quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP)


@given(amounts, st.integers(0, 4))
@settings(max_examples=200, deadline=None)
def test_rounding_is_half_up_at_every_minor_unit(amount: Decimal, places: int) -> None:
    got = one(amount, money.AMOUNT).select(money.round_half_up(pl.col.v, 4, places)).item()
    assert got == amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


@given(st.integers(-(10**20), 10**20), st.integers(-(10**9), 10**9).filter(bool))
@settings(max_examples=200, deadline=None)
def test_division_is_half_away_from_zero(numerator: int, denominator: int) -> None:
    frame = pl.DataFrame(
        {"n": [numerator], "d": [denominator]}, schema={"n": pl.Int128, "d": pl.Int128}
    )
    exact = (Decimal(numerator) / Decimal(denominator)).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    assert frame.select(money.divide_half_up(pl.col.n, pl.col.d)).item() == int(exact)


def test_division_by_zero_is_null() -> None:
    frame = pl.DataFrame({"n": [1], "d": [0]}, schema={"n": pl.Int128, "d": pl.Int128})
    assert frame.select(money.divide_half_up(pl.col.n, pl.col.d)).item() is None


@pytest.mark.parametrize("value", ["0.0001", "-0.0001", "9999999999999999999999.9999"])
def test_scaled_integers_come_back_as_they_were(value: str) -> None:
    frame = one(Decimal(value), money.AMOUNT)
    back = frame.select(money.from_scaled(money.to_scaled(pl.col.v, 4), 4))
    assert back.item() == Decimal(value)


def test_worked_case_of_a_partial_delivery() -> None:
    """200 ordered at 0.0423, 125 delivered: 5.2875, invoiced as 5.29 (case S)."""
    frame = pl.DataFrame(
        {"q": [Decimal(125)], "p": [Decimal("0.0423")]}, schema={"q": money.QTY, "p": money.PRICE}
    )
    value = money.multiply_half_up(pl.col.q, 6, pl.col.p, 10, 4)
    assert frame.select(money.round_half_up(value, 4, 2)).item() == Decimal("5.29")


@pytest.mark.parametrize(("currency", "decimals"), [("EUR", 2), ("JPY", 0), ("BHD", 3), ("CLF", 4)])
def test_minor_units(currency: str, decimals: int) -> None:
    assert money.minor_unit(currency) == decimals
    assert pl.select(money.minor_unit_expr(pl.lit(currency))).item() == decimals


def test_minor_units_agree_with_the_published_list() -> None:
    entries = ElementTree.parse(PUBLISHED).getroot().iter("CcyNtry")
    published = {e.findtext("Ccy"): e.findtext("CcyMnrUnts") for e in entries}
    units = {c: int(u) for c, u in published.items() if c and u and u.isdigit()}
    assert len(units) > 150
    assert {c: money.minor_unit(c) for c in units} == units
