"""Which rate applies, and exact conversion against Python's Decimal."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsync_dagster.money import AMOUNT, minor_unit
from finsync_dagster.spend.currency import Conversion, QuotationError, convert
from tests.spend.support import rates

FRIDAY = date(2024, 3, 1)
NAMES = Conversion("amount", "ccy", "to", "day", "into")
BASE = "EUR"


def rows(*given_rows: tuple[str, str, str, date]) -> pl.DataFrame:
    return pl.DataFrame(
        [(Decimal(a), c, t, d) for a, c, t, d in given_rows],
        schema={"amount": AMOUNT, "ccy": pl.String, "to": pl.String, "day": pl.Date},
        orient="row",
    )


def converted(
    amount: str, ccy: str, to: str, quoted: pl.DataFrame, day: date = FRIDAY
) -> tuple[Decimal | None, Decimal | None, date | None]:
    frame = convert(rows((amount, ccy, to, day)), quoted, NAMES)
    (row,) = frame.select("into", "rate_used", "rate_date").rows()
    return row


QUOTED = rates(("USD", FRIDAY, "1.0813"), ("JPY", FRIDAY, "162.75"), ("BHD", FRIDAY, "0.4077"))


@pytest.mark.parametrize(
    ("amount", "ccy", "to", "expected", "rate"),
    [
        ("100", "USD", "EUR", "92.48", "1.0813"),
        ("100", "EUR", "USD", "108.13", "0.924812725423"),
        ("100", "USD", "JPY", "15051", "0.006643932412"),
        ("1000", "JPY", "BHD", "2.505", "399.190581309787"),
        ("-100", "USD", "EUR", "-92.48", "1.0813"),
        ("0", "USD", "EUR", "0", "1.0813"),
    ],
    ids=["to base", "from base", "to yen", "to dinar", "negative", "nothing"],
)
def test_golden_conversions(amount: str, ccy: str, to: str, expected: str, rate: str) -> None:
    assert converted(amount, ccy, to, QUOTED) == (Decimal(expected), Decimal(rate), FRIDAY)


@pytest.mark.parametrize(("amount", "into"), [("0.01", "0.01"), ("-0.01", "-0.01")])
def test_half_a_cent_is_rounded_away_from_zero(amount: str, into: str) -> None:
    assert converted(amount, "USD", "EUR", rates(("USD", FRIDAY, "2")))[0] == Decimal(into)


def test_the_last_known_rate_holds_over_the_weekend() -> None:
    sunday = FRIDAY + timedelta(days=2)
    quoted = rates(("USD", FRIDAY - timedelta(days=1), "2"), ("USD", FRIDAY, "4"))
    assert converted("8", "USD", "EUR", quoted, sunday) == (Decimal(2), Decimal(4), FRIDAY)
    monday = rates(("USD", FRIDAY, "4"), ("USD", FRIDAY + timedelta(days=3), "8"))
    assert converted("8", "USD", "EUR", monday, sunday)[0] == Decimal(2)


def test_of_two_rates_the_older_day_is_told() -> None:
    older = FRIDAY - timedelta(days=400)
    quoted = rates(("RUB", older, "117"), ("USD", FRIDAY, "1.0813"))
    assert converted("117", "RUB", "EUR", quoted)[2] == older
    assert converted("117", "RUB", "USD", quoted)[2] == older
    assert converted("1", "EUR", "RUB", quoted)[2] == older


@pytest.mark.parametrize(
    ("ccy", "to", "day"),
    [
        ("USD", "EUR", FRIDAY - timedelta(days=1)),
        ("EUR", "USD", FRIDAY - timedelta(days=1)),
        ("XYZ", "EUR", FRIDAY),
        ("EUR", "XYZ", FRIDAY),
        ("USD", "XYZ", FRIDAY),
    ],
    ids=["before the first", "before the first, back", "unknown", "into unknown", "half known"],
)
def test_without_a_rate_nothing_is_claimed(ccy: str, to: str, day: date) -> None:
    assert converted("1", ccy, to, QUOTED, day) == (None, None, None)


@pytest.mark.parametrize("ccy", ["USD", "EUR", "XYZ", "JPY"])
def test_an_equal_currency_is_not_touched(ccy: str) -> None:
    assert converted("1.2345", ccy, ccy, QUOTED) == (Decimal("1.2345"), Decimal(1), None)
    assert converted("1.2345", ccy, ccy, rates()) == (Decimal("1.2345"), Decimal(1), None)


def test_rates_that_contradict_each_other_are_refused() -> None:
    two_bases = pl.concat([QUOTED, rates(("GBP", FRIDAY, "0.8"), base="USD")])
    twice = rates(("USD", FRIDAY, "1"), ("USD", FRIDAY, "2"))
    for quoted in (two_bases, twice):
        with pytest.raises(QuotationError):
            converted("1", "USD", "EUR", quoted)


def test_rows_keep_their_order_and_columns() -> None:
    days = [FRIDAY + timedelta(days=n) for n in (3, 0, 2, 1)]
    frame = rows(*((str(n), "USD", "EUR", d) for n, d in enumerate(days)))
    after = convert(frame, QUOTED, NAMES)
    assert after.select(frame.columns).equals(frame)
    assert after.columns == [*frame.columns, "into", "rate_used", "rate_date"]


currencies = st.sampled_from(["EUR", "USD", "JPY", "BHD", "GBP", "XYZ"])
amounts = st.decimals(-(10**9), 10**9, places=4)
quotations = st.dictionaries(
    st.tuples(st.sampled_from(["USD", "JPY", "BHD", "GBP"]), st.integers(0, 5)),
    st.decimals("0.000001", "200000", places=6),
    max_size=8,
)
documents = st.lists(st.tuples(amounts, currencies, currencies, st.integers(0, 7)), max_size=8)


def by_hand(
    amount: Decimal, ccy: str, to: str, day: int, quoted: dict[tuple[str, int], Decimal]
) -> Decimal | None:
    if ccy == to:
        return amount

    def rate(currency: str) -> Decimal | None:
        if currency == BASE:
            # The base is known as soon as anything is quoted against it.
            return Decimal(1) if any(d <= day for _, d in quoted) else None
        known = [d for c, d in quoted if c == currency and d <= day]
        return quoted[currency, max(known)] if known else None

    source, target = rate(ccy), rate(to)
    if source is None or target is None:
        return None
    with localcontext() as exact:
        exact.prec = 200
        step = Decimal(1).scaleb(-minor_unit(to))
        return (amount * target / source).quantize(step, rounding=ROUND_HALF_UP)


@settings(deadline=None)
@given(documents, quotations)
def test_as_python_would_convert(
    given_rows: list[tuple[Decimal, str, str, int]], quoted: dict[tuple[str, int], Decimal]
) -> None:
    def on(number: int) -> date:
        return FRIDAY + timedelta(days=number)

    frame = rows(*((str(a), c, t, on(d)) for a, c, t, d in given_rows))
    table = rates(*((c, on(d), str(r)) for (c, d), r in quoted.items()))
    expected = [by_hand(a, c, t, d, quoted) for a, c, t, d in given_rows]
    assert convert(frame, table, NAMES)["into"].to_list() == expected


@settings(deadline=None)
@given(documents, quotations)
def test_into_the_base_it_can_be_done_again_from_the_stored_rate(
    given_rows: list[tuple[Decimal, str, str, int]], quoted: dict[tuple[str, int], Decimal]
) -> None:
    frame = rows(*((str(a), c, BASE, FRIDAY + timedelta(days=d)) for a, c, _, d in given_rows))
    table = rates(*((c, FRIDAY + timedelta(days=d), str(r)) for (c, d), r in quoted.items()))
    for row in convert(frame, table, NAMES).to_dicts():
        if row["ccy"] != BASE and row["into"] is not None:
            again = row["amount"] / row["rate_used"]
            assert row["into"] == again.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


@settings(deadline=None, max_examples=40)
@given(quotations, st.randoms(use_true_random=False))
def test_the_order_of_rates_changes_nothing(
    quoted: dict[tuple[str, int], Decimal], chance: Any
) -> None:
    table = rates(*((c, FRIDAY + timedelta(days=d), str(r)) for (c, d), r in quoted.items()))
    mixed = table[chance.sample(range(table.height), table.height)]
    frame = rows(*(("7.77", c, "EUR", FRIDAY + timedelta(days=2)) for c in ("USD", "JPY", "GBP")))
    assert convert(frame, table, NAMES).equals(convert(frame, mixed, NAMES))
