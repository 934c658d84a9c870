"""Conforming one system: what it received becomes canonical versions, or waits in quarantine.

Belongs here: the steps, in order. Not here: any single one of them, nor where versions are stored.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from finsync_dagster.canonical import closure, emitting
from finsync_dagster.canonical import quarantine as q
from finsync_dagster.canonical.defects import own_defects
from finsync_dagster.canonical.evaluate import Scope, Task, evaluate, prepare, records
from finsync_dagster.canonical.expressions import identifier, literal
from finsync_dagster.canonical.holding import Holding
from finsync_dagster.canonical.landed import ID, KEY, LANDING_COLUMNS, Incoming, ObjectRules
from finsync_dagster.canonical.mapping import SystemMappings
from finsync_dagster.canonical.receiving import Received, delete_fed, receive
from finsync_dagster.canonical.tables.operations import (
    INCOMPLETE_INVOICES,
    INCOMPLETE_ORDERS,
    QUARANTINE,
)
from finsync_dagster.connectors.extraction import DEFECT


@dataclass(frozen=True)
class Batch:
    """What one run is to conform.

    ``rules``: every object the mappings use, and every deletion feed. ``delivered``: object →
    fields its extracts have. ``incoming``: object → what was received since the last time;
    ``anew``, every object in full.
    """

    mappings: SystemMappings
    rules: Mapping[str, ObjectRules]
    delivered: Mapping[str, Collection[str]]
    incoming: Mapping[str, Incoming]
    anew: bool

    def missing(self, name: str) -> frozenset[str]:
        """Fields of an object that a mapping reads and the source does not deliver."""
        return frozenset(self.mappings.required_fields(name) - set(self.delivered[name]))


@dataclass
class Conforming:
    """One conforming under way, or done."""

    h: Holding
    batch: Batch
    tasks: list[Task]
    received: dict[str, Received] = field(default_factory=dict)
    found: dict[str, list[pl.DataFrame]] = field(default_factory=dict)

    @property
    def anew(self) -> bool:
        """Was everything conformed, and not only what changed?"""
        return self.batch.anew

    def versions(self, table: str, valid_from: datetime) -> Iterator[pl.DataFrame]:
        """The versions of a table to be appended, except withdrawals; in batches."""
        return emitting.versions(self.h, table, self.tasks, self.batch.mappings.version, valid_from)

    def changed(self, table: str) -> int:
        """Number of rows of a table that are new or changed."""
        return self.h.count(f"changed_{table}")

    def withdrawn(self, table: str) -> pl.Series:
        """``record_id`` of the rows of a table that no longer are."""
        return self.h.sql(f"FROM withdrawn_{table} ORDER BY record_id").pl()["record_id"]

    def live(self, table: str) -> int:
        """Number of current rows of a table."""
        return self.h.count(f"rows_{table} WHERE good AND NOT deleted")

    def quarantine(self) -> pl.DataFrame:
        """The quarantine table's rows of the system."""
        names = ", ".join(QUARANTINE.polars_schema)
        order = "source_object, source_pk, landing_page, landing_row, table_name, column_name"
        return QUARANTINE.conform(self.h.sql(f"SELECT {names} FROM waiting ORDER BY {order}").pl())

    def incomplete_orders(self) -> pl.DataFrame:
        """The ``po_id`` of every order of which a record is in quarantine."""
        return INCOMPLETE_ORDERS.conform(self._incomplete("po_id"))

    def incomplete_invoices(self) -> pl.DataFrame:
        """The ``invoice_id`` of every invoice of which a record is in quarantine."""
        return INCOMPLETE_INVOICES.conform(self._incomplete("invoice_id"))

    def _incomplete(self, key: str) -> pl.DataFrame:
        return self.h.sql(
            f"SELECT DISTINCT {literal(self.h.system)} AS source_system, {key} FROM incomplete "
            f"WHERE {key} IS NOT NULL ORDER BY {key}"
        ).pl()


def conform(h: Holding, entity_id: str, batch: Batch) -> Conforming:
    """Conform what a system received since the last time, or everything anew.

    Args:
        h: the system's holding; anew, without held records.
        entity_id: legal entity whose records the system holds; empty for a system that holds
            several (then its mappings derive the entity) or none (reference data).
        batch: what came, and how it becomes canonical rows.

    Raises:
        MappingError: nothing says which legal entity the records belong to.
        duckdb.Error: an expression does not type-check.
    """
    tasks = [Task(i, m, entity_id) for i, m in enumerate(batch.mappings.mappings)]
    done = Conforming(h, batch, tasks)
    _receive(done)
    _evaluate_all(done)
    _close(done)
    _emit(done)
    return done


