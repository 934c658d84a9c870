"""A system that keeps failing is left alone for a while, by all processes of this machine.

Belongs here: when it may be asked again. Not here: what counts as a failure (client.py decides),
waiting between attempts of one request (limits/retrying.py).

Closed: requests pass; failures in a row are counted. Open: none passes until the rest is over. Then
one request passes as a trial: if it succeeds the circuit closes, if it fails the rest doubles. A
trial that reports nothing within the shortest rest was killed, and another one may pass.

The state is a small file that all processes share. It is a cache: a file that is gone or damaged
means closed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from filelock import FileLock
from pydantic import AwareDatetime, BaseModel, ValidationError

from finsync_dagster.connectors.http.limits.model import Breaker

_POLL_SECONDS = 0.01


class CircuitOpenError(Exception):
    """The system failed since ``since`` and is not asked before ``until``; ``why`` it failed."""

    def __init__(self, since: datetime, until: datetime, why: str) -> None:
        self.since = since
        self.until = until
        self.why = why
        super().__init__(since, until, why)

    def __str__(self) -> str:
        return (
            f"it has kept failing since {self.since:%Y-%m-%d %H:%M} UTC and is left alone until "
            f"{self.until:%Y-%m-%d %H:%M} UTC; the last failure was: {self.why}"
        )


class _State(BaseModel):
    failures: int = 0
    since: AwareDatetime
    why: str
    until: AwareDatetime | None = None
    rest: timedelta
    trial: bool = False


class Circuit:
    """The circuit of one system; ``now`` tells the time with its zone.

    Deleting the file at ``path`` closes it.
    """

    def __init__(
        self, shared: Path, system: str, breaker: Breaker, now: Callable[[], datetime]
    ) -> None:
        self._shared = shared
        self.path = shared / f"{system}.circuit.json"
        self._breaker = breaker
        self._now = now

    def check(self) -> bool:
        """May a request be sent? True if it is the trial on which everything depends.

        Raises:
            CircuitOpenError: not now.
        """
        # The usual case costs no lock: there is nothing to be remembered of a system that works.
        if not self.path.exists():
            return False
        with self._locked():
            state = self._read()
            if state is None or state.until is None:
                return False
            now = self._now().astimezone(UTC)
            # Further ahead than any rest: the clock was set back.
            if now < state.until <= now + self._breaker.longest:
                raise CircuitOpenError(state.since, state.until, state.why)
            until = now + self._breaker.rests
            self._write(state.model_copy(update={"trial": True, "until": until}))
            return True

    def failed(self, why: str) -> None:
        """A request failed after all its attempts; ``why`` holds no secret."""
        with self._locked():
            now = self._now().astimezone(UTC)
            state = self._read() or _State(since=now, why=why, rest=self._breaker.rests)
            state = state.model_copy(update={"failures": state.failures + 1, "why": why})
            if state.trial:
                rest = min(state.rest * 2, self._breaker.longest)
                state = state.model_copy(update={"rest": rest, "until": now + rest, "trial": False})
            elif state.until is None and state.failures >= self._breaker.opens_after:
                state = state.model_copy(update={"until": now + state.rest})
            self._write(state)

    def succeeded(self) -> None:
        """The system answered; whatever was wrong is forgotten."""
        if self.path.exists():
            with self._locked():
                self.path.unlink(missing_ok=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._shared.mkdir(parents=True, exist_ok=True)
        with FileLock(self.path.with_suffix(".lock"), poll_interval=_POLL_SECONDS):
            yield

    def _read(self) -> _State | None:
        try:
            return _State.model_validate_json(self.path.read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def _write(self, state: _State) -> None:
        # Whole or not at all, should the process be killed on the way.
        aside = self.path.with_suffix(".new")
        aside.write_text(state.model_dump_json(), encoding="utf-8")
        os.replace(aside, self.path)
