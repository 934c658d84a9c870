"""When a system that keeps failing is asked again, in one process and in several."""

from __future__ import annotations

import multiprocessing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from finsync_dagster.connectors.http.limits.circuit import Circuit, CircuitOpenError
from finsync_dagster.connectors.http.limits.model import Breaker

SPAWN = multiprocessing.get_context("spawn")
START = datetime(2026, 3, 8, 12, 0, tzinfo=UTC)
BREAKER = Breaker(opens_after=3, rests=timedelta(minutes=5), longest=timedelta(minutes=12))


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at

    def on(self, **span: float) -> None:
        self.at += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def circuit(tmp_path: Path, clock: Clock) -> Circuit:
    return Circuit(tmp_path / "shared", "erp", BREAKER, clock)


def opened(circuit: Circuit) -> Circuit:
    for number in range(3):
        circuit.failed(f"failure {number}")
    return circuit


def test_a_system_that_works_leaves_no_trace(circuit: Circuit, tmp_path: Path) -> None:
    assert circuit.check() is False
    circuit.succeeded()
    assert not (tmp_path / "shared").exists()


def test_it_opens_after_failures_in_a_row_and_says_why(circuit: Circuit, clock: Clock) -> None:
    circuit.failed("503 Service Unavailable")
    clock.on(minutes=1)
    circuit.failed("503 Service Unavailable")
    circuit.check()
    circuit.failed("no answer within 60 s")
    with pytest.raises(CircuitOpenError) as raised:
        circuit.check()
    assert raised.value.since == START
    assert raised.value.until == START + timedelta(minutes=6)
    assert str(raised.value) == (
        "it has kept failing since 2026-03-08 12:00 UTC and is left alone until "
        "2026-03-08 12:06 UTC; the last failure was: no answer within 60 s"
    )


def test_a_success_in_between_begins_the_count_anew(circuit: Circuit) -> None:
    for _ in range(4):
        circuit.failed("503")
        circuit.failed("503")
        circuit.succeeded()
    circuit.check()


def test_after_the_rest_one_trial_passes_and_only_one(circuit: Circuit, clock: Clock) -> None:
    opened(circuit)
    clock.on(minutes=5)
    assert circuit.check() is True
    with pytest.raises(CircuitOpenError):
        circuit.check()


def test_a_trial_that_succeeds_closes_it(circuit: Circuit, clock: Clock) -> None:
    opened(circuit)
    clock.on(minutes=5)
    circuit.check()
    circuit.succeeded()
    assert circuit.check() is False
    circuit.failed("503")
    assert circuit.check() is False


def test_each_trial_that_fails_doubles_the_rest_up_to_the_longest(
    circuit: Circuit, clock: Clock
) -> None:
    opened(circuit)
    rests = []
    for _ in range(4):
        with pytest.raises(CircuitOpenError) as raised:
            circuit.check()
        rests.append((raised.value.until - clock()) / timedelta(minutes=1))
        clock.at = raised.value.until
        circuit.check()
        circuit.failed("still down")
    assert rests == [5, 10, 12, 12]


def test_a_late_failure_of_another_request_does_not_prolong_the_rest(
    circuit: Circuit, clock: Clock
) -> None:
    opened(circuit)
    clock.on(minutes=4)
    circuit.failed("begun before it opened")
    clock.on(minutes=1)
    assert circuit.check() is True


def test_a_trial_that_was_killed_is_followed_by_another(circuit: Circuit, clock: Clock) -> None:
    opened(circuit)
    clock.on(minutes=5)
    circuit.check()
    clock.on(minutes=5)
    assert circuit.check() is True


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"failures": 9}', b"\xff\xfe"])
def test_a_damaged_state_counts_as_closed(circuit: Circuit, tmp_path: Path, damage: bytes) -> None:
    opened(circuit)
    (tmp_path / "shared/erp.circuit.json").write_bytes(damage)
    assert circuit.check() is False
    circuit.failed("503")
    assert circuit.check() is False


def test_a_clock_that_was_set_back_does_not_lock_it_for_ever(
    circuit: Circuit, clock: Clock
) -> None:
    opened(circuit)
    clock.on(days=-30)
    assert circuit.check() is True


def test_systems_do_not_share_a_circuit(circuit: Circuit, tmp_path: Path, clock: Clock) -> None:
    opened(circuit)
    assert Circuit(tmp_path / "shared", "travel", BREAKER, clock).check() is False


def fail_often(shared: Path, times: int) -> None:
    breaker = Breaker(opens_after=1000)
    circuit = Circuit(shared, "erp", breaker, lambda: START)
    for _ in range(times):
        circuit.failed("503")


def try_it(shared: Path, log: Path) -> None:
    circuit = Circuit(shared, "erp", BREAKER, lambda: START + timedelta(minutes=6))
    try:
        passed = circuit.check()
    except CircuitOpenError:
        passed = False
    with log.open("a") as file:
        file.write(f"{passed}\n")


def together(target: object, *args: object) -> None:
    workers = [SPAWN.Process(target=target, args=args) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
        assert worker.exitcode == 0


@pytest.mark.slow
def test_no_failure_is_lost_between_processes(tmp_path: Path) -> None:
    together(fail_often, tmp_path, 249)
    breaker = Breaker(opens_after=1000)
    circuit = Circuit(tmp_path, "erp", breaker, lambda: START)
    for _ in range(4):
        circuit.check()
        circuit.failed("503")
    with pytest.raises(CircuitOpenError):
        circuit.check()


@pytest.mark.slow
def test_of_all_processes_one_has_the_trial(tmp_path: Path) -> None:
    opened(Circuit(tmp_path, "erp", BREAKER, lambda: START))
    together(try_it, tmp_path, tmp_path / "log")
    assert sorted((tmp_path / "log").read_text().split()) == ["False"] * 3 + ["True"]
