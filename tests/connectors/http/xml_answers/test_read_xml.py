"""Objects are read from servers that speak XML as from those that speak JSON."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.http.read import extract
from tests.connectors.http.api import Api, Handler, serving
from tests.connectors.http.systems import asked, read_all

SAP = """
protocol: http
style: odata_v2
headers: {Accept: application/atom+xml}
objects:
  items:
    key: [Order]
    cursor: Changed
    request: {path: /Orders, query: {since: "${since}"}}
    count: {at: [], request: {path: /Orders/$count}}
"""
COUPA = """
protocol: http
headers: {Accept: application/xml}
objects:
  items:
    key: [id]
    paging: {scheme: offset, empty_status: [404]}
    rows_per_page: 50
    request: {path: /orders, query: {offset: "${offset}", limit: "${limit}"}}
"""
CONCUR = """
protocol: http
xml: plain
objects:
  items:
    key: [ID]
    records: Items
    paging: {scheme: next_link, link: NextPage}
    request: {path: /reports}
"""
FEED = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="{base}"
 xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"
 xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices"><m:count>3</m:count>{rest}</feed>"""
ENTRY = """<entry><content type="application/xml"><m:properties><d:Order>{0}</d:Order>
 <d:Changed m:type="Edm.DateTimeOffset">2024-01-0{0}T00:00:00Z</d:Changed>
 <d:Net m:type="Edm.Decimal">{0}.10</d:Net></m:properties></content></entry>"""


def answering(kind: str, *, error: bool = False) -> Api:
    """Three records, two on a page, in the manner of a vendor."""

    def play(handler: Handler) -> bool:
        parts = urlsplit(handler.path)
        at = int(parse_qs(parts.query).get("offset", ["0"])[0])
        if parts.path.endswith("$count"):
            handler.reply(200, b"3", "text/plain")
        elif error:
            handler.reply(400, b"<Error><Message>No such user</Message></Error>", "text/xml")
        else:
            PAGES[kind](handler, [1, 2, 3][at : at + 2], at + 2)
        return True

    return Api(always=play)


def sap(handler: Handler, numbers: list[int], following: int) -> None:
    rest = "".join(ENTRY.format(n) for n in numbers)
    if following < 3:
        rest += f'<link rel="next" href="Orders?offset={following}"/>'
    base = f"{handler.api.url}/"
    body = FEED.format(base=base, rest=rest).encode()
    handler.reply(200, body, "application/atom+xml;type=feed; charset=utf-8")


def coupa(handler: Handler, numbers: list[int], _: int) -> None:
    rows = "".join(
        f'<order><id type="integer">{n}</id><total type="decimal">{n}.10</total></order>'
        for n in numbers
    )
    handler.reply(200, f'<orders type="array">{rows}</orders>'.encode(), "application/xml")


def concur(handler: Handler, numbers: list[int], following: int) -> None:
    rows = "".join(f"<Report><ID>{n}</ID><Total>{n}.10</Total></Report>" for n in numbers)
    link = f"{handler.api.url}/reports?offset={following}" if following < 4 else ""
    text = f"<Reports xmlns='urn:c'><Items>{rows}</Items><NextPage>{link}</NextPage></Reports>"
    handler.reply(200, text.encode("utf-16"), "application/xml")


PAGES: dict[str, Any] = {"sap": sap, "coupa": coupa, "concur": concur}


def test_atom_is_counted_paged_and_landed() -> None:
    with serving(answering("sap")) as api, extract(asked(SAP, api.url)) as extraction:
        records = read_all(extraction)
    assert [r["Net"] for r in records] == ["1.10", "2.10", "3.10"]
    assert records[2]["Changed"] == "2024-01-03T00:00:00Z"
    assert extraction.stated.count_table == 3
    assert extraction.stated.cursor_max == "2024-01-03T00:00:00Z"


def test_typed_pages_end_with_an_empty_one() -> None:
    with serving(answering("coupa")) as api, extract(asked(COUPA, api.url)) as extraction:
        records = read_all(extraction)
    assert [(r["id"], r["total"]) for r in records] == [("1", "1.10"), ("2", "2.10"), ("3", "3.10")]
    assert [parse_qs(urlsplit(path).query)["offset"] for path in api.asked] == [["0"], ["2"], ["3"]]


def test_plain_pages_of_two_and_of_one_are_lists() -> None:
    with serving(answering("concur")) as api, extract(asked(CONCUR, api.url)) as extraction:
        records = read_all(extraction)
    assert [(r["ID"], r["Total"]) for r in records] == [("1", "1.10"), ("2", "2.10"), ("3", "3.10")]


@pytest.mark.parametrize("rows", ["<Items/>", "<Items>\n</Items>"])
def test_an_empty_element_holds_no_record(rows: str) -> None:
    api = Api(always=lambda handler: handler.reply(200, f"<R>{rows}</R>".encode()) or True)
    with serving(api), extract(asked(CONCUR, api.url)) as extraction:
        assert read_all(extraction) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<R><NextPage/></R>", "there is no list of records at Items of its answer"),
        (b"<R><Items>", "it answered 200 OK, but with broken XML: no element found at line 1"),
        (b"<!DOCTYPE R><R/>", "but with broken XML: it has a document type, which is not read"),
    ],
)
def test_what_is_no_list_of_records_is_told(body: bytes, said: str) -> None:
    api = Api(always=lambda handler: handler.reply(200, body) or True)
    with (
        serving(api),
        pytest.raises(SourceError, match=said),
        extract(asked(CONCUR, api.url)) as extraction,
    ):
        read_all(extraction)


def test_an_error_in_xml_is_told_in_its_own_words() -> None:
    with (
        serving(answering("concur", error=True)) as api,
        pytest.raises(SourceError, match="it answered 400 Bad Request: No such user"),
        extract(asked(CONCUR, api.url)) as extraction,
    ):
        read_all(extraction)


def test_xml_beyond_the_largest_answer_is_given_up() -> None:
    text = CONCUR.replace("xml: plain", "xml: plain\nlargest_answer: 1000")
    api = Api(always=lambda handler: handler.reply(200, b"<R>" + b"<a/>" * 1000 + b"</R>") or True)
    with (
        serving(api),
        pytest.raises(SourceError, match="larger than 1,000 bytes"),
        extract(asked(text, api.url)) as extraction,
    ):
        read_all(extraction)
