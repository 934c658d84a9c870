"""Concur's stand-in: requests in, answers out.

Belongs here: routes, logins, the shape of answers, the faults a plan asks for. Not here: lists
(lists.py), financial documents (financial.py), what an object holds (documents/).

Version 3 answers in XML if the client accepts XML and does not accept JSON. Too many requests may
be told by 400, as the documentation says.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from finsync_dagster.sandbox.vendors.concur import (
    financial,
    financial_pages,
    lists,
    misbehaving,
    plain_xml,
)
from finsync_dagster.sandbox.vendors.concur.errors import XML, Refusal, refused, refused_token
from finsync_dagster.sandbox.vendors.concur.fields import Object
from finsync_dagster.sandbox.vendors.concur.parameters import limit_of
from finsync_dagster.sandbox.vendors.faults import Faults
from finsync_dagster.sandbox.vendors.tokens import RefreshTokens, Refused
from finsync_dagster.sandbox.vendors.view import View
from finsync_dagster.sandbox.vendors.wire import Answer, Request

if TYPE_CHECKING:
    from finsync_dagster.sandbox.world.reading import World

_V3 = "/api/v3.0/expense/"
_FI = "/financialintegration/fi/v4/companies/transactiontypes/"
_REPEATED = 3
_SAID = {429: "Too many requests. Slow down."}
# Codes of the token service's errors.
_TOKEN_CODES = {"invalid_client": 61, "invalid_grant": 108, "unsupported_grant_type": 65}


class Concur:
    """Concur over a world. ``answer`` may be called by many threads at once.

    ``financial_envelope`` is the shape of pages of financial documents: ``paged`` or ``documents``.
    """

    def __init__(
        self,
        world: World,
        faults: Faults,
        credentials: RefreshTokens,
        *,
        system: str = "group_concur",
        financial_envelope: financial_pages.Envelope = "paged",
    ) -> None:
        self._world, self._faults, self._login = world, faults, credentials
        self._system, self._envelope = system, financial_envelope
        self._queue = financial.Queue()

    def answer(self, request: Request) -> Answer:
        """The answer to any request."""
        if request.path == "/oauth2/v0/token":
            return self._token(request)
        xml = request.path.startswith(_V3) and _wants_xml(request)
        try:
            self._check(request)
            if request.path.startswith(_V3):
                return self._version_3(request, xml)
            if request.path.startswith(_FI):
                return self._financial(request)
            raise Refusal(404, "There is nothing at this address.")
        except Refusal as refusal:
            return refused(refusal, xml)

    def refusal(self, request: Request, status: int) -> Answer:
        """What Concur says when it does not answer: too many requests, out of order."""
        said = _SAID.get(status, "The service is not available.")
        xml = request.path.startswith(_V3) and _wants_xml(request)
        return refused(Refusal(status, said), xml)

    def _token(self, request: Request) -> Answer:
        if request.method != "POST":
            return refused_token(405, 0, "invalid_request", "Tokens are asked for by POST.")
        granted = self._login.grant(request)
        if isinstance(granted, Refused):
            status = 401 if granted.error == "invalid_client" else 400
            code = _TOKEN_CODES.get(granted.error, 0)
            return refused_token(status, code, granted.error, granted.description)
        value = {
            "expires_in": str(granted.expires_in),
            "scope": granted.scope,
            "token_type": "Bearer",
            "access_token": granted.access_token,
            "refresh_token": granted.refresh_token,
            "geolocation": request.address,
        }
        return Answer.json(value)

    def _check(self, request: Request) -> None:
        good = self._login.tokens.check(request) == "good"
        if good and self._struck("expired_token", request):
            self._login.tokens.expire(request)
            good = False
        if not good:
            raise Refusal(401, "The access token is missing, unknown or expired.")
        if self._struck("throttled_as_400", request):
            raise Refusal(400, "The number of requests received exceeded the maximum allowed.")

    def _version_3(self, request: Request, xml: bool) -> Answer:
        path, _, key = request.path.removeprefix(_V3).strip("/").partition("/")
        if path not in lists.KINDS or "/" in key:
            raise Refusal(404, "There is nothing at this address.")
        if request.method != "GET":
            raise Refusal(405, f"{request.method} is not supported here.")
        kind = lists.KINDS[path]
        cursor = self._world.connect()
        try:
            if key:
                record = lists.one(kind, key, request.address, cursor, self._view())
                return _one(kind, record, xml)
            size = self._size(request)
            if not xml and self._struck("error_in_200", request):
                failed = refused(Refusal(500, "The request could not be processed."), xml)
                return Answer(200, failed.body, failed.headers)
            page = lists.page(kind, request, cursor, self._view(), size)
        finally:
            cursor.close()
        if xml:
            body = plain_xml.listing(kind.root, kind.element, page.records, page.following)
            return Answer(200, body.encode(), (XML,))
        records = self._misbehaved(page.records, request)
        return Answer.json({"Items": records, "NextPage": page.following})

    def _size(self, request: Request) -> tuple[int, int]:
        """How many records a page may have, and how many of them were on the page before."""
        limit = limit_of(request)
        if small := self._faults.strikes("small_page", request, self._system):
            limit = max(1, min(limit - 1, small.records or limit // 2))
        repeated = self._faults.strikes("repeated_page", request, self._system)
        return limit, min(repeated.records or _REPEATED, limit - 1) if repeated else 0

    def _misbehaved(self, records: list[Object], request: Request) -> list[Object]:
        if fault := self._faults.strikes("new_field", request, self._system):
            records = [misbehaving.with_new_field(each, fault) for each in records]
        if fault := self._faults.strikes("changed_type", request, self._system):
            records = [misbehaving.with_changed_type(each, fault) for each in records]
        return records

    def _financial(self, request: Request) -> Answer:
        kind, _, rest = request.path.removeprefix(_FI).strip("/").partition("/")
        if kind not in financial.KINDS:
            raise Refusal(400, f"{kind} is not a transaction type.")
        if rest == "transactions" and request.method == "GET":
            return self._documents(kind, request)
        if rest == "transactions/acknowledgements" and request.method == "POST":
            return self._acknowledge(kind, request)
        raise Refusal(404, "There is nothing at this address.")

    def _documents(self, kind: str, request: Request) -> Answer:
        if self._struck("error_in_200", request):
            failed = refused(Refusal(500, "The request could not be processed."), False)
            return Answer(200, failed.body, failed.headers)
        view = self._view()
        waiting = self._queue.waiting(kind, view, self._world.connect)
        taken = False
        if about := request.first("docId"):
            known = self._queue.known(kind, view, self._world.connect).values()
            ignore = request.first("ignoreDocumentStatus") == "yes"
            waiting = [each for each in (known if ignore else waiting) if each.about == about]
            taken = any(self._queue.is_taken(each.id) for each in waiting)
        smaller = self._struck("small_page", request)
        page = financial_pages.cut(request, len(waiting), smaller=smaller)
        shown = waiting[page.first : page.first + page.size]
        cursor = self._world.connect()
        try:
            found = financial.documents(kind, shown, taken, cursor)
        finally:
            cursor.close()
        found = self._misbehaved(found, request)
        return Answer.json(financial_pages.envelope(self._envelope, request, page, found))

    def _acknowledge(self, kind: str, request: Request) -> Answer:
        try:
            said = json.loads(request.body)
        except (ValueError, RecursionError):
            said = None
        ids = said.get("ids") if isinstance(said, dict) else None
        if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
            raise Refusal(400, "The body must be JSON with the ids of documents.")
        system = said.get("systemId") if isinstance(said.get("systemId"), str) else None
        known = self._queue.known(kind, self._view(), self._world.connect)
        return Answer.json(self._queue.acknowledge(ids, system, set(known)))

    def _view(self) -> View:
        return View(self._system, self._world.until)

    def _struck(self, kind: str, request: Request) -> bool:
        return self._faults.strikes(kind, request, self._system) is not None


def _one(kind: lists.Kind, record: Object, xml: bool) -> Answer:
    if xml:
        return Answer(200, plain_xml.single(kind.element, record).encode(), (XML,))
    return Answer.json(record)


def _wants_xml(request: Request) -> bool:
    accepted = request.headers.get("accept", "")
    return "xml" in accepted and "json" not in accepted
