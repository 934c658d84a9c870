"""A request to end is heeded whoever handles signals meanwhile."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

import pytest

from finsync_dagster.orchestration.stopping import stoppable

# Handlers that do nothing stand for Dagster's, which put a request aside.
ASKED = """
import os, signal, time
from finsync_dagster.orchestration.stopping import stoppable

for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
    signal.signal(number, lambda *_: None)
with stoppable(lambda: print("last words", flush=True)):
    os.kill(os.getpid(), signal.{name})
    time.sleep({seconds})
print("went on", flush=True)
"""


def asked(name: str, seconds: float) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", ASKED.format(name=name, seconds=seconds)],
        stdout=subprocess.PIPE,
        text=True,
        timeout=30,
        check=False,
    )
    return done.returncode, done.stdout.strip()


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_request_to_end_ends_the_process(name: str, code: int) -> None:
    assert asked(name, seconds=60) == (code, "last words")


def test_another_signal_does_not() -> None:
    assert asked("SIGUSR1", seconds=0.2) == (0, "went on")


def test_it_leaves_nothing_behind() -> None:
    before = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(before)
    threads = threading.active_count()
    with stoppable(lambda: None):
        assert threading.active_count() == threads + 1
    assert threading.active_count() == threads
    assert signal.set_wakeup_fd(before) == before


def test_outside_the_main_thread_it_does_nothing() -> None:
    went: list[str] = []

    def work() -> None:
        with stoppable(lambda: went.append("last words")):
            went.append("inside")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert went == ["inside"]
