"""A system is asked no more often than it allows, by all processes of this machine together.

Belongs here: waiting for one's turn. Not here: which limits there are (limits/model.py), what to do
when the server refuses nevertheless (limits/retrying.py).

A turn is one of ``concurrent`` slots, and within it a moment that the rates allow. A slot is a lock
of the operating system, so that it is free again when its holder ends, however it ends. The moment
is booked ahead in a small database: whoever books next gets a later one, nobody is overtaken, and
each waits exactly once. The booking of a process that was killed is lost, which makes us slower,
never faster.

What lies in the folder is a cache. If it is deleted, the requests of the last hours are forgotten.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from filelock import FileLock, Timeout
from pyrate_limiter import Decision, Duration, Rate, RateItem, SQLiteBucket

from finsync_dagster.connectors.http.limits.model import Limits

# Between booking a moment and the request's arrival some time passes, now more, now less.
_MARGIN_MS = 50
_SHORTEST_LOOK = 0.005
_LONGEST_LOOK = 0.05


class BudgetSpentError(Exception):
    """The rates allow the next request only at ``until`` (UTC), too late to wait for it."""

    def __init__(self, system: str, until: datetime, limits: Limits) -> None:
        self.system = system
        self.until = until
        self.limits = limits
        super().__init__(system, until, limits)

    def __str__(self) -> str:
        rates = self.limits.model_dump(include={"per_second", "per_minute", "per_hour", "per_day"})
        spent = ", ".join(f"{name} {rate}" for name, rate in rates.items() if rate)
        return (
            f"{self.system}: the requests it allows are spent ({spent}); the next one may be sent "
            f"at {self.until:%Y-%m-%d %H:%M} UTC, later than limits.longest_wait "
            f"({self.limits.longest_wait} s)"
        )


class Budget:
    """The turns at one system. Any number of threads and processes may hold one of their own."""

    def __init__(self, shared: Path, system: str, limits: Limits) -> None:
        self._shared = shared
        self._system = system
        self._limits = limits
        self._rates = rates(limits)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until a request may be sent; it is under way until the block ends.

        One thread holds one turn at a time: a second one within it would wait for the first.

        Raises:
            BudgetSpentError: that would take longer than ``limits.longest_wait``.
        """
        # Slot first: a booked moment that then waited for a slot would pass, and the requests that
        # piled up behind it would all go at once.
        slot = self._slot()
        try:
            if self._rates:
                time.sleep(max(0, self._booked() - time.time_ns() // 1_000_000) / 1000)
            yield
        finally:
            slot.release()

    def _slot(self) -> FileLock:
        # Only the head of the queue looks for a free slot. Who has just given one back queues up
        # too, and cannot take it again before those who wait.
        with self._lock("queue"):
            look = _SHORTEST_LOOK
            while True:
                for number in range(self._limits.concurrent):
                    slot = self._lock(f"slot{number}")
                    with suppress(Timeout):
                        slot.acquire(timeout=0)
                        return slot
                time.sleep(random.uniform(look / 2, look))  # noqa: S311 - spreads, hides nothing
                look = min(look * 2, _LONGEST_LOOK)

    def _booked(self) -> int:
        """The moment at which the request may be sent, in ms since 1970; nobody else has it."""
        with self._lock("rate"):
            try:
                return self._book()
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:
                # Damaged. What it knew is lost, as if the folder had been deleted.
                self._path("rate.sqlite").unlink(missing_ok=True)
                return self._book()

    def _book(self) -> int:
        path = str(self._path("rate.sqlite"))
        with closing(SQLiteBucket.init_from_file(self._rates, "requests", path)) as bucket:
            # A cache need not survive a power cut, only a killed process.
            bucket.conn.execute("PRAGMA synchronous=OFF")
            now = time.time_ns() // 1_000_000
            latest = now + self._limits.longest_wait * 1000
            # Beyond what can have been booked: the clock was set back.
            bucket.conn.execute("DELETE FROM requests WHERE item_timestamp > ?", (latest,))
            bucket.leak(now)
            at = now
            while at <= latest:
                decision = cast(Decision, bucket.put_decision(RateItem("request", at)))
                if decision.allowed:
                    return at
                at += decision.retry_after_ms or 1
        raise BudgetSpentError(self._system, datetime.fromtimestamp(at // 1000, UTC), self._limits)

    def _lock(self, what: str) -> FileLock:
        return FileLock(self._path(f"{what}.lock"), poll_interval=_SHORTEST_LOOK * 2)

    def _path(self, what: str) -> Path:
        self._shared.mkdir(parents=True, exist_ok=True)
        return self._shared / f"{self._system}.{what}"


def rates(limits: Limits) -> list[Rate]:
    """The declared rates, shortest span first, those left out that another one implies.

    Each span is a little longer than declared, so that a request that travels faster than the one
    before it does not arrive too early.
    """
    declared = [
        (limits.per_second, Duration.SECOND),
        (limits.per_minute, Duration.MINUTE),
        (limits.per_hour, Duration.HOUR),
        (limits.per_day, Duration.DAY),
    ]
    kept: list[Rate] = []
    for limit, span in declared:
        if limit is None:
            continue
        while kept and kept[-1].limit >= limit:
            kept.pop()
        length = int(span) + _MARGIN_MS
        # The library wants no long span to allow more than the short ones make possible.
        possible = kept[-1].limit * length // kept[-1].interval if kept else limit
        kept.append(Rate(min(limit, possible), length))
    return kept
