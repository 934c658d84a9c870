"""Control totals of what was landed, by the same rule as the source's (connectors.control_totals).

Belongs here: summing text exactly. Not here: what follows from a difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import polars as pl

from finsync_dagster.connectors.control_totals import EXACT, summable_pattern
from finsync_dagster.connectors.extraction import Sum


def sums(frame: pl.DataFrame, decimals: Mapping[str, int]) -> dict[str, Sum]:
    """Exact total per column, and how many of its values are no number that can be summed."""
    if not decimals:
        return {}
    asked = [
        expression.sum().alias(f"{kind}{i}")
        for i, (name, places) in enumerate(decimals.items())
        for kind, expression in terms(pl.col(name), places).items()
    ]
    row = frame.select(asked).row(0, named=True)
    return {
        name: Sum(row[f"value{i}"] or Decimal(0), int(row[f"not_summed{i}"]))
        for i, name in enumerate(decimals)
    }


def added(left: Mapping[str, Sum], right: Mapping[str, Sum]) -> dict[str, Sum]:
    """Totals of two pages together; both have the same columns."""
    return {
        name: Sum(
            EXACT.add(mine.total, right[name].total), mine.not_summed + right[name].not_summed
        )
        for name, mine in left.items()
    }


def less(left: Mapping[str, Sum], right: Mapping[str, Sum]) -> dict[str, Sum]:
    """Totals without a part of what they are the totals of."""
    return {
        name: Sum(
            EXACT.subtract(mine.total, right[name].total), mine.not_summed - right[name].not_summed
        )
        for name, mine in left.items()
    }


def terms(text: pl.Expr, decimals: int) -> dict[str, pl.Expr]:
    """Record by record: the value that is summed, or null; and whether it cannot be summed."""
    ok = text.str.contains(summable_pattern(decimals)) & text.str.contains("[0-9]")
    # Idle zeros are no part of the value, but of what the cast has room for.
    short = text.str.replace(r"^([+-]?)0+([0-9])", "${1}${2}").str.replace(
        r"(\.[0-9]*?)0+$", "${1}0"
    )
    value = pl.when(ok).then(short).cast(pl.Decimal(38, decimals))
    return {"value": value, "not_summed": (text.is_not_null() & ~ok).fill_null(False)}
