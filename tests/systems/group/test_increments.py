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

import pytest

from finsync_dagster.sandbox.vendors.plan import Plan
from finsync_dagster.storage.settings import PROJECT
from tests.systems.group.company import Company, company, serving
from tests.systems.group.extracting import assert_same, canonical, extracted
from tests.systems.group.test_wire_faults import KINDS, RUNS, plan

pytestmark = pytest.mark.slow

SCALE = Decimal("0.1")
SEED = 9
SUMMER = datetime(2026, 7, 31, 23, 59, 59)


def read_at_once(worlds: Path, folder: Path) -> Company:
    with serving(worlds, seed=SEED, scale=SCALE) as group:
        made = company(folder / "at once", group)
        extracted(made)
        return made


def in_steps(worlds: Path, folder: Path, faults: Plan | None = None) -> Company:
    with serving(worlds, seed=SEED, scale=SCALE, until=SUMMER, plan=faults) as group:
        made = company(folder / "in steps", group, rows_per_page=20)
        for moment in ("2026-08-31", "2026-09-18T09:30:00", "end", None):
            extracted(made, RUNS)
            if moment:
                made.control(f"advance?to={moment}", "")
        return made


def test_increments_end_where_one_reading_does(worlds: Path, tmp_path: Path) -> None:
    made = in_steps(worlds, tmp_path)
    assert_same(canonical(made), canonical(read_at_once(worlds, tmp_path)))


def test_increments_on_a_bad_line(worlds: Path, tmp_path: Path) -> None:
    bad = {kind: words | {"rate": "0.03"} for kind, words in KINDS.items()}
    bad |= {"small_page": KINDS["small_page"], "repeated_page": KINDS["repeated_page"]}
    made = in_steps(worlds, tmp_path, plan(8, bad))
    assert_same(canonical(made), canonical(read_at_once(worlds, tmp_path)))


def test_killed_again_and_again_and_gone_on(worlds: Path, tmp_path: Path) -> None:
    chance = random.Random(4)
    with serving(worlds, seed=SEED, scale=SCALE) as group:
        made = company(tmp_path / "killed", group, rows_per_page=5)
        killed = sum(kill_between_pages(made, chance.randint(3, 30)) for _ in range(4))
        extracted(made)
    assert killed >= 3
    assert_same(canonical(made), canonical(read_at_once(worlds, tmp_path)))


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
