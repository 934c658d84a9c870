"""The connector at work: extracted over HTTP, landed, and conformed, run after run.

Belongs here: what a run does, without Dagster and lake. Not here: the source (api.py).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import polars as pl

from finsync_dagster.canonical.landed import Incoming
from finsync_dagster.canonical.mapping import SystemMappings, load_mappings
from finsync_dagster.connectors.http import clients
from finsync_dagster.connectors.http.model import HttpSystem
from finsync_dagster.connectors.load import load_system
from finsync_dagster.connectors.reach import Reach
from finsync_dagster.landing import reading
from finsync_dagster.landing.landing import Landing
from finsync_dagster.landing.manifest import Manifest
from finsync_dagster.landing.take import take
from finsync_dagster.orchestration.conforming import object_rules
from tests.canonical.world import World
from tests.connectors.coupa.api import Coupa

ENTITIES = {"Lumen UK Ltd": "lumen_uk", "Lumen Technik GmbH": "lumen_de"}
_names = itertools.count()


def declared() -> HttpSystem:
    """The connector's system.yaml."""
    found = load_system("coupa")
    assert isinstance(found, HttpSystem)
    return found


def mappings() -> SystemMappings:
    """The connector's mappings with the landscape's legal entities."""
    own = load_mappings("coupa")
    return own.model_copy(update={"code_maps": {**own.code_maps, "entity": ENTITIES}})


@dataclass
class Home:
    """What is kept between runs."""

    coupa: Coupa
    landing: Landing = field(
        default_factory=lambda: Landing(f"memory://coupa-{next(_names)}/landing")
    )

    def __post_init__(self) -> None:
        self.secret = self.coupa.secret
        self.spec = declared()
        rules = {name: object_rules(spec) for name, spec in self.spec.objects.items()}
        self.world = World(mappings(), rules, entity="")
        self.quarantine = pl.DataFrame()
        self.manifests: dict[str, Manifest] = {}

    def take(self, name: str, login_anew: bool = True) -> Manifest:
        """The next extract of an object."""
        if login_anew:
            clients.forget()
        self.manifests[name] = take(
            *(self.landing, "coupa", self.coupa.url, name, self.spec.objects[name]),
            now=lambda: datetime.now(UTC),
            reach=Reach(secrets={"client_id": "finsync", "client_secret": self.secret}),
        )
        return self.manifests[name]

    def run(self) -> Home:
        """Extract everything and conform what came."""
        clients.forget()
        came = {n: self._incoming(self.take(n, login_anew=False)) for n in self.spec.objects}
        self.quarantine = self.world.run(**came).quarantine()
        return self

    def _incoming(self, taken: Manifest) -> Incoming:
        current = self.landing.current_manifests("coupa", taken.object)
        return Incoming(
            fields=reading.fields(current),
            frames=list(reading.batches(self.landing, [taken])),
            everything=taken.mode == "full",
            gone=list(reading.gone(self.landing, [taken])),
        )

    def rows(self, table: str, *columns: str) -> list[Any]:
        """Current rows of a canonical table: these columns, in order; of one, plain values."""
        frame = self.world.current(table).filter(~pl.col("source_deleted"))
        found = sorted(frame.select(columns).iter_rows(), key=repr)
        return [row[0] for row in found] if len(columns) == 1 else found

    def row(self, table: str, **where: str) -> dict[str, Any]:
        """The only current row with these values."""
        frame = self.world.current(table).filter(~pl.col("source_deleted"))
        (found,) = frame.filter(**where).to_dicts()
        return found

    def told(self) -> list[tuple[str, str, str]]:
        """Object, key and reason of what is in quarantine."""
        names = ("source_object", "source_pk", "reason_code")
        return sorted(set(self.quarantine.select(names).iter_rows()))
