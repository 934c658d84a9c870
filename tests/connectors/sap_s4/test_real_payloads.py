"""Whole records as SAP writes them: nulls, zeros that mean nothing, fields that nobody asked for.

Belongs here: what is made of whole records, kept beside (payloads/). Not here: what SAP does with
requests, and records made field by field (odata.py, company.py).

Shapes are those of a live system: years ``0000`` and items ``0`` that mean none, no change stamp on
old orders, names for suppliers, links to what was not expanded.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from finsync_dagster.connectors.http.model import HttpObject
from finsync_dagster.connectors.load import load_system
from tests.connectors.http.auth.auth_server import Handler, Reply, site
from tests.connectors.through import Through, mapped

pytestmark = pytest.mark.slow

PAYLOADS = Path(__file__).parent / "payloads" / "purchasing.json"
SECRETS = {"user": "FINSYNC", "password": "wonder land"}
UNTAXED = "5100000009|2016"


def whole(name: str, records: list[dict[str, Any]]) -> Handler:
    """All records of a set on one page, whatever of them is asked for."""
    rows = [
        {"__metadata": {"uri": f"https://s4.example/{name}", "type": name}, **r} for r in records
    ]
    body = {"d": {"__count": str(len(rows)), "results": rows}}
    return lambda _: Reply(200, body, {"Content-Type": "application/json;charset=utf-8"})


def counted(number: int) -> Handler:
    return lambda _: Reply(200, str(number), {"Content-Type": "text/plain"})


@pytest.fixture(scope="module")
def through() -> Iterator[Through]:
    sets = json.loads(PAYLOADS.read_text())
    objects = load_system("sap_s4").objects
    with site() as here:
        for spec in objects.values():
            assert isinstance(spec, HttpObject)
            name = spec.request.path.rsplit("/", 1)[-1]
            records = sets.get(name, [])
            here.routes[spec.request.path] = whole(name, records)
            here.routes[f"{spec.request.path}/$count"] = counted(len(records))
        codes = mapped("sap_s4", entity={"1000": "lumen_de"})
        yield Through("sap_s4", here.url, SECRETS, codes)


@pytest.fixture(scope="module")
def taken(through: Through, waiting: pl.DataFrame) -> Through:
    """What was read, once."""
    assert set(waiting["source_object"]) == {"supplier_invoices"}
    return through


@pytest.fixture(scope="module")
def waiting(through: Through) -> pl.DataFrame:
    return through.run().quarantine()


def test_only_the_invoice_without_its_taxes_waits(taken: Through, waiting: pl.DataFrame) -> None:
    assert set(waiting["source_pk"]) == {UNTAXED}
    assert set(waiting["column_name"]) == {"net", "tax"}
    assert all("to_SupplierInvoiceTax is empty" in said for said in waiting["message"])
    assert UNTAXED not in taken.rows("invoices")


def test_an_order_without_a_change_stamp(taken: Through) -> None:
    names = ("supplier_src_id", "order_date", "status_canon", "ccy")
    found = tuple(taken.row("purchase_orders", "4500007731", *names).values())
    supplier = "erp|supplier_companies|0020400077|1000"
    assert found == (supplier, date(2016, 9, 10), "approved", "EUR")
    line = taken.row("purchase_order_lines", "4500007731|10", "net_amount", "requisition_line_ref")
    assert line == {"net_amount": D("38.5"), "requisition_line_ref": None}
    share = taken.row("purchase_order_distributions", "4500007731|10|1", "percentage", "amount")
    assert share == {"percentage": None, "amount": None}


def test_a_receipt_that_reverses_nothing_and_one_that_does(taken: Through) -> None:
    names = ("kind", "qty", "reverses_id", "posting_date")
    came = taken.row("receipt_lines", "2016|5000000001|1", *names)
    assert tuple(came.values()) == ("receipt", D(1), None, date(2016, 8, 4))
    back = taken.row("receipt_lines", "2016|5000000002|1", *names)
    first = "erp|material_document_items|2016|5000000001|1"
    assert tuple(back.values()) == ("reversal", D(-1), first, date(2016, 8, 4))


def test_a_reversed_invoice_and_its_reversal_are_void(taken: Through) -> None:
    names = ("status_canon", "kind", "net", "tax", "gross", "corrects_invoice_id")
    first = tuple(taken.row("invoices", "5100000001|2016", *names).values())
    assert first == ("void", "invoice", D(1390), D("264.1"), D("1654.1"), None)
    back = tuple(taken.row("invoices", "5100000002|2016", *names).values())
    reversed_one = "erp|supplier_invoices|5100000001|2016"
    assert back == ("void", "credit_qty", D(-1390), D("-264.1"), D("-1654.1"), reversed_one)
    assert taken.row("invoices", "5100000003|2016", "status_canon") == {"status_canon": "posted"}
    line = taken.row("invoice_lines", "5100000002|2016|1", "qty", "net_amount", "receipt_line_ref")
    assert line == {"qty": D(-20), "net_amount": D("-438.5"), "receipt_line_ref": None}


def test_a_supplier_that_has_a_name_for_a_number(taken: Through) -> None:
    found = taken.row("suppliers", "NORD-SUP01|1000", "supplier_no", "name")
    assert found == {"supplier_no": "NORD-SUP01", "name": "Nordlicht Handel"}
    src = taken.row("invoices", "5100000003|2016", "supplier_src_id")["supplier_src_id"]
    assert src == "erp|supplier_companies|NORD-SUP01|1000"


def test_a_requisition_that_was_deleted(taken: Through) -> None:
    names = ("status_canon", "po_number_ref", "qty", "unit_price", "supplier_src_id")
    found = tuple(taken.row("requisition_lines", "10000444|10", *names).values())
    assert found == ("cancelled", None, D(3), D(13), None)
