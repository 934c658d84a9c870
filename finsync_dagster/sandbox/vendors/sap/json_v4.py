"""JSON as OData v4 writes it.

Belongs here: an entity and a collection around their values. Not here: the values (fragments.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from finsync_dagster.sandbox.vendors.sap.edm import Property
from finsync_dagster.sandbox.vendors.sap.entities import Part, Slot
from finsync_dagster.sandbox.vendors.sap.fragments import Wire, json_text, v4_json
from finsync_dagster.sandbox.vendors.sap.query import Shape


@dataclass(frozen=True)
class JsonV4:
    """JSON v4 with minimal metadata."""

    as_wire: Wire = v4_json

    def wire(self, prop: Property, sql: str) -> str:
        """See ``Format``."""
        return self.as_wire(prop, sql)

    @property
    def text(self) -> Callable[[str], str]:
        """See ``Format``."""
        return json_text

    def entity(self, shape: Shape) -> list[Part]:
        """See ``Format``."""
        parts: list[Part] = []
        for prop in shape.properties:
            parts += [f'{"," if parts else "{"}"{prop.name}":', Slot("value", prop.name)]
        for way, _ in shape.expanded:
            parts += [f'{"," if parts else "{"}"{way.name}":', Slot("expanded", way.name)]
        return [*parts, "}"]

    def many(self, entities: Sequence[str]) -> str:
        """See ``Format``."""
        return f"[{','.join(entities)}]"

    def one(self, entity: str | None) -> str:
        """See ``Format``."""
        return entity or "null"


def collection(
    context: str, entities: Sequence[str], count: int | None, following: str | None
) -> bytes:
    """A page of a set; ``following`` is the address of the next, relative to the service."""
    counted = "" if count is None else f'"@odata.count":{count},'
    link = "" if following is None else f',"@odata.nextLink":{json_text(following)}'
    head = f'"@odata.context":{json_text("$metadata#" + context)},{counted}'
    return f'{{{head}"value":[{",".join(entities)}]{link}}}'.encode()


def single(context: str, entity: str) -> bytes:
    """One entity."""
    head = f'"@odata.context":{json_text("$metadata#" + context + "/$entity")}'
    return f"{{{head},{entity[1:]}".encode()
