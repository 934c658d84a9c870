"""Sandbox servers beside a command: all started at once, each waited for when it is needed.

Belongs here: which systems of an order need one, and handing over how each is reached. Not here:
the servers (sandbox/), nor what is done with them (shell.py).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

from rich.console import Console
from rich.markup import escape

from finsync_dagster.landscape.model import Connection
from finsync_dagster.orchestration.launch import Order
from finsync_dagster.orchestration.workshop import Workshop
from finsync_dagster.sandbox.addresses import sandbox_of
from finsync_dagster.sandbox.on_demand import SandboxError, started


class Sandboxes:
    """Servers that are being started, by system."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._starting: dict[str, tuple[Connection, Future[dict[str, str]]]] = {}

    def expect(self, system: str, connection: Connection, reached: Future[dict[str, str]]) -> None:
        """Note that a system's server is on its way."""
        self._starting[system] = (connection, reached)

    def ready(self, systems: Iterable[str] | None = None) -> None:
        """Wait for the servers of the systems given, or of all, and say how they are reached.

        One that cannot be started is a system that cannot be reached: all others go on.
        """
        for name in list(self._starting) if systems is None else systems:
            if name not in self._starting:
                continue
            connection, reached = self._starting.pop(name)
            try:
                _tell(connection, reached.result())
            except SandboxError as error:
                self._console.print(f"[yellow]{escape(name)}:[/yellow] {escape(str(error))}")


@contextmanager
def sandboxes(shop: Workshop, order: Order, console: Console) -> Iterator[Sandboxes]:
    """Sandbox servers of the systems that an order asks, started and running while inside."""
    beside = Sandboxes(console)
    with ExitStack() as running, ThreadPoolExecutor() as pool:

        def start(asked: str) -> dict[str, str]:
            server = started(
                asked,
                shop.settings.home,
                progress=lambda what: console.print(f"{escape(what)} ..."),
            )
            reached = server.__enter__()
            running.push(server)
            return reached

        for name in _asked(shop, order):
            # What is wrong in its connector is told before anything is started for it.
            shop.mappings(name)
            connection = shop.system(name).connection
            asked = sandbox_of(shop.settings.source_url(connection))
            if asked is not None:
                beside.expect(name, connection, pool.submit(start, asked))
        yield beside


def _tell(connection: Connection, reached: dict[str, str]) -> None:
    """Put it where settings, and the processes of Dagster, read it."""
    os.environ[connection.url_env] = reached["url"]
    for secret, variable in connection.secrets.items():
        if secret in reached:
            os.environ[variable.removeprefix("env:")] = reached[secret]


def _asked(shop: Workshop, order: Order) -> list[str]:
    """Systems that an order extracts from."""
    if order.replay:
        return []
    entities = order.entities or list(shop.landscape.legal_entities)
    known = [e for e in entities if e in shop.landscape.legal_entities]
    asked = {system for e in known for system in shop.systems_asked(e)}
    return [
        s
        for s in shop.landscape.systems
        if s in asked and (s in order.systems or not order.systems)
    ]
