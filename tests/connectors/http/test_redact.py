"""Secrets in messages and in what servers send back."""

from __future__ import annotations

import base64
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsync_dagster.connectors.http.read import extract
from finsync_dagster.connectors.http.redact import Redactor
from tests.connectors.http.raw_server import http, raw, sends
from tests.connectors.http.systems import asked, read_all


@given(st.text(min_size=4), st.text(max_size=5), st.text(max_size=5))
def test_no_spelling_of_a_secret_remains(secret: str, before: str, after: str) -> None:
    if set(secret) & {"*"}:
        return
    one = Redactor({"password": secret})
    for spelling in (secret, quote_plus(secret), base64.b64encode(secret.encode()).decode()):
        assert spelling not in one.in_message(before + spelling + after)


def test_names_of_people_and_companies_are_no_secrets() -> None:
    one = Redactor({"user": "integration", "company": "ACME Deutschland", "password": "integrate!"})
    text = "created_by integration of ACME Deutschland with integrate!"
    assert one.in_answer(text) == "created_by integration of ACME Deutschland with ***"


def test_short_secrets_are_hidden_in_messages_but_not_in_data() -> None:
    one = Redactor({"pin": "4711", "x": "abc"})
    assert one.in_message("4711 is wrong, abc") == "*** is wrong, abc"
    assert one.in_answer('{"amount": 4711.00}') == '{"amount": 4711.00}'


def test_what_was_obtained_since_is_hidden_too() -> None:
    one = Redactor({"a": "the-given-one"})
    one.more = lambda: ["obtained-later", "the-given-one-and-more"]
    assert one.in_answer("obtained-later the-given-one-and-more the-given-one") == "*** *** ***"


def test_bytes_that_are_no_text_can_be_secrets() -> None:
    latin = b"gr\xfc\xdfe-aus-Aachen".decode(errors="surrogateescape")
    one = Redactor({"password": latin})
    assert one.in_message(f"x {latin} gr%FC%DFe-aus-Aachen") == "x *** ***"


@pytest.mark.parametrize("spelled", ["s3cret/token+value", "s3cret%2Ftoken%2Bvalue"])
def test_what_a_server_sends_back_is_not_landed(spelled: str) -> None:
    text = """
protocol: http
auth: {scheme: bearer, token: "${secret.token}"}
objects:
  items: {key: [id], records: items, request: {path: /items}}
"""
    echo = f'{{"items": [{{"id": 1, "headers": "Bearer {spelled}"}}]}}'.encode()
    with raw(sends(http(echo))) as server:
        with extract(asked(text, server.url, token="s3cret/token+value")) as extraction:
            (record,) = read_all(extraction)
        assert b"Bearer s3cret/token+value" in server.seen[0]
    assert record["headers"] in ("Bearer ***", "***")


@pytest.mark.parametrize("spelled", ["a&amp;b&lt;c&quot;d", 'a&amp;b&lt;c"d', 'a&b<c\\"d'])
def test_secrets_are_hidden_as_xml_and_json_spell_them(spelled: str) -> None:
    assert Redactor({"password": 'a&b<c"d'}).in_answer(f"<x>{spelled}</x>") == "<x>***</x>"
