"""Atom of OData 2 is the value that its JSON twin has."""

from __future__ import annotations

import json

import pytest

from finsync_dagster.connectors.http.exact_json import NotJsonError, Number, parse
from finsync_dagster.connectors.http.records import Columns, Flattener
from finsync_dagster.connectors.http.values_model import Values
from tests.connectors.http.xml_answers.values import value

FEED = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://erp.example/odata/PO/"
  xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"
  xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices">
 <id>https://erp.example/odata/PO/Orders</id>
 <title type="text">Orders</title>
 <m:count>2</m:count>
 <entry m:etag="W/&quot;1&quot;">
  <id>https://erp.example/odata/PO/Orders('1')</id>
  <title type="text">Orders('1')</title>
  <category term="PO.Order" scheme="http://schemas.microsoft.com/ado/2007/08/dataservices/scheme"/>
  <link href="Orders('1')" rel="edit" title="Order"/>
  <link href="Orders('1')/to_Item" type="application/atom+xml;type=feed" title="to_Item"
    rel="http://schemas.microsoft.com/ado/2007/08/dataservices/related/to_Item">
   <m:inline>
    <feed>
     <entry><content type="application/xml"><m:properties>
      <d:Item>10</d:Item><d:Quantity m:type="Edm.Decimal">1.000</d:Quantity>
     </m:properties></content></entry>
     <link rel="next" href="Orders('1')/to_Item?$skiptoken=10"/>
    </feed>
   </m:inline>
  </link>
  <link href="Orders('1')/to_Supplier" type="application/atom+xml;type=entry" title="to_Supplier"
    rel="http://schemas.microsoft.com/ado/2007/08/dataservices/related/to_Supplier">
   <m:inline/>
  </link>
  <link href="Orders('1')/to_Notes" type="application/atom+xml; type=feed" title="to_Notes"
    rel="http://schemas.microsoft.com/ado/2007/08/dataservices/related/to_Notes"/>
  <content type="application/xml">
   <m:properties>
    <d:Order>1</d:Order>
    <d:Text xml:space="preserve"> Müller &amp; Söhne </d:Text>
    <d:Blank/>
    <d:Empty m:null="true"/>
    <d:Net m:type="Edm.Decimal">12345678901234567890.10</d:Net>
    <d:Big m:type="Edm.Int64">9007199254740993</d:Big>
    <d:Small m:type="Edm.Int32">7</d:Small>
    <d:Released m:type="Edm.Boolean">true</d:Released>
    <d:Day m:type="Edm.DateTime">2019-11-21T00:00:00</d:Day>
    <d:Changed m:type="Edm.DateTimeOffset">2019-11-21T01:00:00.1230000+01:00</d:Changed>
    <d:Time m:type="Edm.Time">PT13H37M00S</d:Time>
    <d:Address m:type="PO.Address"><d:City>Köln</d:City><d:Floor m:type="Edm.Byte">2</d:Floor>
    </d:Address>
   </m:properties>
  </content>
 </entry>
 <entry><id>https://erp.example/odata/PO/Orders('2')</id>
  <content type="application/octet-stream" src="Orders('2')/$value"/>
  <m:properties><d:Order>2</d:Order></m:properties>
 </entry>
 <link rel="next" href="Orders?$skiptoken=2"/>
