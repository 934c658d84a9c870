"""The paging of each vendor, in the words of its system.yaml, against a server with its ways."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from finsync_dagster.connectors.http.answer import Answer
from finsync_dagster.connectors.http.exact_json import Json, Number, dump
from finsync_dagster.connectors.http.paging.pagers import PagingError, page_values, pager
from finsync_dagster.connectors.http.templates import fill, places
from tests.connectors.http.paging.paging_servers import Row, answer, ids, read, rows, spec

YAML = r"""
SAP S/4HANA, v2, skip:
  limit: 1000
  request: {query: {"$top": "${limit}", "$skip": "${offset}", "$inlinecount": allpages}}
  records: [d, results]
  paging: {scheme: offset, last: {total: [d, __count]}}
SAP S/4HANA, v2, next:
  limit: 1000
  request: {query: {"$inlinecount": allpages}}
  records: [d, results]
  paging: {scheme: next_link, link: [d, __next], last: {total: [d, __count]}}
SAP S/4HANA, either version:
  limit: 1000
  request: {query: {"$count": "true"}}
  records: [value]
  paging: {scheme: next_link, link: [[d, __next], ["@odata.nextLink"]]}
Oracle Fusion:
  limit: 500
  request: {query: {limit: "${limit}", offset: "${offset}", orderBy: "POHeaderId:asc"}}
  records: [items]
  paging: {scheme: offset, last: {more: hasMore, total: totalResults}}
Dynamics 365:
  limit: 10000
  request: {query: {cross-company: "true"}}
  records: [value]
  paging: {scheme: next_link, link: "@odata.nextLink", last: {total: "@odata.count"}}
NetSuite, SuiteQL by offset:
  limit: 1000
  request:
    query: {limit: "${limit}", offset: "${offset}"}
    body: {q: SELECT id FROM t ORDER BY id}
  records: [items]
  paging: {scheme: offset, last: {more: hasMore, total: totalResults}}
NetSuite, SuiteQL by key:
  limit: 1000
  request:
    query: {limit: "${limit}"}
    body: {q: "SELECT uniquekey FROM t WHERE uniquekey > ${after} ORDER BY uniquekey"}
  records: [items]
  paging: {scheme: keyset, by: uniquekey, first: 0, last: {total: totalResults}}
Infor M3:
  limit: 100
  request: {query: {F_PUNO: "${low}", T_PUNO: "${high}", maxrecs: "${limit}"}}
  records: [results, 0, records]
  paging: {scheme: range, low: 1, high: 9999999}
Workday, report:
  limit: 100
  request: {query: {format: json}}
  records: [Report_Entry]
  paging: {scheme: none}
Workday, REST:
  limit: 100
  request: {query: {limit: "${limit}", offset: "${offset}"}}
  records: [data]
  paging: {scheme: offset, last: {total: total}}
Coupa:
  limit: 50
  request: {query: {limit: "${limit}", offset: "${offset}", order_by: id, dir: asc}}
  records: []
  paging: {scheme: offset, empty_status: [404]}
Coupa, by id:
  limit: 50
  request: {query: {limit: "${limit}", "id[gt]": "${after}", order_by: id, dir: asc}}
  records: []
  paging: {scheme: keyset, by: id, first: 0, numeric: true, empty_status: [404]}
Ariba:
  limit: 50
  request:
    query:
      filters: '{"updatedDateFrom":"${low}T00:00:00Z","updatedDateTo":"${high}T23:59:59Z"}'
      pageToken: "${cursor}"
  records: [Records]
  paging:
    scheme: range
    low: 2026-01-01
    high: 2026-11-21
    widest: 31
    within: {scheme: cursor, token: PageToken, stop: [STOP, ""]}
Concur, v3:
  limit: 100
  request: {query: {limit: "${limit}", user: ALL}}
  records: [Items]
  paging: {scheme: next_link, link: NextPage}
Concur, financial documents:
  limit: 100
  request: {query: {page: "1", limit: "${limit}"}}
  records: [content]
  paging: {scheme: next_link, link: links}
Concur, financial documents, older envelope:
  limit: 100
  request: {query: {limit: "${limit}"}}
  records: [fIDocuments]
  paging: {scheme: next_link, link: nextPage}
Business Central:
  limit: 20000
  request: {query: {}}
  records: [value]
  paging: {scheme: next_link, link: "@odata.nextLink"}
