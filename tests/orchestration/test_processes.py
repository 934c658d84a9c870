"""Is the process that began something still there?"""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from finsync_dagster.orchestration.processes import is_running

FAR_AHEAD = datetime(2999, 1, 1, tzinfo=UTC)


def test_a_process_that_ended() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    assert not is_running(process.pid, FAR_AHEAD)


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
