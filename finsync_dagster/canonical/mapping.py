"""Mappings as data: which canonical column comes from which expression over a source's fields.

Belongs here: the shape of a connector's ``mappings.yaml`` and what can be read off it (the fields
it needs, the lineage of each column). Not here: evaluating the expressions (evaluate.py).
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from finsync_dagster.canonical.expressions import FieldRef, referenced_fields
from finsync_dagster.canonical.mapping_checks import checked_mappings
from finsync_dagster.canonical.mapping_overlay import with_connector
from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.canonical.tables.audit import AUDIT_COLUMNS
from finsync_dagster.connectors.likeness import FILE as SYSTEM
from finsync_dagster.connectors.likeness import family, taken_away
from finsync_dagster.landscape.explain import InvalidError
from finsync_dagster.landscape.tree import Node, Place, TreeError, read_tree

CONNECTORS = Path(__file__).parent.parent / "connectors"
RECORD = "record"
"""Alias under which expressions may address the record being mapped, as opposed to a joined one."""

ITEM = "item"
"""Alias of one element of a record's nested list, see Items."""

ENTITY_COLUMN = "entity_id"


class Strict(BaseModel):
    """An unknown key is an error, since a misspelt one would silently change the books."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Join(Strict):
    """Another object of the same system whose record is looked up, at most one per record."""

    object: str
    condition: str  # not "on": YAML 1.1 reads that word as true
    """SQL condition between ``record`` and the join's own name."""


class Expand(Strict):
    """Turns the columns of a wide record into several rows, one per column (SQL UNPIVOT)."""

    name: str
    value: str
    keep: tuple[str, ...]
    """Fields that stay as they are; every other one becomes a row."""


class Items(Strict):
    """Turns a nested list of a record into several rows, one per element (a JSON array)."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")] = ITEM
    """What expressions call an element."""
    path: str
    """The array's place in the record, or in an element of the list around it, such as
    ``to_Item.results``."""
    fields: tuple[str, ...] = Field(min_length=1)
    """Fields that every element has, if only as null; in expressions ``item.<field>``."""
    optional: tuple[str, ...] = ()
    """Fields that an element may lack altogether, which is as if they were null."""
    items: Items | None = None
    """A list within each element: there is one row per element of that one."""

    @property
    def levels(self) -> tuple[Items, ...]:
        """The lists from the outside in."""
        return (self, *(self.items.levels if self.items else ()))

    @property
    def names(self) -> tuple[str, ...]:
        """What expressions call the elements, from the outside in."""
        return tuple(level.name for level in self.levels)

    @property
    def field(self) -> str:
        """The record's own field in which the lists are."""
        return self.path.split(".")[0]


class Mapping(Strict):
    """One canonical table, filled from one object of a system."""

    table: str
    object: str
    joins: dict[str, Join] = {}
    expand: Expand | None = None
    items: Items | None = None
    where: str | None = None
    """Records this mapping takes. One that no mapping takes is quarantined, never dropped."""
    row_key: str | None = None
    """Where a record yields several rows: what tells them apart, appended to the record's key."""
    updated_at: str | None = None
    """The source's change stamp."""
    deleted: str | None = None
    """Condition under which the source flags the record as deleted: its rows are withdrawn."""
    columns: dict[str, str]

    @model_validator(mode="before")
    @classmethod
    def _left_out_is_null(cls, data: Any) -> Any:
        """Names the columns that may be left out, so that everyone else finds all columns."""
        if not isinstance(data, dict) or data.get("table") not in TABLES:
            return data
        columns = data.get("columns")
        if not isinstance(columns, dict):
            return data
        silent = sorted(TABLES[data["table"]].may_be_left_out - set(columns))
        return {**data, "columns": {**columns, **dict.fromkeys(silent, "NULL")}}

    @model_validator(mode="after")
    def _fits_the_table(self) -> Mapping:
        if self.table not in TABLES:
            raise ValueError(f"table {self.table!r} is not one of {', '.join(TABLES)}")
        business = [c for c in TABLES[self.table].polars_schema if c not in AUDIT_COLUMNS]
        unknown = sorted(set(self.columns) - set(business))
        missing = sorted(set(business) - set(self.columns) - {ENTITY_COLUMN})
        if unknown or missing:
            raise ValueError(
                f"mapping of {self.object} to {self.table}: unknown columns {unknown}, "
                f"missing columns {missing} (write NULL for a fact the source does not have)"
            )
        return self

    @model_validator(mode="after")
    def _elements_are_told_apart(self) -> Mapping:
        names = (*(self.items.names if self.items else ()), RECORD, *self.joins)
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(
                f"mapping of {self.object} to {self.table}: {', '.join(twice)} would mean two "
                "things; give each list of items a name of its own"
            )
        return self

    @cached_property
    def lineage(self) -> dict[str, tuple[FieldRef, ...]]:
        """Canonical column → the source fields its expression reads, as (object, field)."""
        return {c: self.fields_of(expression) for c, expression in self.columns.items()}

    def fields_of(self, expression: str) -> tuple[FieldRef, ...]:
        """The source fields an expression of this mapping reads."""
        aliases = {RECORD: self.object, **{a: j.object for a, j in self.joins.items()}}
        made = {self.expand.name, self.expand.value} if self.expand else set()
        refs = (r for r in referenced_fields(expression) if r.field not in made)
        found = (
            FieldRef(self.object, self.items.field)
            if self.items and ref.object in self.items.names
            else FieldRef(aliases.get(ref.object, self.object), ref.field)
            for ref in refs
        )
        return tuple(dict.fromkeys(found))

    def leading_to(self, alias: str) -> tuple[str, ...]:
        """The joins that come before one and that its condition speaks of, in their order."""
        spoken = {ref.object for ref in referenced_fields(self.joins[alias].condition)}
        before = list(self.joins)[: list(self.joins).index(alias)]
        direct = [a for a in before if a in spoken]
        indirect = {a for d in direct for a in self.leading_to(d)}
        return tuple(a for a in before if a in direct or a in indirect)

    def required_fields(self) -> set[FieldRef]:
        """Every source field without which this mapping cannot work."""
        extra = [e for e in (self.where, self.row_key, self.updated_at, self.deleted) if e]
        expressions = [*self.columns.values(), *extra, *(j.condition for j in self.joins.values())]
        kept = {FieldRef(self.object, f) for f in (self.expand.keep if self.expand else ())}
        if self.items:
            kept.add(FieldRef(self.object, self.items.field))
        return kept.union(*(self.fields_of(e) for e in expressions))


