"""Control totals are exact at any size, and a difference is told with its figures."""

from __future__ import annotations

from decimal import Context, Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsync_dagster.publishing import PublishError
from finsync_dagster.publishing.totals import require_equal, totals
from finsync_dagster.schema import Column

NET = Column("net", pl.Decimal(38, 4), True, "")
LIMIT = 10**38 - 1


@given(st.lists(st.none() | st.integers(-LIMIT, LIMIT), max_size=8))
def test_sums_do_not_overflow(units: list[int | None]) -> None:
    values = [None if u is None else Decimal(f"{u}E-4") for u in units]
    frame = pl.DataFrame({"net": values}, schema={"net": NET.dtype})
    present = [u for u in units if u is not None]
    assert totals([NET], frame) == {
        "rows": len(units),
        "values in net": len(present),
        "sum of net": Decimal(sum(present)).scaleb(-4, context=Context(prec=80)),
    }


def test_a_difference_is_told() -> None:
    expected = totals([NET], pl.DataFrame({"net": [Decimal("1.0000")]}, schema={"net": NET.dtype}))
    require_equal("t", expected, (1, 1, Decimal("1.0000")))
    with pytest.raises(PublishError, match=r"sum of net: 1\.0000 given, 0\.9999 loaded"):
        require_equal("t", expected, (1, 1, Decimal("0.9999")))
    with pytest.raises(PublishError, match="values in net: 1 given, 0 loaded"):
        require_equal("t", expected, (1, 0, None))
