"""Coupa's stand-in: requests in, answers out.

Belongs here: routes, logins, the shape of answers, the faults a plan asks for. Not here: what is
listed (listing.py, resources.py), what an object holds (documents/).

As seen in Coupa's documentation: a list without results is ``[]`` in JSON and 404 in XML. In older
releases it was 404 in JSON too (``empty_is_404``). An answer is XML if the client accepts XML and
does not accept JSON.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import duckdb

from finsync_dagster.sandbox.vendors.coupa import misbehaving, typed_xml
from finsync_dagster.sandbox.vendors.coupa.conditions import holds, where
from finsync_dagster.sandbox.vendors.coupa.documents.references import References
from finsync_dagster.sandbox.vendors.coupa.errors import (
    NOTHING_FOUND,
    XML,
    Refusal,
    refused,
    refused_token,
)
from finsync_dagster.sandbox.vendors.coupa.exported import Exported
from finsync_dagster.sandbox.vendors.coupa.fields import attribute_exists
from finsync_dagster.sandbox.vendors.coupa.listing import Drifts, Lists
from finsync_dagster.sandbox.vendors.coupa.making import Object
from finsync_dagster.sandbox.vendors.coupa.question import Question, parse
from finsync_dagster.sandbox.vendors.coupa.resources import RESOURCES, Resource
from finsync_dagster.sandbox.vendors.coupa.selection import trimming
from finsync_dagster.sandbox.vendors.coupa.written import moment
from finsync_dagster.sandbox.vendors.faults import Faults
from finsync_dagster.sandbox.vendors.tokens import ClientCredentials, Refused
from finsync_dagster.sandbox.vendors.view import View, rows
from finsync_dagster.sandbox.vendors.wire import Answer, Request

if TYPE_CHECKING:
    from finsync_dagster.sandbox.world.reading import World

_JSON = ("Content-Type", "application/json; charset=utf-8")
_REPEATED = 3
_SAID = {429: "Too many requests: at most 25 a second, 20 at once."}


class Coupa:
    """Coupa over a world. ``answer`` may be called by many threads at once."""

    def __init__(
        self,
        world: World,
        faults: Faults,
        credentials: ClientCredentials,
        *,
        system: str = "group_coupa",
        empty_is_404: bool = False,
    ) -> None:
        self._world, self._faults, self._login = world, faults, credentials
        self._system, self._empty_is_404 = system, empty_is_404
        self._lists, self._drifts, self._exported = Lists(), Drifts(), Exported()
        self._lock = threading.Lock()
        self._known: References | None = None

    def answer(self, request: Request) -> Answer:
        """The answer to any request."""
        if request.path == "/oauth2/token":
            return self._token(request)
        xml = _wants_xml(request)
        try:
            self._check(request)
            return self._route(request, xml)
        except Refusal as refusal:
            return refused(refusal, xml)

    def refusal(self, request: Request, status: int) -> Answer:
        """What Coupa says when it does not answer: too many requests, out of order."""
        said = _SAID.get(status, "The service is not available.")
        return refused(Refusal(status, said), _wants_xml(request))

    def _token(self, request: Request) -> Answer:
        if request.method != "POST":
            return refused_token(405, "invalid_request", "Tokens are asked for by POST.")
        granted = self._login.grant(request)
        if isinstance(granted, Refused):
            status = 401 if granted.error == "invalid_client" else 400
            return refused_token(status, granted.error, granted.description)
        value = {
            "access_token": granted.access_token,
            "token_type": "bearer",
            "expires_in": granted.expires_in,
            "scope": granted.scope,
        }
        return Answer.json(value)

    def _check(self, request: Request) -> None:
        good = self._login.tokens.check(request) == "good"
        if good and self._struck("expired_token", request):
            self._login.tokens.expire(request)
            good = False
        if not good:
            raise Refusal(401, "The access token is missing, unknown or expired.")

    def _route(self, request: Request, xml: bool) -> Answer:
        parts = request.path.removeprefix("/api/").strip("/")
        resource, _, tail = parts.rpartition("/")
        if not request.path.startswith("/api/"):
            raise Refusal(404, "There is nothing at this address.")
        if parts in RESOURCES:
            if request.method != "GET":
                raise Refusal(405, f"{request.method} is not supported here.")
            return self._list(RESOURCES[parts], request, xml)
        if resource in RESOURCES and tail.isascii() and tail.isdigit() and len(tail) < 19:
            return self._one(RESOURCES[resource], int(tail), request, xml)
        raise Refusal(404, "There is nothing at this address.")

    def _list(self, resource: Resource, request: Request, xml: bool) -> Answer:
        question = parse(request.query)
        trim = trimming(question.fields, question.return_object)
        if not xml and self._struck("error_in_200", request):
            return Answer.json({"errors": {"base": ["The request could not be processed."]}})
        about = self._about()
        cursor = self._world.connect()
        try:
            page = self._page(resource, question, request, cursor, about)
            found = resource.build(cursor, about, page) if page else {}
        finally:
            cursor.close()
        records = [self._finished(resource, found[key]) for key in page if key in found]
        if not records and (xml or self._empty_is_404):
            raise Refusal(404, NOTHING_FOUND)
        records = [trim(record) for record in records]
        if xml:
            body = typed_xml.listing(resource.root, resource.schema, records)
            return Answer(200, body.encode(), (XML,))
        return self._json(resource, records, request)

    def _one(self, resource: Resource, key: int, request: Request, xml: bool) -> Answer:
        if request.method not in ("GET", "PUT"):
            raise Refusal(405, f"{request.method} is not supported here.")
        shape = request.first("return_object")
        nothing = request.method == "PUT" and shape == "none"
        trim = trimming(request.first("fields"), None if nothing else shape)
        record = self._record(resource, key)
        if request.method == "PUT":
            self._mark(resource, key, record, request)
            if nothing:
                return Answer(200, b"")
        record = trim(self._finished(resource, record))
        if xml:
            element = typed_xml.singular(resource.root)
            return Answer(200, typed_xml.single(element, resource.schema, record).encode(), (XML,))
        return Answer(200, _dumped(record), (_JSON,))

    def _record(self, resource: Resource, key: int) -> Object:
        about = self._about()
        cursor = self._world.connect()
        try:
            question = parse((("id", str(key)),))
            listed = self._find(resource, question, cursor, about)
            found = resource.build(cursor, about, [key]) if key in listed else {}
        finally:
            cursor.close()
        if key not in found:
            raise Refusal(404, f"There is no {resource.schema} with the id {key}.")
        return found[key]

    def _mark(self, resource: Resource, key: int, record: Object, request: Request) -> None:
        said = request.first("exported")
        if not resource.exportable or said not in ("true", "false"):
            raise Refusal(400, "Only exported=true or exported=false can be set.")
        if said == "true":
            now = self._world.until or datetime.now(UTC)
            self._exported.mark(resource.path, key, record["updated-at"], now)
        else:
            self._exported.unmark(resource.path, key)

    def _finished(self, resource: Resource, record: Object) -> Object:
        """The record with its mark of export."""
        if not resource.exportable:
            return record
        at = self._exported.at(resource.path, record["id"], record["updated-at"])
        return record | {"exported": at is not None, "last-exported-at": moment(at)}

    def _page(
        self,
        resource: Resource,
        question: Question,
        request: Request,
        cursor: duckdb.DuckDBPyConnection,
        about: References,
    ) -> list[int]:
        rest = tuple(each for each in question.filters if each.attribute != "exported")
        key = (resource.path, rest, question.order_by, question.descending, about.view.until)
        ids = self._lists.ids(key, lambda: self._find(resource, question, cursor, about))
        if len(rest) != len(question.filters):
            ids = self._by_export(resource, question, ids, cursor, about)
        size = question.limit
        if small := self._faults.strikes("small_page", request, self._system):
            size = max(1, min(size - 1, small.records or size // 2))
        repeated = self._faults.strikes("repeated_page", request, self._system)
        # A page of nothing but rows seen before would keep a reader for ever.
        push = min(repeated.records or _REPEATED, size - 1) if repeated else 0
        start = self._drifts.start(key, question.offset, push, len(ids))
        return list(ids[start : start + size])

    def _find(
        self,
        resource: Resource,
        question: Question,
        cursor: duckdb.DuckDBPyConnection,
        about: References,
    ) -> Sequence[int]:
        """The ids of a list, in its order, whatever is marked as exported."""
        filters = tuple(each for each in question.filters if each.attribute != "exported")

        def exists(attribute: str) -> bool:
            return attribute_exists(resource.schema, attribute)

        if resource.index is None:
            records = resource.build(cursor, about, ()).values()
            if unknown := [f.attribute for f in filters if not exists(f.attribute)]:
                raise Refusal(400, f"{unknown[0]} is not a valid attribute to filter by")
            kept = [r["id"] for r in records if all(holds(each, r) for each in filters)]
            return sorted(kept, reverse=question.descending)
        index = resource.index(about.view)
        types = {
            name: str(kind) for name, kind, *_ in cursor.execute(f"DESCRIBE {index}").fetchall()
        }
        if question.order_by not in types:
            raise Refusal(400, f"{question.order_by} is not a valid attribute to order by")
        condition, parameters = where(filters, types, exists)
        way = "DESC" if question.descending else "ASC"
        nulls = "NULLS LAST" if question.descending else "NULLS FIRST"
        order = f'"{question.order_by}" {way} {nulls}, id {way}'
        asked = f"SELECT id FROM ({index}) WHERE {condition} ORDER BY {order}"
        return [key for (key,) in cursor.execute(asked, parameters).fetchall()]

    def _by_export(
        self,
        resource: Resource,
        question: Question,
        ids: Sequence[int],
        cursor: duckdb.DuckDBPyConnection,
        about: References,
    ) -> Sequence[int]:
        if not resource.exportable or resource.index is None:
            raise Refusal(400, "exported is not a valid attribute to filter by")
        marked = self._exported.marked(resource.path)
        now_at: dict[int, str | None] = {}
        if marked:
            marks = ", ".join("?" for _ in marked)
            asked = (
                f"SELECT id, updated_at FROM ({resource.index(about.view)}) WHERE id IN ({marks})"
            )
            found = rows(cursor, asked, list(marked))
            now_at = {row["id"]: moment(row["updated_at"]) for row in found}
        exported = {key for key, at in marked.items() if now_at.get(key) == at}
        for each in question.filters:
            if each.attribute == "exported":
                wanted = holds(each, {"exported": True})
                ids = [key for key in ids if (key in exported) == wanted]
        return ids

    def _json(self, resource: Resource, records: list[Object], request: Request) -> Answer:
        if fault := self._faults.strikes("new_field", request, self._system):
            records = [misbehaving.with_new_field(each, fault) for each in records]
        if fault := self._faults.strikes("changed_type", request, self._system):
            records = [
                misbehaving.with_changed_type(each, resource.schema, fault) for each in records
            ]
            return Answer(200, misbehaving.numbers_bared(_dumped(records)), (_JSON,))
        return Answer(200, _dumped(records), (_JSON,))

    def _about(self) -> References:
        """What documents refer to, as of now in the world."""
        until = self._world.until
        with self._lock:
            if self._known is None or self._known.view.until != until:
                cursor = self._world.connect()
                try:
                    self._known = References(cursor, View(self._system, until))
                finally:
                    cursor.close()
            return self._known

    def _struck(self, kind: str, request: Request) -> bool:
        return self._faults.strikes(kind, request, self._system) is not None


def _wants_xml(request: Request) -> bool:
    accepted = request.headers.get("accept", "")
    return "xml" in accepted and "json" not in accepted


def _dumped(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
