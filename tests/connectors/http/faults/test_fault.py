"""Which answers are errors, of which kind, and in which words a system may say so itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsync_dagster.connectors.http.faults.fault import Fault, fault
from finsync_dagster.connectors.http.faults.kinds import remedy_for
from finsync_dagster.connectors.http.faults.model import Errors
from finsync_dagster.connectors.http.faults.said import LONGEST
from tests.connectors.http.faults.fault_answers import answer, found


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


@pytest.mark.parametrize(
    "message",
    ["Too many requests", "The number of requests received exceeded the maximum allowed."],
)
def test_a_limit_told_with_status_400_does_not_advise_to_correct_the_request(message: str) -> None:
    said = found(400, {"Error": {"Message": message}})
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
    words = {"kinds": {"INVALID_LOGIN": "transient"}, "statuses": {409: "transient"}}
    assert found(401, {"error": "INVALID_LOGIN"}, words).kind == "transient"
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
