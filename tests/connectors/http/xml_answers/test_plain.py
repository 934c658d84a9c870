"""XML that tells neither types nor lists."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from finsync_dagster.connectors.http.xml_answers.model import Xml
from finsync_dagster.connectors.http.xml_answers.reading import listed
from tests.connectors.http.xml_answers.values import value

REPORTS = """<Reports xmlns="http://concur.example/2" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">
 <Items>{}</Items>
 <NextPage i:nil="true"/>
</Reports>"""
REPORT = "<Report><ID>1</ID><Total>7.10</Total><PolicyID/><Custom i:nil='1'>x</Custom></Report>"
READ = {"ID": "1", "Total": "7.10", "PolicyID": None, "Custom": None}


@pytest.mark.parametrize(
    ("written", "records"),
    [(REPORT * 2, [READ, READ]), (REPORT, [READ]), ("", []), ("\n  ", [])],
    ids=["two", "one", "none", "none but blanks"],
)
def test_a_list_is_one_however_many_are_in_it(written: str, records: list[Any]) -> None:
    found = value(REPORTS.format(written), shape="plain")
    assert found["NextPage"] is None
    items = found["Items"]
    assert (listed(items) if items is not None else []) == records


@pytest.mark.parametrize(
    ("written", "words", "made"),
    [
        ("<a>x</a>", {}, {"a": "x"}),
        ("<a> x </a>", {}, {"a": " x "}),
        ("<a>x</a><b/><a>y</a>", {}, {"a": ["x", "y"], "b": None}),
        ("<a>x</a><a>y</a>", {}, ["x", "y"]),
        ("<a>x</a><a>y</a>", {"repeated": ["a"]}, {"a": ["x", "y"]}),
        ("<a>x</a>", {"repeated": ["a"]}, {"a": ["x"]}),
        ("<a><b>x</b></a>", {"lists": ["a"]}, {"a": ["x"]}),
        ("<a/><c><a>\n</a></c>", {"lists": ["a"]}, {"a": [], "c": {"a": []}}),
        ("<a><b>x</b></a>", {}, {"a": {"b": "x"}}),
        ('<a u="EA" t="1">5</a>', {}, {"a": {"@u": "EA", "@t": "1", "#text": "5"}}),
        ('<a n="2"><b>x</b><b>y</b></a>', {}, {"a": {"@n": "2", "b": ["x", "y"]}}),
        ("<a>so <b>x</b> it is</a>", {}, {"a": {"b": "x", "#text": "so  it is"}}),
        ("<n:a xmlns:n='urn:n' n:u='1'>x</n:a>", {}, {"a": "x"}),
        ("<a><![CDATA[<b>]]></a>", {}, {"a": "<b>"}),
        ("<!-- c --><a>x<!-- d -->y</a><?p i?>", {}, {"a": "xy"}),
    ],
)
def test_elements(written: str, words: dict[str, Any], made: object) -> None:
    assert value(f"<root>{written}</root>", shape="plain", **words) == made


def test_a_list_with_attributes_is_one_too() -> None:
    assert listed({"@count": "1", "#text": "x", "Report": {"ID": "1"}}) == [{"ID": "1"}]
    assert listed({"A": [1, 2], "B": 3}) == [1, 2, 3]
    assert listed("x") == "x"


def test_what_comes_several_times_is_told_of_plain_xml_alone() -> None:
    with pytest.raises(ValidationError, match="repeated is a word of shape: plain"):
        Xml(shape="typed", repeated=("a",))
    with pytest.raises(ValidationError, match="lists is a word of shape: plain or typed"):
        Xml(shape="atom", lists=("a",))
