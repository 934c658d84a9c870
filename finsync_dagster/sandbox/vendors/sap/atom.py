"""Atom XML as OData v2 writes it: what comes when no format is asked for.

Belongs here: an entry and a feed around their values. Not here: the values (fragments.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from finsync_dagster.sandbox.vendors.sap.edm import Navigation, Property
from finsync_dagster.sandbox.vendors.sap.entities import KEY, Part, Slot
from finsync_dagster.sandbox.vendors.sap.fragments import TEXTS, Wire, v2_xml, xml_text
from finsync_dagster.sandbox.vendors.sap.query import Shape

_SERVICES = "http://schemas.microsoft.com/ado/2007/08/dataservices"
_NAMES = f'xmlns="http://www.w3.org/2005/Atom" xmlns:m="{_SERVICES}/metadata" xmlns:d="{_SERVICES}"'
_UPDATED = "2026-10-31T23:59:59Z"  # a stand-in has no clock
_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'


@dataclass(frozen=True)
class Atom:
    """Atom XML of the service at ``root``, which ends with a slash."""

    root: str
    as_wire: Wire = v2_xml

    def wire(self, prop: Property, sql: str) -> str:
        """See ``Format``."""
        return self.as_wire(prop, sql)

    @property
    def text(self) -> Callable[[str], str]:
        """See ``Format``."""
        return xml_text

    def entity(self, shape: Shape) -> list[Part]:
        """See ``Format``."""
        name, kind = shape.entity_set.name, shape.entity_set.type
        parts: list[Part] = [f"<entry><id>{self.root}{name}", KEY]
        parts += [f'</id><title type="text">{name}', KEY, f"</title><updated>{_UPDATED}</updated>"]
        parts.append(f'<category term="{shape.entity_set.service}.{kind}"')
        parts.append(f' scheme="{_SERVICES}/scheme"/><link href="{name}')
        parts += [KEY, f'" rel="self" title="{kind}"/>']
        for way in shape.deferred:
            parts += [*_link(name, way), "/>"]
        for way, _ in shape.expanded:
            parts += [*_link(name, way), "><m:inline>", Slot("expanded", way.name)]
            parts.append("</m:inline></link>")
        parts.append('<content type="application/xml"><m:properties>')
        for prop in shape.properties:
            value = Slot("value", prop.name)
            if prop.edm not in TEXTS:
                parts.append(value)
            elif prop.edm == "String":
                parts += [f"<d:{prop.name}>", value, f"</d:{prop.name}>"]
            else:
                typed = f'<d:{prop.name} m:type="Edm.{prop.edm}">'
                parts += [typed, value, f"</d:{prop.name}>"]
        return [*parts, "</m:properties></content></entry>"]

    def many(self, entities: Sequence[str]) -> str:
        """See ``Format``."""
        return f"<feed>{''.join(entities)}</feed>"

    def one(self, entity: str | None) -> str:
        """See ``Format``."""
        return entity or ""

    def collection(
        self, name: str, entities: Sequence[str], count: int | None, following: str | None
    ) -> bytes:
        """A page of the set ``name``; ``following`` is the address of the next."""
        counted = "" if count is None else f"<m:count>{count}</m:count>"
        link = "" if following is None else f'<link rel="next" href={quoteattr(following)}/>'
        return (
            f"{_DECLARATION}<feed {_NAMES} xml:base={quoteattr(self.root)}>"
            f'<id>{self.root}{name}</id><title type="text">{name}</title>'
            f"<updated>{_UPDATED}</updated><author><name/></author>"
            f'<link href="{name}" rel="self" title="{name}"/>'
            f"{counted}{''.join(entities)}{link}</feed>"
        ).encode()

    def single(self, entity: str) -> bytes:
        """One entry as a document."""
        opening = f"<entry {_NAMES} xml:base={quoteattr(self.root)}>"
        return (_DECLARATION + entity.replace("<entry>", opening, 1)).encode()


def _link(name: str, way: Navigation) -> list[Part]:
    kind = "feed" if way.many else "entry"
    return [
        f'<link href="{name}',
        KEY,
        f'/{way.name}" rel="{_SERVICES}/related/{way.name}"'
        f' type="application/atom+xml;type={kind}" title="{way.name}"',
    ]
