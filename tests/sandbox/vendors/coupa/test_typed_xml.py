"""The XML twin says what JSON says."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsync_dagster.sandbox.vendors.coupa import typed_xml
from finsync_dagster.sandbox.vendors.coupa.fields import fields_of
from finsync_dagster.sandbox.vendors.coupa.resources import RESOURCES
from tests.sandbox.vendors.coupa.conftest import Client


def read(element: ET.Element) -> Any:
    """An element as JSON would say it, by its attributes alone."""
    kind = element.get("type")
    if kind == "array":
        return [read(child) for child in element]
    if element.get("nil") == "true":
        assert not element.text
        return None
    if len(element):
        return {child.tag: read(child) for child in element}
    text = element.text or ""
    if kind == "integer":
        return int(text)
    if kind == "float":
        return float(text)
    return {"true": True, "false": False}[text] if kind == "boolean" else text


def in_xml(value: Any) -> Any:
    """A JSON value without what XML has no names for."""
    if isinstance(value, dict):
        return {k: in_xml(v) for k, v in value.items() if not k.endswith("?")}
    return [in_xml(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("path", sorted(RESOURCES))
def test_both_twins_of_every_resource_say_the_same(client: Client, path: str) -> None:
    listed = client.get(f"/api/{path}")
    answer = client.ask(f"/api/{path}", accept="application/xml")
    if not listed:
        assert answer.status == 404
        return
    root = ET.fromstring(answer.body)
    assert (root.tag, root.get("type")) == (RESOURCES[path].root, "array")
    assert {child.tag for child in root} == {typed_xml.singular(root.tag)}
    assert read(root) == in_xml(listed)
    for each in listed:
        answer = client.ask(f"/api/{path}/{each['id']}", accept="application/xml")
        assert read(ET.fromstring(answer.body)) == in_xml(each)


def test_types_are_said(client: Client) -> None:
    body = client.ask("/api/invoices", ("id", "2"), accept="text/xml").body.decode()
    assert '<id type="integer">2</id>' in body
    assert '<gross-total type="decimal">-14.68</gross-total>' in body
    assert '<is-credit-note type="boolean">true</is-credit-note>' in body
    assert '<invoice-date type="dateTime">2026-02-20T00:00:00+00:00</invoice-date>' in body
    assert '<credit-reason nil="true"/>' in body
    assert '<payment-date type="dateTime" nil="true"/>' in body
    assert '<taggings type="array"/>' in body
    assert '<invoice-lines type="array"><invoice-line>' in body


_NAMES = [name for name, field in fields_of("Uom").items() if field.kind == "string"]


@given(st.dictionaries(st.sampled_from(_NAMES), st.text().filter(lambda t: t.strip() == t)))
def test_any_text_survives_but_what_xml_cannot_carry(record: dict[str, str]) -> None:
    root = ET.fromstring(typed_xml.single("uom", "Uom", record).encode())
    said = {child.tag: child.text or "" for child in root}
    assert said == {name: typed_xml._FORBIDDEN.sub("", text) for name, text in record.items()}


@pytest.mark.parametrize(
    ("many", "one"),
    [
        ("tax-lines", "tax-line"),
        ("currencies", "currency"),
        ("remit-to-addresses", "remit-to-address"),
        ("purposes", "purpose"),
    ],
)
def test_the_name_of_one_of_many(many: str, one: str) -> None:
    assert typed_xml.singular(many) == one
