"""Steering a running sandbox: what was asked, other faults, a system down, time that passes.

Belongs here: the address ``/control`` and what it counts: names and numbers, nothing of what was
said. Not here: serving it (server.py), what the vendors do about it.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Literal, Protocol, get_args

from finsync_dagster.sandbox.vendors.faults import Faults
from finsync_dagster.sandbox.vendors.plan import PlanError, check_systems, parse_plan
from finsync_dagster.sandbox.vendors.wire import Answer, Request

How = Literal["503", "closed"]
_KEY = re.compile(r"\(.*\)|^\d+$|^(?=.*\d)[0-9A-Z_-]{12,}$")


class Clocked(Protocol):
    """Something that is seen as of a moment (UTC, naive); None: as of its end."""

    until: datetime | None


class RefusedError(ValueError):
    """What was asked of the control cannot be done; the message says why."""


class Control:
    """Counts what systems are asked and steers them. Used by many threads at once."""

    def __init__(self, systems: tuple[str, ...], faults: Faults, world: Clocked) -> None:
        self._systems = systems
        self._faults = faults
        self._world = world
        self._lock = threading.Lock()
        self._down: dict[str, How] = {}
        self._asked: dict[str, Counter[str]] = {name: Counter() for name in systems}
        self._answered: dict[str, Counter[str]] = {name: Counter() for name in systems}
        self._failed: dict[str, Counter[str]] = {name: Counter() for name in systems}

    def down(self, system: str) -> How | None:
        """How a system is out; None if it answers."""
        return self._down.get(system)

    def count(self, system: str, request: Request, status: int | None) -> None:
        """Count a request and the status it got; None: the connection was closed."""
        with self._lock:
            self._asked[system][f"{request.method} {_object(request.path)}"] += 1
            self._answered[system][str(status or "closed")] += 1

    def failed(self, system: str, error: Exception) -> None:
        """Count a mistake of a stand-in itself."""
        with self._lock:
            self._failed[system][_where(error)] += 1

    def answer(self, request: Request) -> Answer:
        """The answer of ``/control``; the path is below it."""
        if "origin" in request.headers:
            return Answer.json({"error": "a web page does not steer this"}, 403)
        if request.method == "GET" and request.path == "/":
            return Answer.json(self._state())
        steps: Mapping[str, Callable[[Request], None]] = {
            "/faults": self._replace_faults,
            "/advance": self._advance,
            "/down": self._take_down,
            "/up": self._bring_up,
        }
        step = steps.get(request.path)
        if step is None or request.method != "POST":
            return Answer.json({"error": f"GET /control, or POST to: {', '.join(steps)}"}, 404)
        try:
            step(request)
        except (RefusedError, PlanError) as error:
            return Answer.json({"error": str(error)}, 400)
        return Answer.json(self._state())

    def _state(self) -> dict[str, object]:
        until = self._world.until
        struck = self._faults.struck()
        with self._lock:
            return {
                "until": until.isoformat() if until else None,
                "systems": {
                    name: {
                        "down": self._down.get(name),
                        "asked": dict(sorted(self._asked[name].items())),
                        "answered": dict(sorted(self._answered[name].items())),
                        "struck": struck.get(name, {}),
                        "failed": dict(sorted(self._failed[name].items())),
                    }
                    for name in self._systems
                },
            }

    def _replace_faults(self, request: Request) -> None:
        plan = parse_plan(request.body.decode("utf-8", "replace"), "the plan")
        check_systems(plan, self._systems, "the plan")
        self._faults.replace(plan)

    def _advance(self, request: Request) -> None:
        until = self._world.until
        if until is None:
            raise RefusedError("all of the world is visible already; start with --until DAY")
        to, days = request.first("to"), request.first("days")
        if to == "end":
            self._world.until = None
            return
        try:
            moment = until + timedelta(days=int(days)) if days else moment_of(to or "")
        except (ValueError, OverflowError):
            raise RefusedError("say to=YYYY-MM-DD, to=end or days=N") from None
        if moment < until:
            raise RefusedError(f"time does not run backwards: it is {until.isoformat()} already")
        self._world.until = moment

    def _take_down(self, request: Request) -> None:
        how = request.first("how") or "503"
        if how not in get_args(How):
            raise RefusedError(f"how is one of {', '.join(get_args(How))}, not {how}")
        self._down[self._system(request)] = "closed" if how == "closed" else "503"

    def _bring_up(self, request: Request) -> None:
        self._down.pop(self._system(request), None)

    def _system(self, request: Request) -> str:
        said = request.first("system") or ""
        for name in self._systems:
            if said in (name, name.partition("_")[2]):
                return name
        raise RefusedError(f"system is one of {', '.join(self._systems)}, not {said or 'nothing'}")


def moment_of(text: str) -> datetime:
    """The moment (UTC, naive) that a day's end or a time of day names.

    Raises:
        ValueError: it is neither YYYY-MM-DD nor YYYY-MM-DDTHH:MM:SS.
    """
    if len(text) == len("2026-10-01"):
        return end_of(date.fromisoformat(text))
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is not None:
        raise ValueError(text)
    return moment


def end_of(day: date) -> datetime:
    """The last moment (UTC, naive) of a day."""
    return datetime.combine(day, time.max)


def _object(path: str) -> str:
    """What a path asks for, without keys: the last two parts that are names."""
    parts = [_KEY.sub("", part) for part in path.split("/")]
    return "/".join([part for part in parts if part][-2:])


def _where(error: Exception) -> str:
    """Kind and place of a mistake; not its message, which may quote what a client said."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} in {place}"
