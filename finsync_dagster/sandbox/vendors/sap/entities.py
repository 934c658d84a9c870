"""The text of entities: rows of a set in one of the formats, with those they expand to.

Belongs here: asking for the values of a page's rows, at once for all, and putting them into a
format's template. Not here: the templates (json_v2.py, atom.py, json_v4.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from finsync_dagster.sandbox.vendors.sap.edm import EntitySet, Navigation, Property
from finsync_dagster.sandbox.vendors.sap.fragments import TEXTS, key_sql
from finsync_dagster.sandbox.vendors.sap.query import Shape
from finsync_dagster.sandbox.vendors.sap.store import Store, initial


@dataclass(frozen=True)
class Slot:
    """A place in a template: ``key`` of the entity, a property's value, or what it expands to."""

    kind: str
    name: str = ""


KEY = Slot("key")
Part = str | Slot


class Format(Protocol):
    """One of the formats: the wire text of a value, and the parts of an entity around it."""

    def wire(self, prop: Property, sql: str) -> str:
        """The SQL of a value's text; of a string, the string."""

    @property
    def text(self) -> Callable[[str], str]:
        """How a string is in a document."""
        ...

    def entity(self, shape: Shape) -> list[Part]:
        """The parts of an entity, in order."""

    def many(self, entities: Sequence[str]) -> str:
        """What a navigation to many expands to."""

    def one(self, entity: str | None) -> str:
        """What a navigation to one expands to."""


@dataclass(frozen=True)
class Reader:
    """Reads entities of one system at one moment in one format."""

    store: Store
    until: datetime | None
    format: Format

    def entities(self, shape: Shape, seqs: Sequence[int]) -> list[str]:
        """The text of the rows ``seqs``, in that order."""
        if not seqs:
            return []
        expanded = {
            way.name: self._expanded(way, child, shape, seqs) for way, child in shape.expanded
        }
        # A property with the same text in every row is part of the template.
        varying = [prop for prop in shape.properties if self._varies(shape, prop)]
        values = self._values(shape, varying, sorted(set(seqs)))
        names = [KEY, *(Slot("value", prop.name) for prop in varying)]
        parts = self._parts(shape, varying)
        template = "".join(
            part.replace("%", "%%") if isinstance(part, str) else "%s" for part in parts
        )
        columns: list[Sequence[str]] = []
        by_seq = {row[0]: at for at, row in enumerate(values)}
        places = [by_seq[seq] for seq in seqs]
        told = dict(zip(names, self._columns(values, varying), strict=True))
        for part in parts:
            if isinstance(part, str):
                continue
            if part.kind == "expanded":
                columns.append([expanded[part.name][seq] for seq in seqs])
            else:
                column = told[part]
                columns.append([column[place] for place in places])
        if not columns:
            return [template % ()] * len(seqs)
        return [template % row for row in zip(*columns, strict=True)]

    def links(
        self, way: Navigation, source: EntitySet, target: EntitySet, seqs: Sequence[int]
    ) -> Mapping[int, list[int]]:
        """The rows of ``target`` that each of the rows ``seqs`` leads to, shown ones only."""
        found: dict[int, list[int]] = {}
        if not seqs or not self.store.holds(target):
            return found
        pairs = " AND ".join(
            f"{self._value(source, here, 'p.')} = {self._value(target, there, 'c.')}"
            for here, there in way.on
        )
        shown = self.store.shown(target, self.until, "c.")
        rows = self.store.run(
            f"SELECT p._seq, c._seq FROM {self.store.table(target)} c"
            f" JOIN {self.store.table(source)} p ON {pairs}"
            f" WHERE {_among(seqs, 'p.')}{' AND ' + shown if shown else ''} ORDER BY c._seq"
        )
        for parent, child in rows:
            found.setdefault(int(str(parent)), []).append(int(str(child)))
        return found

    def _expanded(
        self, way: Navigation, child: Shape, parent: Shape, seqs: Sequence[int]
    ) -> dict[int, str]:
        links = self.links(way, parent.entity_set, child.entity_set, seqs)
        wanted = sorted({each for children in links.values() for each in children})
        told = dict(zip(wanted, self.entities(child, wanted), strict=True))
        if way.many:
            return {
                seq: self.format.many([told[each] for each in links.get(seq, ())]) for seq in seqs
            }
        return {
            seq: self.format.one(next((told[each] for each in links.get(seq, ())), None))
            for seq in seqs
        }

    def _varies(self, shape: Shape, prop: Property) -> bool:
        return self.store.varies(shape.entity_set, prop)

    def _value(self, entity_set: EntitySet, name: str, alias: str) -> str:
        prop = entity_set.properties[name]
        return self.store.expression(entity_set, prop, self.until, alias)

    def _values(
        self, shape: Shape, varying: Sequence[Property], seqs: Sequence[int]
    ) -> list[tuple[object, ...]]:
        entity_set = shape.entity_set

        def value(prop: Property) -> str:
            return self.store.expression(entity_set, prop, self.until)

        columns = [key_sql(entity_set, value)]
        columns += [self.format.wire(prop, value(prop)) for prop in varying]
        return self.store.run(
            f"SELECT _seq, {', '.join(columns)} FROM {self.store.table(entity_set)}"
            f" WHERE {_among(seqs)}"
        )

    def _columns(
        self, values: list[tuple[object, ...]], varying: Sequence[Property]
    ) -> list[Sequence[str]]:
        """A column per value, each as it is in a document."""
        raw: list[tuple[Any, ...]] = list(zip(*values, strict=True))[1:]
        told: list[Sequence[str]] = [raw[0]]
        text = self.format.text
        for prop, column in zip(varying, raw[1:], strict=True):
            told.append(list(map(text, column)) if prop.edm in TEXTS else column)
        return told

    def _parts(self, shape: Shape, varying: Sequence[Property]) -> list[Part]:
        """The format's parts, with the text of properties that do not vary put in."""
        names = {prop.name for prop in varying}
        still = [prop for prop in shape.properties if prop.name not in names]
        told: dict[str, str] = {}
        fragments = [self.format.wire(prop, initial(prop)) for prop in still]
        for prop, said in zip(still, self.store.constants(fragments), strict=True):
            told[prop.name] = self.format.text(said) if prop.edm in TEXTS else said
        return [
            told[part.name]
            if isinstance(part, Slot) and part.kind == "value" and part.name in told
            else part
            for part in self.format.entity(shape)
        ]


def _among(seqs: Sequence[int], alias: str = "") -> str:
    first, last = min(seqs), max(seqs)
    span = f"{alias}_seq BETWEEN {first} AND {last}"
    if last - first + 1 == len(set(seqs)):
        return span
    return f"{span} AND {alias}_seq IN ({', '.join(map(str, sorted(set(seqs))))})"
