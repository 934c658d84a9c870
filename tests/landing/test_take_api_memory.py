"""What an extract over HTTP costs does not depend on how many records there are.

Belongs here: memory and time of whole extracts, each taken in a process of its own. Not here: what
reading costs without landing (connectors/http/test_reading_cost.py).
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest

from tests.landing.large_api import Large, Taken, large_api, taken

pytestmark = pytest.mark.slow

# Megabytes. A part of the index is gathered in memory: half a million keys and totals at most, some
# 30 bytes each. To leave out what is gone, parts are read and written anew, one by one, and 8 bytes
# of every key are held twice.
GROWTH, GROWTH_WITHOUT_GONE = 25, 50


def extracts(root: Path, api: Large) -> list[Taken]:
    """All of it, then 1,000 changed records, then 500 deleted ones."""
    found = [taken(root.as_uri(), api.url)]
    for change in ("changed=1000", "deleted=500"):
        api.ask(f"/now?{change}")
        found.append(taken(root.as_uri(), api.url))
    assert [one.mode for one in found] == ["full", "incremental", "incremental"]
    assert [one.gone for one in found] == [0, 0, 500]
    assert [one.rows for one in found[1:]] == [1000, 1000]
    assert all(one.complete for one in found)
    return found


def test_four_times_the_records_take_hardly_more_memory(tmp_path: Path) -> None:
    costs = {}
    for count in (30_000, 100_000):
        with large_api(count) as api:
            costs[count] = extracts(tmp_path / str(count), api)
            times = api.ask("/times")[: count // 1000]
    for few, many in zip(*costs.values(), strict=True):
        print(few, "|", many)
        limit = GROWTH_WITHOUT_GONE if many.gone else GROWTH
        assert many.megabytes - few.megabytes < limit
        assert many.megabytes < 300
    # Notes of progress are as small at the end as at the beginning.
    spent = [after - before for before, after in pairwise(times)]
    assert median(spent[-60:]) < 3 * median(spent[:60])


def test_what_was_loaded_in_bulk_comes_again_without_filling_memory(tmp_path: Path) -> None:
    """Records that share one stamp are all as new as the newest."""
    costs = []
    for count in (15_000, 45_000):
        root = tmp_path / str(count)
        with large_api(count, "bulk") as api:
            taken(root.as_uri(), api.url)
            costs.append(taken(root.as_uri(), api.url))
        assert (costs[-1].mode, costs[-1].rows) == ("incremental", count)
    few, many = costs
    print(few, "|", many)
    assert many.megabytes - few.megabytes < GROWTH_WITHOUT_GONE