Xero:
  limit: 1000
  request: {query: {page: "${page}", pageSize: "${limit}"}}
  records: [Invoices]
  paging: {scheme: page, last: {pages: [pagination, pageCount], total: [pagination, itemCount]}}
QuickBooks:
  limit: 1000
  request: {query: {query: "SELECT * FROM Bill STARTPOSITION ${offset} MAXRESULTS ${limit}"}}
  records: [QueryResponse, Bill]
  paging: {scheme: offset, start: 1}
QuickBooks, changes:
  limit: 1000
  request: {query: {entities: Bill, changedSince: "2026-11-01"}}
  records: [CDCResponse, 0, QueryResponse, 0, Bill]
  paging: {scheme: none, cap: 1000}
Odoo:
  limit: 80
  request: {body: {domain: [], limit: "${limit}", offset: "${offset}", order: id}}
  records: []
  paging: {scheme: offset}
Odoo, before JSON-2:
  limit: 80
  request:
    body: {params: {method: execute_kw, args: [db, 2, key, purchase.order, search_read, [[]],
      {limit: "${limit}", offset: "${offset}", order: id}]}}
  records: [result]
  paging: {scheme: offset}
Tryton:
  limit: 100
  request:
    body: {method: model.purchase.purchase.search_read,
      params: [[], "${offset}", "${limit}", [[id, ASC]], [number], {}]}
  records: [result]
  paging: {scheme: offset}
Tryton, REST:
  limit: 100
  request: {headers: {Range: "records=${offset}-${end}"}}
  records: []
  paging: {scheme: offset, empty_status: [416], last: {total: {header: Content-Range}}}
ERPNext:
  limit: 100
  request: {query: {limit_start: "${offset}", limit_page_length: "${limit}", order_by: name asc}}
  records: [data]
  paging: {scheme: offset}
Sage Intacct:
  limit: 2000
  request: {body: {object: accounts-payable/bill, start: "${offset}", size: "${limit}"}}
  records: ["ia::result"]
  paging: {scheme: offset, start: 1, last: {total: ["ia::meta", totalCount]}}
Sage Intacct, next:
  limit: 2000
  request: {body: {object: accounts-payable/bill, start: "${cursor}", size: "${limit}"}}
  records: ["ia::result"]
  paging: {scheme: cursor, first: 1, token: ["ia::meta", next]}
Expensify:
  limit: 1
  request: {body: {type: file}}
  records: []
  paging: {scheme: none}
Basware:
  limit: 500
  request: {query: {pageSize: "${limit}"}, headers: {x-amz-meta-continuationtoken: "${cursor}"}}
  records: [invoices]
  paging: {scheme: cursor, token: {header: x-amz-meta-continuationtoken}}
