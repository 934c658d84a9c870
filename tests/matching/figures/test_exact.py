"""What is refused before anything is computed: products and sums that whole numbers cannot hold."""

from __future__ import annotations

from decimal import Decimal as D

import polars as pl
import pytest

from finsync_dagster.matching.figures.exact import (
    Factor,
    PrecisionError,
    guard_product,
    guard_sum,
)
from finsync_dagster.money import AMOUNT, AMOUNT_SCALE, PRICE, PRICE_SCALE, to_scaled

# The product may be a quarter of what 127 bits hold: rounding takes the rest.
MOST = (2**127 - 1) // 4


def frame(units: list[int | None], price: list[str | None]) -> pl.DataFrame:
    return pl.DataFrame(
        {"units": units, "price": [None if p is None else D(p) for p in price]},
        schema={"units": pl.Int64, "price": PRICE},
    )


@pytest.mark.parametrize(
    "price",
    [("price", PRICE_SCALE), to_scaled(pl.col("price"), PRICE_SCALE)],
    ids=["named", "expr"],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_the_largest_of_each_column_decides(price: Factor, sign: int) -> None:
    # 10^18 times 10^10 is 10^28: room for another 4 x 10^9, not for 10^10.
    rows = frame([sign * 10**18, 1, None], ["0.5", None, "-1"])
    guard_product(rows, "units", price, 10**9)
    with pytest.raises(PrecisionError):
        guard_product(rows, "units", price, 10**10)


def test_the_limit_itself_is_held() -> None:
    rows = frame([1], ["1"])
    guard_product(rows, "units", MOST)
    with pytest.raises(PrecisionError):
        guard_product(rows, "units", MOST + 1)


def test_an_amount_may_be_asked_for_as_a_price() -> None:
    rows = frame([1], ["1"]).select(pl.col("price").cast(AMOUNT))
    guard_product(rows, ("price", AMOUNT_SCALE), MOST // 10**4)
    guard_product(rows, ("price", PRICE_SCALE), MOST // 10**10)
    with pytest.raises(PrecisionError):
        guard_product(rows, ("price", PRICE_SCALE), MOST // 10**10 + 1)


@pytest.mark.parametrize("rows", [frame([], []), frame([None], [None])])
def test_nothing_is_never_too_large(rows: pl.DataFrame) -> None:
    guard_product(rows, "units", ("price", PRICE_SCALE), pl.col("units"), 10**40)
    guard_sum(rows, "units")


@pytest.mark.parametrize(
    ("units", "held"),
    [([2**62, 2**62 - 1], True), ([2**62, 2**62], False), ([2**62, None, -(2**62)], False)],
)
def test_running_sums_have_to_be_held_in_either_direction(
    units: list[int | None], held: bool
) -> None:
    rows = frame(units, ["1"] * len(units))
    if held:
        guard_sum(rows, "units")
    else:
        with pytest.raises(PrecisionError):
            guard_sum(rows, "units")
