"""An S/4HANA system: its services, who may ask, what is refused before a service is asked.

Belongs here: finding the service and the format a request is for, logging in, refusing what is not
reading. Not here: answering from a service (collection.py), what its sets hold (projections/).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import duckdb

from finsync_dagster.sandbox.vendors.faults import Faults
from finsync_dagster.sandbox.vendors.sap import collection, metadata
from finsync_dagster.sandbox.vendors.sap.collection import Asked
from finsync_dagster.sandbox.vendors.sap.edm import (
    V2_ROOT,
    V2_SERVICES,
    V4_ROOT,
    V4_SERVICE,
    Service,
    service,
)
from finsync_dagster.sandbox.vendors.sap.errors import (
    JSON,
    XML,
    ODataError,
    error_answer,
    no_segment,
)
from finsync_dagster.sandbox.vendors.sap.faults import Strikes, strikes
from finsync_dagster.sandbox.vendors.sap.projections import projections
from finsync_dagster.sandbox.vendors.sap.store import Store
from finsync_dagster.sandbox.vendors.tokens import BasicLogin
from finsync_dagster.sandbox.vendors.wire import Answer, Request
from finsync_dagster.sandbox.world.reading import World

_LOGIN_HTML = (
    b"<html><head><title>Logon Error Message</title></head><body><h1>Anmeldung fehlgeschlagen"
    b"</h1><p>You are not authorized to log on. Logon performed in system S4H.</p></body></html>"
)
_UNAUTHORIZED = (
    ("Content-Type", "text/html;charset=utf-8"),
    ("WWW-Authenticate", 'Basic realm="SAP NetWeaver Application Server"'),
)
_BUSY = ODataError(
    429, "/IWFND/CM_MGW_RT/429", "Too many requests: the quota of the API gateway is used up"
)
_WRONG_TURN = ODataError(
    500, "/IWBEP/CM_MGW_RT/500", "An internal error occurred; see the error log of the gateway"
)
_EXCEPTION = ODataError(
    500, "/IWFND/CM_BEC/026", "RFC Error: An exception occurred while the page was being read"
)


class Sap:
    """One S/4HANA system, with the documents of its company codes.

    ``purchase_order_v4``: whether the v4 service for purchase orders is open in this system.
    """

    def __init__(
        self,
        world: World,
        faults: Faults,
        credentials: BasicLogin,
        *,
        system: str,
        company_codes: Sequence[str],
        purchase_order_v4: bool = True,
    ) -> None:
        self._world = world
        self._faults = faults
        self._login = credentials
        self._system = system
        self._v4_is_open = purchase_order_v4
        self._store = Store(world.path)
        self._store.fill(
            projections(self._store, system, tuple(company_codes), v4=purchase_order_v4)
        )

    def answer(self, request: Request) -> Answer:
        """The answer to a request; see ``Vendor``."""
        if self._login.check(request) != "good" or self._faults.strikes(
            "expired_token", request, self._system
        ):
            return Answer(401, _LOGIN_HTML, _UNAUTHORIZED)
        if request.method != "GET":
            return _no_writing(request)
        version = 4 if request.path.startswith(V4_ROOT) else 2
        try:
            asked = self._asked(request)
            if asked.strikes.error_in_200:
                return _refused(_EXCEPTION, request, version, status=200)
            return self._answer(asked)
        except ODataError as error:
            return _refused(error, request, version)
        except duckdb.Error:
            # Something a client may say that no rule above foresaw; the database's words stay here.
            return _refused(_WRONG_TURN, request, version)

    def refusal(self, request: Request, status: int) -> Answer:
        """An error of the line, in SAP's words; see ``Refusing``."""
        error = _BUSY if status == 429 else replace_status(_WRONG_TURN, status)
        version = 4 if request.path.startswith(V4_ROOT) else 2
        return _refused(error, request, version)

    def close(self) -> None:
        """Lets go of the world."""
        self._store.close()

    def _asked(self, request: Request) -> Asked:
        found, path = self._service(request.path)
        root = request.address + _root(found)
        accept = request.headers.get("accept", "")
        return Asked(
            request=request,
            service=found,
            root=root,
            path=path,
            as_json=_as_json(request, found),
            strings_for_decimals="ieee754compatible=true" in accept.lower(),
            wanted_page=_wanted_page(request) if found.version == 4 else None,
            strikes=strikes(self._faults, request, self._system) if path else Strikes(),
        )

    def _service(self, path: str) -> tuple[Service, str]:
        """The service a path leads to, and the path below it."""
        if path.startswith(V4_ROOT + "/") or path == V4_ROOT:
            if not self._v4_is_open:
                raise ODataError(
                    403, "/IWFND/MED/170", f"No service found for namespace '{V4_SERVICE}'"
                )
            return service(V4_SERVICE), path.removeprefix(V4_ROOT).strip("/")
        name, _, rest = path.removeprefix(V2_ROOT).partition("/")
        name, _, _ = name.partition(";")  # API_X;v=2 asks for a version of the service
        if not path.startswith(V2_ROOT) or not name:
            raise no_segment(path.strip("/").split("/")[0])
        if name not in V2_SERVICES:
            raise ODataError(
                403, "/IWFND/MED/170", f"No service found for namespace '', name '{name}'"
            )
        return service(name), rest.strip("/")

    def _answer(self, asked: Asked) -> Answer:
        if asked.path == "$metadata":
            version = ("OData-Version", "4.0") if asked.service.version == 4 else _V2_HEADER
            return Answer(200, metadata.metadata(asked.service), (("Content-Type", XML), version))
        if not asked.path:
            body = metadata.service_document(asked.service, asked.root, as_json=asked.as_json)
            return Answer(200, body, (("Content-Type", JSON if asked.as_json else _SERVICE_XML),))
        return collection.answer(asked, self._store, self._world.until)


_V2_HEADER = ("DataServiceVersion", "2.0")
_SERVICE_XML = "application/atomsvc+xml;charset=utf-8"


def replace_status(error: ODataError, status: int) -> ODataError:
    """The same error under another status of HTTP."""
    return ODataError(status, error.code, error.message)


def _root(found: Service) -> str:
    return f"{V4_ROOT}/" if found.version == 4 else f"{V2_ROOT}{found.name}/"


def _wanted_page(request: Request) -> int | None:
    """How many rows the client would have on a page: ``Prefer: odata.maxpagesize=500``."""
    prefers = request.headers.get("prefer", "").lower()
    found = re.search(r"(?:odata\.)?maxpagesize\s*=\s*([1-9][0-9]{0,8})(?![0-9])", prefers)
    return int(found[1]) if found else None


def _as_json(request: Request, found: Service) -> bool:
    """Whether JSON is wanted: by $format, else by Accept; XML is what comes unasked in v2."""
    said = request.first("$format")
    if said is not None:
        if said.split(";")[0] in {"json", "application/json"}:
            return True
        if said in {"atom", "xml", "application/xml"} and found.version == 2:
            return False
        raise collection.unsupported_format(said)
    return found.version == 4 or "json" in request.headers.get("accept", "").lower()


def _refused(
    error: ODataError, request: Request, version: int, status: int | None = None
) -> Answer:
    said = request.first("$format")
    wants = said == "json" or (said is None and "json" in request.headers.get("accept", "").lower())
    return error_answer(error, request, version=version, as_json=wants, status=status)


def _no_writing(request: Request) -> Answer:
    """Writing needs a token against forged requests, which nobody gets here."""
    headers = (("Content-Type", "text/plain;charset=utf-8"), ("x-csrf-token", "Required"))
    return Answer(403, b"CSRF token validation failed", headers)
