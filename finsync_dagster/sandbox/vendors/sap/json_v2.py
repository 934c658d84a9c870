"""JSON as OData v2 writes it.

Belongs here: an entity and a collection around their values. Not here: the values (fragments.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from finsync_dagster.sandbox.vendors.sap.edm import Property
from finsync_dagster.sandbox.vendors.sap.entities import KEY, Part, Slot
from finsync_dagster.sandbox.vendors.sap.fragments import Wire, json_text, v2_json
from finsync_dagster.sandbox.vendors.sap.query import Shape


@dataclass(frozen=True)
class JsonV2:
    """JSON v2 of the service at ``root``, which ends with a slash."""

    root: str
    as_wire: Wire = v2_json

    def wire(self, prop: Property, sql: str) -> str:
        """See ``Format``."""
        return self.as_wire(prop, sql)

    @property
    def text(self) -> Callable[[str], str]:
        """See ``Format``."""
        return json_text

    def entity(self, shape: Shape) -> list[Part]:
        """See ``Format``."""
        entity_set = shape.entity_set
        address = f"{self.root}{entity_set.name}"
        parts: list[Part] = [f'{{"__metadata":{{"id":"{address}', KEY, f'","uri":"{address}', KEY]
        parts.append(f'","type":"{entity_set.service}.{entity_set.type}"}}')
        for prop in shape.properties:
            parts += [f',"{prop.name}":', Slot("value", prop.name)]
        for way in shape.deferred:
            parts += [f',"{way.name}":{{"__deferred":{{"uri":"{address}', KEY, f'/{way.name}"}}}}']
        for way, _ in shape.expanded:
            parts += [f',"{way.name}":', Slot("expanded", way.name)]
        return [*parts, "}"]

    def many(self, entities: Sequence[str]) -> str:
        """See ``Format``."""
        return f'{{"results":[{",".join(entities)}]}}'

    def one(self, entity: str | None) -> str:
        """See ``Format``."""
        return entity or "null"


def collection(entities: Sequence[str], count: int | None, following: str | None) -> bytes:
    """A page of a set; ``following`` is the address of the next."""
    counted = "" if count is None else f'"__count":"{count}",'
    link = "" if following is None else f',"__next":{json_text(following)}'
    return f'{{"d":{{{counted}"results":[{",".join(entities)}]{link}}}}}'.encode()


def single(entity: str) -> bytes:
    """One entity."""
    return f'{{"d":{entity}}}'.encode()