</feed>"""

# What the same server writes in JSON.
TWIN = {
    "d": {
        "__count": "2",
        "results": [
            {
                "__metadata": {
                    "id": "https://erp.example/odata/PO/Orders('1')",
                    "uri": "https://erp.example/odata/PO/Orders('1')",
                    "type": "PO.Order",
                    "etag": 'W/"1"',
                },
                "Order": "1",
                "Text": " Müller & Söhne ",
                "Blank": "",
                "Empty": None,
                "Net": "12345678901234567890.10",
                "Big": "9007199254740993",
                "Small": 7,
                "Released": True,
                "Day": "/Date(1574294400000)/",
                "Changed": "/Date(1574294400123+0000)/",
                "Time": "PT13H37M00S",
                "Address": {"City": "Köln", "Floor": 2},
                "to_Item": {
                    "results": [{"__metadata": {}, "Item": "10", "Quantity": "1.000"}],
                    "__next": "https://erp.example/odata/PO/Orders('1')/to_Item?$skiptoken=10",
                },
                "to_Supplier": None,
                "to_Notes": {
                    "__deferred": {"uri": "https://erp.example/odata/PO/Orders('1')/to_Notes"}
                },
            },
            {
                "__metadata": {
                    "id": "https://erp.example/odata/PO/Orders('2')",
                    "uri": "https://erp.example/odata/PO/Orders('2')",
                },
                "Order": "2",
            },
        ],
        "__next": "https://erp.example/odata/PO/Orders?$skiptoken=2",
    }
}
ENTRY = """<entry xmlns="http://www.w3.org/2005/Atom"
 xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"
 xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices"><content type="application/xml">
 <m:properties>{}</m:properties></content></entry>"""


def landed(answer: object) -> list[tuple[str | None, ...]]:
    flattener = Flattener(Columns([]), Values(epoch_dates=True), {}, ())
    return flattener.rows(answer["d"]["results"])  # type: ignore[index]


def test_a_feed_is_its_json_twin_to_the_last_digit() -> None:
    twin = parse(json.dumps(TWIN))
    assert value(FEED) == twin
    assert landed(value(FEED)) == landed(twin)
    small = value(FEED)["d"]["results"][0]["Small"]
    assert type(small) is Number


def test_moments_are_landed_as_those_of_json_are() -> None:
    assert landed(value(FEED))[0][9:11] == ("2019-11-21T00:00:00Z", "2019-11-21T00:00:00.123Z")


def test_a_lone_entry() -> None:
    assert value(ENTRY.format("<d:Order>1</d:Order>"))["d"]["Order"] == "1"


@pytest.mark.parametrize(
    ("written", "made"),
    [
        ('<d:A m:type="Edm.DateTime">0001-01-01T00:00:00</d:A>', "/Date(-62135596800000)/"),
        ('<d:A m:type="Edm.DateTime">1969-12-31T23:59:59.999</d:A>', "/Date(-1)/"),
        ('<d:A m:type="Edm.DateTime">2024-02-29T12:30</d:A>', "/Date(1709209800000)/"),
        (
            '<d:A m:type="Edm.DateTimeOffset">2024-01-01T00:00:00.9999999Z</d:A>',
            "/Date(1704067200999+0000)/",
        ),
        ('<d:A m:type="Edm.DateTime">2024-02-30T00:00:00</d:A>', "2024-02-30T00:00:00"),
        ('<d:A m:type="Edm.DateTime">soon</d:A>', "soon"),
        ('<d:A m:type="Edm.Double">1.50E+2</d:A>', "1.50E+2"),
        ('<d:A m:type="Edm.Boolean">0</d:A>', False),
        ('<d:A m:type="Edm.Int32">x</d:A>', "x"),
        ('<d:A m:type="Edm.Guid"> 8f </d:A>', "8f"),
        ('<d:A m:type="PO.Address" m:null="true"/>', None),
        ('<d:A m:type="Edm.DateTime"/>', None),
        ('<d:A m:type="Edm.Decimal"> </d:A>', None),
        ("<d:A> </d:A>", " "),
        ('<d:A m:type="PO.Address"/>', {}),
        (
            '<d:A m:type="Bag(Edm.Int32)"><d:element m:type="Edm.Int32">1</d:element></d:A>',
            {"results": ["1"]},
        ),
    ],
)
def test_values(written: str, made: object) -> None:
    assert value(ENTRY.format(written))["d"]["A"] == made


def test_no_record_is_an_empty_list() -> None:
    assert value('<feed xmlns="http://www.w3.org/2005/Atom"/>') == {"d": {"results": []}}


def test_something_else_is_refused_where_atom_is_declared() -> None:
    with pytest.raises(NotJsonError, match=r"^an Atom feed or entry is expected, .* is orders$"):
        value("<orders/>", shape="atom")


def test_an_error_is_its_json_twin() -> None:
    text = """<error xmlns="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata">
    <code>/IWBEP/1</code><message xml:lang="de">Unbekannt</message><innererror>
    <transactionid>5DD6</transactionid><errordetails><errordetail><code>A</code><message>Zeile</message>
    </errordetail></errordetails></innererror></error>"""
    assert value(text) == {
        "error": {
            "code": "/IWBEP/1",
            "message": {"lang": "de", "value": "Unbekannt"},
            "innererror": {
                "transactionid": "5DD6",
                "errordetails": [{"code": "A", "message": "Zeile"}],
            },
        }
    }