class SystemMappings(Strict):
    """All mappings of one connector, with the code maps they use."""

    code_maps: dict[str, dict[str, str]] = {}
    """Map name → source code → canonical code. A code that is not listed is quarantined."""
    mappings: tuple[Mapping, ...] = Field(min_length=1)

    @cached_property
    def version(self) -> str:
        """SHA-256 of the mappings' content: rows conformed by the same rules carry the same."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    @property
    def tables(self) -> tuple[str, ...]:
        """Canonical tables this connector feeds, in the order of the mappings."""
        return tuple(dict.fromkeys(m.table for m in self.mappings))

    def required_fields(self, object_name: str) -> set[str]:
        """Fields of one object that some mapping reads."""
        return self.fields_read.get(object_name, set())

    @cached_property
    def fields_read(self) -> dict[str, set[str]]:
        """Object → its fields that some mapping reads."""
        found: dict[str, set[str]] = {}
        for ref in set[FieldRef]().union(*(m.required_fields() for m in self.mappings)):
            found.setdefault(ref.object, set()).add(ref.field)
        return found


class MappingError(ValueError):
    """Mappings that cannot be used; each line names the file, the line and what is wrong."""


FILE = "mappings.yaml"
ADAPTER: TypeAdapter[SystemMappings] = TypeAdapter(SystemMappings)


def load_mappings(connector: str) -> SystemMappings:
    """The mappings shipped with a connector.

    Raises:
        MappingError: the file is missing, is not valid or holds an expression that is not SQL.
    """
    try:
        return checked_mappings(ADAPTER, read_connector(CONNECTORS / connector))
    except InvalidError as error:
        raise MappingError(str(error)) from error


def read_connector(connector: Path) -> Node:
    """The tree of a connector's mappings, laid over those of the connector it is like, if it is.

    Such a one need not have mappings of its own.

    Raises:
        MappingError: a file cannot be read, is not YAML, or it cannot be told what it is laid over.
        ConnectorConfigError: it is like none that there is.
    """
    if not (connector / SYSTEM).exists():
        return read_mappings(connector / FILE)
    (first, _), *others = family(connector)
    tree = read_mappings(first / FILE)
    for folder, written in others:
        path = folder / FILE
        own = read_mappings(path) if path.exists() else Node({}, Place(path, 1))
        try:
            tree = with_connector(tree, own, taken_away(written))
        except InvalidError as error:
            raise MappingError(str(error)) from error
    return tree


def read_mappings(path: Path) -> Node:
    """The tree of a mappings file.

    Raises:
        MappingError: it cannot be read, or is not YAML.
    """
    try:
        return read_tree(path)
    except OSError as error:
        raise MappingError(f"{path}: cannot be read: {error.strerror}") from error
    except TreeError as error:
        raise MappingError(str(error)) from error
