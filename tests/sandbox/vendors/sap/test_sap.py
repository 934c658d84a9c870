"""Who is let in, and how a refusal looks."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finsync_dagster.sandbox.vendors.faults import Faults
from finsync_dagster.sandbox.vendors.plan import Fault, Plan
from finsync_dagster.sandbox.vendors.sap.sap import Sap
from finsync_dagster.sandbox.vendors.wire import Request
from tests.sandbox.vendors.sap.asking import ADDRESS, LOGIN, ORDERS, V4, ask, message, read

M = "{http://schemas.microsoft.com/ado/2007/08/dataservices/metadata}"
UNKNOWN = f"{ORDERS}A_PurchaseOrder?$filter=Foo eq 'secret'"


@pytest.mark.parametrize("login", ["", "Basic eDp5", "Bearer x", "Basic ???"])
def test_nobody_is_let_in_without_the_password(sap: Sap, login: str) -> None:
    headers = {"accept": "application/json"} | ({"authorization": login} if login else {})
    answer = sap.answer(Request("GET", f"{ORDERS}A_PurchaseOrder", (), headers, address=ADDRESS))
    assert answer.status == 401
    assert dict(answer.headers)["Content-Type"].startswith("text/html")
    assert "Basic realm=" in dict(answer.headers)["WWW-Authenticate"]
    assert answer.body.startswith(b"<html>")


def test_an_error_in_json_has_a_list_of_details(sap: Sap) -> None:
    error = json.loads(ask(sap, UNKNOWN).body)["error"]
    text = "Property 'Foo' not found in type 'A_PurchaseOrderType'"
    assert error["message"] == {"lang": "en", "value": text}
    inner = error["innererror"]
    assert set(inner) == {
        "application", "transactionid", "timestamp", "Error_Resolution", "errordetails"
    }  # fmt: skip
    assert [each["message"] for each in inner["errordetails"]] == [text]


def test_an_error_of_the_runtime_has_an_object_of_details(sap: Sap) -> None:
    error = json.loads(ask(sap, f"{ORDERS}A_PurchaseOrder('x')").body)["error"]
    assert error["innererror"]["errordetails"]["errordetail"]["code"] == error["code"]


def test_an_error_in_xml(sap: Sap) -> None:
    answer = ask(sap, UNKNOWN, accept="")
    assert dict(answer.headers)["Content-Type"] == "application/xml;charset=utf-8"
    error = ElementTree.fromstring(answer.body)
    assert error.tag == f"{M}error"
    assert error.findtext(f"{M}message") == message(ask(sap, UNKNOWN))
    details = error.findall(f"{M}innererror/{M}errordetails/{M}errordetail")
    assert len(details) == 1


def test_an_error_of_version_4(s4: Sap) -> None:
    answer = ask(s4, f"{V4}PurchaseOrder?$filter=Foo eq 1")
    assert dict(answer.headers)["OData-Version"] == "4.0"
    error = json.loads(answer.body)["error"]
    assert error["message"] == "Property 'Foo' not found in type 'PurchaseOrder_Type'"
    assert isinstance(error["code"], str)


def test_services_that_are_not_open(sap: Sap) -> None:
    closed = ask(sap, "/sap/opu/odata/sap/API_SALES_ORDER_SRV/A_SalesOrder")
    assert (closed.status, "API_SALES_ORDER_SRV" in message(closed)) == (403, True)
    assert ask(sap, "/sap/opu/odata/sap/").status == 404
    assert ask(sap, "/other").status == 404


def test_writing_is_refused(sap: Sap) -> None:
    answer = ask(sap, f"{ORDERS}A_PurchaseOrder", method="POST")
    assert (answer.status, answer.body) == (403, b"CSRF token validation failed")
    assert dict(answer.headers)["x-csrf-token"] == "Required"


def test_which_format_comes(sap: Sap) -> None:
    one = f"{ORDERS}A_PurchaseOrder?$top=1"
    assert ask(sap, one, accept="").body.startswith(b"<?xml")
    assert ask(sap, one, accept="application/json").body.startswith(b'{"d"')
    assert ask(sap, f"{one}&$format=json", accept="").body.startswith(b'{"d"')
    assert ask(sap, f"{one}&$format=atom").body.startswith(b"<?xml")
    refused = ask(sap, f"{one}&$format=yaml", accept="")
    assert refused.status == 400
    assert b"Invalid value 'yaml'" in refused.body


def test_the_gateway_is_busy_in_its_own_words(sap: Sap, s4: Sap) -> None:
    request = Request("GET", f"{ORDERS}A_PurchaseOrder", (), {"accept": "application/json"})
    assert "quota" in message(sap.refusal(request, 429))
    assert sap.refusal(request, 503).status == 503
    v4 = s4.refusal(Request("GET", f"{V4}PurchaseOrder"), 429)
    assert (v4.status, "quota" in message(v4)) == (429, True)


def test_an_error_with_status_200(sap: Sap, faults: Faults) -> None:
    faults.replace(Plan(faults=(Fault(kind="error_in_200", rate=1),)))
    answer = ask(sap, f"{ORDERS}A_PurchaseOrder")
    assert answer.status == 200
    assert "exception occurred" in message(answer)


def test_a_login_that_no_longer_holds(sap: Sap, faults: Faults) -> None:
    faults.replace(Plan(faults=(Fault(kind="expired_token", rate=1),)))
    assert ask(sap, f"{ORDERS}A_PurchaseOrder").status == 401


def test_a_new_field(sap: Sap, faults: Faults) -> None:
    one = f"{ORDERS}A_PurchaseOrder?$top=1"
    before = set(read(sap, one)["d"]["results"][0])
    faults.replace(Plan(faults=(Fault(kind="new_field", rate=1, field="YY1_Region_PDH"),)))
    after = set(read(sap, one)["d"]["results"][0])
    assert after - before == {"YY1_Region_PDH"}
    assert b"<d:YY1_Region_PDH></d:YY1_Region_PDH>" in ask(sap, one, accept="").body


def test_a_decimal_as_a_number(sap: Sap, s4: Sap, faults: Faults) -> None:
    plan = Plan(faults=(Fault(kind="changed_type", rate=1, field="OrderQuantity"),))
    faults.replace(plan)
    one = "?$top=1&$select=OrderQuantity,NetPriceAmount"
    body = ask(sap, f"{ORDERS}A_PurchaseOrderItem{one}").body
    assert b'"OrderQuantity":10.000,"NetPriceAmount":"12.500"' in body
    body = ask(s4, f"{V4}PurchaseOrderItem{one}").body
    assert b'"OrderQuantity":"10.000"' in body
    faults.replace(Plan(faults=(Fault(kind="changed_type", rate=1),)))
    assert b'"OrderQuantity":10.000' in ask(sap, f"{ORDERS}A_PurchaseOrderItem{one}").body


def test_a_page_as_large_as_is_preferred_in_version_4(s4: Sap) -> None:
    headers = {"authorization": LOGIN, "prefer": "odata.maxpagesize=1"}
    path = f"{V4}PurchaseOrderItem"
    answer = s4.answer(Request("GET", path, (), headers, address=ADDRESS))
    page = json.loads(answer.body)
    assert len(page["value"]) == 1
    assert "@odata.nextLink" in page
    headers["prefer"] = "odata.maxpagesize=2"
    page = json.loads(s4.answer(Request("GET", path, (), headers, address=ADDRESS)).body)
    assert len(page["value"]) == 2


def test_decimals_as_strings_for_who_asks(s4: Sap) -> None:
    accept = "application/json;IEEE754Compatible=true"
    body = ask(s4, f"{V4}PurchaseOrderItem?$top=1&$select=NetAmount", accept=accept).body
    assert b'"NetAmount":"125.00"' in body


@pytest.mark.slow
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    path=st.one_of(st.text(max_size=40), st.text("()',/=$A_PurchaseOrder1", max_size=40)),
    name=st.sampled_from(["$filter", "$select", "$expand", "$orderby", "$skiptoken", "$top", "x"]),
    value=st.one_of(st.text(max_size=40), st.text("()',/=; eqnotPurchaseOrder1.", max_size=40)),
    as_json=st.booleans(),
    version=st.sampled_from([ORDERS, V4]),
)
def test_whatever_is_asked_gets_an_answer(
    sap: Sap, path: str, name: str, value: str, as_json: bool, version: str
) -> None:
    accept = "application/json" if as_json else "*/*"
    headers = {"authorization": LOGIN, "accept": accept}
    for target in (version + path, f"{ORDERS}A_PurchaseOrder"):
        request = Request("GET", target, ((name, value),), headers, address=ADDRESS)
        answer = sap.answer(request)
        assert answer.status in {200, 400, 403, 404}
        if as_json and answer.body.startswith(b"{"):
            json.loads(answer.body)
