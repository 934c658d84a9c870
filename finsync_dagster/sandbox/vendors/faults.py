"""When a fault strikes: decided by what is asked, never by chance or by the clock.

Belongs here: the decision, and counting it. Not here: what a plan may say (plan.py), what a fault
does to an answer (server.py for those of the line, each vendor for its own).

Whether a fault strikes follows from the plan's seed, the kind, the system, the request and how
often this very request was asked before. So it does not depend on the order in which threads ask,
and a request asked again gets a new draw.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections import Counter
from dataclasses import dataclass, field

from finsync_dagster.sandbox.vendors.plan import RUINOUS, Fault, Plan
from finsync_dagster.sandbox.vendors.wire import Request

_DRAWS = 1 << 64
_FORM = "application/x-www-form-urlencoded"


@dataclass
class _Asked:
    """What happened to one and the same request."""

    times: Counter[str] = field(default_factory=Counter)
    failures_in_a_row: int = 0
    spared: set[str] = field(default_factory=set)


class Faults:
    """The faults of a plan. Used by many threads at once.

    A vendor asks ``strikes`` once per request for each kind it applies itself; for kinds the plan
    does not name, that costs a look into a dictionary.
    """

    def __init__(self, plan: Plan | None = None) -> None:
        self._lock = threading.Lock()
        self._struck: Counter[tuple[str, str]] = Counter()
        self.replace(plan or Plan())

    def replace(self, plan: Plan) -> None:
        """Go on by another plan; what was counted stays."""
        by_kind: dict[str, list[Fault]] = {}
        for fault in plan.faults:
            by_kind.setdefault(fault.kind, []).append(fault)
        with self._lock:
            self._seed = plan.seed
            self._by_kind = by_kind
            self._asked: dict[tuple[str, bytes], _Asked] = {}
            self._seen: Counter[tuple[str, int]] = Counter()  # by kind and number of the rule

    def strikes(self, kind: str, request: Request, vendor: str) -> Fault | None:
        """The fault of this kind that strikes this request to a system; None if none does.

        ``vendor`` is the system's name, ``group_coupa``. To be asked once per request and kind.
        """
        rules = self._by_kind.get(kind)
        if not rules:
            return None
        key = _digest(request)
        with self._lock:
            asked = self._asked.setdefault((vendor, key), _Asked())
            if kind in RUINOUS and kind in asked.spared:
                # Asked about again without a failure in between: the row is over.
                asked.failures_in_a_row = 0
                asked.spared.clear()
            time = asked.times[kind]
            asked.times[kind] += 1
            for number, rule in enumerate(rules):
                if self._strikes(rule, number, request, vendor, key, time, asked):
                    self._struck[vendor, kind] += 1
                    if kind in RUINOUS:
                        asked.failures_in_a_row += 1
                        asked.spared.clear()
                    return rule
            if kind in RUINOUS:
                asked.spared.add(kind)
        return None

    def struck(self) -> dict[str, dict[str, int]]:
        """How often which kind struck, by system."""
        with self._lock:
            counted = sorted(self._struck.items())
        told: dict[str, dict[str, int]] = {}
        for (vendor, kind), times in counted:
            told.setdefault(vendor, {})[kind] = times
        return told

    def _strikes(
        self,
        rule: Fault,
        number: int,
        request: Request,
        vendor: str,
        key: bytes,
        time: int,
        asked: _Asked,
    ) -> bool:
        if not _concerns(rule, request, vendor):
            return False
        seen = (rule.kind, number)
        self._seen[seen] += 1
        if self._seen[seen] <= rule.after:
            return False
        if rule.kind in RUINOUS and asked.failures_in_a_row >= rule.at_most:
            return False
        said = f"{self._seed}|{rule.kind}|{number}|{vendor}|{time}|".encode() + key
        draw = int.from_bytes(hashlib.sha256(said).digest()[:8])
        return draw < int(rule.rate * _DRAWS)


def _concerns(rule: Fault, request: Request, vendor: str) -> bool:
    if rule.systems and vendor not in rule.systems:
        return False
    if not rule.objects:
        return True
    asked_for = request.path
    if not _is_form(request):
        asked_for += " " + request.body.decode("utf-8", "replace")
    return any(re.search(rf"\b{re.escape(word)}\b", asked_for, re.I) for word in rule.objects)


def _digest(request: Request) -> bytes:
    """What was asked. Headers and forms hold tokens and secrets, new at each start: left out."""
    body = b"" if _is_form(request) else request.body
    told = repr((request.method, request.path, request.query, body))
    return hashlib.sha256(told.encode()).digest()[:16]


def _is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").startswith(_FORM)
