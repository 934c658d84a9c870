"""Errors of SAP Gateway, Coupa, NetSuite and Concur, in JSON and XML, and of gateways.

Each body is one that the vendor's API answers with, and comes out as the sentence that is shown.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.http.faults.fault_answers import found


def gateway(details: Any) -> dict[str, Any]:
    """An error of SAP Gateway in JSON."""
    return {
        "error": {
            "code": "SY/530",
            "message": {"lang": "en", "value": "Resource not found for segment 'Orders'"},
            "innererror": {
                "application": {"component_id": "MM-PUR", "service_id": "API_PO"},
                "transactionid": "5DD6",
                "timestamp": "20240101120000.0000000",
                "Error_Resolution": {"SAP_TRANSACTION": "Run transaction /IWFND/ERROR_LOG"},
                "errordetails": details,
            },
        }
    }


DETAIL = {"code": "A/2", "message": "Check the entity set", "severity": "info"}
SAME = {"code": "A/1", "message": "Resource not found for segment 'Orders'", "severity": "error"}
TOLD = "Resource not found for segment 'Orders'"
ATOM = """<?xml version="1.0" encoding="utf-8"?>
<error xmlns="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata">
<code>SY/530</code><message xml:lang="en">Resource not found for segment 'Orders'</message>
<innererror><application><component_id>MM-PUR</component_id></application>
<transactionid>5DD6</transactionid><errordetails><errordetail><code>A/2</code>
<message>Check the entity set</message><propertyref/><severity>info</severity></errordetail>
</errordetails></innererror></error>"""
VERSION_4 = {
    "error": {
        "code": "",
        "message": "Property 'Foo' not found",
        "target": "$filter",
        "details": [{"code": "/IWBEP/CM/1", "message": "Position 3 of the expression"}],
    }
}
SAP = [
    (404, gateway([SAME, DETAIL]), "mapping", f"{TOLD}: Check the entity set (code SY/530)"),
    (
        404,
        gateway({"errordetail": DETAIL}),
        "mapping",
        f"{TOLD}: Check the entity set (code SY/530)",
    ),
    (
        404,
        gateway({"errordetail": [DETAIL]}),
        "mapping",
        f"{TOLD}: Check the entity set (code SY/530)",
    ),
    (404, gateway({"errordetail": {}}), "mapping", f"{TOLD} (code SY/530)"),
    (404, gateway({"errordetail": []}), "mapping", f"{TOLD} (code SY/530)"),
    (404, gateway([]), "mapping", f"{TOLD} (code SY/530)"),
    (404, ATOM, "mapping", f"{TOLD}: Check the entity set (code SY/530)"),
    (200, ATOM, "upstream_data", f"{TOLD}: Check the entity set (code SY/530)"),
    (200, gateway([]), "upstream_data", f"{TOLD} (code SY/530)"),
    (
        *(400, VERSION_4, "mapping"),
        "Property 'Foo' not found: Position 3 of the expression (code /IWBEP/CM/1)",
    ),
    (
        *(500, {"error": {"code": "X/1", "message": "Dump", "details": []}}, "transient"),
        "Dump (code X/1)",
    ),
    (
        *(400, {"error": {"code": "S/9", "message": "No authorization for company 1000"}}),
        *("policy", "No authorization for company 1000 (code S/9)"),
    ),
]
COUPA = [
    (
        *(
            400,
            "<errors><error>Currency can't be blank</error><error>Price is odd</error></errors>",
        ),
        *("mapping", "Currency can't be blank; Price is odd"),
    ),
    (
        404,
        '<errors type="array"><error>Unable to find record</error></errors>',
        "mapping",
        "Unable to find record",
    ),
    (200, "<errors><error>Currency is odd</error></errors>", "upstream_data", "Currency is odd"),
    (400, {"errors": {"currency": ["is odd"]}}, "mapping", "currency is odd"),
    (200, {"errors": {"currency": ["is odd"]}}, "upstream_data", "currency is odd"),
    (404, {"errors": {"error": ["Unable to find record"]}}, "mapping", "Unable to find record"),
    (
        *(401, {"error": "invalid_token", "error_description": "The token expired"}, "policy"),
        "The token expired (code invalid_token)",
    ),
    (
        429,
        "<errors><error>Rate limit exceeded</error></errors>",
        "transient",
        "Rate limit exceeded",
    ),
]


def netsuite(status: int, title: str, detail: str, code: str) -> dict[str, Any]:
    """An error of NetSuite."""
    return {
        "type": f"https://www.rfc-editor.org/rfc/rfc9110.html#section-{status}",
        "title": title,
        "status": status,
        "o:errorDetails": [{"detail": detail, "o:errorQueryParam": "q", "o:errorCode": code}],
    }


UNKNOWN = "Invalid search query. Search error occurred: Field 'foo' was not found."
BUSY = "Concurrent request limit exceeded. Request blocked."
DENIED = "You do not have permissions to perform this operation."
NETSUITE = [
    (
        *(400, netsuite(400, "Bad Request", UNKNOWN, "INVALID_PARAMETER"), "mapping"),
        f"{UNKNOWN} (code INVALID_PARAMETER)",
    ),
    (
        *(429, netsuite(429, "Too Many Requests", BUSY, "CONCURRENCY_LIMIT_EXCEEDED")),
        *("transient", f"{BUSY} (code CONCURRENCY_LIMIT_EXCEEDED)"),
    ),
    (
        *(400, netsuite(400, "Bad Request", BUSY, "CONCURRENCY_LIMIT_EXCEEDED"), "transient"),
        f"{BUSY} (code CONCURRENCY_LIMIT_EXCEEDED)",
    ),
    (
        *(403, netsuite(403, "Forbidden", DENIED, "INSUFFICIENT_PERMISSION"), "policy"),
        f"{DENIED} (code INSUFFICIENT_PERMISSION)",
    ),
    (
        *(200, netsuite(403, "Forbidden", DENIED, "INSUFFICIENT_PERMISSION"), "policy"),
        f"Forbidden: {DENIED} (code INSUFFICIENT_PERMISSION)",
    ),
]
CONCUR_XML = (
    '<Error xmlns="http://www.concursolutions.com/api/error/2011/07"><Message>{}</Message>'
    "<Server-Time>2024-01-01T00:00:00</Server-Time><Id>8C9F</Id></Error>"
)


def concur(message: str) -> dict[str, Any]:
    """An error of Concur in JSON."""
    return {"Error": {"Message": message, "Server-Time": "2024-01-01T00:00:00", "Id": "8C9F"}}


CONCUR = [
    (400, concur("The limit is 100"), "mapping", "The limit is 100"),
    (400, CONCUR_XML.format("The limit is 100"), "mapping", "The limit is 100"),
    (200, concur("User not found"), "upstream_data", "User not found"),
    (200, CONCUR_XML.format("User not found"), "upstream_data", "User not found"),
    (401, CONCUR_XML.format("Invalid OAuth token"), "policy", "Invalid OAuth token"),
    (503, CONCUR_XML.format("Down"), "transient", "Down"),
    (
        400,
        {"code": 108, "error": "invalid_grant", "error_description": "Bad refresh token"},
        *("policy", "Bad refresh token (code invalid_grant)"),
    ),
]
BETWEEN = [
    (
        200,
        "<exception><code>7</code><message>Off</message></exception>",
        "upstream_data",
        "Off (code 7)",
    ),
    (200, "<Fault><Text>Off</Text></Fault>", "upstream_data", "Off"),
    (200, "<error>Off</error>", "upstream_data", "Off"),
    (403, {"message": "API rate limit exceeded"}, "transient", "API rate limit exceeded"),
    (403, "<h1>Developer Over Rate</h1>", "transient", "Developer Over Rate"),
    (403, {"code": "throttled", "message": "Wait"}, "transient", "Wait (code throttled)"),
    (403, {"message": "The field limit is not yours"}, "policy", "The field limit is not yours"),
    (
        502,
        "<html><body><h1>502</h1><p>It restarts. Please wait.</p></body></html>",
        "transient",
        "It restarts. Please wait.",
    ),
    (
        403,
        "<html><head><title>Blocked by policy</title></head></html>",
        "policy",
        "Blocked by policy",
    ),
    (
        403,
        "<response><status>blocked</status><reason>Not from there</reason></response>",
        "policy",
        "blocked; Not from there",
    ),
    (
        403,
        "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>",
        "policy",
        "Access Denied (code AccessDenied)",
    ),
    (
        403,
        {"errorCode": "ACCESS", "errorMessage": "not allowed"},
        "policy",
        "not allowed (code ACCESS)",
    ),
    (403, "", "policy", ""),
    (429, "", "transient", ""),
    (400, "<broken", "mapping", "<broken"),
]
STATUS = {
    200: "200 OK, but with an error",
    400: "400 Bad Request",
    401: "401 Unauthorized",
    403: "403 Forbidden",
    404: "404 Not Found",
    429: "429 Too Many Requests",
    500: "500 Internal Server Error",
    502: "502 Bad Gateway",
    503: "503 Service Unavailable",
}


@pytest.mark.parametrize(
    ("status", "body", "kind", "told"), [*SAP, *COUPA, *NETSUITE, *CONCUR, *BETWEEN]
)
def test_what_is_shown(status: int, body: Any, kind: str, told: str) -> None:
    said = found(status, body)
    assert said.sentence == f"it answered {STATUS[status]}" + (f": {told}" if told else "")
    assert said.kind == kind
    assert said.remedy


@pytest.mark.parametrize(
    "body",
    [
        {"Items": [{"Error": {"Message": "a field"}}], "NextPage": None},
        {"items": [], "count": 0, "hasMore": False, "errors": []},
        '<purchase-orders type="array"><o><error>a field</error></o></purchase-orders>',
    ],
)
def test_what_is_in_a_record_is_no_error(body: Any) -> None:
    with pytest.raises(AssertionError, match="taken for a good answer"):
        found(200, body)


def test_an_error_in_xml_can_be_told_by_declared_paths() -> None:
    words = {"code": ["Error", "Id"], "text": ["Error", "Server-Time"], "kinds": {"8C9F": "policy"}}
    said = found(400, CONCUR_XML.format("x"), words)
    assert (said.kind, said.code, said.text) == ("policy", "8C9F", "2024-01-01T00:00:00")
