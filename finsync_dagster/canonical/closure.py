"""Which records must be looked at again, and which are held back because of another one.

Belongs here: the rules that span records, tables and objects: a record is taken whole or not at
all, a line needs its document, what joins a changed record is changed. Not here: single values
(evaluate.py, defects.py).

``todo_o`` are the records of object ``o`` to be evaluated next, ``seen_o`` those that have been.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from finsync_dagster.canonical import quarantine as q
from finsync_dagster.canonical.evaluate import Task, records
from finsync_dagster.canonical.expressions import identifier, literal
from finsync_dagster.canonical.holding import Holding
from finsync_dagster.canonical.landed import ID
from finsync_dagster.canonical.mapping import Join
from finsync_dagster.canonical.references import PARENTS, Parent


def start(h: Holding, objects: Iterable[str], tasks: Sequence[Task]) -> None:
    """Put what was received, and what joins it, on the list; note the documents' state before."""
    for name in objects:
        h.run(f"CREATE OR REPLACE TEMP TABLE todo_{name} AS FROM touched_{name}")
        h.run(f"CREATE OR REPLACE TEMP TABLE seen_{name} ({ID} VARCHAR)")
    for task in tasks:
        for alias, join in task.mapping.joins.items():
            if h.count(f"touched_{join.object}") or h.count(f"before_{join.object}"):
                _follow_join(h, task, alias, join)


def _follow_join(h: Holding, task: Task, alias: str, join: Join) -> None:
    """Put on the list the records that find, or found, a record that came, changed or went."""
    mapping = task.mapping
    leading = " ".join(
        f"LEFT JOIN held_{mapping.joins[a].object} AS {a} ON ({mapping.joins[a].condition})"
        for a in mapping.leading_to(alias)
    )
    h.run(
        f"INSERT INTO todo_{mapping.object} SELECT record.{ID} "
        f"FROM {records(mapping, f'held_{mapping.object}')} AS record {leading} JOIN ("
        f"FROM held_{join.object} SEMI JOIN touched_{join.object} USING ({ID}) "
        f"UNION ALL FROM before_{join.object}) AS {alias} ON ({join.condition})"
    )


def still_to_do(h: Holding, name: str) -> bool:
    """Move an object's records from its list to ``part_o`` and ``seen_o``; False if none."""
    h.run(
        f"CREATE OR REPLACE TEMP TABLE next_{name} AS SELECT DISTINCT {ID} FROM todo_{name} "
        f"ANTI JOIN seen_{name} USING ({ID})"
    )
    h.run(f"DELETE FROM todo_{name}")
    if not h.count(f"next_{name}"):
        return False
    # What just came need not be searched for among all that is held.
    came = f"in_{name}" if h.has(f"in_{name}") else f"held_{name}"
    h.run(
        f"CREATE OR REPLACE TEMP TABLE part_{name} AS "
        f"FROM {came} WHERE {ID} IN (FROM next_{name}) AND {ID} IN (FROM touched_{name})"
    )
    other = f"FROM next_{name} ANTI JOIN touched_{name} USING ({ID})"
    if h.count(f"({other})"):
        h.run(f"INSERT INTO part_{name} FROM held_{name} WHERE {ID} IN ({other})")
    h.run(f"INSERT INTO seen_{name} FROM next_{name}")
    return True


def follow_documents(h: Holding, tasks: Sequence[Task]) -> None:
    """Put on the list the lines of documents that came, went, or changed between good and bad."""
    objects = {t.mapping.object for t in tasks}
    for parent in PARENTS:
        children = [t for t in tasks if t.mapping.table == parent.table]
        parents = [t for t in tasks if t.mapping.table == parent.parent_table]
        if not children or not parents:
            continue
        key = identifier(parent.parent_key)
        was = (
            f"SELECT {key} AS k, deleted AS d FROM rows_{parent.parent_table} "
            f"WHERE good AND {concerned(objects)}"
        )
        now = f"SELECT {key} AS k, d FROM ({_evaluated(parents, [parent.parent_key])})"
        moved = f"SELECT k FROM (({was} EXCEPT {now}) UNION ALL ({now} EXCEPT {was}))"
        h.run(f"CREATE OR REPLACE TEMP TABLE moved AS {moved}")
        for name in {t.mapping.object for t in children}:
            h.run(
                f"INSERT INTO todo_{name} SELECT DISTINCT {ID} FROM rows_{parent.table} "
                f"WHERE source_object = {literal(name)} AND "
                f"{identifier(parent.column)} IN (SELECT k FROM moved)"
            )


