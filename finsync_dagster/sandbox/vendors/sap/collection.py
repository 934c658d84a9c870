"""Answering a request to a service: the resource found, its rows chosen, told in a format.

Belongs here: limits of a page, counts, the link to the next page, keys that lead to an entity.
Not here: which service it is and who may ask (sap.py), documents that describe a service.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from urllib.parse import quote, urlencode

from finsync_dagster.sandbox.vendors.sap import json_v2, json_v4
from finsync_dagster.sandbox.vendors.sap.address import Resource, Step, read_resource
from finsync_dagster.sandbox.vendors.sap.atom import Atom
from finsync_dagster.sandbox.vendors.sap.edm import EntitySet, Property, Service
from finsync_dagster.sandbox.vendors.sap.entities import Format, Reader
from finsync_dagster.sandbox.vendors.sap.errors import JSON, bad_request, no_entity
from finsync_dagster.sandbox.vendors.sap.faults import Strikes
from finsync_dagster.sandbox.vendors.sap.filters.sql import (
    Order,
    filter_sql,
    order_sql,
    sql_literal,
)
from finsync_dagster.sandbox.vendors.sap.fragments import Wire, retyped, v2_json, v2_xml, v4_json
from finsync_dagster.sandbox.vendors.sap.json_v2 import JsonV2
from finsync_dagster.sandbox.vendors.sap.json_v4 import JsonV4
from finsync_dagster.sandbox.vendors.sap.pages import START, Place, Selection, Token, read_token
from finsync_dagster.sandbox.vendors.sap.query import Query, Shape, read_query
from finsync_dagster.sandbox.vendors.sap.store import Store
from finsync_dagster.sandbox.vendors.wire import Answer, Request

PAGE = 1000
LARGEST_PAGE = 5000
_ATOM = "application/atom+xml;type={kind};charset=utf-8"
_V4_JSON = "application/json;odata.metadata=minimal;charset=utf-8"


@dataclass(frozen=True)
class Asked:
    """A request to a service that was let in."""

    request: Request
    service: Service
    root: str
    path: str
    as_json: bool
    strings_for_decimals: bool
    wanted_page: int | None
    strikes: Strikes


@dataclass(frozen=True)
class _Rows:
    places: list[Place]
    count: int | None
    token: Token | None


def answer(asked: Asked, store: Store, until: datetime | None) -> Answer:
    """The entities, the entity or the number that a request asks for.

    Raises:
        ODataError: the request is refused.
    """
    resource = read_resource(asked.path, asked.service)
    query = read_query(asked.request.query, resource.last.entity_set, asked.service)
    return _Answering(asked, store, until, resource, query).answer()


@dataclass(frozen=True)
class _Answering:
    asked: Asked
    store: Store
    until: datetime | None
    resource: Resource
    query: Query

    def answer(self) -> Answer:
        entity_set = self.resource.last.entity_set
        within = self._conditions()
        if self.resource.last.single:
            rows = self._selection(within).rows(START, 0, 1)
            if not rows:
                raise no_entity(entity_set.type)
            return self._single(rows[0])
        if self.query.filter is not None:
            express = partial(_expression, self.store, entity_set, self.until)
            condition = filter_sql(
                self.query.filter, entity_set, self.asked.service.version, express
            )
            within = [*within, condition]
        selection = self._selection(within)
        if self.resource.counted:
            number = str(selection.count()).encode()
            return Answer(200, number, (("Content-Type", "text/plain;charset=utf-8"),))
        return self._collection(self._rows(selection))

    def _conditions(self) -> list[str]:
        """What the way to the last set demands of its rows; each entity on it must be there."""
        demanded: list[str] = []
        for number, step in enumerate(self.resource.steps):
            if number:
                before = self.resource.steps[number - 1]
                demanded = self._from(before, step, demanded)
            if step.key is not None:
                demanded = [*demanded, *self._key(step)]
        return demanded

    def _key(self, step: Step) -> list[str]:
        parts = []
        for name, said in (step.key or {}).items():
            prop = step.entity_set.properties[name]
            is_number = prop.counts and isinstance(said, str) and said.isdecimal()
            value = (str(said).lstrip("0") or "0") if is_number else said
            expression = self.store.expression(step.entity_set, prop, self.until)
            parts.append(f"CAST({expression} AS VARCHAR) = CAST({sql_literal(value)} AS VARCHAR)")
        return parts

    def _from(self, before: Step, step: Step, demanded: list[str]) -> list[str]:
        rows = Selection(
            self.store, before.entity_set, self.until, " AND ".join(demanded) or None
        ).rows(START, 0, 1)
        if not rows or step.way is None:
            raise no_entity(before.entity_set.type)
        reader = Reader(self.store, self.until, self._format(self.query.shape))
        links = reader.links(step.way, before.entity_set, step.entity_set, [rows[0].seq])
        seqs = links.get(rows[0].seq, [])
        return [f"_seq IN ({', '.join(map(str, seqs))})" if seqs else "false"]

    def _selection(self, within: list[str]) -> Selection:
        entity_set = self.resource.last.entity_set
        order: tuple[Order, ...] = ()
        if self.query.orderby is not None and not self.resource.last.single:
            order = order_sql(
                self.query.orderby,
                entity_set,
                partial(_expression, self.store, entity_set, self.until),
            )
        condition = " AND ".join(within) or None
        return Selection(self.store, entity_set, self.until, condition, order)

    def _rows(self, selection: Selection) -> _Rows:
        query, strikes = self.query, self.asked.strikes
        token = None if query.skiptoken is None else read_token(query.skiptoken)
        left = query.top if token is None else token.left
        limit = PAGE if left is None else min(left, LARGEST_PAGE)
        if self.asked.wanted_page is not None:
            wanted = min(self.asked.wanted_page, LARGEST_PAGE)
            limit = wanted if left is None else min(left, wanted)
        if strikes.small_page is not None:
            limit = min(limit, strikes.small_page)
        after = START if token is None else token.after
        skip = query.skip if token is None else 0
        places = selection.rows(after, skip, limit + 1)
        more = len(places) > limit and (left is None or left > limit)
        places = places[:limit]
        following = None
        if more and places:
            rest = None if left is None else left - len(places)
            following = Token(places[-1], after, rest)
        if token is not None and strikes.repeated:
            places = _repeated(selection, token, strikes.repeated) + places
        return _Rows(places, selection.count() if query.counted else None, following)

    def _collection(self, rows: _Rows) -> Answer:
        entity_set = self.resource.last.entity_set
        shape = self.asked.strikes.shape(self.query.shape)
        told = self._format(shape)
        reader = Reader(self.store, self.until, told)
        entities = reader.entities(shape, [place.seq for place in rows.places])
        link = None if rows.token is None else self._following(rows.token)
        if isinstance(told, JsonV4):
            context = _context(self.query.shape)
            body = json_v4.collection(context, entities, rows.count, link)
            return Answer(200, body, (("Content-Type", _V4_JSON), ("OData-Version", "4.0")))
        if isinstance(told, Atom):
            body = told.collection(entity_set.name, entities, rows.count, link)
            kind = _ATOM.format(kind="feed")
        else:
            body, kind = json_v2.collection(entities, rows.count, link), JSON
        return Answer(200, body, (("Content-Type", kind), ("DataServiceVersion", "2.0")))

    def _single(self, place: Place) -> Answer:
        shape = self.asked.strikes.shape(self.query.shape)
        told = self._format(shape)
        (entity,) = Reader(self.store, self.until, told).entities(shape, [place.seq])
        if isinstance(told, JsonV4):
            body = json_v4.single(_context(self.query.shape), entity)
            return Answer(200, body, (("Content-Type", _V4_JSON), ("OData-Version", "4.0")))
        if isinstance(told, Atom):
            body, kind = told.single(entity), _ATOM.format(kind="entry")
        else:
            body, kind = json_v2.single(entity), JSON
        return Answer(200, body, (("Content-Type", kind), ("DataServiceVersion", "2.0")))

    def _format(self, shape: Shape) -> Format:
        names = self.asked.strikes.retyped(shape)
        if self.asked.service.version == 4:
            wire: Wire = retyped(v4_json, names, _in_quotes)
            if self.asked.strings_for_decimals:
                every = frozenset(prop.name for prop in shape.entity_set.properties.values())
                wire = retyped(v4_json, every - names, _in_quotes)
            return JsonV4(wire)
        if self.asked.as_json:
            return JsonV2(self.asked.root, retyped(v2_json, names, _bare))
        return Atom(self.asked.root, v2_xml)

    def _following(self, token: Token) -> str:
        """The address of the next page: absolute in JSON v2, else relative to the service."""
        options = [
            (name, value)
            for name, value in self.asked.request.query
            if name not in {"$skip", "$skiptoken", "$top"}
        ]
        path = quote(self.asked.path.strip("/"), safe="/()=',$")
        query = urlencode([*options, ("$skiptoken", token.text())], safe="$,()'/:", quote_via=quote)
        relative = f"{path}?{query}"
        # Atom names its base; of v4, what is not directly below the root would be resolved wrongly.
        is_v4 = self.asked.service.version == 4
        absolute = len(self.resource.steps) > 1 if is_v4 else self.asked.as_json
        return self.asked.root + relative if absolute else relative


def _repeated(selection: Selection, token: Token, records: int) -> list[Place]:
    """The last rows of the page before the one that a token leads to."""
    before = selection.rows(token.before, 0, LARGEST_PAGE)
    seqs = [place.seq for place in before]
    if token.after.seq not in seqs:
        return []
    end = seqs.index(token.after.seq) + 1
    return before[max(0, end - records) : end]


def _expression(store: Store, entity_set: EntitySet, until: datetime | None, prop: Property) -> str:
    return store.expression(entity_set, prop, until)


def _context(shape: Shape) -> str:
    """What @odata.context says of a shape: the set, and what of it where that is not all."""
    entity_set = shape.entity_set
    names = [prop.name for prop in shape.properties]
    shown = [] if len(names) == len(entity_set.properties) else names
    shown += [f"{way.name}()" for way, _ in shape.expanded]
    return f"{entity_set.name}({','.join(shown)})" if shown else entity_set.name


def _in_quotes(prop: Property, sql: str) -> str:
    return f"""('"' || {v4_json(prop, sql)} || '"')"""


def _bare(_: Property, sql: str) -> str:
    return f"CAST({sql} AS VARCHAR)"


def unsupported_format(said: str) -> Exception:
    """400: $format asks for something else than JSON and Atom."""
    return bad_request(f"Invalid value '{said}' for system query option '$format'")
