"""Evaluating one mapping over an object's records: typed rows, and a defect for each bad value.

Belongs here: the query that is built from a mapping and the reading of its result. Not here:
rules that span records or tables (conform.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import polars as pl

from finsync_dagster.canonical import quarantine as q
from finsync_dagster.canonical.expressions import calls, identifier, literal
from finsync_dagster.canonical.landed import KEY, LANDING_COLUMNS, NO_KEY, ROW, Landed
from finsync_dagster.canonical.mapping import ENTITY_COLUMN, RECORD, Mapping, MappingError
from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.schema import TableSpec, Violation, violations

# The widest scale at which a figure is looked at before it is stored: more decimals than this are
# noise of binary floating point, and show up as a difference at this scale.
_EXACT = "DECIMAL(38, 18)"
_TYPE_WORDS = {"DATE": "date", "TIMESTAMPTZ": "timestamp", "BIGINT": "whole number"}


@dataclass(frozen=True)
class Evaluated:
    """The rows of one mapping (business columns, ``_row``, ``_pk``, ``_updated_at``), defects."""

    mapping: Mapping
    rows: pl.DataFrame
    defects: pl.DataFrame


def evaluate(
    room: duckdb.DuckDBPyConnection, mapping: Mapping, landed: dict[str, Landed], entity_id: str
) -> Evaluated:
    """Apply a mapping to the newest records of its object.

    ``entity_id`` is the legal entity of records whose mapping does not derive one.

    Raises:
        MappingError: nothing says which legal entity the records belong to.
        duckdb.Error: an expression names a field that does not exist or does not type-check,
            which is a defect of the mapping rather than of a record.
    """
    spec = TABLES[mapping.table]
    own = {ENTITY_COLUMN: literal(entity_id)} if ENTITY_COLUMN in spec.polars_schema else {}
    if own and not entity_id and ENTITY_COLUMN not in mapping.columns:
        raise MappingError(
            f"mapping of {mapping.object} to {mapping.table}: the system holds records of several "
            f"legal entities, so the mapping must say which: add a column {ENTITY_COLUMN}"
        )
    expressions = {**own, **mapping.columns}
    for alias, source in [
        (RECORD, mapping.object),
        *((a, j.object) for a, j in mapping.joins.items()),
    ]:
        room.register(f"landed_{alias}", landed[source].newest)
    guarded = room.sql(_query(mapping, spec, expressions)).pl()
    found = [_column_defects(mapping, spec, guarded, c, e, landed) for c, e in expressions.items()]
    found.append(_change_stamp_defects(mapping, guarded))
    rows = _unwrap(guarded, expressions)
    typed = rows.join(pl.concat(found).select(ROW).unique(), on=ROW, how="anti")
    found.append(_rule_defects(mapping, spec, typed))
    return Evaluated(mapping, rows, pl.concat(found))


def _query(mapping: Mapping, spec: TableSpec, expressions: dict[str, str]) -> str:
    types = {c.name: c.sql_type for c in spec.columns()}
    items = [_guarded(f"({e})", types[c], c) for c, e in expressions.items()]
    items.append(_guarded(f"({mapping.updated_at or 'NULL'})", "TIMESTAMPTZ", "_updated_at"))
    suffix = f" || '|' || ({mapping.row_key})" if mapping.row_key else ""
    # A condition that cannot be evaluated keeps the record: what makes it unreadable then
    # surfaces as a defect of a column instead of the record vanishing.
    where = f"WHERE TRY(({mapping.where})) IS DISTINCT FROM FALSE" if mapping.where else ""
    joins = " ".join(
        f"LEFT JOIN landed_{alias} AS {alias} ON ({join.condition})"
        for alias, join in mapping.joins.items()
    )
    return (
        f"SELECT record.{ROW}, record.{KEY}{suffix} AS _pk, {', '.join(items)} "
        f"FROM {_source(mapping)} AS record {joins} {where} ORDER BY record.{ROW}"
    )


def _guarded(expression: str, sql_type: str, name: str) -> str:
    # A struct tells "could not be read" (the struct is null) from "is empty" (its value is null).
    value = f"CAST({expression} AS {sql_type})"
    same = f"CAST({expression} AS {_EXACT}) = {value}" if "DECIMAL" in sql_type else "TRUE"
    return f"TRY(struct_pack(v := {value}, same := {same})) AS {identifier(name)}"


def _source(mapping: Mapping) -> str:
    if mapping.expand is None:
        return f"landed_{RECORD}"
    kept = ", ".join(identifier(c) for c in (*mapping.expand.keep, *LANDING_COLUMNS, ROW, KEY))
    return (
        f"(UNPIVOT landed_{RECORD} ON COLUMNS(* EXCLUDE ({kept})) "
        f"INTO NAME {identifier(mapping.expand.name)} VALUE {identifier(mapping.expand.value)})"
    )


def _unwrap(guarded: pl.DataFrame, expressions: dict[str, str]) -> pl.DataFrame:
    values = [pl.col(c).struct.field("v").alias(c) for c in [*expressions, "_updated_at"]]
    return guarded.select(ROW, "_pk", *values)


def _column_defects(
    mapping: Mapping,
    spec: TableSpec,
    guarded: pl.DataFrame,
    column: str,
    expression: str,
    landed: dict[str, Landed],
) -> pl.DataFrame:
    declared = next(c for c in spec.columns() if c.name == column)
    value, fields = pl.col(column).struct.field("v"), mapping.fields_of(expression)
    words = {
        "table": spec.name,
        "column": column,
        "field": ", ".join(f.field for f in fields) or "(constant)",
    }
    unreadable = guarded.filter(pl.col(column).is_null()).select(ROW)
    imprecise = guarded.filter(pl.col(column).struct.field("same").eq_missing(False)).select(ROW)
    coded = calls(expression, "code")
    empty = guarded.filter(
        pl.col(column).is_not_null() & value.is_null() & (coded or not declared.nullable)
    ).select(ROW)
    if not (unreadable.height or imprecise.height or empty.height):
        return q.no_defects()
    own = [f.field for f in fields if f.object == mapping.object]
    seen = _values(landed[mapping.object].newest, own)
    kind = _TYPE_WORDS.get(
        declared.sql_type, "number" if "DECIMAL" in declared.sql_type else "text"
    )
    # An empty result from fields that are not empty is a code or record that was looked up in vain.
    in_vain = empty.join(seen.filter(pl.col("value").is_not_null()), on=ROW)
    plain = empty.join(in_vain, on=ROW, how="anti").join(seen, on=ROW)
    plain = plain.clear() if declared.nullable else plain
    vain_reason = q.MAPPING_MISSING if coded else q.MISSING_REQUIRED_FIELD
    return pl.concat(
        [
            q.defects(unreadable.join(seen, on=ROW), q.VALUE_NOT_READABLE, type=kind, **words),
            q.defects(imprecise.join(seen, on=ROW), q.PRECISION_LOST, **words),
            q.defects(in_vain, vain_reason, **words),
            q.defects(plain, q.MISSING_REQUIRED_FIELD, **words),
        ]
    )


def _values(newest: pl.DataFrame, fields: list[str]) -> pl.DataFrame:
    if not fields:
        return newest.select(ROW, pl.lit(None, dtype=pl.String).alias("value"))
    return newest.select(
        ROW, pl.concat_str(fields, separator=" / ", ignore_nulls=False).alias("value")
    )


def _change_stamp_defects(mapping: Mapping, guarded: pl.DataFrame) -> pl.DataFrame:
    bad = guarded.filter(pl.col("_updated_at").is_null()).select(
        ROW, pl.lit(None, dtype=pl.String).alias("value")
    )
    keyless = guarded.filter(pl.col("_pk").is_null()).select(ROW, pl.lit(NO_KEY).alias("value"))
    stamp = mapping.updated_at or ""
    return pl.concat(
        [
            q.defects(
                bad,
                q.VALUE_NOT_READABLE,
                table=mapping.table,
                column="source_updated_at",
                field=stamp,
                type="timestamp",
            ),
            q.defects(
                keyless,
                q.MISSING_REQUIRED_FIELD,
                table=mapping.table,
                column="source_pk",
                field="the record's key",
            ),
        ]
    )


def _rule_defects(mapping: Mapping, spec: TableSpec, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows that break a rule of the table's model (allowed values, signs, formats)."""
    business = [c for c in spec.polars_schema if c in rows.columns]
    found = violations(spec, rows.select(business), columns=business)
    out = [q.no_defects()]
    for (column, check), group in _grouped(found).items():
        at = rows[group].select(ROW, pl.col(column).cast(pl.String).alias("value"))
        fields = mapping.fields_of(mapping.columns.get(column, "NULL"))
        out.append(
            q.defects(
                at,
                q.VALUE_NOT_ALLOWED,
                table=spec.name,
                column=column,
                field=", ".join(f.field for f in fields) or "(constant)",
                check=check,
            )
        )
    return pl.concat(out)


def _grouped(found: list[Violation]) -> dict[tuple[str, str], list[int]]:
    groups: dict[tuple[str, str], list[int]] = {}
    for v in found:
        groups.setdefault((v.column, v.check), []).append(v.row)
    return groups
