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
    return st.decimals(-(10**20), 10**20, places=places, allow_nan=False) | st.sampled_from(
        [Decimal(0), Decimal(1000), Decimal("-0.004"), Decimal(999999), Decimal("999.995")]
    )


def told(frame: pl.DataFrame, figure: wording.Figure) -> list[str]:
    return wording.with_texts(frame, told=figure)["told"].to_list()


@settings(deadline=None)
@given(st.lists(st.tuples(figures(4), CURRENCIES), max_size=5))
def test_money(rows: list[tuple[Decimal, str]]) -> None:
    frame = pl.DataFrame(rows, schema={"a": AMOUNT, "ccy": pl.String}, orient="row")
    assert told(frame, wording.money_text("a")) == [text.money(*row) for row in rows]


@settings(deadline=None)
@given(st.lists(st.tuples(figures(6), st.sampled_from([None, "EA"])), max_size=5))
def test_quantity(rows: list[tuple[Decimal, str | None]]) -> None:
    frame = pl.DataFrame(rows, schema={"q": QTY, "u": pl.String}, orient="row")
    expected = [text.quantity(qty, uom or "") for qty, uom in rows]
    assert told(frame, wording.quantity_text("q", "u")) == expected


@settings(deadline=None)
@given(st.lists(st.tuples(figures(10), CURRENCIES), max_size=5))
def test_price(rows: list[tuple[Decimal, str]]) -> None:
    frame = pl.DataFrame(rows, schema={"p": PRICE, "ccy": pl.String}, orient="row")
    assert told(frame, wording.price_text("p")) == [text.price(*row) for row in rows]


def test_figures_of_one_sentence() -> None:
    """Each as it is written alone, in several currencies; of what is unknown only the unit."""
    figure = [Decimal("1234.5"), None, Decimal(-2)]
    frame = pl.DataFrame(
        {"a": figure, "u": ["EA", "EA", None], "ccy": ["EUR", "JPY", "JPY"]},
        schema_overrides={"a": PRICE},
    )
    texts = wording.with_texts(
        frame,
        amount=wording.money_text(pl.col("a").cast(AMOUNT)),
        price=wording.price_text("a"),
        qty=wording.quantity_text(pl.col("a").cast(QTY), "u"),
        share=wording.number_text("a", 2),
    )
    assert texts.select("amount", "price", "qty", "share").rows() == [
        ("1,234.50 EUR", "1,234.50 EUR", "1,234.5 EA", "1,234.50"),
        ("JPY", "JPY", "EA", None),
        ("-2 JPY", "-2 JPY", "-2", "-2.00"),
    ]
