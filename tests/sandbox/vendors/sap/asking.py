"""Asking a stand-in for SAP without a socket."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from finsync_dagster.sandbox.vendors.sap.sap import Sap
from finsync_dagster.sandbox.vendors.wire import Answer, Request

ADDRESS = "http://127.0.0.1:4711/group_sap"
LOGIN = "Basic " + base64.b64encode(b"USER:secret").decode()
V2 = "/sap/opu/odata/sap/"
ORDERS = f"{V2}API_PURCHASEORDER_PROCESS_SRV/"
V4 = "/sap/opu/odata4/sap/api_purchaseorder_2/srvd_a2x/sap/purchaseorder/0001/"


def ask(sap: Sap, target: str, *, accept: str = "application/json", method: str = "GET") -> Answer:
    """The answer to a path with a query, as the server would hand them on."""
    parts = urlsplit(target.removeprefix(ADDRESS))
    query = tuple(parse_qsl(parts.query, keep_blank_values=True))
    headers = {"authorization": LOGIN, "accept": accept}
    return sap.answer(Request(method, unquote(parts.path), query, headers, address=ADDRESS))


def read(sap: Sap, target: str) -> Any:
    """The JSON of a good answer, numbers as decimals."""
    answer = ask(sap, target)
    assert answer.status == 200, answer.body
    return json.loads(answer.body, parse_float=Decimal)


def results(sap: Sap, target: str) -> list[dict[str, Any]]:
    """The entities of a first page of v2."""
    found: list[dict[str, Any]] = read(sap, target)["d"]["results"]
    return found


def every_page(sap: Sap, target: str) -> list[list[dict[str, Any]]]:
    """The pages of a set in v2, each link followed."""
    pages = []
    following: str | None = target
    while following:
        page = read(sap, following)["d"]
        pages.append(page["results"])
        following = page.get("__next")
    return pages


def message(answer: Answer) -> str:
    """What a refusal says."""
    said = json.loads(answer.body)["error"]["message"]
    return str(said["value"] if isinstance(said, dict) else said)
