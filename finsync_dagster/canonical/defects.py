"""What is wrong with the rows of one mapping, record by record and field by field.

Belongs here: finding the defects a record has by itself. Not here: their wording (quarantine.py),
nor defects that come from other records (closure.py).
"""

from __future__ import annotations

import re

import polars as pl

from finsync_dagster.canonical import quarantine as q
from finsync_dagster.canonical.evaluate import Scope, Task, source, wide
from finsync_dagster.canonical.expressions import (
    calls,
    identifier,
    looked_up,
    referenced_fields,
)
from finsync_dagster.canonical.holding import Holding
from finsync_dagster.canonical.landed import ID, NO_KEY
from finsync_dagster.canonical.mapping import RECORD
from finsync_dagster.canonical.nested import NO_LIST
from finsync_dagster.canonical.tables.audit import AUDIT_COLUMNS
from finsync_dagster.schema import Violation, violations

_CHOOSES = re.compile(r"\bcoalesce\(", re.IGNORECASE)
_TYPE_WORDS = {"DATE": "date", "TIMESTAMPTZ": "timestamp", "BIGINT": "whole number"}


def own_defects(h: Holding, task: Task, scope: Scope) -> pl.DataFrame:
    """The defects of the rows of the scope's records, see quarantine.defects for the columns."""
    part = f"(FROM {task.table} SEMI JOIN {scope.record} USING ({ID}))"
    rows = task.table if scope.whole else part
    found = [_record_defects(h, task, scope, rows)]
    empty, imprecise = _suspects(h, task, rows)
    found += [_imprecise(h, task, scope, column) for column in imprecise]
    found += [_null_defects(h, task, scope, column) for column in empty]
    bad = pl.concat(found).select(ID).unique()
    found.append(_rule_defects(h, task, rows, bad))
    return pl.concat(found)


def _suspects(h: Holding, task: Task, rows: str) -> tuple[list[str], list[str]]:
    """Columns that are null somewhere though they need not be, and columns that lost decimals."""
    asked = [c for c, e in task.expressions.items() if e.strip().upper() != "NULL"]
    full = "".join(f", count({identifier(c)})" for c in asked)
    total, bits, *counts = h.row(
        f"SELECT count(*), coalesce(bit_or(_imprecise), 0){full} FROM {rows}"
    )
    empty = [c for c, n in zip(asked, counts, strict=True) if n < total]
    return empty, [c for i, c in enumerate(task.expressions) if bits & (1 << i)]


def _record_defects(h: Holding, task: Task, scope: Scope, rows: str) -> pl.DataFrame:
    """No key, unreadable change stamp, a list that is none, two rows under one key."""
    mapping, table = task.mapping, task.mapping.table
    rows_in_all, stamps = h.row(f"SELECT count(*), count(_updated_at) FROM {rows}")
    stampless = stamps < rows_in_all
    keyless = _ids(h, f"FROM {rows} WHERE _pk IS NULL", f"'{NO_KEY}'")
    words = {"table": table, "column": "source_pk", "field": "the record's key"}
    found = [q.defects(keyless, q.MISSING_REQUIRED_FIELD, **words)]
    if mapping.updated_at and stampless:
        condition = f"TRY(struct_pack(v := CAST(({mapping.updated_at}) AS TIMESTAMPTZ))) IS NULL"
        bad = _detect(h, task, scope, condition, None)
        words = {"table": table, "column": "source_updated_at", "field": mapping.updated_at}
        found.append(q.defects(bad, q.VALUE_NOT_READABLE, type="timestamp", **words))
    if mapping.items:
        field = identifier(mapping.items.field)
        unread = f"SELECT {ID} FROM {rows} WHERE {NO_LIST}"
        bad = _ids(h, f"FROM {scope.record} WHERE {ID} IN ({unread})", field)
        path = " / ".join(level.path for level in mapping.items.levels)
        words = {"table": table, "column": "(record)", "field": path}
        found.append(q.defects(bad, q.VALUE_NOT_READABLE, type="list", **words))
    if mapping.row_key or mapping.joins or mapping.items or mapping.expand:
        twice = f"SELECT _pk FROM {rows} GROUP BY _pk HAVING count(*) > 1"
        bad = _ids(h, f"FROM {rows} WHERE _pk IN ({twice})", "_pk")
        field = mapping.row_key or ", ".join(mapping.joins) or "the record's key"
        words = {"table": table, "column": "source_pk", "field": field}
        found.append(q.defects(bad, q.KEY_NOT_UNIQUE, **words))
    return pl.concat(found)


def _imprecise(h: Holding, task: Task, scope: Scope, column: str) -> pl.DataFrame:
    full = f"CAST(({task.expressions[column]}) AS {wide(task, column)})"
    condition = f"TRY({full}) <> TRY(CAST({full} AS {task.types[column]}))"
    return q.defects(
        _detect(h, task, scope, condition, column), q.PRECISION_LOST, **_words(task, column)
    )


