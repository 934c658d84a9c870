import subprocess
import sys
from pathlib import Path

import pytest

from finsync_dagster.sandbox.tryton.locking import alone, alone_within

# Takes the lock, leaves a child that holds it on until its own input ends, and is killed.
PARENT = """
import os, signal, subprocess, sys
from pathlib import Path
from finsync_dagster.sandbox.tryton.locking import alone
with alone(Path(sys.argv[1])) as lock:
    subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], pass_fds=(lock,))
    print("at work", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_lock_is_held_by_one_and_then_by_the_next(tmp_path):
    path = tmp_path / "new" / "a.lock"
    with alone(path), pytest.raises(BlockingIOError), alone_within(path, 0):
        pass
    with alone_within(path, 0):
        pass


def test_a_lock_outlives_its_holder_while_the_child_is_still_at_work(tmp_path: Path):
    path = tmp_path / "a.lock"
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdin is not None
        assert parent.stdout.readline() == "at work\n"
        assert parent.wait() == -9
        with pytest.raises(BlockingIOError), alone_within(path, 0):
            pass
        parent.stdin.close()
        with alone_within(path, 10):
            pass
