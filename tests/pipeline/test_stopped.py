"""A command that is asked to stop does, at once, says so, and can simply be run again."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from pathlib import Path

import dagster as dg

from finsync_dagster.orchestration.launch import close_interrupted
from tests.pipeline.homes import FINSYNC, Home, assert_same

_PATIENCE_SECONDS = 60
_AT_ONCE_SECONDS = 5


def runs(home: Home) -> list[tuple[str, str]]:
    with dg.DagsterInstance.from_config(str(home.path / "dagster")) as instance:
        return [(run.job_name, run.status.value) for run in instance.get_runs()]


def stopped_by(request: signal.Signals, home: Home) -> tuple[int, str, float]:
    """Exit code, what was said, and how long it took to heed the request."""
    manifests = home.path / "lake/landing/manifests/wwi_erp/suppliers"
    before = len(list(manifests.glob("*.json")))
    process = subprocess.Popen(
        [FINSYNC, "run", "--entity", "wwi"],
        env=home.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    limit = time.monotonic() + _PATIENCE_SECONDS
    while len(list(manifests.glob("*.json"))) == before:
        assert process.poll() is None
        assert time.monotonic() < limit
        time.sleep(0.01)
    asked = time.monotonic()
    process.send_signal(request)
    said = process.communicate(timeout=_PATIENCE_SECONDS)[0]
    return process.returncode, said, time.monotonic() - asked


def test_it_stops_at_once(finished: Home, copied: Home) -> None:
    """Asked during an extraction: Dagster would take the step for failed, and try it again."""
    code, said, seconds = stopped_by(signal.SIGINT, copied)
    assert code == 130
    assert "run again" in said
    assert "Traceback" not in said
    assert seconds < _AT_ONCE_SECONDS
    assert sorted(runs(copied)) == [("intraday", "CANCELED"), ("reference_data", "SUCCESS")]
    assert_same(finished, copied)


def test_a_run_killed_before_it_began_is_closed(tmp_path: Path) -> None:
    """Dagster records a run before it starts; nobody would ever start this one."""
    over = subprocess.Popen(["true"])
    over.wait()
    ours = {"finsync/pid": str(over.pid), "finsync/host": socket.gethostname()}
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:

        @dg.job
        def nothing() -> None:
            """A job without steps."""

        killed = instance.create_run_for_job(nothing, tags=ours)
        waiting = instance.create_run_for_job(nothing)
        assert close_interrupted(instance) == 1
        states = {run.run_id: run.status for run in instance.get_runs()}
    assert states == {
        killed.run_id: dg.DagsterRunStatus.FAILURE,
        # Not begun by a command: Dagster's own daemon will.
        waiting.run_id: dg.DagsterRunStatus.NOT_STARTED,
    }
