"""What each vendor's error comes out as: who can do something, and the sentence that is shown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from finsync_dagster.connectors.http.answer import Answer
from finsync_dagster.connectors.http.fault_kinds import remedy_for
from finsync_dagster.connectors.http.fault_said import LONGEST
from finsync_dagster.connectors.http.faults import Fault, fault
from finsync_dagster.connectors.http.faults_model import Errors


def answer(status: int, body: Any, **headers: str) -> Answer:
    text = body if isinstance(body, str) else json.dumps(body)
    return Answer(status, CaseInsensitiveDict(headers), text, "https://erp.example/api")


def found(status: int, body: Any, words: dict[str, Any] | None = None, **headers: str) -> Fault:
    declared = None if words is None else Errors.model_validate(words)
    said = fault(answer(status, body, **headers), declared)
    assert said is not None, "taken for a good answer"
    return said


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
        "it answered 400 Bad Request: Bad Request: URL request parameter q cannot be used in this "
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
        "it answered 401 Unauthorized: Unauthorized: Invalid login attempt. (code INVALID_LOGIN)",
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
    (401, XERO_401, "policy", "it answered 401 Unauthorized: Unauthorized: TokenExpired: expired"),
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
    (522, "", "transient", "it answered 522"),
    (200, PAGE, "upstream_data", "it answered 200 OK, but with a web page: 502 Bad Gateway"),
    (200, LOGIN, "policy", "it answered 200 OK, but with a web page: Contoso"),
    (
        *(200, "<html><title>Down for maintenance</title></html>", "transient"),
        "it answered 200 OK, but with a web page: Down for maintenance",
    ),
    (200, "", "upstream_data", "it answered 200 OK with an empty body"),
    (200, " \n", "upstream_data", "it answered 200 OK with an empty body"),
    (
        *(200, '{"items": [1, 2', "upstream_data"),
        "it answered 200 OK, but with broken JSON: Expecting ',' delimiter at character 16",
    ),
    (200, "<orders/>", "upstream_data", "it answered 200 OK, but with XML instead of JSON"),
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


@pytest.mark.parametrize(
    "body",
    [
        {"items": [], "count": 0, "hasMore": False},
        {"d": {"results": []}},
        {"value": [{"error": "a field of a record", "message": "another"}]},
        {"QueryResponse": {}},
        {"jsonrpc": "2.0", "id": 1, "result": []},
        {"id": 1, "result": [], "error": None},
        {"items": [1], "error": ""},
        {"items": [1], "error": {}, "errors": []},
        {"items": [{"a": 1}], "errors": ["a line was skipped"]},
        {"items": [1], "error": "of the last one"},
        {"message": "OK", "items": []},
        [],
        [{"error": "a field"}],
        '"text"',
        "0",
    ],
)
def test_good_answers_are_not_taken_for_errors(body: Any) -> None:
    assert fault(answer(200, body)) is None


@pytest.mark.parametrize("status", [204, 205, 304])
def test_an_answer_that_needs_no_body_is_none(status: int) -> None:
    assert fault(answer(status, "")) is None


@pytest.mark.parametrize(
    ("kind", "statuses"),
    [
        ("transient", [408, 423, 425, 429, 500, 502, 503, 504, 509, 520, 529]),
        ("mapping", [400, 404, 405, 406, 409, 410, 413, 414, 415, 422, 501]),
        ("policy", [401, 402, 403, 407, 451, 511]),
        ("upstream_data", [507, 508, 599]),
    ],
)
def test_statuses_tell_who_can_do_something(kind: str, statuses: list[int]) -> None:
    assert {found(status, "").kind for status in statuses} == {kind}


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (401, "the variables that connection.secrets names"),
        (403, "permission to read this object"),
        (404, "request.path"),
        (413, "rows_per_page"),
        (429, "limits.per_minute"),
        (503, "Try again later"),
    ],
)
def test_remedies_tell_what_to_do(status: int, advice: str) -> None:
    assert advice in found(status, "").remedy


def test_remedies_are_made_to_be_followed_by_a_full_stop() -> None:
    for status in range(200, 600):
        for kind in ("transient", "mapping", "policy", "upstream_data"):
            assert remedy_for(status, kind)[-1] not in ".:,"


def test_a_limit_told_with_status_400_does_not_advise_to_correct_the_request() -> None:
    said = found(400, {"Error": {"Message": "Too many requests"}})
    assert (said.kind, said.remedy) == ("transient", remedy_for(500, "transient"))


def test_redirects_to_a_login() -> None:
    said = found(302, "", Location="https://login.example/oauth2/authorize?state=abc")
    assert said.kind == "policy"
    assert said.sentence == (
        "it answered 302 Found, which leads to https://login.example/oauth2/authorize"
    )
    assert found(301, "", Location="https://erp.example/v2/").kind == "mapping"


M3 = {
    "found_at": [["results", 0, "errorMessage"], ["Message"]],
    "code": [["results", 0, "errorCode"], ["@code"]],
    "text": [["results", 0, "errorMessage"], ["Message"]],
    "kinds": {"WPU0901": "mapping"},
}


def test_a_system_may_tell_where_its_errors_are() -> None:
    failed = {"results": [{"errorMessage": "Order 7 does not exist    ", "errorCode": "WPU0901"}]}
    said = found(200, failed, M3)
    assert (said.kind, said.code, said.text) == ("mapping", "WPU0901", "Order 7 does not exist")
    first = found(200, {"Message": "Locked", "@code": "CPF9898", "MIRecord": [{}]}, M3)
    assert (first.kind, first.code, first.text) == ("upstream_data", "CPF9898", "Locked")
    fine = {"results": [{"records": [{}]}], "nrOfFailedTransactions": 0, "error": "of no account"}
    assert fault(answer(200, fine), Errors.model_validate(M3)) is None


@pytest.mark.parametrize("nothing", [None, False, 0, 0.0, "", "  ", [], {}])
def test_what_is_nothing_is_no_error(nothing: Any) -> None:
    words = Errors.model_validate({"found_at": "failure"})
    assert fault(answer(200, {"failure": nothing}), words) is None
    assert fault(answer(200, {}), words) is None


@pytest.mark.parametrize("something", [True, 1, -0.1, "x", [0], {"a": None}])
def test_what_is_something_is_an_error(something: Any) -> None:
    assert found(200, {"failure": something}, {"found_at": "failure"}).status == 200


def test_values_that_mean_an_error_and_values_that_mean_none() -> None:
    words = {
        "when": [{"path": ["state"], "is": ["NOK", "error"]}],
        "unless": [{"path": "partial", "is": True}],
    }
    assert found(200, {"state": " nok "}, words).kind == "upstream_data"
    declared = Errors.model_validate(words)
    assert fault(answer(200, {"state": "ok"}), declared) is None
    assert fault(answer(200, {"state": "error", "partial": True}), declared) is None
    assert fault(answer(500, {"state": "ok", "partial": True}), declared) is not None


def test_expensify_tells_its_status_in_the_body() -> None:
    words = {
        "found_at": "responseCode",
        "unless": [{"path": "responseCode", "is": [200]}],
        "code": "responseCode",
        "text": "responseMessage",
        "kinds": {"500": "transient", "401": "policy"},
    }
    said = found(200, {"responseCode": 401, "responseMessage": "Wrong partner"}, words)
    assert (said.kind, said.code, said.text) == ("policy", "401", "Wrong partner")
    assert fault(answer(200, {"responseCode": 200}), Errors.model_validate(words)) is None


def test_kinds_and_statuses_of_a_system_come_before_what_is_known() -> None:
    words = {"kinds": {"INVALID_LOGIN": "transient"}, "transient_statuses": [409]}
    assert found(401, NETSUITE, words).kind == "transient"
    assert found(409, "", words).kind == "transient"
    assert found(404, "", words).kind == "mapping"


def test_a_paths_list_may_be_one_path_or_several() -> None:
    assert Errors.model_validate({"code": ["error", "code"]}).code == (("error", "code"),)
    assert Errors.model_validate({"code": "code"}).code == (("code",),)
    assert Errors.model_validate({"code": [["a", "b"], ["c"]]}).code == (("a", "b"), ("c",))


def test_entities_of_xml_are_not_resolved() -> None:
    laughs = (
        '<!DOCTYPE e [<!ENTITY a "ha"><!ENTITY b SYSTEM "file:///etc/hostname">]>'
        "<error><message>&a;&b;</message></error>"
    )
    said = found(400, laughs)
    assert "&a;&b;" in said.text


def test_a_strangers_text_is_made_harmless() -> None:
    evil = "a\x00b\x1b[31mred\u202eback\n\n  line\u200b <b>bold</b> &amp; <unknown>"
    text = found(400, {"message": evil}).text
    assert text == "ab[31mredback line bold & <unknown>"
    assert len(found(400, {"message": "long " * 1000}).text) == LONGEST


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("error", "errors", "Error", "Fault", "message", "code", "data", "detail"),
                    *("exc_type", "_server_messages", "o:errorDetails", "ia::result", "name"),
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(status=st.integers(200, 599), body=json_values)
def test_no_json_breaks_it(status: int, body: Any) -> None:
    shown(fault(answer(status, json.dumps(body))))


@given(
    status=st.integers(200, 599),
    text=st.text() | st.from_regex(r"<(html|error|e:Fault)>[ -~]{0,80}(</error>)?"),
)
def test_no_text_breaks_it(status: int, text: str) -> None:
    shown(fault(answer(status, text)))


def shown(said: Fault | None) -> None:
    """What is said fits into a line of a log."""
    if said is not None:
        assert len(said.text) <= LONGEST
        assert "\n" not in said.sentence
        assert said.sentence.isprintable()
