"""Time passes between runs, a run is killed: in the end all is as if read at once."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from finsync_dagster.storage.settings import PROJECT
from tests.systems.group.company import Company, company, serving
from tests.systems.group.extracting import assert_same, canonical, extracted
from tests.systems.group.test_wire_faults import RUNS, bad_line

pytestmark = [pytest.mark.slow, pytest.mark.long]

SCALE = Decimal("0.1")
SEED = 9
SUMMER = datetime(2026, 7, 31, 23, 59, 59)


@pytest.fixture(scope="module")
def at_once(worlds: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    """What one reading at the end of the world says."""
    with serving(worlds, seed=SEED, scale=SCALE) as group:
        made = company(tmp_path_factory.mktemp("at_once"), group)
        extracted(made)
    return canonical(made)


def test_increments_on_a_bad_line_end_where_one_reading_does(
    at_once: dict[str, pl.DataFrame], worlds: Path, tmp_path: Path
) -> None:
    with serving(worlds, seed=SEED, scale=SCALE, until=SUMMER, plan=bad_line(8)) as group:
        made = company(tmp_path, group, rows_per_page=20)
        seen = []
        for moment in ("2026-08-31", "2026-09-18T09:30:00", "end", None):
            extracted(made, RUNS)
            seen.append(sum(frame.height for frame in canonical(made).values()))
            if moment:
                made.control(f"advance?to={moment}", "")
    assert seen == sorted(set(seen))
    assert_same(canonical(made), at_once)


def test_killed_again_and_again_and_gone_on(
    at_once: dict[str, pl.DataFrame], worlds: Path, tmp_path: Path
) -> None:
    chance = random.Random(4)
    with serving(worlds, seed=SEED, scale=SCALE) as group:
        made = company(tmp_path, group, rows_per_page=5)
        killed = sum(kill_between_pages(made, chance.randint(3, 30)) for _ in range(3))
        extracted(made)
    assert killed >= 2
    assert_same(canonical(made), at_once)


def kill_between_pages(made: Company, more: int) -> bool:
    """Extracts until so many more pages lie in the landing, then kills it; was it under way?"""
    pages = made.home.path / "lake" / "landing" / "pages"
    known = len(list(pages.glob("*/*")))
    running = subprocess.Popen(
        [sys.executable, "-m", "tests.systems.group.extracting", *made.systems],
        env=made.home.environment,
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    limit = time.monotonic() + 120
    while len(list(pages.glob("*/*"))) < known + more and running.poll() is None:
        assert time.monotonic() < limit
        time.sleep(0.002)
    under_way = running.poll() is None
    running.send_signal(signal.SIGKILL)
    running.wait()
    return under_way
