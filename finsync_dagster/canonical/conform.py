"""Conforming one system: its landed records become canonical rows, or quarantined ones.

Belongs here: the rules that span records, tables and objects: a record is taken whole or not at
all, a line needs its document, every record is accounted for. Not here: single values
(evaluate.py), comparing with what is stored (versions.py).
"""

from __future__ import annotations

from collections.abc import Mapping as Dict
from dataclasses import dataclass

import duckdb
import polars as pl

from finsync_dagster.canonical import quarantine as q
from finsync_dagster.canonical.evaluate import Evaluated, evaluate
from finsync_dagster.canonical.expressions import identifier, literal, open_room
from finsync_dagster.canonical.landed import LANDING_COLUMNS, ROW, Landed
from finsync_dagster.canonical.mapping import SystemMappings
from finsync_dagster.canonical.references import PARENTS, Parent
from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.canonical.tables.audit import AUDIT_COLUMNS
from finsync_dagster.canonical.tables.operations import INCOMPLETE_ORDERS, QUARANTINE


@dataclass(frozen=True)
class Conformed:
    """What a system's landed records have become.

    ``tables``: canonical table → rows with their audit block, except ``valid_from``, which is
    null until the rows are compared with what is stored. ``quarantine``: one row per defect.
    ``quarantined``: object → ``_row`` of each record in quarantine. ``incomplete_orders``: the
    po_id of every order of which a line or receipt is in quarantine.
    """

    tables: dict[str, pl.DataFrame]
    quarantine: pl.DataFrame
    quarantined: dict[str, pl.Series]
    incomplete_orders: pl.DataFrame


def conform(
    system: str, entity_id: str, mappings: SystemMappings, landed: Dict[str, Landed]
) -> Conformed:
    """Conform every landed record of a system.

    Args:
        system: name of the system in the landscape; part of every canonical id.
        entity_id: legal entity whose records the system holds; empty for a system that holds
            several (then its mappings derive the entity) or none (reference data).
        mappings: how its objects become canonical rows.
        landed: object → its landed records; every object the mappings use.

    Raises:
        duckdb.Error: a mapping names a field the source does not have.
    """
    with open_room(system, mappings.code_maps) as room:
        evaluated = [evaluate(room, m, dict(landed), entity_id) for m in mappings.mappings]
        defects = _all_defects(mappings, evaluated, landed)
        bad = {name: found[ROW].unique() for name, found in defects.items()}
        tables = {
            t: _assemble(t, system, mappings, evaluated, landed, bad) for t in mappings.tables
        }
        hashed = {t: _with_hash(room, t, frame) for t, frame in tables.items()}
    rows = [q.quarantine_rows(system, o, landed[o].newest, f) for o, f in defects.items()]
    waiting = pl.concat([QUARANTINE.empty(), *rows])
    return Conformed(hashed, waiting, bad, _incomplete_orders(system, evaluated, bad))


def _incomplete_orders(
    system: str, evaluated: list[Evaluated], bad: dict[str, pl.Series]
) -> pl.DataFrame:
    ids = [
        e.rows.filter(pl.col(ROW).is_in(bad[e.mapping.object].implode())).select("po_id")
        for e in evaluated
        if "po_id" in e.rows.columns
    ]
    found = pl.concat([INCOMPLETE_ORDERS.empty().select("po_id"), *ids]).drop_nulls().unique()
    return INCOMPLETE_ORDERS.conform(
        found.with_columns(pl.lit(system).alias("source_system")).sort("po_id")
    )


def _all_defects(
    mappings: SystemMappings, evaluated: list[Evaluated], landed: Dict[str, Landed]
) -> dict[str, pl.DataFrame]:
    """Object → defects of its records, including those inherited from a missing document."""
    objects = dict.fromkeys(m.object for m in mappings.mappings)
    defects = {o: _unmapped(o, evaluated, landed[o]) for o in objects}
    for e in evaluated:
        defects[e.mapping.object] = pl.concat([defects[e.mapping.object], e.defects])
    # A document in quarantine takes its lines along, and a line its receipts: one round per level.
    while True:
        orphans = [_orphans(p, child, evaluated, defects) for p in PARENTS for child in evaluated]
        new = [(o, f) for o, f in orphans if f.height]
        if not new:
            return defects
        for name, found in new:
            defects[name] = pl.concat([defects[name], found])


