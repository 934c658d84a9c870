"""Killed at any moment and run again: the warehouse is as if nothing had happened."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from tests.pipeline.homes import FINSYNC, Home, assert_same

_PATIENCE_SECONDS = 120


def landed(home: Path) -> bool:
    return any((home / "lake/landing/manifests/adventureworks_erp").glob("*/*.json"))


def conformed(home: Path) -> bool:
    return any((home / "lake/canonical/purchase_orders/_delta_log").glob("*.json"))


def matched(home: Path) -> bool:
    return any((home / "lake/matching/allocations/_delta_log").glob("*.json"))


def publishing(home: Path) -> bool:
    return any(home.glob(".warehouse.duckdb*")) or any(home.glob("warehouse.duckdb.*"))


def kill_when(home: Home, reached: Callable[[Path], bool], *options: str) -> None:
    process = subprocess.Popen(
        [FINSYNC, "run", *options],
        env=home.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    limit = time.monotonic() + _PATIENCE_SECONDS
    while not reached(home.path):
        assert process.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < limit, "the moment never came"
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()


@pytest.mark.parametrize(
    "moments",
    [(landed, matched), pytest.param((conformed, publishing), marks=pytest.mark.long)],
    ids=["early", "late"],
)
def test_a_first_run_killed_again_and_again(
    moments: tuple[Callable[[Path], bool], ...], finished: Home, tmp_path: Path
) -> None:
    """One home, killed at several moments of its first run, each time further on."""
    shutil.copytree(finished.path / "sources", tmp_path / "sources")
    home = Home(tmp_path, finished.extra)
    for moment in moments:
        kill_when(home, moment)
    done = home.finsync("run")
    assert done.code == 0, done.text
    assert_same(finished, home)
    with dg.DagsterInstance.from_config(str(tmp_path / "dagster")) as instance:
        going = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING])
        assert instance.get_runs(filters=going) == []
        failed = instance.get_runs(filters=dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE]))
        assert len(failed) >= len(moments) - 1


def test_the_published_warehouse_survives(copied: Home) -> None:
    kill_when(copied, publishing, "--entity", "wwi")
    assert copied.one("SELECT count(*) FROM canonical.invoices") == 2072
