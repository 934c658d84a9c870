"""Runs are recorded, and dead ones noticed."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from finsync_dagster.storage.state import StateError, StateStore
from finsync_dagster.storage.state.processes import is_running
from tests.storage.state_rows import MONDAY, TUESDAY, run

FAR_AHEAD = datetime(2999, 1, 1, tzinfo=UTC)
HERE = socket.gethostname()


@pytest.fixture
def store(state_url: str) -> Iterator[StateStore]:
    opened = StateStore(state_url)
    yield opened
    opened.close()


@pytest.fixture
def dead_pid() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def test_a_run_from_beginning_to_end(store: StateStore) -> None:
    store.run_started(run())
    (row,) = store.runs().to_dicts()
    assert (row["status"], row["finished_at"], row["as_of"]) == ("running", None, date(2026, 3, 1))
    assert json.loads(row["entities"]) == ["DE01", "US01"]
    store.run_finished("run1", "failed", TUESDAY, "System wwi is down.")
    (row,) = store.runs().to_dicts()
    assert (row["status"], row["finished_at"]) == ("failed", TUESDAY)
    assert (row["started_at"], row["error"]) == (MONDAY, "System wwi is down.")


def test_a_second_attempt_replaces_the_first(store: StateStore) -> None:
    store.run_started(run())
    store.run_finished("run1", "failed", TUESDAY, "System wwi is down.")
    store.run_started(run(started_at=TUESDAY))
    (row,) = store.runs().to_dicts()
    assert (row["status"], row["error"], row["started_at"]) == ("running", None, TUESDAY)


def test_what_never_began_cannot_end(store: StateStore) -> None:
    with pytest.raises(StateError, match="run9 ended"):
        store.run_finished("run9", "succeeded", TUESDAY)


def test_a_run_cannot_end_running(store: StateStore) -> None:
    store.run_started(run())
    with pytest.raises(StateError, match="not 'running'"):
        store.run_finished("run1", "running", TUESDAY)  # type: ignore[arg-type]


def test_only_dead_runs_of_this_host_are_interrupted(store: StateStore, dead_pid: int) -> None:
    mine = os.getpid()
    store.run_started(run("alive", pid=mine, host=HERE, started_at=FAR_AHEAD))
    store.run_started(run("dead", pid=dead_pid, host=HERE, started_at=FAR_AHEAD))
    store.run_started(run("elsewhere", pid=dead_pid, host="another-host"))
    store.run_started(run("done", pid=dead_pid, host=HERE))
    store.run_finished("done", "succeeded", TUESDAY)

    (found,) = store.interrupted_runs(TUESDAY).to_dicts()
    assert (found["run_id"], found["status"], found["finished_at"]) == (
        "dead",
        "interrupted",
        TUESDAY,
    )
    assert f"process {dead_pid}" in found["error"]
    statuses = dict(store.runs().select("run_id", "status").iter_rows())
    assert statuses == {
        "alive": "running",
        "dead": "interrupted",
        "elsewhere": "running",
        "done": "succeeded",
    }
    assert store.interrupted_runs(TUESDAY).height == 0


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="needs /proc")
def test_a_number_given_out_again_is_another_process() -> None:
    began_long_ago = datetime(1971, 1, 1, tzinfo=UTC)
    assert not is_running(os.getpid(), began_long_ago)
    assert is_running(os.getpid(), FAR_AHEAD - timedelta(days=1))


def test_a_process_of_another_user_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(pid: int, signal: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", forbidden)
    assert is_running(os.getpid(), FAR_AHEAD)
