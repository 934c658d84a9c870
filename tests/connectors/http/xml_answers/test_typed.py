"""XML with types is the value that its JSON twin has."""

from __future__ import annotations

import json

import pytest

from finsync_dagster.connectors.http.exact_json import Number, parse
from tests.connectors.http.xml_answers.values import value

ORDERS = """<?xml version="1.0" encoding="UTF-8"?>
<purchase-orders type="array">
  <purchase-order>
    <id type="integer">9007199254740993</id>
    <po-number>PO &lt;1&gt;</po-number>
    <created-at type="datetime">2024-03-01T10:00:00+01:00</created-at>
    <version type="integer" nil="true"></version>
    <description nil="true"/>
    <note></note>
    <exported type="boolean">false</exported>
    <price type="decimal">0.100000000000000000010</price>
    <ship-to type="date">2024-03-02</ship-to>
    <supplier><id type="integer">5</id><name>A</name></supplier>
    <order-lines type="array">
      <order-line><line-num type="integer">1</line-num></order-line>
    </order-lines>
    <attachments type="array"/>
  </purchase-order>
</purchase-orders>"""
TWIN = """[{"id": 9007199254740993, "po-number": "PO <1>",
"created-at": "2024-03-01T10:00:00+01:00", "version": null, "description": null, "note": "",
"exported": false, "price": "0.100000000000000000010", "ship-to": "2024-03-02",
"supplier": {"id": 5, "name": "A"}, "order-lines": [{"line-num": 1}], "attachments": []}]"""


def test_a_list_is_its_json_twin_to_the_last_digit() -> None:
    assert value(ORDERS) == parse(TWIN)
    assert type(value(ORDERS)[0]["id"]) is Number
    assert type(value(ORDERS)[0]["price"]) is str


def test_a_lone_object_comes_without_the_name_of_its_root() -> None:
    assert value('<supplier><id type="integer">5</id><name>A</name></supplier>') == {
        "id": "5",
        "name": "A",
    }


def test_an_object_without_types_is_known_where_it_is_declared() -> None:
    assert value("<supplier><name>A</name></supplier>", shape="typed") == {"name": "A"}


@pytest.mark.parametrize("root", ["nil-classes", "purchase-orders"])
def test_no_record_is_an_empty_list(root: str) -> None:
    assert value(f'<{root} type="array"/>') == []
    assert value(f'<{root} type="array">\n</{root}>') == []


@pytest.mark.parametrize(
    ("written", "made"),
    [
        ('<a type="boolean">true</a>', True),
        ('<a type="boolean">0</a>', False),
        ('<a type="boolean">maybe</a>', "maybe"),
        ('<a type="integer">1e3</a>', "1e3"),
        ('<a type="integer"/>', None),
        ('<a type="decimal"> 1.50 </a>', "1.50"),
        ('<a type="decimal"/>', None),
        ('<a type="datetime"/>', None),
        ('<a type="array"><b type="integer">1</b><b nil="true"/></a>', ["1", None]),
        ('<a type="SomeClass"><b>x</b></a>', {"b": "x"}),
        ("<a> x </a>", " x "),
        ("<a>x</a><a>y</a><a>z</a>", ["x", "y", "z"]),
        ('<a type="array"><b>x</b></a><a type="array"/>', [["x"], []]),
    ],
)
def test_values(written: str, made: object) -> None:
    assert value(f"<root>{written}</root>", shape="typed")["a"] == made


def test_errors_keep_the_name_of_their_root() -> None:
    told = "<errors><error>a is odd</error><error>b</error></errors>"
    assert value(told, shape="typed") == json.loads('{"errors": ["a is odd", "b"]}')


@pytest.mark.parametrize(
    ("lines", "made"),
    [
        ("", []),
        ("<order-line><line-num>1</line-num></order-line>", [{"line-num": "1"}]),
        ("<order-line>a</order-line><order-line>b</order-line>", ["a", "b"]),
    ],
)
def test_a_list_without_its_type_is_one_where_it_is_declared(lines: str, made: object) -> None:
    text = f"<order><id type='integer'>7</id><order-lines>{lines}</order-lines></order>"
    assert value(text, shape="typed", lists=("order-lines",))["order-lines"] == made


def test_a_type_that_does_not_fit_leaves_the_text() -> None:
    text = """<order><created-by type="integer">Kyle Eisner</created-by>
    <number type="integer">0042</number><version type="integer">-3</version></order>"""
    found = value(text)
    assert found == {"created-by": "Kyle Eisner", "number": "0042", "version": "-3"}
    assert (type(found["version"]), type(found["number"])) == (Number, str)
