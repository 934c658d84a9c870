"""Atom XML says what JSON says."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any
from urllib.parse import urljoin
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finsync_dagster.sandbox.vendors.faults import Faults
from finsync_dagster.sandbox.vendors.plan import Fault, Plan
from finsync_dagster.sandbox.vendors.sap.edm import EntitySet, service
from finsync_dagster.sandbox.vendors.sap.sap import Sap
from tests.sandbox.vendors.sap.asking import ADDRESS, ORDERS, V2, ask, read

A = "{http://www.w3.org/2005/Atom}"
M = "{http://schemas.microsoft.com/ado/2007/08/dataservices/metadata}"
D = "{http://schemas.microsoft.com/ado/2007/08/dataservices}"
RELATED = "http://schemas.microsoft.com/ado/2007/08/dataservices/related/"

TARGETS = (
    ("API_PURCHASEORDER_PROCESS_SRV", "A_PurchaseOrder", "to_PurchaseOrderItem"),
    ("API_PURCHASEORDER_PROCESS_SRV", "A_PurchaseOrderItem", "to_PurchaseOrder,to_ScheduleLine"),
    ("API_PURCHASEORDER_PROCESS_SRV", "A_PurOrdPricingElement", ""),
    ("API_MATERIAL_DOCUMENT_SRV", "A_MaterialDocumentHeader", "to_MaterialDocumentItem"),
    ("API_MATERIAL_DOCUMENT_SRV", "A_MaterialDocumentItem", "to_SerialNumbers"),
    ("API_SUPPLIERINVOICE_PROCESS_SRV", "A_SupplierInvoice", "to_SuplrInvcItemPurOrdRef"),
    ("API_SUPPLIERINVOICE_PROCESS_SRV", "A_SupplierInvoiceItemGLAcct", ""),
    ("API_PURCHASEREQ_PROCESS_SRV", "A_PurchaseRequisitionItem", "to_PurchaseReqnAcctAssgmt"),
    ("API_BUSINESS_PARTNER", "A_BusinessPartner", "to_BusinessPartnerBank,to_Supplier"),
    ("API_BUSINESS_PARTNER", "A_SupplierCompany", ""),
    ("API_GLACCOUNTLINEITEM", "GLAccountLineItem", ""),
)


def of_json(entity: dict[str, Any], entity_set: EntitySet) -> dict[str, Any]:
    """An entity of v2 JSON: values, and what it expands to."""
    said: dict[str, Any] = {"uri": entity["__metadata"]["uri"]}
    for name, value in entity.items():
        if name in entity_set.properties:
            said[name] = json_value(value, entity_set.properties[name].edm)
        elif name in entity_set.navigations and "__deferred" not in (value or {}):
            way = entity_set.navigations[name]
            target = service(entity_set.service).sets[way.target]
            several = value["results"] if way.many else [value] * (value is not None)
            said[name] = [of_json(each, target) for each in several]
        elif name in entity_set.navigations:
            said[name] = value["__deferred"]["uri"]
    return said


def json_value(value: Any, edm: str) -> Any:
    if value is None:
        return None
    if edm == "Decimal":
        assert isinstance(value, str)
        Decimal(value)
        return value
    if edm in {"DateTime", "DateTimeOffset"}:
        zone = r"\+0000" if edm == "DateTimeOffset" else ""
        match = re.fullmatch(rf"/Date\((-?\d+){zone}\)/", value)
        assert match, value
        return dt.datetime.fromtimestamp(int(match[1]) / 1000, dt.UTC)
    return str(value).lower() if edm == "Boolean" else str(value)


def of_atom(entry: ElementTree.Element, entity_set: EntitySet) -> dict[str, Any]:
    """The same of an Atom entry."""
    uri = entry.findtext(f"{A}id")
    said: dict[str, Any] = {"uri": uri}
    for element in entry.findall(f"{A}content/{M}properties/*"):
        name = element.tag.removeprefix(D)
        said[name] = atom_value(element, entity_set.properties[name].edm)
    for link in entry.findall(f"{A}link"):
        if not link.get("rel", "").startswith(RELATED):
            continue
        way = entity_set.navigations[link.attrib["title"]]
        inline = link.find(f"{M}inline")
        if inline is None:
            root = f"{ADDRESS}{V2}{entity_set.service}/"
            said[way.name] = urljoin(root, link.attrib["href"])
            continue
        target = service(entity_set.service).sets[way.target]
        entries = inline.findall(f"{A}feed/{A}entry" if way.many else f"{A}entry")
        said[way.name] = [of_atom(each, target) for each in entries]
    return said


def atom_value(element: ElementTree.Element, edm: str) -> Any:
    if element.get(f"{M}null") == "true":
        return None
    assert element.get(f"{M}type", "Edm.String") == f"Edm.{edm}"
    text = element.text or ""
    if edm in {"DateTime", "DateTimeOffset"}:
        assert text.endswith("Z") == (edm == "DateTimeOffset")
        return dt.datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=dt.UTC)
    return text


def atom_page(sap: Sap, target: str) -> ElementTree.Element:
    answer = ask(sap, target, accept="")
    assert answer.status == 200, answer.body
    assert dict(answer.headers)["Content-Type"] == "application/atom+xml;type=feed;charset=utf-8"
    return ElementTree.fromstring(answer.body)


@pytest.mark.slow
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    which=st.sampled_from(TARGETS),
    expanding=st.booleans(),
    selected=st.sets(st.integers(0, 40), max_size=4),
    top=st.integers(1, 5),
    size=st.integers(1, 5),
)
def test_atom_and_json_say_the_same(
    sap: Sap,
    faults: Faults,
    which: tuple[str, str, str],
    expanding: bool,
    selected: set[int],
    top: int,
    size: int,
) -> None:
    service_name, set_name, expand = which
    entity_set = service(service_name).sets[set_name]
    names = [name for at, name in enumerate(entity_set.properties) if at in selected]
    options = f"$top={top}&$inlinecount=allpages"
    if expanding and expand:
        options += f"&$expand={expand}"
        names += expand.split(",") if names else []
    if names:
        options += f"&$select={','.join(names)}"
    faults.replace(Plan(faults=(Fault(kind="small_page", rate=1, records=size),)))
    target = f"{V2}{service_name}/{set_name}?{options}"
    page = read(sap, target)["d"]
    feed = atom_page(sap, target)
    assert [of_atom(entry, entity_set) for entry in feed.findall(f"{A}entry")] == [
        of_json(entity, entity_set) for entity in page["results"]
    ]
    assert page["results"]
    assert feed.findtext(f"{M}count") == page["__count"]
    link = feed.find(f"{A}link[@rel='next']")
    base = feed.attrib["{http://www.w3.org/XML/1998/namespace}base"]
    assert (None if link is None else urljoin(base, link.attrib["href"])) == page.get("__next")


def test_an_entry_alone(sap: Sap) -> None:
    answer = ask(sap, f"{ORDERS}A_PurchaseOrder('4500000001')", accept="*/*")
    kind = "application/atom+xml;type=entry;charset=utf-8"
    assert dict(answer.headers)["Content-Type"] == kind
    entry = ElementTree.fromstring(answer.body)
    entity_set = service("API_PURCHASEORDER_PROCESS_SRV").sets["A_PurchaseOrder"]
    as_json = read(sap, f"{ORDERS}A_PurchaseOrder('4500000001')")["d"]
    assert of_atom(entry, entity_set) == of_json(as_json, entity_set)


def test_special_characters_arrive(sap: Sap) -> None:
    feed = atom_page(sap, f"{V2}API_BUSINESS_PARTNER/A_Supplier")
    assert next(feed.iter(f"{D}SupplierName")).text == "Bolts & <Nuts> 'SARL'"
