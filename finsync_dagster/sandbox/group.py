"""The group of companies as a running sandbox: one world, five systems, one server.

Belongs here: which systems there are, their logins, starting and ending all of it. Not here: what
any vendor answers (vendors/), the world (world/), who asks for a group (on_demand.py, commands).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from finsync_dagster.sandbox.group_systems import BASES, SYSTEMS, Start
from finsync_dagster.sandbox.reference_rates import write_rates
from finsync_dagster.sandbox.vendors.control import Control
from finsync_dagster.sandbox.vendors.faults import Faults
from finsync_dagster.sandbox.vendors.line import Refusing, plain_refusal
from finsync_dagster.sandbox.vendors.plan import Plan, check_systems
from finsync_dagster.sandbox.vendors.server import VendorServer, serving
from finsync_dagster.sandbox.vendors.wire import Answer, Request, Vendor
from finsync_dagster.sandbox.world.reading import open_world

SEED = 7
SCALE = Decimal(1)


class GroupError(RuntimeError):
    """The group cannot be served; the message says why."""


@dataclass(frozen=True)
class Group:
    """A group that answers. ``systems`` has, by system, what its connection needs: ``url`` and
    secrets by name; ``control`` is the address at which it is steered, ``rates`` that of a folder
    with the reference rates of its world (reference_rates.py)."""

    url: str
    control: str
    rates: str
    systems: Mapping[str, Mapping[str, str]] = field(repr=False)
    _mounted: Mapping[str, _Mounted] = field(repr=False)

    def prepare(self, system: str) -> None:
        """Make a system ready now, rather than at its first request."""
        self._mounted[system].built()


class _Mounted:
    """A system that is made ready when it is needed first; not all of a group always are."""

    def __init__(self, build: Callable[[], Vendor]) -> None:
        self._build = build
        self._lock = threading.Lock()
        self._made: Vendor | None = None

    def built(self) -> Vendor:
        with self._lock:
            if self._made is None:
                self._made = self._build()
            return self._made

    def answer(self, request: Request) -> Answer:
        return self.built().answer(request)

    def refusal(self, request: Request, status: int) -> Answer:
        vendor = self.built()
        if isinstance(vendor, Refusing):
            return vendor.refusal(request, status)
        return plain_refusal(status)

    def close(self) -> None:
        close = getattr(self._made, "close", None)
        if close is not None:
            close()


@contextmanager
def serve_group(
    home: Path,
    *,
    seed: int = SEED,
    scale: Decimal = SCALE,
    plan: Plan | None = None,
    until: datetime | None = None,
    port: int = 0,
    progress: Callable[[str], None] = lambda _: None,
    log: Callable[[str], None] | None = None,
) -> Iterator[Group]:
    """The group of a seed and a scale, answering inside on a port of 127.0.0.1 (0: a free one).

    Its world is generated under ``home`` the first time. ``until``: the moment (UTC, naive) at
    which it stands; ``plan``: what goes wrong. Secrets are new each time and in no file.

    Raises:
        GroupError: the world cannot be made, or the port is taken.
        PlanError: the plan names a system that is not there.
    """
    check_systems(plan or Plan(), tuple(SYSTEMS))
    try:
        world = open_world(home, seed=seed, scale=scale, progress=progress)
    except (ValueError, OSError) as error:
        raise GroupError(str(error)) from error
    world.until = until
    faults = Faults(plan)
    reached: dict[str, dict[str, str]] = {}
    mounted: dict[str, _Mounted] = {}
    for name, system in SYSTEMS.items():
        reached[name], build = system(Start(world, faults, name))
        mounted[name] = _Mounted(build)
    control = Control(tuple(SYSTEMS), faults, world)
    try:
        server = VendorServer(mounted, faults, control, port=port, log=log)
    except (OSError, OverflowError) as error:
        world.close()
        reason = getattr(error, "strerror", None) or error
        raise GroupError(f"port {port} of 127.0.0.1 cannot be used: {reason}") from error
    try:
        with serving(server):
            for name, values in reached.items():
                values["url"] = server.address(name) + BASES.get(name, "")
            rates = write_rates(world, home / "sandbox" / "rates" / world.path.stem)
            yield Group(
                server.url, f"{server.url}/control", rates.parent.as_uri(), reached, mounted
            )
    finally:
        for each in mounted.values():
            each.close()
        world.close()
