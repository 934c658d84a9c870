"""Conforming one system with its stores: landed pages in, versions, quarantine and counts out.

Belongs here: the reading and writing around canonical.conform. Not here: Dagster, nor any rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from finsync_dagster.canonical import versions
from finsync_dagster.canonical.conform import Conformed, conform
from finsync_dagster.canonical.conservation import conservation
from finsync_dagster.canonical.landed import Landed, newest_versions
from finsync_dagster.canonical.mapping import SystemMappings
from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.canonical.tables.operations import CONSERVATION, INCOMPLETE_ORDERS, QUARANTINE
from finsync_dagster.orchestration.workshop import Workshop


@dataclass(frozen=True)
class Conforming:
    """What one conforming of a system did.

    ``changed`` and ``gone``: table → record_ids appended and withdrawn. ``not_stored``: tables
    whose current rows in the lake are, after writing, not exactly the conformed ones.
    """

    mappings: SystemMappings
    conformed: Conformed
    conservation: pl.DataFrame
    changed: dict[str, pl.Series]
    gone: dict[str, pl.Series]
    not_stored: set[str]


class NothingLandedError(RuntimeError):
    """An object that the mappings need has never been extracted."""


def conform_system(shop: Workshop, system: str, run_id: str, now: datetime) -> Conforming:
    """Conform the newest landed records of a system and store what changed.

    Raises:
        NothingLandedError: naming the objects that must be extracted first.
    """
    mappings = shop.mappings(system)
    landed = _landed(shop, system, mappings)
    conformed = conform(system, _entity(shop, system), mappings, landed)
    changed, gone, not_stored = {}, {}, set()
    for table, frame in conformed.tables.items():
        spec = TABLES[table]
        stored = versions.newest(shop.lake.read(spec, source_system=system)).collect()
        difference = versions.difference(stored, frame, now)
        shop.lake.append(spec, difference.new)
        changed[table], gone[table] = difference.changed, difference.gone
        if not _is_stored(shop, table, system, frame):
            not_stored.add(table)
    measures = {o: list(s.control_totals) for o, s in shop.spec(system).objects.items()}
    counts = conservation(system, landed, conformed, changed, measures, run_id, now)
    shop.lake.replace(QUARANTINE, conformed.quarantine, source_system=system)
    shop.lake.replace(CONSERVATION, counts, source_system=system)
    shop.lake.replace(INCOMPLETE_ORDERS, conformed.incomplete_orders, source_system=system)
    return Conforming(mappings, conformed, counts, changed, gone, not_stored)


def _landed(shop: Workshop, system: str, mappings: SystemMappings) -> dict[str, Landed]:
    used = {m.object for m in mappings.mappings}
    used |= {j.object for m in mappings.mappings for j in m.joins.values()}
    landed, never = {}, []
    for name in sorted(used):
        manifests = shop.landing.current_manifests(system, name, complete_only=True)
        if not manifests:
            never.append(name)
            continue
        frames = [shop.landing.frame(m) for m in manifests]
        key = shop.spec(system).objects[name].key
        landed[name] = newest_versions(name, pl.concat(frames, how="diagonal"), key)
    if never:
        raise NothingLandedError(
            f"{system}: {', '.join(never)} has never been extracted; run the extraction of "
            f"{system} first and see why it failed."
        )
    return landed


def _entity(shop: Workshop, system: str) -> str:
    entities = shop.system(system).entities
    return entities[0] if len(entities) == 1 else ""


def _is_stored(shop: Workshop, table: str, system: str, conformed: pl.DataFrame) -> bool:
    held = shop.lake.current(TABLES[table], source_system=system).select("record_id", "row_hash")
    wanted = conformed.select("record_id", "row_hash").sort("record_id")
    return held.collect().sort("record_id").equals(wanted)
