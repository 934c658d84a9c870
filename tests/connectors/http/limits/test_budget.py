"""Turns at a system: threads, and real processes that know nothing of one another."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import sqlite3
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsync_dagster.connectors.http.limits.budget import Budget, BudgetSpentError, rates
from finsync_dagster.connectors.http.limits.model import Limits

SPAWN = multiprocessing.get_context("spawn")
LONG = 30


def ask(
    shared: Path, limits: Limits, log: Path, start: Barrier, requests: int, takes: float = 0
) -> None:
    """Take turns; write down begin and end of each, the way a server would see them."""
    budget = Budget(shared, "erp", limits)
    start.wait(LONG)
    for _ in range(requests):
        with budget.turn():
            begin = time.time()
            time.sleep(takes)
            line = f"{begin} {time.time()} {os.getpid()}\n"
        with log.open("a") as file:
            file.write(line)


def ask_for_all(shared: Path, limits: Limits, log: Path, start: Barrier) -> None:
    """Take turns until there are none left; write down each."""
    budget = Budget(shared, "erp", limits)
    start.wait(LONG)
    with suppress(BudgetSpentError), log.open("a", buffering=1) as file:
        while True:
            with budget.turn():
                file.write(f"{time.time()} {time.time()} {os.getpid()}\n")


def hold(shared: Path, limits: Limits, holding: Path) -> None:
    """Take a turn and never give it back."""
    with Budget(shared, "erp", limits).turn():
        holding.touch()
        time.sleep(LONG)


def asked(
    tmp_path: Path, limits: Limits, processes: int, *rest: float, target: Any = ask
) -> list[list[float]]:
    """Begin, end and process of the requests of processes that start together, by begin."""
    log, start = tmp_path / "log", SPAWN.Barrier(processes)
    workers = [
        SPAWN.Process(target=target, args=(tmp_path / "shared", limits, log, start, *rest))
        for _ in range(processes)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(LONG)
        assert worker.exitcode == 0
    return sorted([float(part) for part in line.split()] for line in log.read_text().splitlines())


def most_within(seconds: float, moments: list[float]) -> int:
    return max(sum(first <= at < first + seconds for at in moments) for first in moments)


def at_the_same_moment(spans: list[list[float]]) -> int:
    return max(sum(other[0] <= span[0] < other[1] for other in spans) for span in spans)


@pytest.mark.slow
def test_processes_share_one_rate(tmp_path: Path) -> None:
    requests = asked(tmp_path, Limits(per_second=5, concurrent=10), 4, 4)
    begins = [begin for begin, _, _ in requests]
    assert len(begins) == 16
    # Each process for itself would have sent its four at once: sixteen in the first second.
    # Much less than a second, as a busy machine may send a booked request late.
    assert most_within(0.6, begins) <= 5
    assert begins[-1] - begins[0] >= 2.5


@pytest.mark.slow
def test_processes_share_the_slots(tmp_path: Path) -> None:
    requests = asked(tmp_path, Limits(concurrent=2), 4, 5, 0.1)
    assert at_the_same_moment(requests) == 2
    assert len({process for _, _, process in requests}) == 4


@pytest.mark.slow
def test_nobody_waits_for_ever_beside_one_that_never_pauses(tmp_path: Path) -> None:
    requests = asked(tmp_path, Limits(concurrent=1), 3, 30, 0.02)
    processes = [process for _, _, process in requests]
    # While all three were at it, nobody had turn after turn.
    begin = max(processes.index(process) for process in set(processes))
    end = min(90 - processes[::-1].index(process) for process in set(processes))
    together = processes[begin:end]
    assert len(together) >= 15, "they did not run at the same time"
    assert sum(a != b for a, b in pairwise(together)) >= len(together) / 4


@pytest.mark.slow
def test_no_request_is_given_away_twice(tmp_path: Path) -> None:
    limits = Limits(per_hour=400, concurrent=10, longest_wait=1)
    requests = asked(tmp_path, limits, 4, target=ask_for_all)
    assert len(requests) == 400
    assert len({process for _, _, process in requests}) == 4


@pytest.mark.slow
def test_a_killed_process_frees_its_slot(tmp_path: Path) -> None:
    shared, holding = tmp_path / "shared", tmp_path / "holding"
    holder = SPAWN.Process(target=hold, args=(shared, Limits(concurrent=1), holding))
    holder.start()
    while not holding.exists():
        time.sleep(0.01)
    got = threading.Event()

    def wait() -> None:
        with Budget(shared, "erp", Limits(concurrent=1)).turn():
            got.set()

    waiter = threading.Thread(target=wait)
    waiter.start()
    assert not got.wait(0.3), "the slot was taken, and yet given"
    assert holder.pid is not None
    os.kill(holder.pid, signal.SIGKILL)
    assert got.wait(5)
    waiter.join()
    holder.join()


def test_threads_share_slots_and_rate(tmp_path: Path) -> None:
    log, start = tmp_path / "log", threading.Barrier(4)
    limits = Limits(per_second=6, concurrent=3)
    given = (tmp_path, limits, log, start, 2, 0.02)
    threads = [threading.Thread(target=ask, args=given) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    requests = sorted([float(p) for p in line.split()] for line in log.read_text().splitlines())
    assert len(requests) == 8
    assert at_the_same_moment(requests) <= 3
    assert requests[6][0] - requests[0][0] >= 0.7


def test_a_slot_is_free_again_after_an_error(tmp_path: Path) -> None:
    budget = Budget(tmp_path, "erp", Limits(concurrent=1))
    with pytest.raises(OSError, match="gone"), budget.turn():
        raise OSError("gone")
    with budget.turn():
        pass


def test_systems_do_not_wait_for_one_another(tmp_path: Path) -> None:
    limits = Limits(per_day=1, concurrent=1)
    with Budget(tmp_path, "erp", limits).turn(), Budget(tmp_path, "travel", limits).turn():
        pass


def test_what_is_spent_for_hours_is_not_waited_for(tmp_path: Path) -> None:
    budget = Budget(tmp_path, "ariba", Limits(per_minute=3, per_day=2, longest_wait=60))
    for _ in range(2):
        with budget.turn():
            pass
    begin = datetime.now(UTC)
    with pytest.raises(BudgetSpentError) as raised, budget.turn():
        pass
    assert 23 * 3600 < (raised.value.until - begin).total_seconds() <= 24 * 3600 + 1
    assert "ariba: the requests it allows are spent (per_minute 3, per_day 2)" in str(raised.value)
    # It frees its slots as well: both of them can be had, and are refused in turn.
    for _ in range(2):
        with pytest.raises(BudgetSpentError), budget.turn():
            pass


def test_the_folder_may_be_deleted_or_damaged_at_any_time(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    budget = Budget(shared, "erp", Limits(per_minute=1, longest_wait=1))
    with budget.turn():
        shutil.rmtree(shared)
    with budget.turn():
        pass
    (shared / "erp.rate.sqlite").write_bytes(b"no database" * 1000)
    with budget.turn():
        pass
    with pytest.raises(BudgetSpentError), budget.turn():
        pass


def test_a_clock_that_was_set_back_does_not_stop_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    budget = Budget(tmp_path, "erp", Limits(per_minute=1, longest_wait=1))
    wrong = time.time_ns() + 7 * 24 * 3600 * 10**9
    with monkeypatch.context() as patch:
        patch.setattr(time, "time_ns", lambda: wrong)
        with budget.turn():
            pass
    with budget.turn():
        pass


def test_old_bookings_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    budget = Budget(tmp_path, "erp", Limits(per_second=100))
    start = time.time_ns()
    for second in range(0, 50, 5):
        monkeypatch.setattr(time, "time_ns", lambda at=second: start + at * 10**9)
        with budget.turn():
            pass
    assert len(booked(tmp_path)) == 1


def booked(shared: Path) -> list[int]:
    connection = sqlite3.connect(shared / "erp.rate.sqlite")
    try:
        return [at for (at,) in connection.execute("SELECT item_timestamp FROM requests")]
    finally:
        connection.close()


counts = st.none() | st.integers(1, 5000)


@given(second=counts, minute=counts, hour=counts, day=counts)
def test_any_mix_of_rates_is_kept(
    second: int | None, minute: int | None, hour: int | None, day: int | None
) -> None:
    """Whatever is declared, the rates that are used allow nothing that it forbids."""
    declared = {1: second, 60: minute, 3600: hour, 86_400: day}
    used = rates(Limits(per_second=second, per_minute=minute, per_hour=hour, per_day=day))
    for span, limit in declared.items():
        if limit is not None:
            # The tightest bound that the rates in use put on a span of this length.
            bounds = [rate.limit * -(-span * 1000 // rate.interval) for rate in used]
            assert min(bounds) <= limit


def test_a_day_of_many_processes_keeps_every_rate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bookings by a clock of our own: Ariba's limits over two days, asked as fast as possible."""
    limits = Limits(per_second=1, per_minute=3, per_hour=50, per_day=300, longest_wait=86_400)
    clock = [time.time_ns()]
    monkeypatch.setattr(time, "time_ns", lambda: clock[0])
    monkeypatch.setattr(time, "sleep", lambda s: clock.__setitem__(0, clock[0] + round(s * 10**9)))
    budget, begins = Budget(tmp_path, "erp", limits), []
    for _ in range(400):
        with budget.turn():
            begins.append(clock[0] / 10**9)
    for span, limit in {1: 1, 60: 3, 3600: 50, 86_400: 300}.items():
        assert most_within(span, begins) == limit
    # And no slower than they allow: 400 requests need little more than the second day's begin.
    assert begins[-1] - begins[0] < 86_400 + 2 * 3600
