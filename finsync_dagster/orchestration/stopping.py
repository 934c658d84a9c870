"""Heeding Ctrl-C and the system's request to end, at once and whatever is being done.

Belongs here: noticing the request. Not here: what is recorded of it (launch.py).

Dagster keeps both signals away from its own work, and a step that may be tried again takes them for
a failure and is tried again: a command would go on as if nobody had asked. Every write of the
pipeline is atomic, so that it may end at any moment.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_REQUESTS = (signal.SIGINT, signal.SIGTERM)
# What a shell reports of a process that a signal ended.
_BY_SIGNAL = 128


@contextmanager
def stoppable(last_words: Callable[[], None]) -> Iterator[None]:
    """While inside, a request to end calls ``last_words`` and ends the process.

    The exit code is 130 for Ctrl-C and 143 for SIGTERM. Only the main thread can be told of
    signals; in any other nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    receiver, sender = os.pipe()
    os.set_blocking(sender, False)
    # Told by the interpreter itself, whichever handler Dagster has put in place.
    before = signal.set_wakeup_fd(sender, warn_on_full_buffer=False)
    watcher = threading.Thread(target=_watch, args=(receiver, last_words), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        os.close(sender)
        watcher.join()
        os.close(receiver)


def _watch(receiver: int, last_words: Callable[[], None]) -> None:
    while told := os.read(receiver, 1):
        if told[0] in _REQUESTS:
            try:
                last_words()
            finally:
                os._exit(_BY_SIGNAL + told[0])