def _null_defects(h: Holding, task: Task, scope: Scope, column: str) -> pl.DataFrame:
    """A null is a value that cannot be read, a code or record looked up in vain, or just empty."""
    expression = task.expressions[column]
    declared = next(c for c in task.spec.columns() if c.name == column)
    words = _words(task, column)
    kind = _TYPE_WORDS.get(
        declared.sql_type, "number" if "DECIMAL" in declared.sql_type else "text"
    )
    # A struct tells "could not be read" (the struct is null) from "is empty" (its value is null).
    narrow = f"CAST(CAST(({expression}) AS {wide(task, column)}) AS {declared.sql_type})"
    packed = f"TRY(struct_pack(v := {narrow}))"
    unreadable = _detect(h, task, scope, f"{packed} IS NULL", column)
    found = [q.defects(unreadable, q.VALUE_NOT_READABLE, type=kind, **words)]
    coded = calls(expression, "code")
    codes = looked_up(expression)
    if not coded and declared.nullable:
        return found[0]
    no_value = f"{packed} IS NOT NULL AND ({packed}).v IS NULL"
    seen = f"TRY(CAST(({codes[0]}) AS VARCHAR))" if len(codes) == 1 else None
    empty = _detect(h, task, scope, no_value, column, seen)
    # An empty result from fields that are not empty is a code or record that was looked up in vain.
    in_vain = empty.filter(pl.col("value").is_not_null())
    vain_reason = q.MAPPING_MISSING if coded else q.MISSING_REQUIRED_FIELD
    told = {**words, "field": _field(task, codes[0])} if len(codes) == 1 else words
    found.append(q.defects(in_vain, vain_reason, **told))
    if not declared.nullable:
        plain = empty.filter(pl.col("value").is_null())
        found.append(q.defects(plain, q.MISSING_REQUIRED_FIELD, **words))
    return pl.concat(found)


def _rule_defects(h: Holding, task: Task, rows: str, bad: pl.DataFrame) -> pl.DataFrame:
    """Rows that break a rule of the table's model (allowed values, signs, formats)."""
    business = [c for c in task.spec.polars_schema if c not in AUDIT_COLUMNS]
    names = ", ".join(identifier(c) for c in business)
    out = [q.no_defects()]
    for batch in h.batches(f"SELECT {ID}, {names} FROM {rows}"):
        typed = batch.join(bad, on=ID, how="anti").cast(
            {c: t for c, t in task.spec.polars_schema.items() if c in business}
        )
        found = violations(task.spec, typed.select(business), columns=business)
        for (column, check), group in _grouped(found).items():
            at = typed[group].select(ID, pl.col(column).cast(pl.String).alias("value"))
            out.append(q.defects(at, q.VALUE_NOT_ALLOWED, check=check, **_words(task, column)))
    return pl.concat(out)


def _detect(
    h: Holding,
    task: Task,
    scope: Scope,
    condition: str,
    column: str | None,
    seen: str | None = None,
) -> pl.DataFrame:
    """Records of which a condition holds that has to be asked of the received values themselves.

    ``seen``: SQL for what is told of them; without it, the values that the expression reads.
    """
    glue = "AND" if task.mapping.where else "WHERE"
    expression = task.expressions[column] if column else task.mapping.updated_at or "NULL"
    h.guarded(
        f"CREATE OR REPLACE TEMP TABLE detected AS SELECT DISTINCT record.{ID}, "
        f"{seen or _seen(task, expression)} AS value {source(task, scope)} {glue} {condition}"
    )
    return h.sql("FROM detected").pl()


def _ids(h: Holding, rest: str, value: str) -> pl.DataFrame:
    return h.sql(f"SELECT DISTINCT {ID}, CAST({value} AS VARCHAR) AS value {rest}").pl()


def _seen(task: Task, expression: str) -> str:
    """SQL for the received values an expression reads of its own record; null if one is null, or if
    all are where the expression takes the first there is."""
    own = []
    for ref in referenced_fields(expression):
        if task.mapping.items and ref.object in task.mapping.items.names:
            own.append(f"record.{identifier(ref.object)}.{identifier(ref.field)}")
        elif task.mapping.expand and ref.field == task.mapping.expand.value:
            # Of a wide record: which of its columns, and what that holds.
            name = f"record.{identifier(task.mapping.expand.name)}"
            own.append(f"{name} || ': ' || record.{identifier(ref.field)}")
        elif ref.object in ("", RECORD):
            own.append(f"record.{identifier(ref.field)}")
    if not own:
        return "CAST(NULL AS VARCHAR)"
    if _CHOOSES.search(expression):
        return f"nullif(concat_ws(' / ', {', '.join(own)}), '')"
    return " || ' / ' || ".join(own)


def _words(task: Task, column: str) -> dict[str, str]:
    field = _field(task, task.mapping.columns.get(column, "NULL"))
    return {"table": task.spec.name, "column": column, "field": field}


def _field(task: Task, expression: str) -> str:
    """Names of the fields that an expression reads."""
    names = []
    for ref in referenced_fields(expression):
        joined = task.mapping.joins.get(ref.object)
        names.append(f"{joined.object}.{ref.field}" if joined else ref.field)
    return ", ".join(dict.fromkeys(names)) or "(constant)"


def _grouped(found: list[Violation]) -> dict[tuple[str, str], list[int]]:
    groups: dict[tuple[str, str], list[int]] = {}
    for v in found:
        groups.setdefault((v.column, v.check), []).append(v.row)
    return groups
