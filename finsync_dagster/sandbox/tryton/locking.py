"""One process at a time makes a thing that several may want.

Belongs here: locks on files, and how long to wait for them. Not here: what is made.

A lock is held by whoever has the open file: pass its number on to a child process
(``pass_fds``), and the lock outlives us for as long as the child is still at it.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SECONDS_BETWEEN_TRIES = 0.05


@contextmanager
def alone(path: Path) -> Iterator[int]:
    """Hold the lock file, whose number is yielded; wait while another process does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file.fileno()


@contextmanager
def alone_within(path: Path, seconds: int) -> Iterator[int]:
    """As ``alone``, but wait only so long.

    Raises:
        BlockingIOError: another process still holds it.
    """
    patience = time.monotonic() + seconds
    with path.open("w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > patience:
                    raise
                time.sleep(_SECONDS_BETWEEN_TRIES)
        yield file.fileno()
