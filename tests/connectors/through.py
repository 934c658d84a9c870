"""A shipped connector taken from its server on loopback through landing to canonical rows.

Belongs here: the way of a run, without Dagster and without a lake. Not here: any vendor's server
(tests/connectors/<vendor>), nor what is expected of the rows.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from finsync_dagster.canonical.conform import Conforming
from finsync_dagster.canonical.landed import Incoming
from finsync_dagster.canonical.mapping import SystemMappings, load_mappings
from finsync_dagster.connectors.http import clients
from finsync_dagster.connectors.load import load_system
from finsync_dagster.connectors.reach import Reach
from finsync_dagster.landing import reading
from finsync_dagster.landing.landing import Landing
from finsync_dagster.landing.manifest import Manifest
from finsync_dagster.landing.take import take
from finsync_dagster.orchestration.conforming import object_rules
from tests.canonical.world import World

SYSTEM = "erp"
_names = itertools.count()


def mapped(connector: str, **code_maps: Mapping[str, str]) -> SystemMappings:
    """The connector's mappings with codes as a landscape adds them."""
    shipped = _shipped(connector)
    known = {
        name: {**codes, **code_maps.get(name, {})} for name, codes in shipped.code_maps.items()
    }
    return shipped.model_copy(update={"code_maps": known})


@cache
def _shipped(connector: str) -> SystemMappings:
    return load_mappings(connector)


@cache
def _declared(connector: str) -> Any:
    return load_system(connector)


@dataclass
class Through:
    """A system that is read and conformed again and again, as runs do."""

    connector: str
    url: str
    secrets: Mapping[str, str]
    mappings: SystemMappings
    spec: Any = None
    landing: Landing = field(default_factory=lambda: Landing(f"memory://through-{next(_names)}/x"))
    seen: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        clients.forget()
        self.spec = self.spec or _declared(self.connector)
        self.names = [m.object for m in self.mappings.mappings]
        self.names += [j.object for m in self.mappings.mappings for j in m.joins.values()]
        self.names = list(dict.fromkeys(self.names))
        rules = {name: object_rules(self.spec.objects[name]) for name in self.names}
        self.world = World(self.mappings, rules, "")

    def take(self, name: str) -> Manifest:
        """One extract of an object."""
        return take(
            self.landing,
            SYSTEM,
            self.url,
            name,
            self.spec.objects[name],
            now=lambda: datetime.now(UTC),
            reach=Reach(secrets=self.secrets),
        )

    def run(self, *names: str) -> Conforming:
        """Every object read (or those named), and what came conformed."""
        for name in names or self.names:
            self.take(name)
        came = {name: self._incoming(name) for name in self.names}
        return self.world.run(anew=False, **{n: i for n, i in came.items() if i is not None})

    def _incoming(self, name: str) -> Incoming | None:
        extracts = self.landing.current_manifests(SYSTEM, name, complete_only=True)
        new = [m for m in extracts if m.sequence > self.seen.get(name, 0)]
        if not new:
            return None
        self.seen[name] = new[-1].sequence
        return Incoming(
            fields=reading.fields(extracts),
            frames=reading.batches(self.landing, new),
            everything=new[0].mode == "full",
            gone=reading.gone(self.landing, new),
        )

    def rows(self, table: str) -> dict[str, dict[str, Any]]:
        """Current rows of a canonical table by the key in their source."""
        found = self.world.current(table).filter(~self.world.current(table)["source_deleted"])
        return {row["source_pk"]: row for row in found.iter_rows(named=True)}

    def row(self, table: str, pk: str, *columns: str) -> dict[str, Any]:
        """Some columns of one row."""
        found = self.rows(table)[pk]
        return {name: found[name] for name in columns}