def _receive(done: Conforming) -> None:
    h, batch = done.h, done.batch
    joined = {j.object for m in batch.mappings.mappings for j in m.joins.values()}
    for name, rules in batch.rules.items():
        incoming, missing = batch.incoming.get(name), batch.missing(name)
        done.received[name] = receive(
            h, name, rules, incoming, missing, anew=done.anew, looked_up=name in joined
        )
    for name, rules in batch.rules.items():
        if rules.deleted_by:
            gone = delete_fed(h, name, rules.deleted_by, rules.measures)
            if done.anew:
                done.received[name] = done.received[name].with_superseded(gone)
    if done.anew:
        h.settle()
        for name in batch.rules:
            h.run(f"CREATE OR REPLACE TEMP TABLE seen_{name} ({ID} VARCHAR)")
    else:
        closure.start(h, batch.rules, done.tasks)
    h.run(f"CREATE OR REPLACE TEMP TABLE bad_now (object VARCHAR, {ID} VARCHAR, inherited BOOLEAN)")
    done.tasks = [prepare(h, task) for task in done.tasks]
    for table in batch.mappings.tables:
        h.make_rows(table)


def _evaluate_all(done: Conforming) -> None:
    if done.anew:
        for name in _objects(done):
            _evaluate(done, name, f"held_{name}", whole=True)
        return
    first = True
    while _round(done, whole=first):
        first = False
        closure.follow_documents(done.h, done.tasks)


def _round(done: Conforming, *, whole: bool) -> bool:
    """Evaluate what is on the lists; was there anything?"""
    ready = [name for name in _objects(done) if closure.still_to_do(done.h, name)]
    for name in ready:
        _evaluate(done, name, f"part_{name}", whole=whole)
    return bool(ready) or whole


def _evaluate(done: Conforming, name: str, record: str, *, whole: bool) -> None:
    h = done.h
    scopes = [
        (task, Scope(record, _joined(done, task, record), whole))
        for task in done.tasks
        if task.mapping.object == name
    ]
    for task, scope in scopes:
        evaluate(h, task, scope)
    if not h.count(record):
        return
    found = [_unreadable(done, name, record)]
    for task, scope in scopes:
        found += [own_defects(h, task, scope), _not_delivered(done, task, record)]
    found.append(_unmapped(done, name, record))
    everything = pl.concat(found)
    # Of a record whose fields could not be told apart nothing else is worth saying.
    unreadable = everything.filter(pl.col("reason_code") == q.RECORD_NOT_READABLE).select(ID)
    rest = everything.join(unreadable, on=ID, how="anti")
    told = pl.concat([everything.filter(pl.col("reason_code") == q.RECORD_NOT_READABLE), rest])
    _note(done, {name: told}, inherited=False)


def _joined(done: Conforming, task: Task, record: str) -> dict[str, str]:
    if done.anew:
        return {a: f"held_{j.object}" for a, j in task.mapping.joins.items()}
    made: dict[str, str] = {}
    for alias, join in task.mapping.joins.items():
        leading = " ".join(
            f"LEFT JOIN {made[a]} AS {a} ON ({task.mapping.joins[a].condition})"
            for a in task.mapping.leading_to(alias)
        )
        found_by = f"({records(task.mapping, record)} AS record {leading})"
        made[alias] = f"join_{task.index}_{alias}"
        done.h.run(
            f"CREATE OR REPLACE TEMP TABLE {made[alias]} AS SELECT {alias}.* "
            f"FROM held_{join.object} AS {alias} SEMI JOIN {found_by} ON ({join.condition})"
        )
    return made


def _unreadable(done: Conforming, name: str, record: str) -> pl.DataFrame:
    if DEFECT not in done.h.fields(name):
        return q.no_defects()
    bad = done.h.sql(f"SELECT {ID}, {DEFECT} AS value FROM {record} WHERE {DEFECT} IS NOT NULL")
    table = next(t.mapping.table for t in done.tasks if t.mapping.object == name)
    return q.defects(
        bad.pl(), q.RECORD_NOT_READABLE, table=table, column="(record)", field="(record)"
    )


