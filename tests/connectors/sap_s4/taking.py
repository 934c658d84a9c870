"""A connector at work: extracted over HTTP, landed, and conformed, run after run.

Belongs here: what a run does, without Dagster and lake. Not here: the source (odata.py).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
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
from tests.connectors.sap_s4.odata import Sap

# What a landscape says of its company codes, terms and tax codes.
COMPANY: dict[str, dict[str, str]] = {
    "entity": {"1000": "lumen_de", "1200": "lumen_fr"},
    "payment_terms": {"Z030": "30"},
    "tax_rate": {"V0": "0", "V1": "19", "VF": "20"},
}
_names = itertools.count()


@cache
def declared(connector: str) -> HttpSystem:
    """The connector's system.yaml."""
    found = load_system(connector)
    assert isinstance(found, HttpSystem)
    return found


def mappings(connector: str, maps: Mapping[str, Mapping[str, str]]) -> SystemMappings:
    """The connector's mappings with a landscape's codes in its code maps."""
    own = _shipped(connector)
    filled = {name: {**codes, **maps.get(name, {})} for name, codes in own.code_maps.items()}
    return own.model_copy(update={"code_maps": filled})


@cache
def _shipped(connector: str) -> SystemMappings:
    return load_mappings(connector)


@dataclass
class Home:
    """What is kept between runs."""

    sap: Sap
    connector: str = "sap_s4"
    maps: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: COMPANY)
    landing: Landing = field(
        default_factory=lambda: Landing(f"memory://sap-{next(_names)}/landing")
    )
    manifests: dict[str, Manifest] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.spec = declared(self.connector)
        rules = {name: object_rules(spec) for name, spec in self.spec.objects.items()}
        self.world = World(mappings(self.connector, self.maps), rules, entity="")
        self.quarantine = pl.DataFrame()

    def take(self, name: str, password: str = "wonder land") -> Manifest:
        """The next extract of an object."""
        clients.forget()
        self.manifests[name] = take(
            *(self.landing, "erp", self.sap.url, name, self.spec.objects[name]),
            now=lambda: datetime.now(UTC),
            reach=Reach(secrets={"user": "FINSYNC", "password": password}),
        )
        return self.manifests[name]

    def run(self) -> Home:
        """Extract everything and conform what came. Of a set without records nobody is asked."""
        came = {name: self._came(name) for name in self.spec.objects}
        self.quarantine = self.world.run(**came).quarantine()
        return self

    def _came(self, name: str) -> Incoming:
        spec = self.spec.objects[name]
        served = spec.request.path.rsplit("/", 1)[-1]
        if self.sap.sets.get(served) or name in self.manifests:
            return self._incoming(self.take(name))
        cursor = (spec.cursor,) if spec.cursor else ()
        fields = (*spec.key, *cursor, *spec.fields, *spec.control_totals)
        return Incoming(fields=tuple(dict.fromkeys(fields)), frames=[], everything=True)

    def _incoming(self, taken: Manifest) -> Incoming:
        current = self.landing.current_manifests("erp", taken.object)
        return Incoming(
            fields=reading.fields(current),
            frames=list(reading.batches(self.landing, [taken])),
            everything=taken.mode == "full",
            gone=list(reading.gone(self.landing, [taken])),
        )

    def rows(self, table: str, *columns: str) -> list[Any]:
        """Current rows of a canonical table: these columns; of a single one, plain values."""
        frame = self.world.current(table).filter(~pl.col("source_deleted"))
        found = sorted(frame.select(columns or pl.all()).iter_rows(), key=repr)
        return [row[0] for row in found] if len(columns) == 1 else found

    def row(self, table: str, **where: str) -> dict[str, Any]:
        """The only current row with these values."""
        frame = self.world.current(table).filter(~pl.col("source_deleted"))
        (found,) = frame.filter(**where).to_dicts()
        return found

    def defects(self) -> list[tuple[str, str, str]]:
        """Object, key and reason of what is in quarantine."""
        names: Sequence[str] = ("source_object", "source_pk", "reason_code")
        return sorted(set(self.quarantine.select(names).iter_rows()))
