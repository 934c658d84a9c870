"""The XML twin says what JSON says."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsync_dagster.sandbox.vendors.concur import plain_xml
from finsync_dagster.sandbox.vendors.concur.lists import KINDS
from tests.sandbox.vendors.concur.conftest import ALL, V3, Client

NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


def read(element: ET.Element) -> Any:
    if element.get(NIL) == "true":
        return None
    if len(element):
        return {child.tag: read(child) for child in element}
    return element.text or ""


def as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: as_text(held) for name, held in value.items()}
    if isinstance(value, bool):
        return str(value).lower()
    return value if value is None else str(value)


@pytest.mark.parametrize("path", sorted(KINDS))
def test_both_twins_of_every_list_say_the_same(client: Client, path: str) -> None:
    asked = (f"{V3}/{path}", ALL, ("limit", "1"))
    listed = client.get(*asked)
    root = ET.fromstring(client.ask(*asked, accept="application/xml").body)
    assert root.tag == KINDS[path].root
    items, following = list(root)
    assert (items.tag, following.tag) == ("Items", "NextPage")
    assert {each.tag for each in items} == {KINDS[path].element}
    assert [read(each) for each in items] == as_text_all(listed["Items"])
    assert read(following) == listed["NextPage"]
    one = f"{V3}/{path}/{listed['Items'][0]['ID']}"
    answer = client.ask(one, accept="application/xml")
    assert read(ET.fromstring(answer.body)) == as_text(client.get(one))


def as_text_all(values: list[Any]) -> list[Any]:
    return [as_text(value) for value in values]


@given(st.text().filter(lambda text: text.strip() == text))
def test_any_text_survives_but_what_xml_cannot_carry(text: str) -> None:
    root = ET.fromstring(plain_xml.single("Report", {"Name": text, "Total": None}).encode())
    assert read(root) == {"Name": plain_xml._FORBIDDEN.sub("", text), "Total": None}
