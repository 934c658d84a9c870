"""Trying again, and how long to wait before that.

Belongs here: the loop around one request, and what a server asks for in its headers. Not here:
whether an outcome is worth another attempt (client.py judges, with faults/fault.py).

The wait is drawn at random between half a bound and that bound, which doubles: those who failed
together do not come back together, and yet the attempts are not used up before a source that
restarts is back. A wait that the server asks for is kept to the full, and the
random part comes on top of it. If it asks for more than ``longest_wait``, it is given up at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeAlias

from tenacity import (
    RetryCallState,
    Retrying,
    wait_exponential,
    wait_random,
    wait_random_exponential,
)

from finsync_dagster.connectors.http.answer import Answer
from finsync_dagster.connectors.http.limits.model import Retry

Outcome: TypeAlias = Answer | Exception
_RESETS = ("ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset")
# A smaller number counts seconds from now, a larger one seconds since 1970.
_LONGEST_SPAN = 1_000_000_000
_FOREVER = timedelta(days=3650)


@dataclass(frozen=True)
class Verdict:
    """Is an outcome worth another attempt, and how long does the server want to be left alone?"""

    again: bool
    asked: timedelta | None = None


Judge: TypeAlias = Callable[[Outcome], Verdict]


class GaveUpError(Exception):
    """No attempt succeeded; ``last`` is what came of the last one.

    ``why`` tells how often it was tried, and ``until`` until when the server wants to be left
    alone, if it said so. ``why`` is a part of a sentence and names no address.
    """

    def __init__(
        self, last: Outcome, attempts: int, why: str, until: datetime | None = None
    ) -> None:
        self.last = last
        self.attempts = attempts
        self.why = why
        self.until = until
        super().__init__(last, attempts, why, until)

    def __str__(self) -> str:
        return self.why


def call_with_retries(
    once: Callable[[], Answer],
    retry: Retry,
    judge: Judge,
    sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Answer:
    """The first answer that the judge does not want tried again, be it good or bad.

    An exception that it does not want tried again is raised as it is. The judge is asked once per
    attempt.

    Raises:
        GaveUpError: the attempts or the time are used up, or the server asks for too long a wait.
    """
    loop = _Loop(retry, judge, now)
    retrying = Retrying(
        sleep=sleep,
        retry=loop.again,
        wait=loop.wait,
        stop=loop.stop,
        retry_error_callback=loop.give_up,
    )
    return retrying(once)


def asked_wait(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How long the server wants to be left alone, by its headers; None if it does not say.

    ``Retry-After`` is seconds or a date. Without it, a reset of the rate limit is taken: seconds
    from now, or since 1970. What cannot be read counts as not said. The date is compared with the
    server's own clock, if it tells it, and then with ours.
    """
    lower = {name.lower(): value.strip() for name, value in headers.items()}
    said = lower.get("retry-after", "")
    if (seconds := _seconds(said)) is not None:
        return seconds
    if (at := _date(said)) is not None:
        return max(timedelta(), at - (_date(lower.get("date", "")) or now))
    for name in _RESETS:
        seconds = _seconds(lower.get(name, "").split(",")[0].split(";")[0])
        if seconds is None:
            continue
        if seconds < timedelta(seconds=_LONGEST_SPAN):
            return seconds
        return max(timedelta(), datetime(1970, 1, 1, tzinfo=UTC) + seconds - now)
    return None


def _seconds(text: str) -> timedelta | None:
    whole, _, fraction = text.partition(".")
    if not (whole.isascii() and whole.isdigit()) or len(whole) > 10:
        return None
    # Up to the next full second: never shorter than asked.
    return timedelta(seconds=int(whole) + (1 if fraction.strip("0") else 0))


def _date(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


class _Loop:
    """What tenacity asks of us, with the verdict on the latest outcome in between."""

    def __init__(self, retry: Retry, judge: Judge, now: Callable[[], datetime]) -> None:
        self._retry = retry
        self._judge = judge
        self._now = now
        self._verdict = Verdict(again=False)
        half, most = retry.first_wait / 2, retry.longest_wait / 2
        self._backoff = wait_exponential(half, most) + wait_random_exponential(half, most)
        self._spread = wait_random(0, retry.first_wait)

    def again(self, state: RetryCallState) -> bool:
        outcome = _outcome(state)
        # KeyboardInterrupt and the like are nobody's to judge.
        if not isinstance(outcome, Answer | Exception):
            return False
        self._verdict = self._judge(outcome)
        return self._verdict.again

    def wait(self, state: RetryCallState) -> float:
        asked = self._verdict.asked
        if asked is None:
            return self._backoff(state)
        return asked.total_seconds() + self._spread(state)

    def stop(self, state: RetryCallState) -> bool:
        return (
            self._asks_too_much()
            or state.attempt_number >= self._retry.attempts
            or _spent(state) + state.upcoming_sleep > self._retry.give_up_after
        )

    def give_up(self, state: RetryCallState) -> Answer:
        outcome = _outcome(state)
        count = state.attempt_number
        tried = "1 attempt" if count == 1 else f"{count} attempts within {_spent(state):.0f} s"
        asked, until = self._verdict.asked, None
        why = tried
        if asked is not None:
            until = self._now() + min(asked, _FOREVER)
        if self._asks_too_much():
            why = (
                f"{tried}; it asks to be left alone until {until:%Y-%m-%d %H:%M:%S} UTC, longer "
                f"than retry.longest_wait ({self._retry.longest_wait} s)"
            )
        raise GaveUpError(outcome, count, why, until) from (
            outcome if isinstance(outcome, Exception) else None
        )

    def _asks_too_much(self) -> bool:
        asked = self._verdict.asked
        return asked is not None and asked > timedelta(seconds=self._retry.longest_wait)


def _outcome(state: RetryCallState) -> Outcome:
    future = state.outcome
    if future is None:
        raise RuntimeError("there is no outcome before the first attempt")
    error = future.exception()
    return error if error is not None else future.result()  # type: ignore[return-value]


def _spent(state: RetryCallState) -> float:
    """Seconds since the first attempt began."""
    return max(state.seconds_since_start or 0, state.idle_for)
