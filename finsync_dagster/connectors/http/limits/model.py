"""How gently a system is asked: rate, timeouts, retries, circuit, maintenance windows.

Belongs here: these words of the YAML. Not here: keeping to them (limits/budget.py,
limits/retrying.py, limits/circuit.py, limits/maintenance.py).

All are per system and hold for all processes of a machine together. Seconds are whole numbers.
"""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field, model_validator

from finsync_dagster.connectors.object_model import Strict
from finsync_dagster.landscape.words import Timezone

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


def _as_duration(written: Any) -> Any:
    if isinstance(written, timedelta):
        return written
    found = re.fullmatch(r"([1-9][0-9]{0,5}) ?([smhd])", str(written))
    if found is None:
        raise ValueError(f"{written!r} is no duration; write for example 30s, 5m, 1h")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _as_clock(written: Any) -> Any:
    if isinstance(written, time):
        return written
    # YAML reads 22:00 without quotes as the number 1320.
    found = _CLOCK.fullmatch(written) if isinstance(written, str) else None
    if found is None:
        raise ValueError(f'{written!r} is no time of day; write it in quotes, such as "02:00"')
    return time(int(found[1]), int(found[2]))


Count: TypeAlias = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
Seconds: TypeAlias = Annotated[int, Field(strict=True, ge=1, le=86_400)]
Duration: TypeAlias = Annotated[timedelta, BeforeValidator(_as_duration)]
"""In YAML: ``30s``, ``5m``, ``1h``, ``1d``."""
Clock: TypeAlias = Annotated[time, BeforeValidator(_as_clock)]
"""In YAML: ``"02:00"``, in quotes."""
Day: TypeAlias = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""In the order of ``date.weekday()``."""


class Limits(Strict):
    """How many requests the system is sent. Without a rate, only ``concurrent`` bounds them."""

    per_second: Count | None = None
    per_minute: Count | None = None
    per_hour: Count | None = None
    per_day: Count | None = None
    """Rates hold in every span of that length, wherever it begins, not per full hour or day."""
    concurrent: Annotated[int, Field(strict=True, ge=1, le=100)] = 2
    """Requests under way at the same moment."""
    longest_wait: Seconds = 3600
    """A request that the rates allow only later than this is not waited for."""


class Timeouts(Strict):
    """How long a server may take."""

    connect: Seconds = 10
    read: Seconds = 60
    """Between two pieces of an answer."""
    answer: Seconds = 300
    """For a whole answer, however steadily it drips."""


class Retry(Strict):
    """How often, and for how long, a request that failed for the moment is tried again."""

    attempts: Annotated[int, Field(strict=True, ge=1, le=20)] = 5
    """All attempts, the first one included."""
    first_wait: Seconds = 1
    """The longest wait after the first attempt; it doubles with each further one."""
    longest_wait: Seconds = 120
    """A source that asks to be left alone for longer is given up at once."""
    give_up_after: Seconds = 900
    """For all attempts and waits of one request."""


class Breaker(Strict):
    """When a system that keeps failing is left alone."""

    opens_after: Annotated[int, Field(strict=True, ge=1, le=1000)] = 3
    """Requests in a row that failed after all their attempts."""
    rests: Duration = timedelta(minutes=5)
    """How long it is left alone; twice as long after each trial that fails."""
    longest: Duration = timedelta(hours=1)

    @model_validator(mode="after")
    def _in_order(self) -> Breaker:
        if self.rests > self.longest:
            raise ValueError("rests is longer than longest; raise longest to at least rests")
        return self


class MaintenanceWindow(Strict):
    """Hours in which the system is down on purpose and is not asked."""

    days: tuple[Day, ...] = Field(DAYS, min_length=1)
    """Days on which the window begins."""
    from_: Annotated[Clock, Field(alias="from")]
    to: Clock
    """Before or at ``from``: of the following day."""
    timezone: Timezone
