"""From evaluated rows to versions: which canonical rows are new, changed or withdrawn.

Belongs here: comparing with what was made before. Not here: storing versions (storage/lake.py),
reading them (versions.py).

Leaves behind, per canonical table ``t``: ``made_t``, the rows of all records looked at (``_id``,
``pk``, ``record_id``, ``row_hash``, ``deleted``, keys); ``changed_t``, the ``record_id`` of those
to append; ``withdrawn_t``, of those that no longer are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import polars as pl

from finsync_dagster.canonical.closure import concerned
from finsync_dagster.canonical.evaluate import Task
from finsync_dagster.canonical.expressions import identifier, literal
from finsync_dagster.canonical.holding import Holding, tie_columns
from finsync_dagster.canonical.landed import ID, LANDING_COLUMNS
from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.canonical.tables.audit import AUDIT_COLUMNS


def make(h: Holding, table: str, tasks: Sequence[Task], *, anew: bool) -> None:
    """Identify and hash the good rows of a table, and compare them with the rows held."""
    ties = tie_columns(table)
    parts = [_made(h, t, ties) for t in tasks if t.mapping.table == table]
    h.run(f"CREATE OR REPLACE TEMP TABLE made_{table} AS {' UNION ALL '.join(parts)}")
    # Few are looked at of many: the many are not put into a hash table for it.
    among = "" if anew else f" WHERE record_id IN (SELECT record_id FROM made_{table})"
    h.run(
        f"CREATE OR REPLACE TEMP TABLE changed_{table} AS SELECT record_id FROM made_{table} AS m "
        f"ANTI JOIN (FROM rows_{table}{among}) AS r ON r.record_id = m.record_id "
        "AND r.good AND r.row_hash = m.row_hash AND r.deleted = m.deleted"
    )


def withdraw(h: Holding, table: str, objects: Sequence[str], *, anew: bool) -> None:
    """Find the held rows whose record is gone, or no longer yields them."""
    among = "TRUE" if anew else concerned(objects)
    h.run(
        f"CREATE OR REPLACE TEMP TABLE withdrawn_{table} AS SELECT record_id FROM rows_{table} "
        f"WHERE good AND NOT deleted AND {among} "
        f"AND record_id NOT IN (SELECT record_id FROM made_{table})"
    )


def keep(h: Holding, table: str, tasks: Sequence[Task], objects: Sequence[str]) -> None:
    """Bring ``rows_t`` up to date: the rows made, and the keys of the rows held back."""
    h.run(f"DELETE FROM rows_{table} WHERE {concerned(objects)}")
    replace_rows(h, table, tasks)


def replace_rows(h: Holding, table: str, tasks: Sequence[Task]) -> None:
    """Add the rows made, and the keys of the rows held back, to ``rows_t``."""
    ties = "".join(f", {c}" for c in tie_columns(table))
    h.run(
        f"INSERT INTO rows_{table} SELECT source_object, {ID}, pk, record_id, row_hash, TRUE, "
        f"deleted{ties} FROM made_{table}"
    )
    for task in (t for t in tasks if t.mapping.table == table):
        name = literal(task.mapping.object)
        h.run(
            f"INSERT INTO rows_{table} SELECT {name}, {ID}, _pk, NULL, NULL, FALSE, FALSE{ties} "
            f"FROM {task.table} "
            f"WHERE {ID} IN (SELECT {ID} FROM bad_now WHERE object = {name})"
        )


def versions(
    h: Holding, table: str, tasks: Sequence[Task], mapping_version: str, valid_from: datetime
) -> Iterator[pl.DataFrame]:
    """The new versions of a table, in batches, with all its columns."""
    spec = TABLES[table]
    own = [c for c in spec.polars_schema if c not in AUDIT_COLUMNS]
    business = ", ".join(f"e.{identifier(c)}" for c in own)
    places = ", ".join(f"l.{c}" for c in LANDING_COLUMNS)
    for task in (t for t in tasks if t.mapping.table == table):
        name = task.mapping.object
        query = (
            f"SELECT {business}, m.record_id, {literal(h.system)} AS source_system, "
            f"{literal(name)} AS source_object, m.pk AS source_pk, "
            "e._updated_at AS source_updated_at, m.deleted AS source_deleted, "
            f"{places}, m.row_hash FROM {task.table} AS e "
            f"JOIN made_{table} AS m ON m.{ID} = e.{ID} AND m.pk = e._pk "
            f"AND m.task = {task.index} "
            f"JOIN held_{name} AS l ON l.{ID} = e.{ID} "
            f"WHERE m.record_id IN (FROM changed_{table})"
        )
        for frame in h.batches(query):
            yield spec.conform(
                frame.with_columns(
                    pl.lit(mapping_version).alias("mapping_version"),
                    pl.lit(valid_from).alias("valid_from"),
                )
            )


def _made(h: Holding, task: Task, ties: Sequence[str]) -> str:
    spec, name = TABLES[task.mapping.table], task.mapping.object
    business = [c for c in spec.polars_schema if c not in AUDIT_COLUMNS]
    packed = ", ".join(f"{identifier(c)} := {identifier(c)}" for c in business)
    prefix = literal(f"{h.system}|{name}|")
    keys = "".join(f", {identifier(c)}" for c in ties)
    return (
        f"SELECT {task.index} AS task, {literal(name)} AS source_object, {ID}, _pk AS pk, "
        f"sha256({prefix} || _pk) AS record_id, sha256({literal(spec.name)} || "
        f"CAST(to_json(struct_pack({packed})) AS VARCHAR)) AS row_hash, _flagged AS deleted{keys} "
        f"FROM {task.table} "
        f"WHERE {ID} NOT IN (SELECT {ID} FROM bad_now WHERE object = {literal(name)})"
    )
