"""Conforming one system with its stores: landed extracts in, versions, quarantine and counts out.

Belongs here: the reading and writing around canonical.conform, and whether the system's holding may
be trusted. Not here: Dagster, nor any rule.

A holding may be trusted if it was made by the rules now in force and the lake's tables end with the
commits it knows of: each append names the system and a number in the Delta log, in the same commit
as the rows. A process that dies between two tables leaves the lake ahead of the holding, and the
next run conforms everything anew, finding again what was stored and adding what was not.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

import polars as pl

from finsync_dagster.canonical import versions
from finsync_dagster.canonical.conform import Batch, Conforming, conform
from finsync_dagster.canonical.conservation import conservation
from finsync_dagster.canonical.half_synced import half_synced
from finsync_dagster.canonical.holding import LAYOUT, RECALLED, Holding, open_holding
from finsync_dagster.canonical.landed import Deletions, Incoming, LinesOf, ObjectRules
from finsync_dagster.canonical.mapping import SystemMappings
from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.canonical.tables.operations import (
    CONSERVATION,
    HALF_SYNCED,
    INCOMPLETE_INVOICES,
    INCOMPLETE_ORDERS,
    QUARANTINE,
)
from finsync_dagster.connectors.model import ObjectSpec
from finsync_dagster.landing import reading
from finsync_dagster.landing.manifest import Manifest
from finsync_dagster.orchestration.workshop import Workshop
from finsync_dagster.schema import TableSpec
from finsync_dagster.storage.lake import Lake


@dataclass(frozen=True)
class TableOutcome:
    """What became of one canonical table; ``stored``: the lake holds what was conformed."""

    rows: int
    changed: int
    withdrawn: int
    stored: bool


@dataclass(frozen=True)
class Outcome:
    """What one conforming of a system did. ``why_anew`` is empty if only changes were conformed."""

    mappings: SystemMappings
    tables: dict[str, TableOutcome]
    quarantine: pl.DataFrame
    conservation: pl.DataFrame
    half_synced: pl.DataFrame
    why_anew: str


class NothingLandedError(RuntimeError):
    """An object that the mappings need has never been extracted."""


@dataclass(frozen=True)
class _Source:
    """A system as it was landed: object → rules, and its extracts that count, oldest first.

    ``commits``: canonical table → number of the last commit that stored rows of the system.
    """

    shop: Workshop
    system: str
    mappings: SystemMappings
    rules: dict[str, ObjectRules]
    extracts: dict[str, list[Manifest]]
    commits: dict[str, int]


def conform_system(
    shop: Workshop, system: str, run_id: str, now: datetime, *, anew: bool = False
) -> Outcome:
    """Conform what was landed of a system since the last time, and store what changed.

    ``anew``: look at everything landed, whatever is held.

    Raises:
        NothingLandedError: naming the objects that must be extracted first.
        HoldingBusyError: another process conforms the system.
    """
    source = _source(shop, system)
    path = shop.settings.holdings / f"{system}.duckdb"
    with open_holding(system, source.mappings.code_maps, path) as h:
        why = "asked for" if anew else _why_anew(source, h)
        valid_from = _valid_from(h, _recalled(source, h) if why else None, now)
        incoming = {o: _incoming(source, h, o, anew=bool(why)) for o in source.extracts}
        came = {o: i for o, i in incoming.items() if i is not None}
        entities = shop.system(system).entities
        entity_id = entities[0] if len(entities) == 1 else ""
        delivered = {o: reading.fields(found) for o, found in source.extracts.items()}
        task = Batch(source.mappings, source.rules, delivered, came, anew=bool(why))
        done = conform(h, entity_id, task)
        outcome = _store(source, done, valid_from, run_id, now, why)
        _remember(source, h, valid_from)
    return outcome


def _source(shop: Workshop, system: str) -> _Source:
    mappings, objects = shop.mappings(system), shop.spec(system).objects
    used = [m.object for m in mappings.mappings]
    used += [j.object for m in mappings.mappings for j in m.joins.values()]
    used += [s.deleted_by.object for o in used if (s := objects[o]).deleted_by]
    names = list(dict.fromkeys(used))
    extracts = {o: shop.landing.current_manifests(system, o, complete_only=True) for o in names}
    never = sorted(o for o, found in extracts.items() if not found)
    if never:
        raise NothingLandedError(
            f"{system}: {', '.join(never)} has never been extracted; run the extraction of "
            f"{system} first and see why it failed."
        )
    rules = {o: object_rules(objects[o]) for o in names}
    application = _application(system)
    commits = {t: shop.lake.commit_of(TABLES[t], application) or 0 for t in mappings.tables}
    return _Source(shop, system, mappings, rules, extracts, commits)


def object_rules(spec: ObjectSpec) -> ObjectRules:
    """What conforming needs to know of an object."""
    feed, lines = spec.deleted_by, spec.lines_of
    return ObjectRules(
        key=tuple(spec.key),
        measures=tuple(spec.control_totals),
        deleted_by=Deletions(feed.object, feed.key, feed.at) if feed else None,
        lines_of=LinesOf(lines.object, lines.key, lines.count) if lines else None,
    )


def _why_anew(source: _Source, h: Holding) -> str:
    facts = h.facts()
    if not facts:
        return "nothing is held yet"
    if {k: facts.get(k) for k in ("layout", "lake")} != _place(source):
        return "the holding is of another lake or another version of finsync"
    if facts.get("rules") != _rules(source):
        return "mappings or objects were changed"
    for table in source.mappings.tables:
        if facts.get(f"commit:{table}") != str(source.commits[table]):
            return "the last run did not end"
    for name, extracts in source.extracts.items():
        if h.has(f"held_{name}") and set(reading.fields(extracts)) - set(h.fields(name)):
            return f"the source delivers other fields of {name}"
    return ""


def _place(source: _Source) -> dict[str, str]:
    return {"layout": LAYOUT, "lake": source.shop.settings.lake_url}


def _rules(source: _Source) -> str:
    rules = {name: repr(rules) for name, rules in sorted(source.rules.items())}
    entities = list(source.shop.system(source.system).entities)
    return json.dumps([source.mappings.version, rules, entities])


def _application(system: str) -> str:
    return f"conform:{system}"


def _incoming(source: _Source, h: Holding, name: str, *, anew: bool) -> Incoming | None:
    """What is to be received of an object; None if nothing was landed since the last time."""
    extracts = source.extracts[name]
    seen = 0 if anew else int(h.progress().get(name, "0"))
    new = [m for m in extracts if m.sequence > seen]
    if not new:
        return None
    landing = source.shop.landing
    return Incoming(
        fields=reading.fields(extracts),
        frames=reading.batches(landing, new),
        everything=new[0].mode == "full",
        gone=reading.gone(landing, new),
    )


def _recalled(source: _Source, h: Holding) -> datetime | None:
    """Empty the holding but for what the lake stores; the newest version's moment."""
    h.clear()
    lake, latest = source.shop.lake, []
    for table in source.mappings.tables:
        h.make_rows(table)
        stored = lake.batches(TABLES[table], RECALLED, source_system=source.system)
        latest.append(h.recall(table, stored))
    return max((moment for moment in latest if moment), default=None)