def _unmapped(object_name: str, evaluated: list[Evaluated], landed: Landed) -> pl.DataFrame:
    own = [e for e in evaluated if e.mapping.object == object_name]
    taken = pl.concat([e.rows.select(ROW) for e in own]).unique()
    left = landed.newest.join(taken, on=ROW, how="anti")
    conditions = sorted(
        {f.field for e in own for f in e.mapping.fields_of(e.mapping.where or "NULL")}
    )
    if not left.height:
        return q.no_defects()
    value = pl.concat_str([pl.col(c).fill_null("") for c in conditions], separator=" / ")
    at = left.select(ROW, (value if conditions else pl.lit("")).alias("value"))
    return q.defects(
        at,
        q.UNMAPPED_RECORD,
        table=own[0].mapping.table,
        column="(record)",
        field=", ".join(conditions),
    )


def _orphans(
    parent: Parent, child: Evaluated, evaluated: list[Evaluated], defects: dict[str, pl.DataFrame]
) -> tuple[str, pl.DataFrame]:
    """Defects of good child rows whose parent row is not there, or not good."""
    name = child.mapping.object
    if child.mapping.table != parent.table:
        return name, q.no_defects()
    parents = [
        _good(e, defects).select(pl.col(parent.parent_key))
        for e in evaluated
        if e.mapping.table == parent.parent_table
    ]
    if not parents:
        return name, q.no_defects()
    orphans = (
        _good(child, defects)
        .filter(pl.col(parent.column).is_not_null())
        .join(pl.concat(parents), left_on=parent.column, right_on=parent.parent_key, how="anti")
        .select(ROW, pl.col(parent.column).alias("value"))
    )
    found = q.defects(
        orphans,
        q.PARENT_MISSING,
        table=parent.table,
        column=parent.column,
        field=", ".join(
            f.field for f in child.mapping.fields_of(child.mapping.columns[parent.column])
        ),
        parent=parent.parent_word,
    )
    return name, found


def _good(e: Evaluated, defects: dict[str, pl.DataFrame]) -> pl.DataFrame:
    return e.rows.join(defects[e.mapping.object].select(ROW).unique(), on=ROW, how="anti")


def _assemble(
    table: str,
    system: str,
    mappings: SystemMappings,
    evaluated: list[Evaluated],
    landed: Dict[str, Landed],
    bad: dict[str, pl.Series],
) -> pl.DataFrame:
    parts = [
        _with_audit(e, system, landed[e.mapping.object].newest, bad[e.mapping.object])
        for e in evaluated
        if e.mapping.table == table
    ]
    spec = TABLES[table]
    return pl.concat(
        [spec.conform(p.with_columns(mapping_version=pl.lit(mappings.version))) for p in parts]
    )


def _with_audit(e: Evaluated, system: str, newest: pl.DataFrame, bad: pl.Series) -> pl.DataFrame:
    good = e.rows.filter(~pl.col(ROW).is_in(bad.implode()))
    return good.join(newest.select(ROW, *LANDING_COLUMNS), on=ROW).with_columns(
        pl.lit(system).alias("source_system"),
        pl.lit(e.mapping.object).alias("source_object"),
        pl.col("_pk").alias("source_pk"),
        pl.col("_updated_at").alias("source_updated_at"),
        pl.lit(False).alias("source_deleted"),
        pl.lit("").alias("record_id"),
        pl.lit("").alias("row_hash"),
        pl.lit(None, dtype=pl.Datetime("us", "UTC")).alias("valid_from"),
    )


def _with_hash(room: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Fill record_id and row_hash (SHA-256 of the business columns as canonical JSON)."""
    business = [c for c in TABLES[table].polars_schema if c not in AUDIT_COLUMNS]
    packed = ", ".join(f"{identifier(c)} := {identifier(c)}" for c in business)
    room.register("conformed", frame)
    return (
        room.sql(
            "SELECT * REPLACE ("
            "sha256(source_system || '|' || source_object || '|' || source_pk) AS record_id, "
            f"sha256({literal(table)} || CAST(to_json(struct_pack({packed})) AS VARCHAR)) "
            "AS row_hash) "
            "FROM conformed ORDER BY source_object, source_pk"
        )
        .pl()
        .cast(TABLES[table].polars_schema)
    )