def _not_delivered(done: Conforming, task: Task, record: str) -> pl.DataFrame:
    """A field that vanished empties no column: the records wait until somebody has looked."""
    out = [q.no_defects()]
    read = sorted(task.mapping.required_fields())
    missing = {name: done.batch.missing(name) for name in {ref.object for ref in read}}
    for ref in read:
        if ref.field in missing[ref.object]:
            own = ref.object == task.mapping.object
            field_name = ref.field if own else f"{ref.object}.{ref.field}"
            at = done.h.sql(f"SELECT {ID}, CAST(NULL AS VARCHAR) AS value FROM {record}").pl()
            words = {"table": task.mapping.table, "column": "(record)", "field": field_name}
            out.append(q.defects(at, q.FIELD_NOT_DELIVERED, **words))
    return pl.concat(out)


def _unmapped(done: Conforming, name: str, record: str) -> pl.DataFrame:
    own = [t for t in done.tasks if t.mapping.object == name]
    # A condition may speak of joined records, too.
    read = (f for t in own for f in t.mapping.fields_of(t.mapping.where or "NULL"))
    conditions = sorted({f.field for f in read if f.object == name})
    taken = " UNION ALL ".join(f"SELECT {ID} FROM {t.table}" for t in own)
    shown = " || ' / ' || ".join(f"coalesce({identifier(c)}, '')" for c in conditions) or "''"
    left = done.h.sql(
        f"SELECT {ID}, {shown} AS value FROM {record} WHERE {ID} NOT IN ({taken})"
    ).pl()
    words = {"table": own[0].mapping.table, "column": "(record)"}
    return q.defects(left, q.UNMAPPED_RECORD, field=", ".join(conditions), **words)


def _note(done: Conforming, found: Mapping[str, pl.DataFrame], *, inherited: bool) -> None:
    for name, defects in found.items():
        if defects.height:
            done.found.setdefault(name, []).append(defects)
            closure.mark_bad(done.h, {name: defects}, inherited=inherited)


def _close(done: Conforming) -> None:
    """Hold back what lost its document, level by level, and look again at what that touches."""
    while True:
        closure.inherit_deletion(done.h, done.tasks, anew=done.anew)
        if not done.anew:
            closure.follow_documents(done.h, done.tasks)
            if _round(done, whole=False):
                continue
        found = closure.orphans(done.h, done.tasks, anew=done.anew)
        if not found:
            return
        _note(done, found, inherited=True)


def _emit(done: Conforming) -> None:
    h, objects = done.h, _objects(done)
    for table in done.batch.mappings.tables:
        emitting.make(h, table, done.tasks, anew=done.anew)
        emitting.withdraw(h, table, objects, anew=done.anew)
    for table in done.batch.mappings.tables:
        if done.anew:
            h.run(f"DELETE FROM rows_{table}")
            emitting.replace_rows(h, table, done.tasks)
        else:
            emitting.keep(h, table, done.tasks, objects)
    _keep_waiting(done, objects)


def _keep_waiting(done: Conforming, objects: Sequence[str]) -> None:
    h = done.h
    for name in objects:
        for table, column in (
            ("bad", "object"),
            ("waiting", "source_object"),
            ("incomplete", "object"),
        ):
            h.run(
                f"DELETE FROM {table} WHERE {column} = {literal(name)} AND "
                f"({ID} IN (FROM seen_{name}) OR {ID} IN (FROM gone_{name}))"
            )
        bad = f"SELECT {ID} FROM bad_now WHERE object = {literal(name)}"
        found = done.found.get(name, [])
        if found:
            places = ", ".join((ID, KEY, *LANDING_COLUMNS))
            origin = h.sql(f"SELECT {places} FROM held_{name} WHERE {ID} IN ({bad})").pl()
            rows = q.quarantine_rows(h.system, name, origin, pl.concat(found))
            h.run("INSERT INTO waiting FROM given", rows)
        for task in (t for t in done.tasks if t.mapping.object == name):
            known = [c if c in task.expressions else "NULL" for c in ("po_id", "invoice_id")]
            if known != ["NULL", "NULL"]:
                h.run(
                    f"INSERT INTO incomplete SELECT {literal(name)}, {ID}, {', '.join(known)} "
                    f"FROM {task.table} WHERE {ID} IN ({bad})"
                )
    h.run("INSERT INTO bad FROM bad_now")


def _objects(done: Conforming) -> list[str]:
    """Objects that become canonical rows; others are only looked up, or tell of deletions."""
    return list(dict.fromkeys(m.object for m in done.batch.mappings.mappings))