def orphans(h: Holding, tasks: Sequence[Task], *, anew: bool) -> dict[str, pl.DataFrame]:
    """Object → defects of rows, good so far, whose document is not there or not good."""
    found: dict[str, list[pl.DataFrame]] = {}
    for parent in PARENTS:
        parents = [t for t in tasks if t.mapping.table == parent.parent_table]
        if parents:
            make_parents(h, parent, tasks, anew=anew)
        for child in (t for t in tasks if parents and t.mapping.table == parent.table):
            column = identifier(parent.column)
            lost = h.sql(
                f"SELECT {ID}, {column} AS value FROM {child.table} AS e "
                f"ANTI JOIN parents ON parents.k = e.{column} "
                f"WHERE {column} IS NOT NULL AND {_not_bad(child)}"
            ).pl()
            fields = child.mapping.fields_of(child.mapping.columns[parent.column])
            words = {"table": parent.table, "column": parent.column, "parent": parent.parent_word}
            defects = q.defects(
                lost, q.PARENT_MISSING, field=", ".join(f.field for f in fields), **words
            )
            found.setdefault(child.mapping.object, []).append(defects)
    joined = {name: pl.concat(frames) for name, frames in found.items()}
    return {name: frame for name, frame in joined.items() if frame.height}


def make_parents(h: Holding, parent: Parent, tasks: Sequence[Task], *, anew: bool) -> None:
    """Make ``parents``: ``k``, key of every document a line may belong to; ``d``, is it deleted."""
    evaluated = [t for t in tasks if t.mapping.table == parent.parent_table]
    key = identifier(parent.parent_key)
    h.run(
        "CREATE OR REPLACE TEMP TABLE parents AS "
        f"SELECT {key} AS k, d FROM ({_evaluated(evaluated, [parent.parent_key])})"
    )
    if not anew:
        wanted = [
            f"SELECT {identifier(parent.column)} FROM {t.table}"
            for t in tasks
            if t.mapping.table == parent.table
        ]
        objects = {t.mapping.object for t in tasks}
        within = f"{key} IN ({' UNION ALL '.join(wanted)})" if wanted else "FALSE"
        h.run(
            f"INSERT INTO parents SELECT {key}, deleted FROM rows_{parent.parent_table} "
            f"WHERE good AND {within} AND NOT ({concerned(objects)})"
        )
    if not parent.part_of:
        h.run("DELETE FROM parents WHERE d")


def inherit_deletion(h: Holding, tasks: Sequence[Task], *, anew: bool) -> None:
    """Flag the rows of which the document is deleted and takes them along."""
    for parent in PARENTS:
        children = [t for t in tasks if t.mapping.table == parent.table]
        if not parent.part_of or not children:
            continue
        if not any(t.mapping.table == parent.parent_table for t in tasks):
            continue
        make_parents(h, parent, tasks, anew=anew)
        for child in children:
            h.run(
                f"UPDATE {child.table} SET _flagged = TRUE WHERE {identifier(parent.column)} "
                "IN (SELECT k FROM parents WHERE d) AND NOT _flagged"
            )


def mark_bad(h: Holding, found: Mapping[str, pl.DataFrame], *, inherited: bool) -> None:
    """Hold the records back in which defects were found."""
    for name, defects in found.items():
        ids = defects.select(ID).unique()
        h.run(
            f"INSERT INTO bad_now SELECT {literal(name)}, {ID}, {inherited} FROM given "
            f"ANTI JOIN (SELECT {ID} FROM bad_now WHERE object = {literal(name)}) USING ({ID})",
            ids,
        )


def _evaluated(tasks: Sequence[Task], columns: Sequence[str]) -> str:
    parts = [
        f"SELECT {', '.join(map(identifier, columns))}, _flagged AS d FROM {t.table} "
        f"WHERE {_not_bad(t)}"
        for t in tasks
    ]
    return " UNION ALL ".join(parts)


def _not_bad(task: Task) -> str:
    name = literal(task.mapping.object)
    return f"{ID} NOT IN (SELECT {ID} FROM bad_now WHERE object = {name})"


def concerned(objects: Iterable[str]) -> str:
    """SQL condition on rows_t: of a record that is looked at again, or gone."""
    parts = [
        f"(source_object = {literal(o)} AND ({ID} IN (FROM seen_{o}) OR {ID} IN (FROM gone_{o})))"
        for o in sorted(objects)
    ]
    return f"({' OR '.join(parts)})"