"""
VENDORS: dict[str, dict[str, Any]] = yaml.safe_load(YAML)

Asked = Mapping[str, Any]
"""The request with its places filled; ``next`` holds the parameters of a link that is followed."""


def window(held: list[Row], begin: int, size: int) -> tuple[list[Row], int | None]:
    """A page, and where the next one begins."""
    end = begin + size
    return held[begin:end], end if end < len(held) else None


def number(count: int) -> Number:
    return Number(count)


def sap_skip(held: list[Row], q: Asked) -> Answer:
    # The gateway caps pages in silence.
    page, _ = window(held, int(q["$skip"]), min(int(q["$top"]), 70))
    return answer({"d": {"results": page, "__count": str(len(held))}})


def sap_next(held: list[Row], q: Asked) -> Answer:
    page, then = window(held, int(q["next"].get("$skiptoken", 0)), 70)
    more = {} if then is None else {"__next": f"https://erp.example/A_PO?$skiptoken={then}"}
    return answer({"d": {"results": page, "__count": str(len(held)), **more}})


def odata(held: list[Row], q: Asked) -> Answer:
    # Pages shrink as the server likes, down to an empty one with a link.
    begin = int(q["next"].get("$skip", 0))
    size = 0 if begin == 60 and "again" not in q["next"] else 30
    page, then = window(held, begin, size)
    again = "&again=1" if size == 0 else ""
    more = {} if then is None else {"@odata.nextLink": f"https://erp.example/t?$skip={then}{again}"}
    return answer({"value": page, "@odata.count": number(len(held)), **more})


def limit_offset(name: str, total: str, more: str | None = None) -> Callable[..., Answer]:
    def serve(held: list[Row], q: Asked) -> Answer:
        page, then = window(held, int(q["offset"]), min(int(q["limit"]), 40))
        stated = {} if more is None else {more: then is not None}
        return answer({name: page, total: number(len(held)), **stated})

    return serve


def suiteql_by_key(held: list[Row], q: Asked) -> Answer:
    after = int(re.search(r"uniquekey > (\d+)", q["q"])[1])  # type: ignore[index]
    left = [{"links": [], "uniquekey": str(r["id"])} for r in held if int(r["id"]) > after]
    return answer({"items": left[: int(q["limit"])], "totalResults": number(len(left))})


def m3(held: list[Row], q: Asked) -> Answer:
    low, high = int(q["F_PUNO"]), int(q["T_PUNO"])
    inside = [{"PUNO": f"{r['id']:>7}"} for r in held if low <= int(r["id"]) <= high]
    return answer({"results": [{"records": inside[: int(q["maxrecs"])]}]})


def at_once(*path: str | int) -> Callable[..., Answer]:
    def serve(held: list[Row], q: Asked) -> Answer:
        body: Json = held
        for step in reversed(path):
            body = [body] if isinstance(step, int) else {step: body}
        return answer(body)

    return serve


def coupa(held: list[Row], q: Asked) -> Answer:
    page, _ = window(held, int(q["offset"]), min(int(q["limit"]), 50))
    return answer(page) if page else answer("<errors><error>None</error></errors>", status=404)


def coupa_by_id(held: list[Row], q: Asked) -> Answer:
    # Ids as texts would be in another order than the server's.
    later = sorted((r for r in held if int(str(r["id"])) > int(q["id[gt]"])), key=_number)
    page = later[: min(int(q["limit"]), 50)]
    return answer(page) if page else answer("<errors><error>None</error></errors>", status=404)


def _number(row: Row) -> int:
    return int(str(row["id"]))


def ariba(held: list[Row], q: Asked) -> Answer:
    found = re.findall(r'"(\d{4}-\d\d-\d\d)T', q["filters"])
    low, high = map(date.fromisoformat, found)
    assert high - low < timedelta(days=31), "the view refuses more than 31 days"
    first = date(2026, 1, 1)
    # Two records a day.
    days = [(first + timedelta(days=int(r["id"]) // 2), r) for r in held]
    inside = [row for day, row in days if low <= day <= high]
    page, then = window(inside, int(str(q.get("pageToken", "p0"))[1:]), 25)
    return answer({"Records": page, "PageToken": "STOP" if then is None else f"p{then}"})


def concur(held: list[Row], q: Asked) -> Answer:
    page, then = window(held, int(q["next"].get("offset", 0)), 25)
    link = None if then is None else f"https://concur.example/reports?limit=25&offset={then}"
    return answer({"Items": page, "NextPage": link, "fIDocuments": page, "nextPage": link})


def concur_documents(held: list[Row], q: Asked) -> Answer:
    number_ = int(q["next"].get("page", 1))
    page, then = window(held, (number_ - 1) * 25, 25)
    links = [{"rel": "first", "href": "/t?page=1"}, {"rel": "self", "href": f"/t?page={number_}"}]
    following = [] if then is None else [{"rel": "next", "href": f"/t?page={number_ + 1}"}]
    return answer({"content": page, "links": links + following})


def xero(held: list[Row], q: Asked) -> Answer:
    size = min(int(q["pageSize"]), 40)
    page, _ = window(held, (int(q["page"]) - 1) * size, size)
    told = {"pageCount": number(-(-len(held) // size)), "itemCount": number(len(held))}
    return answer({"Invoices": page, "pagination": told})


def quickbooks(held: list[Row], q: Asked) -> Answer:
    start, size = map(int, re.findall(r"\d+", q["query"]))
    page, _ = window(held, start - 1, min(size, 60))
    return answer({"QueryResponse": {"Bill": page} if page else {}})


def odoo(held: list[Row], q: Asked) -> Answer:
    assert isinstance(q["offset"], Number)
    return answer(window(held, int(q["offset"]), int(q["limit"]))[0])


def odoo_rpc(held: list[Row], q: Asked) -> Answer:
    return answer({"result": odoo(held, q["params"]["args"][-1]).json})


def tryton(held: list[Row], q: Asked) -> Answer:
    _, offset, limit, *_ = q["params"]
    assert dump(offset).isdigit(), "it must be a number in JSON, or the server refuses it"
    return answer({"result": window(held, int(offset), int(limit))[0]})


def tryton_rest(held: list[Row], q: Asked) -> Answer:
    begin, end = map(int, re.findall(r"\d+", q["Range"]))
    page = held[begin:end]
    if not page and begin:
        return answer("<title>416 Requested Range Not Satisfiable</title>", status=416)
    # The server counts no further than it finds convenient.
    total = len(held) if len(held) <= end + 20 else "*"
    return answer(page, {"Content-Range": f"records {begin}-{begin + len(page)}/{total}"})


def erpnext(held: list[Row], q: Asked) -> Answer:
    return answer({"data": window(held, int(q["limit_start"]), int(q["limit_page_length"]))[0]})


def intacct(held: list[Row], q: Asked) -> Answer:
    page, then = window(held, int(q["start"]) - 1, min(int(q["size"]), 45))
    following = None if then is None else number(then + 1)
    return answer(
        {"ia::result": page, "ia::meta": {"totalCount": number(len(held)), "next": following}}
    )


def basware(held: list[Row], q: Asked) -> Answer:
    name = "x-amz-meta-continuationtoken"
    page, then = window(held, int(q.get(name, 0)), min(int(q["pageSize"]), 40))
    return answer({"invoices": page}, {} if then is None else {name.title(): str(then)})


SERVERS: dict[str, Callable[[list[Row], Asked], Answer]] = {
    "SAP S/4HANA, v2, skip": sap_skip,
    "SAP S/4HANA, v2, next": sap_next,
    "SAP S/4HANA, either version": odata,
    "Oracle Fusion": limit_offset("items", "totalResults", "hasMore"),
    "Dynamics 365": odata,
    "NetSuite, SuiteQL by offset": limit_offset("items", "totalResults", "hasMore"),
    "NetSuite, SuiteQL by key": suiteql_by_key,
    "Infor M3": m3,
    "Workday, report": at_once("Report_Entry"),
    "Workday, REST": limit_offset("data", "total"),
    "Coupa": coupa,
    "Coupa, by id": coupa_by_id,
    "Ariba": ariba,
    "Concur, v3": concur,
    "Concur, financial documents": concur_documents,
    "Concur, financial documents, older envelope": concur,
    "Business Central": odata,
    "Xero": xero,
    "QuickBooks": quickbooks,
    "QuickBooks, changes": at_once("CDCResponse", 0, "QueryResponse", 0, "Bill"),
    "Odoo": odoo,
    "Odoo, before JSON-2": odoo_rpc,
    "Tryton": tryton,
    "Tryton, REST": tryton_rest,
    "ERPNext": erpnext,
    "Sage Intacct": intacct,
    "Sage Intacct, next": intacct,
    "Expensify": at_once(),
    "Basware": basware,
}
COUNTS = (0, 1, 40, 149, 150, 400)


def read_vendor(vendor: str, held: list[Row]) -> list[str]:
    """Ids of all records that came, in order, their padding removed."""
    words = VENDORS[vendor]

    def ask(values: Mapping[str, Json], link: str | None) -> Answer:
        query: dict[str, Any] = {"next": {}}
        if link:
            query["next"] = {k: v[0] for k, v in parse_qs(urlsplit(link).query).items()}
        for part in words["request"].values():
            for name, template in part.items():
                if set(places(template)) <= set(values):
                    query[name] = fill(template, values)
        return SERVERS[vendor](held, query)

    pages = pager(spec(**words["paging"]), words["limit"])
    got = read(pages, ask, records_at=tuple(words["records"]))
    assert got.total in (None, len(held))
    return [next(v for v in row.values() if isinstance(v, str)).strip() for row in got.records]


def test_every_vendor_has_a_server() -> None:
    assert list(VENDORS) == list(SERVERS)


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("count", COUNTS)
def test_all_records_of_a_vendor_come_once(vendor: str, count: int) -> None:
    held = rows(count)
    assert read_vendor(vendor, held) == [str(n) for n in ids(held)]


@pytest.mark.parametrize("vendor", VENDORS)
def test_requests_name_only_places_that_the_scheme_has(vendor: str) -> None:
    words = VENDORS[vendor]
    assert set(places(words["request"])) <= page_values(spec(**words["paging"]))


def test_changes_that_reach_the_cap_are_an_error() -> None:
    with pytest.raises(PagingError, match="has 1000 records, and the server cuts off at 1000"):
        read_vendor("QuickBooks, changes", rows(1000))
