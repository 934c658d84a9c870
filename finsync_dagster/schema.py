"""What a table is: one declaration, from which dtypes, validation, SQL and documentation derive.

Belongs here: the vocabulary for declaring tables and what follows from a declaration. Not here:
any particular table (each stage declares its own in ``tables.py``), nor where tables are stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

import pandera.polars as pa
import polars as pl
from pandera.config import ValidationDepth, config_context
from pandera.errors import SchemaErrors

# The exact types of CANONICAL tables. A bare pl.Decimal would mean Decimal(28, 0).
Amount = Annotated[pl.Decimal, 38, 4]
Price = Annotated[pl.Decimal, 38, 10]
Qty = Annotated[pl.Decimal, 38, 6]
Rate = Annotated[pl.Decimal, 38, 12]
TsUTC = Annotated[pl.Datetime, "us", "UTC"]

_SQL_TYPES: dict[type[pl.DataType], str] = {
    pl.String: "VARCHAR",
    pl.Int64: "BIGINT",
    pl.Boolean: "BOOLEAN",
    pl.Date: "DATE",
    pl.Datetime: "TIMESTAMPTZ",
}


LEFT_OUT = "may_be_left_out"
"""Metadata key of columns that few sources know: a mapping that does not name one means NULL."""


def known_to_some(description: str, **rules: Any) -> Any:
    """A nullable column that a mapping may leave out, since few sources have the fact."""
    return pa.Field(nullable=True, description=description, metadata={LEFT_OUT: True}, **rules)


class Table(pa.DataFrameModel):
    """Base of every declared table: exactly the declared columns, in the declared order."""

    class Config:
        """No column may be missing, added or reordered."""

        strict = True
        ordered = True


@dataclass(frozen=True)
class TableSpec:
    """A named table: where analysts find it, what one row is, and the model of its columns.

    ``key`` are the columns that identify a row (for versioned canonical tables: its current
    version). ``grain`` completes the sentence "one row per ...".
    """

    schema: str
    name: str
    grain: str
    key: tuple[str, ...]
    model: type[Table]

    @property
    def full_name(self) -> str:
        """``schema.name``, as analysts write it."""
        return f"{self.schema}.{self.name}"

    @property
    def polars_schema(self) -> pl.Schema:
        """Column name → Polars dtype, in the declared order."""
        return _polars_schema(self.model)

    def empty(self) -> pl.DataFrame:
        """No rows, all columns."""
        return _empty(self.model).clone()

    def conform(self, frame: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
        """The frame with exactly the declared columns and dtypes; raises if one is missing.

        Strict casts only: a value that does not fit raises ``polars.exceptions`` rather than
        turning into null.
        """
        wanted = [pl.col(name).cast(dtype) for name, dtype in self.polars_schema.items()]
        return frame.lazy().select(wanted).collect()

    @property
    def may_be_left_out(self) -> frozenset[str]:
        """Columns that a mapping need not name."""
        return frozenset(column.name for column in _columns(self.model) if column.may_be_left_out)

    def columns(self) -> list[Column]:
        """Every column with the facts that documentation and DDL need."""
        return list(_columns(self.model))


def _choices(checks: Iterable[pa.Check]) -> str:
    """Whoever maps a column has to know which values it takes."""
    named = [c.statistics["allowed_values"] for c in checks if c.name == "isin" and c.statistics]
    return f"One of: {', '.join(map(str, named[0]))}." if named else ""


@cache
def _polars_schema(model: type[Table]) -> pl.Schema:
    columns = model.to_schema().columns
    return pl.Schema({name: column.dtype.type for name, column in columns.items()})


@cache
def _empty(model: type[Table]) -> pl.DataFrame:
    return pl.DataFrame(schema=_polars_schema(model))


@dataclass(frozen=True)
class Column:
    """One declared column."""

    name: str
    dtype: pl.DataType
    nullable: bool
    description: str
    may_be_left_out: bool = False

    @property
    def sql_type(self) -> str:
        """The type in the SQL warehouse; money stays exact as DECIMAL(38, scale)."""
        if isinstance(self.dtype, pl.Decimal):
            return f"DECIMAL({self.dtype.precision},{self.dtype.scale})"
        return _SQL_TYPES[type(self.dtype)]


@cache
def _columns(model: type[Table]) -> tuple[Column, ...]:
    dtypes = _polars_schema(model)
    return tuple(
        Column(
            name=name,
            dtype=dtypes[name],
            nullable=column.nullable,
            description=" ".join(filter(None, (column.description, _choices(column.checks)))),
            may_be_left_out=bool((column.metadata or {}).get(LEFT_OUT)),
        )
        for name, column in model.to_schema().columns.items()
    )


@dataclass(frozen=True)
class Violation:
    """One row that broke one rule of its model. ``row`` is its position in the frame."""

    row: int
    column: str
    check: str


class TableShapeError(ValueError):
    """The frame is not the declared table: a column is missing, extra or of another type."""


def violations(
    spec: TableSpec, frame: pl.DataFrame, columns: Sequence[str] | None = None
) -> list[Violation]:
    """Every row-level violation of the table's model; empty when the frame is valid.

    ``columns`` restricts the check to some of the declared columns, for a frame that does not
    have the others yet.

    Raises:
        TableShapeError: columns or dtypes differ from the declaration, which no row can be
            blamed for.
    """
    schema = _narrowed(spec.model, None if columns is None else frozenset(columns))
    # Pandera checks only the schema of a lazy frame; a collected frame at full depth is the one
    # form in which nothing is skipped.
    with config_context(validation_depth=ValidationDepth.SCHEMA_AND_DATA):
        try:
            schema.validate(frame, lazy=True)
        except SchemaErrors as error:
            return _rows(spec, error.failure_cases)
    return []


@cache
def _narrowed(model: type[Table], columns: frozenset[str] | None) -> pa.DataFrameSchema:
    """The model's schema, of these columns alone: Pandera copies all of it to leave some out."""
    schema = model.to_schema()
    if columns is None:
        return schema
    return schema.remove_columns([c for c in schema.columns if c not in columns])


def require_valid(spec: TableSpec, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame itself, if valid.

    Raises:
        TableShapeError: naming table, columns and checks; used for tables that finsync computes,
            where a violation is a defect and not a source's bad record.
    """
    found = violations(spec, frame)
    if found:
        rules = sorted({f"{v.column}: {v.check}" for v in found})
        raise TableShapeError(f"{spec.full_name}: {len(found)} violation(s): {'; '.join(rules)}")
    return frame


def _rows(spec: TableSpec, cases: pl.DataFrame) -> list[Violation]:
    shape = cases.filter(pl.col("index").is_null())
    if shape.height:
        said = "; ".join(f"{c['column']}: {c['check']}" for c in shape.to_dicts())
        raise TableShapeError(f"{spec.full_name}: {said}")
    return [Violation(c["index"], str(c["column"]), str(c["check"])) for c in cases.to_dicts()]
