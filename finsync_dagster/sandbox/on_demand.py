"""Sandbox servers that a landscape asks for: ``sandbox://tryton`` instead of an address.

Belongs here: which servers there are, what an address may say, one group for all its systems, and
what a connection needs to know. Not here: starting any of them (tryton/server.py, group.py), nor
who asks (shell.py, commands/sandbox.py).

``sandbox://group/coupa?seed=7&scale=1`` is a system of the generated group of companies. All
systems of one seed and scale are served by one server, which ends with the last of them.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from finsync_dagster.sandbox.addresses import SCHEME
from finsync_dagster.sandbox.group import SCALE, SEED, Group, GroupError, serve_group
from finsync_dagster.sandbox.group_systems import SYSTEMS
from finsync_dagster.sandbox.tryton.errors import TrytonError
from finsync_dagster.sandbox.tryton.server import serve
from finsync_dagster.sandbox.vendors.plan import Plan, PlanError, read_plan

FAULTS = "FINSYNC_SANDBOX_FAULTS"

Progress = Callable[[str], None]


class SandboxError(RuntimeError):
    """A sandbox server cannot be started; the message says why."""


@contextmanager
def started(
    name: str,
    home: Path,
    *,
    port: int = 0,
    fresh: Path | None = None,
    progress: Progress = lambda _: None,
) -> Iterator[dict[str, str]]:
    """The server, running: what its connection needs, by name: ``url`` and secrets.

    Raises:
        SandboxError: there is none of that name, or it cannot be started.
    """
    if name.startswith("group/"):
        with _shared_group(_wanted(name), home, progress) as reached:
            yield reached
        return
    if name != "tryton":
        raise SandboxError(f"there is no sandbox {name}; there are: tryton, {_group_names()}")
    try:
        with serve(home, port=port, fresh=fresh, progress=progress) as server:
            yield {
                "url": f"{server.url}/{server.database}",
                "user": server.user,
                "password": server.password,
                "key": server.rest_key,
            }
    except TrytonError as error:
        raise SandboxError(str(error)) from error


@dataclass(frozen=True)
class _Wanted:
    system: str
    seed: int
    scale: Decimal


@dataclass
class _Running:
    group: Group
    ending: ExitStack
    users: int = 0


_running: dict[tuple[Path, int, Decimal], _Running] = {}
_starting = threading.Lock()


@contextmanager
def _shared_group(wanted: _Wanted, home: Path, progress: Progress) -> Iterator[dict[str, str]]:
    key = (home, wanted.seed, wanted.scale)
    with _starting:
        if key not in _running:
            _running[key] = _start(wanted, home, progress)
        running = _running[key]
        running.users += 1
    try:
        running.group.prepare(wanted.system)
        yield dict(running.group.systems[wanted.system])
    finally:
        with _starting:
            running.users -= 1
            if running.users == 0:
                del _running[key]
                running.ending.close()


def _start(wanted: _Wanted, home: Path, progress: Progress) -> _Running:
    ending = ExitStack()
    try:
        group = ending.enter_context(
            serve_group(home, seed=wanted.seed, scale=wanted.scale, plan=_plan(), progress=progress)
        )
    except (GroupError, PlanError) as error:
        raise SandboxError(str(error)) from error
    return _Running(group, ending)


def _plan() -> Plan:
    path = os.environ.get(FAULTS)
    return read_plan(Path(path).expanduser()) if path else Plan()


def _wanted(name: str) -> _Wanted:
    parts = urlsplit(name)
    system = f"group_{parts.path.removeprefix('group/')}"
    if system not in SYSTEMS:
        raise SandboxError(f"there is no sandbox {parts.path}; there are: {_group_names()}")
    try:
        said = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        wanted = _Wanted(system, int(said.pop("seed", SEED)), Decimal(said.pop("scale", SCALE)))
    except (ValueError, InvalidOperation):
        raise SandboxError(_not_understood(name)) from None
    if said or not wanted.scale.is_finite():
        raise SandboxError(_not_understood(name))
    return wanted


def _not_understood(name: str) -> str:
    return f"{SCHEME}{name} is not understood; after ? may come seed=<number>&scale=<number>"


def _group_names() -> str:
    return ", ".join(f"group/{system.removeprefix('group_')}" for system in SYSTEMS)
