"""The record service: lists of links, one record with its lines, the catalog of records.

Belongs here: GET record/v1. Not here: SuiteQL (suiteql.py).

From memory, and only as far as the account's tables go: names of records and fields in camel case,
true booleans and numbers, references as id and name, lines under ``item`` and ``expense``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from finsync_dagster.sandbox.vendors.netsuite.errors import RefusedError
from finsync_dagster.sandbox.vendors.netsuite.formats import as_text
from finsync_dagster.sandbox.vendors.netsuite.store import Store
from finsync_dagster.sandbox.vendors.netsuite.suiteql import paging
from finsync_dagster.sandbox.vendors.wire import Answer, Request

_TRANSACTIONS = {
    "purchaseRequisition": "PurchReq",
    "purchaseOrder": "PurchOrd",
    "itemReceipt": "ItemRcpt",
    "vendorBill": "VendBill",
    "vendorCredit": "VendCred",
    "vendorPrepayment": "VPrep",
    "vendorPayment": "VendPymt",
}
_OTHERS = {"vendor": "vendor", "employee": "employee", "subsidiary": "subsidiary"}
_FIELDS = {
    "transactionnumber": "transactionNumber",
    "trandate": "tranDate",
    "duedate": "dueDate",
    "createddate": "createdDate",
    "lastmodifieddate": "lastModifiedDate",
    "datecreated": "dateCreated",
    "companyname": "companyName",
    "legalname": "legalName",
    "entityid": "entityId",
    "isinactive": "isInactive",
    "firstname": "firstName",
    "lastname": "lastName",
    "foreignamount": "amount",
    "expenseaccount": "account",
    "linesequencenumber": "line",
    "matchbilltoreceipt": "matchBillToReceipt",
    "quantitybilled": "quantityBilled",
    "quantityshiprecv": "quantityReceived",
    "isclosed": "isClosed",
    "expectedreceiptdate": "expectedReceiptDate",
}
_REFERENCES = {
    "entity": "entity",
    "currency": "currency",
    "subsidiary": "subsidiary",
    "expenseaccount": "account",
    "department": "department",
    "item": "item",
    "supervisor": "employee",
}
_HEADER = (
    *("transactionnumber", "trandate", "duedate", "createddate", "memo", "entity", "currency"),
    "status",
)
_LINE = (
    *("linesequencenumber", "item", "expenseaccount", "quantity", "units", "rate"),
    *("foreignamount", "memo", "department", "isclosed", "matchbilltoreceipt"),
    *("quantitybilled", "quantityshiprecv", "expectedreceiptdate"),
)
_OTHER_FIELDS = (
    *("entityid", "companyname", "legalname", "name", "firstname", "lastname", "email"),
    *("currency", "subsidiary", "supervisor", "country", "isinactive"),
    *("datecreated", "lastmodifieddate"),
)
_OPERATORS = {
    "ON": "=",
    "AFTER": ">",
    "ON_OR_AFTER": ">=",
    "BEFORE": "<",
    "ON_OR_BEFORE": "<=",
}
_CONDITION = re.compile(r"""^\s*(\w+)\s+(\w+)\s+["']?([^"']+?)["']?\s*$""")
_DAY = {"createdDate": "createddate", "tranDate": "trandate", "lastModifiedDate": "changed"}


def answer(request: Request, below: str, store: Store) -> Answer:
    """The answer to GET of something below record/v1.

    Raises:
        RefusedError: there is no such record, or it is asked for in a way it cannot be.
    """
    name, _, key = below.partition("/")
    if name == "metadata-catalog":
        return _catalog(request, key)
    if name not in _TRANSACTIONS and name not in _OTHERS:
        raise RefusedError(404, "NOT_FOUND", f"Record type '{name}' does not exist.")
    if not key:
        return _list(request, name, store)
    if not key.isascii() or not key.isdigit() or len(key) > 18:
        raise RefusedError(404, "NONEXISTENT_ID", "The record instance does not exist.")
    return _one(request, name, int(key), store)


def _list(request: Request, name: str, store: Store) -> Answer:
    limit, offset = paging(request)
    where, values = _where(name), _conditions(request.first("q") or "")
    sql = f"FROM ({where}) WHERE {' AND '.join(['true', *values[0]])}"
    with store.connect(store.world.until) as connection:
        total = (connection.execute(f"SELECT count(*) {sql}", values[1]).fetchone() or (0,))[0]
        rows = connection.execute(
            f"SELECT id {sql} ORDER BY id LIMIT {limit} OFFSET {offset}", values[1]
        ).fetchall()
    base = f"{request.address}{request.path}"
    more = offset + len(rows) < total
    links = [{"rel": "self", "href": f"{base}?limit={limit}&offset={offset}"}]
    if more:
        links.append({"rel": "next", "href": f"{base}?limit={limit}&offset={offset + len(rows)}"})
    return Answer.json(
        {
            "links": links,
            "count": len(rows),
            "hasMore": more,
            "items": [
                {"links": [{"rel": "self", "href": f"{base}/{key}"}], "id": str(key)}
                for (key,) in rows
            ],
            "offset": offset,
            "totalResults": total,
        }
    )


def _where(name: str) -> str:
    if name in _OTHERS:
        stamp = "CAST(NULL AS TIMESTAMP)" if name != "vendor" else "lastmodifieddate"
        created = "CAST(NULL AS TIMESTAMP)" if name != "vendor" else "datecreated"
        return (
            f"SELECT id, CAST(NULL AS DATE) AS trandate, {created} AS createddate, "
            f'{stamp} AS changed FROM "{_OTHERS[name]}"'
        )
    return (
        "SELECT t.id, t.trandate, t.createddate, l.linelastmodifieddate AS changed "
        'FROM "transaction" t JOIN transactionline l ON l.transaction = t.id '
        f"AND l.mainline = 'T' WHERE t.type = '{_TRANSACTIONS[name]}'"
    )


def _conditions(query: str) -> tuple[list[str], list[date]]:
    """Conditions on days, joined by AND, in any of the formats accounts use."""
    conditions: list[str] = []
    values: list[date] = []
    for part in re.split(r"\s+AND\s+", query) if query.strip() else []:
        said = _CONDITION.match(part)
        if not said or said[1] not in _DAY or said[2] not in _OPERATORS:
            raise RefusedError(400, "INVALID_PARAMETER", f"Invalid query: {part.strip()}", "q")
        conditions.append(f"CAST({_DAY[said[1]]} AS DATE) {_OPERATORS[said[2]]} ?")
        values.append(_day(said[3]))
    return conditions, values


def _day(text: str) -> date:
    for written in ("%m/%d/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, written).date()
        except ValueError:
            continue
    raise RefusedError(400, "INVALID_PARAMETER", f"Invalid date: {text}", "q")


def _one(request: Request, name: str, key: int, store: Store) -> Answer:
    table = "transaction" if name in _TRANSACTIONS else _OTHERS[name]
    condition = f"id = {key}"
    if name in _TRANSACTIONS:
        condition += f" AND type = '{_TRANSACTIONS[name]}'"
    found = _rows(store, f'SELECT * FROM "{table}" WHERE {condition}')
    if not found:
        raise RefusedError(404, "NONEXISTENT_ID", "The record instance does not exist.")
    place = f"{request.address}{request.path}"
    fields = _HEADER if name in _TRANSACTIONS else _OTHER_FIELDS
    record: dict[str, Any] = {"links": [{"rel": "self", "href": place}], "id": str(key)}
    record |= _fields(found[0], fields, store)
    if name in _TRANSACTIONS:
        lines = _rows(store, f"SELECT * FROM transactionline WHERE transaction = {key} ORDER BY id")
        record |= {"subsidiary": _reference(lines[0]["subsidiary"], "subsidiary", store)}
        record |= _sublists(request, place, lines[1:], store)
    return Answer(200, _written(record), (("Content-Type", "application/json; charset=UTF-8"),))


def _sublists(
    request: Request, place: str, lines: list[dict[str, Any]], store: Store
) -> dict[str, Any]:
    expanded = (request.first("expandSubResources") or "").lower() == "true"
    parts = {
        "item": [line for line in lines if line["item"] is not None],
        "expense": [line for line in lines if line["item"] is None and line["taxline"] != "T"],
    }
    found: dict[str, Any] = {}
    for name, rows in parts.items():
        links = [{"rel": "self", "href": f"{place}/{name}"}]
        found[name] = {"links": links}
        if expanded:
            items = [_fields(row, _LINE, store) for row in rows]
            found[name] |= {"items": items, "totalResults": len(items)}
    return found


def _fields(row: Mapping[str, Any], names: tuple[str, ...], store: Store) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name in names:
        value = row.get(name)
        if value is None:
            continue
        if name in _REFERENCES:
            value = _reference(value, _REFERENCES[name], store)
        elif name == "status":
            value = {"id": value}
        elif value in ("T", "F"):
            value = value == "T"
        elif isinstance(value, datetime):
            value = value.isoformat(timespec="seconds") + "Z"
        elif isinstance(value, date):
            value = value.isoformat()
        fields[_FIELDS.get(name, name)] = value
    return fields


def _reference(key: int, kind: str, store: Store) -> dict[str, Any]:
    shown = _rows(store, f'SELECT _display FROM "_display_{kind}" WHERE _key = {int(key)}')
    named = {"refName": shown[0]["_display"]} if shown else {}
    return {"id": str(key), **named}


def _rows(store: Store, sql: str) -> list[dict[str, Any]]:
    with store.connect(store.world.until) as connection:
        done = connection.execute(sql)
        names = [column[0] for column in done.description]
        return [dict(zip(names, row, strict=True)) for row in done.fetchall()]


def _written(value: Any) -> bytes:
    """JSON with exact numbers: they are written digit by digit."""
    if isinstance(value, Decimal):
        return as_text(value).encode()
    if isinstance(value, dict):
        inner = (json.dumps(k).encode() + b":" + _written(v) for k, v in value.items())
        return b"{" + b",".join(inner) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(_written(each) for each in value) + b"]"
    return json.dumps(value, ensure_ascii=False).encode()


def _catalog(request: Request, name: str) -> Answer:
    """Which records there are; of one, its fields as a JSON schema."""
    place = f"{request.address}/services/rest/record/v1/metadata-catalog"
    known = [*_TRANSACTIONS, *_OTHERS]
    if not name:
        items = [
            {"name": each, "links": [{"rel": "canonical", "href": f"{place}/{each}"}]}
            for each in known
        ]
        return Answer.json({"items": items, "links": [{"rel": "self", "href": place}]})
    if name not in known:
        raise RefusedError(404, "NOT_FOUND", f"Record type '{name}' does not exist.")
    fields = _HEADER if name in _TRANSACTIONS else _OTHER_FIELDS
    schema = {
        "type": "object",
        "properties": {
            "id": {"type": "string"},
            **{_FIELDS.get(field, field): _schema(field) for field in fields},
        },
    }
    kind = ("Content-Type", "application/schema+json; charset=UTF-8")
    return Answer(200, Answer.json(schema).body, (kind,))


def _schema(field: str) -> dict[str, str]:
    if field in _REFERENCES or field == "status":
        return {"type": "object"}
    if field.endswith("date") or field.startswith("date"):
        return {"type": "string", "format": "date"}
    return {"type": "boolean"} if field.startswith("is") else {"type": "string"}