def _valid_from(h: Holding, recalled: datetime | None, now: datetime) -> datetime:
    """Strictly later than every version before, so that "as of" never chooses between two."""
    known = h.facts().get("valid_from")
    before = [m for m in (recalled, datetime.fromisoformat(known) if known else None) if m]
    return max([now, *(m + timedelta(microseconds=1) for m in before)])


def _store(
    source: _Source, done: Conforming, valid_from: datetime, run_id: str, now: datetime, why: str
) -> Outcome:
    lake = source.shop.lake
    tables = {t: _store_table(source, done, t, valid_from) for t in source.mappings.tables}
    counts = conservation(
        done.h,
        done.tasks,
        source.rules,
        done.received,
        anew=done.anew,
        run_id=run_id,
        counted_at=now,
    )
    quarantine = done.quarantine()
    waiting = half_synced(done.h, source.rules, _began(source))
    changing = (
        (QUARANTINE, quarantine),
        (INCOMPLETE_ORDERS, done.incomplete_orders()),
        (INCOMPLETE_INVOICES, done.incomplete_invoices()),
        (HALF_SYNCED, waiting),
    )
    for spec, frame in changing:
        _replace_if_other(done, lake, spec, frame)
    lake.append(CONSERVATION, counts)
    return Outcome(source.mappings, tables, quarantine, counts, waiting, why)


def _replace_if_other(done: Conforming, lake: Lake, spec: TableSpec, frame: pl.DataFrame) -> None:
    """Store what replaces an older state, unless it is that state."""
    name = f"stored:{spec.name}"
    content = hashlib.sha256(frame.write_json().encode()).hexdigest()
    if done.anew or done.h.facts().get(name) != content:
        lake.replace(spec, frame, source_system=done.h.system)
    done.h.note({name: content})


def _began(source: _Source) -> dict[str, datetime]:
    landing = source.shop.landing
    last = {o: landing.last(source.system, o) for o in source.extracts}
    return {o: m.started_at for o, m in last.items() if m is not None}


def _store_table(
    source: _Source, done: Conforming, table: str, valid_from: datetime
) -> TableOutcome:
    lake, spec = source.shop.lake, TABLES[table]
    changed, gone = done.changed(table), done.withdrawn(table)
    written = 0
    if changed or len(gone):
        source.commits[table] += 1
        # Read before the table is written: the writer cannot be asked to read meanwhile.
        withdrawn = _withdrawals(source, table, gone, valid_from)
        frames = chain(done.versions(table, valid_from), withdrawn)
        commit = (_application(source.system), source.commits[table])
        written = lake.append_batches(spec, frames, commit)
    stored = written == changed + len(gone)
    if done.anew:
        current = lake.current(spec, source_system=source.system).select(pl.len())
        stored = stored and current.collect().item() == done.live(table)
    return TableOutcome(done.live(table), changed, len(gone), stored)


def _withdrawals(
    source: _Source, table: str, gone: pl.Series, valid_from: datetime
) -> list[pl.DataFrame]:
    if gone.is_empty():
        return []
    rows = source.shop.lake.read(TABLES[table], source_system=source.system)
    known = rows.filter(pl.col("record_id").is_in(gone.implode()))
    return [versions.withdrawal(versions.newest(known).collect(), valid_from)]


def _remember(source: _Source, h: Holding, valid_from: datetime) -> None:
    for name, extracts in source.extracts.items():
        h.received_until(name, str(extracts[-1].sequence))
    commits = {f"commit:{t}": str(n) for t, n in source.commits.items()}
    rules = {"rules": _rules(source), "valid_from": valid_from.isoformat()}
    h.note({**_place(source), **commits, **rules})
