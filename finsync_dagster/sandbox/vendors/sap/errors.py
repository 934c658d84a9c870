"""What the gateway refuses, and how its error documents look.

Belongs here: the one error of this package, its body in JSON (v2, v4) and Atom XML. Not here: when
something is refused (the module that finds out).
"""

from __future__ import annotations

import hashlib
import json
from xml.sax.saxutils import escape

from finsync_dagster.sandbox.vendors.wire import Answer, Request

JSON = "application/json;charset=utf-8"
XML = "application/xml;charset=utf-8"
_METADATA = "http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"
_HELP = "Run transaction /IWFND/ERROR_LOG on the gateway and look for the transaction id."
_WHEN = "20261031235959.0000000"  # a stand-in has no clock


class ODataError(Exception):
    """The request is refused: ``status`` of HTTP, ``code`` and ``message`` of the gateway."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def bad_request(message: str) -> ODataError:
    """400: the request says something the service does not understand."""
    return ODataError(400, "/IWBEP/CM_MGW_RT/005", message)


def no_segment(segment: str) -> ODataError:
    """404: there is no such service, set or navigation."""
    return ODataError(404, "/IWFND/CM_MGW_RT/022", f"Resource not found for segment '{segment}'")


def no_entity(type_name: str) -> ODataError:
    """404: no entity has this key."""
    return ODataError(404, "/IWBEP/CM_MGW_RT/020", f"No {type_name} exists with this key")


def error_answer(
    error: ODataError, request: Request, *, version: int, as_json: bool, status: int | None = None
) -> Answer:
    """The error document; ``status`` where HTTP is to say something else than the error."""
    status = error.status if status is None else status
    transaction = (
        hashlib.md5(
            repr((request.method, request.path, request.query)).encode(), usedforsecurity=False
        )
        .hexdigest()
        .upper()
    )
    if version == 4:
        body, kind = _v4(error), "application/json;odata.metadata=minimal;charset=utf-8"
        headers = (("Content-Type", kind), ("OData-Version", "4.0"))
        return Answer(status, body, headers)
    if as_json:
        body, kind = _v2_json(error, transaction), JSON
    else:
        body, kind = _v2_xml(error, transaction), XML
    return Answer(status, body, (("Content-Type", kind), ("DataServiceVersion", "1.0")))


def _detail(error: ODataError) -> dict[str, str]:
    return {
        "code": error.code,
        "message": error.message,
        "propertyref": "",
        "severity": "error",
        "target": "",
    }


def _v2_json(error: ODataError, transaction: str) -> bytes:
    # A list where the framework collected messages, an object where the runtime raised one.
    details: object = [_detail(error)] if error.status == 400 else {"errordetail": _detail(error)}
    value = {
        "error": {
            "code": error.code,
            "message": {"lang": "en", "value": error.message},
            "innererror": {
                "application": {
                    "component_id": "",
                    "service_namespace": "/SAP/",
                    "service_id": "",
                    "service_version": "0001",
                },
                "transactionid": transaction,
                "timestamp": _WHEN,
                "Error_Resolution": {"SAP_Transaction": _HELP, "SAP_Note": ""},
                "errordetails": details,
            },
        }
    }
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _v2_xml(error: ODataError, transaction: str) -> bytes:
    code, message = escape(error.code), escape(error.message)
    return (
        f'<?xml version="1.0" encoding="utf-8"?><error xmlns="{_METADATA}"><code>{code}</code>'
        f'<message xml:lang="en">{message}</message><innererror><application><component_id/>'
        "<service_namespace>/SAP/</service_namespace><service_id/>"
        "<service_version>0001</service_version></application>"
        f"<transactionid>{transaction}</transactionid><timestamp>{_WHEN}</timestamp>"
        f"<Error_Resolution><SAP_Transaction>{escape(_HELP)}</SAP_Transaction>"
        "<SAP_Note/></Error_Resolution><errordetails><errordetail>"
        f"<code>{code}</code><message>{message}</message><propertyref/>"
        "<severity>error</severity><target/></errordetail></errordetails></innererror></error>"
    ).encode()


def _v4(error: ODataError) -> bytes:
    value = {
        "error": {
            "code": error.code,
            "message": error.message,
            "@SAP__common.ExceptionCategory": "Client_Error",
            "innererror": {"ErrorDetails": {"@SAP__common.Application": {"ServiceId": ""}}},
        }
    }
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
