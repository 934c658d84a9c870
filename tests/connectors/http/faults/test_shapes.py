"""What each vendor's error comes out as: who can do something, and the sentence that is shown."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.connectors.http.faults.fault_answers import found

SAP_JSON = {
    "error": {
        "code": "005056A509B11EE1B9A8FEC11C21578E",
        "message": {"lang": "en", "value": "Invalid order by expression"},
        "innererror": {
            "transactionid": "4B1AF30DB8F80030E005DD6D8F6A6CA2",
            "errordetails": {
                "errordetail": {"code": "/IWBEP/CX_MGW", "message": "Property Foo is unknown"}
            },
        },
    }
}
SAP_XML = """<?xml version="1.0" encoding="utf-8"?>
<error xmlns="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata">
 <code>/IWFND/MED/170</code>
 <message xml:lang="en">No service found for namespace '', name 'API_X', version '0001'</message>
 <innererror><transactionid>5DD6</transactionid></innererror></error>"""
ORACLE = {
    "title": "Bad Request",
    "status": "400",
    "o:errorDetails": [
        {
            "detail": "URL request parameter q cannot be used in this context.",
            "o:errorCode": "27520",
            "o:errorPath": "/q",
        }
    ],
}
NETSUITE = {
    "type": "https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html#sec10.4.2",
    "title": "Unauthorized",
    "status": 401,
    "o:errorDetails": [{"detail": "Invalid login attempt.", "o:errorCode": "INVALID_LOGIN"}],
}
D365 = {
    "error": {
        "code": "",
        "message": "An error has occurred.",
        "innererror": {
            "message": "Could not find a property named 'Foo' on type 'Bar'.",
            "type": "Microsoft.OData.ODataException",
            "stacktrace": "   at Microsoft.OData.Query()",
        },
    }
}
BUSINESS_CENTRAL = {
    "error": {
        "code": "BadRequest_NotFound",
        "message": "Bad Request - Error in query syntax.  CorrelationId:  9c15.",
    }
}
XERO = {
    "ErrorNumber": 10,
    "Type": "ValidationException",
    "Message": "A validation exception occurred",
    "Elements": [{"ValidationErrors": [{"Message": "Invoice not of valid status"}]}],
}
XERO_401 = {"Type": None, "Title": "Unauthorized", "Status": 401, "Detail": "TokenExpired: expired"}
QUICKBOOKS = {
    "Fault": {
        "Error": [{"Message": "AuthenticationFailed", "Detail": "Token expired", "code": "3200"}],
        "type": "AUTHENTICATION",
    },
    "time": "2026-03-08T12:00:00Z",
}
ODOO_RPC = {
    "jsonrpc": "2.0",
    "id": 1,
    "error": {
        "code": 200,
        "message": "Odoo Server Error",
        "data": {
            "name": "odoo.exceptions.AccessError",
            "debug": "Traceback (most recent call last):\n ...",
            "message": "You are not allowed to access 'Journal Entry' (account.move) records.",
            "arguments": ["..."],
        },
    },
}
# As Odoo 18 answered while its PostgreSQL was restarted.
ODOO_WITHOUT_DATABASE = {
    "jsonrpc": "2.0",
    "id": 1,
    "error": {
        "code": 200,
        "message": "Odoo Server Error",
        "data": {
            "name": "psycopg2.OperationalError",
            "message": "server closed the connection unexpectedly\n\tThis probably means ...\n",
        },
    },
}
ODOO_JSON2 = {
    "name": "werkzeug.exceptions.NotFound",
    "message": "the model 'purchase.odrer' does not exist",
    "arguments": ["..."],
    "context": {},
    "debug": "Traceback",
}
ERPNEXT = {
    "exc_type": "PermissionError",
    "exception": "frappe.exceptions.PermissionError",
    "exc": '["Traceback (most recent call last):"]',
    "_server_messages": json.dumps(
        [json.dumps({"message": "User <b>sync@x.example</b> has no access to <b>GL Entry</b>"})]
    ),
}
INTACCT = {
    "ia::result": {
        "ia::error": {
            "code": "invalidRequest",
            "message": "Payload contains errors",
            "errorId": "REST-1028",
            "details": [{"code": "x", "message": "Field vendorr does not exist"}],
        }
    },
    "ia::meta": {"totalCount": 1},
}
SOAP = """<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>
<soap:Fault><faultcode>SOAP-ENV:Client.authenticationError</faultcode>
<faultstring>invalid username or password</faultstring></soap:Fault></soap:Body></soap:Envelope>"""
SOAP_12 = """<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><e:Fault>
<e:Code><e:Value>e:Sender</e:Value></e:Code>
<e:Reason><e:Text xml:lang="en">Element 'Invoice_Dat' is not expected</e:Text></e:Reason>
</e:Fault></e:Body></e:Envelope>"""
PLAIN_PAGE = (
    "<!doctype html><title>500 Internal Server Error</title><h1>Internal Server Error</h1>"
    "<p>&#39;order_day&#39;</p>"
)
PAGE = """<!DOCTYPE html><html><head><title>502 Bad
 Gateway</title><style>b {color: red}</style></head><body><h1>nginx</h1></body></html>"""
LOGIN = """<html><head><title>Contoso</title></head><body><form>
<input type="text" name="user"><input type="password" name="pass"></form></body></html>"""

GOLDEN = [
    (
        *(400, SAP_JSON, "mapping"),
        "it answered 400 Bad Request: Invalid order by expression: Property Foo is unknown "
        "(code 005056A509B11EE1B9A8FEC11C21578E)",
    ),
    (
        *(404, SAP_XML, "mapping"),
        "it answered 404 Not Found: No service found for namespace '', name 'API_X', version "
        "'0001' (code /IWFND/MED/170)",
    ),
    (
        *(400, ORACLE, "mapping"),
        "it answered 400 Bad Request: URL request parameter q cannot be used in this "
        "context. (code 27520)",
    ),
    (
        400,
        "The q expression is wrong.",
        "mapping",
        "it answered 400 Bad Request: The q expression is wrong.",
    ),
    (
        *(401, NETSUITE, "policy"),
        "it answered 401 Unauthorized: Invalid login attempt. (code INVALID_LOGIN)",
    ),
    (
        *(400, D365, "mapping"),
        "it answered 400 Bad Request: An error has occurred: Could not find a property named "
        "'Foo' on type 'Bar'. (code Microsoft.OData.ODataException)",
    ),
    (
        *(400, BUSINESS_CENTRAL, "mapping"),
        "it answered 400 Bad Request: Bad Request - Error in query syntax. CorrelationId: 9c15. "
        "(code BadRequest_NotFound)",
    ),
    (
        *(400, XERO, "mapping"),
        "it answered 400 Bad Request: A validation exception occurred: Invoice not of valid status "
        "(code ValidationException)",
    ),
    (401, XERO_401, "policy", "it answered 401 Unauthorized: TokenExpired: expired"),
    (
        *(401, QUICKBOOKS, "policy"),
        "it answered 401 Unauthorized: AuthenticationFailed: Token expired (code 3200)",
    ),
    (
        *(200, QUICKBOOKS, "policy"),
        "it answered 200 OK, but with an error: AuthenticationFailed: Token expired (code 3200)",
    ),
    (
        *(400, {"errors": {"currency": ["can't be blank"], "price": ["is odd"]}}, "mapping"),
        "it answered 400 Bad Request: currency can't be blank; price is odd",
    ),
    (
        *(404, "<?xml version='1.0'?><errors><error>No results match</error></errors>", "mapping"),
        "it answered 404 Not Found: No results match",
    ),
    (
        *(401, {"error": {"status": "401", "message": "Unauthorized"}}, "policy"),
        "it answered 401 Unauthorized: Unauthorized",
    ),
    (
        *(
            401,
            {"fault": {"faultstring": "Invalid ApiKey", "detail": {"errorcode": "oauth.v2"}}},
        ),
        *("policy", "it answered 401 Unauthorized: Invalid ApiKey (code oauth.v2)"),
    ),
    (
        *(
            400,
            {"Error": {"Message": "Rate limit exceeded", "Id": "F1", "Server-Time": "12:00"}},
        ),
        *("transient", "it answered 400 Bad Request: Rate limit exceeded"),
    ),
    (
        *(200, ODOO_RPC, "policy"),
        "it answered 200 OK, but with an error: Odoo Server Error: You are not allowed to access "
        "'Journal Entry' (account.move) records. (code odoo.exceptions.AccessError)",
    ),
    (
        *(404, ODOO_JSON2, "mapping"),
        "it answered 404 Not Found: the model 'purchase.odrer' does not exist (code "
        "werkzeug.exceptions.NotFound)",
    ),
    (
        *(200, {"id": 1, "result": None, "error": ["'nope'", ""]}, "upstream_data"),
        "it answered 200 OK, but with an error: 'nope'",
    ),
    (
        *(200, {"id": 1, "error": ["UserError", ["Period is closed", ""]]}, "upstream_data"),
        "it answered 200 OK, but with an error: Period is closed (code UserError)",
    ),
    (
        *(403, ERPNEXT, "policy"),
        "it answered 403 Forbidden: User sync@x.example has no access to GL Entry (code "
        "PermissionError)",
    ),
    (
        *(
            417,
            {"exc_type": "DataError", "exception": "frappe.exceptions.DataError: bad field x"},
        ),
        "mapping",
        "it answered 417 Expectation Failed: frappe.exceptions.DataError: bad field x",
    ),
    (
        *(200, INTACCT, "mapping"),
        "it answered 200 OK, but with an error: Payload contains errors: Field vendorr does not "
        "exist (code invalidRequest)",
    ),
    (
        *(400, {"error": "invalid_grant", "error_description": "Token revoked"}, "policy"),
        "it answered 400 Bad Request: Token revoked (code invalid_grant)",
    ),
    (400, {"error": "invalid_client"}, "policy", "it answered 400 Bad Request: invalid_client"),
    (
        *(500, {"error": "Internal Server Error", "path": "/x", "status": 500}, "transient"),
        "it answered 500 Internal Server Error: Internal Server Error",
    ),
    (
        *(403, {"message": "Missing Authentication Token"}, "policy"),
        "it answered 403 Forbidden: Missing Authentication Token",
    ),
    (
        *(200, {"errors": [{"message": "Cannot query field"}], "data": None}, "upstream_data"),
        "it answered 200 OK, but with an error: Cannot query field",
    ),
    (
        *(400, [{"errorCode": "INVALID_FIELD", "message": "No such column 'Foo'"}], "mapping"),
        "it answered 400 Bad Request: No such column 'Foo' (code INVALID_FIELD)",
    ),
    (
        *(500, SOAP, "policy"),
        "it answered 500 Internal Server Error: invalid username or password (code "
        "SOAP-ENV:Client.authenticationError)",
    ),
    (
        *(200, SOAP_12, "upstream_data"),
        "it answered 200 OK, but with an error: Element 'Invoice_Dat' is not expected (code "
        "e:Sender)",
    ),
    (502, PAGE, "transient", "it answered 502 Bad Gateway: 502 Bad Gateway"),
    (500, PLAIN_PAGE, "transient", "it answered 500 Internal Server Error: 'order_day'"),
    (522, "", "transient", "it answered 522"),
    (200, PAGE, "upstream_data", "it answered 200 OK, but with a web page: 502 Bad Gateway"),
    (200, LOGIN, "policy", "it answered 200 OK, but with a web page: Contoso"),
    (
        *(200, "<html><title>Down for maintenance</title></html>", "transient"),
        "it answered 200 OK, but with a web page: Down for maintenance",
    ),
    (200, "", "transient", "it answered 200 OK with an empty body"),
    (200, " \n", "transient", "it answered 200 OK with an empty body"),
    (
        *(200, ODOO_WITHOUT_DATABASE, "transient"),
        "it answered 200 OK, but with an error: Odoo Server Error: server closed the connection "
        "unexpectedly This probably means ... (code psycopg2.OperationalError)",
    ),
    (
        *(200, '{"items": [1, 2', "upstream_data"),
        "it answered 200 OK, but with broken JSON: Expecting ',' delimiter at character 16",
    ),
    (
        *(200, "<orders/>", "mapping"),
        "it answered 200 OK, but with XML whose shape is not told: its root is orders",
    ),
]


@pytest.mark.parametrize(("status", "body", "kind", "sentence"), GOLDEN)
def test_vendors_errors(status: int, body: Any, kind: str, sentence: str) -> None:
    said = found(status, body)
    assert said.kind == kind
    assert said.sentence == sentence


def test_what_a_framework_says_of_each_parameter() -> None:
    wrong = [{"loc": ["query"], "msg": "field required", "type": "missing"}, {"msg": "too long"}]
    said = found(422, {"detail": wrong})
    assert (said.kind, said.code, said.text) == ("mapping", "missing", "field required; too long")
