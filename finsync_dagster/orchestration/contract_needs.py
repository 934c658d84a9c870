"""What the mappings and the connector read of an object, as the contract's plain values.

Belongs here: reading it off their declarations. Not here: comparing it with what arrives
(contracts/drift.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from finsync_dagster.canonical.expressions import coded_fields
from finsync_dagster.canonical.mapping import RECORD, Mapping, SystemMappings
from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.connectors.model import SystemSpec
from finsync_dagster.contracts.needs import CodeNeed, FieldNeed, Needs
from finsync_dagster.contracts.profile import RESERVED

_NO_MEASURES = {"VARCHAR", "BOOLEAN"}
# In an expression that chooses, no single field is certainly needed.
_INSTEAD = re.compile(r"\b(coalesce|ifnull|nvl|case|if)\b", re.IGNORECASE)


def needs_of(mappings: SystemMappings, spec: SystemSpec, object_name: str) -> Needs:
    """What the mappings and the connector read of one object."""
    fields: dict[str, FieldNeed] = {}
    codes: dict[str, tuple[CodeNeed, ...]] = {}
    for field, need in _reads(mappings, spec, object_name):
        if field not in RESERVED:
            before = fields.get(field, FieldNeed((), required=False, measure=False))
            fields[field] = FieldNeed(
                tuple(dict.fromkeys([*before.feeds, *need.feeds])),
                before.required or need.required,
                before.measure or need.measure,
            )
    for field, code in _codes(mappings, object_name):
        there = {need.map: need for need in codes.get(field, ())}
        sure = code.certain or (code.map in there and there[code.map].certain)
        codes[field] = tuple({**there, code.map: replace(code, certain=sure)}.values())
    expanded = any(m.expand for m in mappings.mappings if m.object == object_name)
    return Needs(fields, codes, reads_every_field=expanded)


def _reads(
    mappings: SystemMappings, spec: SystemSpec, object_name: str
) -> Iterator[tuple[str, FieldNeed]]:
    for mapping in mappings.mappings:
        columns = {c.name: c for c in TABLES[mapping.table].columns()}
        for column, expression in mapping.columns.items():
            declared = columns[column]
            need = FieldNeed(
                (f"{mapping.table}.{column}",),
                required=not declared.nullable and not _INSTEAD.search(expression),
                measure=declared.sql_type not in _NO_MEASURES,
            )
            for field in _fields(mapping, expression, object_name):
                yield field, need
        for words, expression in _conditions(mapping):
            need = FieldNeed((f"{words} {mapping.table}",), required=True, measure=False)
            for field in _fields(mapping, expression, object_name):
                yield field, need
        if mapping.object == object_name:
            whole = FieldNeed((f"the rows of {mapping.table}",), required=True, measure=False)
            yield from ((f, whole) for f in (mapping.expand.keep if mapping.expand else ()))
            if mapping.items:
                yield mapping.items.field, whole
    yield from _relations(spec, object_name)


def _relations(spec: SystemSpec, object_name: str) -> Iterator[tuple[str, FieldNeed]]:
    """Fields by which the connector tells records apart and ties them to others."""
    own = spec.objects[object_name]
    told = {"the record's key": own.key}
    if own.lines_of:
        told[f"the document in {own.lines_of.object}"] = own.lines_of.key
    for name, other in spec.objects.items():
        if other.deleted_by and other.deleted_by.object == object_name:
            told[f"deletions from {name}"] = other.deleted_by.key
        if other.lines_of and other.lines_of.object == object_name and other.lines_of.count:
            told[f"the number of {name}"] = (other.lines_of.count,)
    for words, fields in told.items():
        for field in fields:
            yield field, FieldNeed((words,), required=True, measure=False)


def _conditions(mapping: Mapping) -> Iterator[tuple[str, str]]:
    said = {
        "the choice of records for": mapping.where,
        "the identity of rows of": mapping.row_key,
        "the change stamp of": mapping.updated_at,
        "deletions from": mapping.deleted,
    }
    yield from ((words, expression) for words, expression in said.items() if expression)
    for joined in mapping.joins.values():
        yield "the join for", joined.condition


def _fields(mapping: Mapping, expression: str, object_name: str) -> Iterator[str]:
    return (ref.field for ref in mapping.fields_of(expression) if ref.object == object_name)


def _codes(mappings: SystemMappings, object_name: str) -> Iterator[tuple[str, CodeNeed]]:
    for mapping in mappings.mappings:
        objects = {RECORD: mapping.object, "": mapping.object}
        objects |= {alias: joined.object for alias, joined in mapping.joins.items()}
        made = {mapping.expand.name, mapping.expand.value} if mapping.expand else set()
        for expression in mapping.columns.values():
            for found in coded_fields(expression):
                if objects.get(found.field.object) == object_name and found.field.field not in made:
                    yield (
                        found.field.field,
                        CodeNeed(
                            found.map,
                            frozenset(mappings.code_maps.get(found.map, ())),
                            certain=found.alone
                            and mapping.where is None
                            and mapping.object == object_name,
                        ),
                    )
