"""The connectors ask for, and read, nothing that SAP's services do not have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from finsync_dagster.canonical.mapping import load_mappings
from finsync_dagster.connectors.http.model import HttpObject, Request
from tests.connectors.sap_s4.facts import FIELDS, KEYS, NAVIGATION, SERVICES
from tests.connectors.sap_s4.taking import declared

CONNECTORS = ("sap_s4", "sap_s4_v4")
OBJECTS = [(c, name) for c in CONNECTORS for name in declared(c).objects]
# The service of OData v4 has the metadata of CE_PURCHASEORDER_0001 and an address of its own.
V4 = "/sap/opu/odata4/sap/api_purchaseorder_2/srvd_a2x/sap/purchaseorder/0001/"
ADDRESS = {"CE_PURCHASEORDER_0001": V4}
_COMPARED = re.compile(r"\b([A-Za-z]\w*) (?:eq|ne|gt|ge|lt|le) ")


def requests(spec: HttpObject) -> Iterator[Request]:
    yield spec.request
    if spec.count:
        yield spec.count.request
    if spec.keys:
        yield spec.keys


def texts(template: Any) -> Iterator[str]:
    if isinstance(template, str):
        yield template
    elif isinstance(template, dict):
        for inner in template.values():
            yield from texts(inner)
    elif isinstance(template, list | tuple):
        for inner in template:
            yield from texts(inner)


def set_of(spec: HttpObject) -> str:
    return spec.request.path.rsplit("/", 1)[-1]


@pytest.mark.parametrize(("connector", "name"), OBJECTS)
def test_what_is_asked_for_is_there(connector: str, name: str) -> None:
    spec = declared(connector).objects[name]
    served = set_of(spec)
    service = SERVICES[served]
    address = ADDRESS.get(service, f"/sap/opu/odata/sap/{service}/")
    known = {*FIELDS[served], *NAVIGATION[served]}
    asked = {*spec.key, *spec.fields, *spec.control_totals, *filter(None, [spec.cursor])}
    for request in requests(spec):
        assert request.path.removesuffix("/$count") == address + served
        asked |= set(request.query.get("$orderby", "").split(",")) - {""}
        asked |= {request.query["$expand"]} if "$expand" in request.query else set()
        for text in texts(request.query.get("$filter")):
            asked |= set(_COMPARED.findall(text))
    assert asked <= known, asked - known
    if served != "GLAccountLineItem":
        assert sorted(spec.key) == sorted(KEYS[served])
    if spec.lines_of:
        owner = declared(connector).objects[spec.lines_of.object]
        assert set(spec.lines_of.key) <= known
        assert len(spec.lines_of.key) == len(owner.key)


@pytest.mark.parametrize("connector", CONNECTORS)
def test_what_is_read_was_asked_for(connector: str) -> None:
    mappings, objects = load_mappings(connector), declared(connector).objects
    for name, spec in objects.items():
        fetched = {*spec.key, *spec.fields, *spec.control_totals, *filter(None, [spec.cursor])}
        read = mappings.required_fields(name)
        assert read <= fetched, (name, read - fetched)


@pytest.mark.parametrize("connector", CONNECTORS)
def test_nothing_is_asked_for_in_vain(connector: str) -> None:
    """What nobody reads costs every page; bank accounts say more than is needed anyway."""
    mappings, objects = load_mappings(connector), declared(connector).objects
    idle = {
        name: sorted(set(spec.fields) - mappings.required_fields(name))
        for name, spec in objects.items()
    }
    assert {name: fields for name, fields in idle.items() if fields} == {}


@pytest.mark.parametrize(("connector", "name"), OBJECTS)
def test_pages_have_an_order_and_no_end_of_their_own(connector: str, name: str) -> None:
    """Without an order, pages overlap; with $top, the server gives no link beyond it."""
    spec = declared(connector).objects[name]
    ordered = spec.request.query["$orderby"].split(",")
    assert sorted(ordered) == sorted(spec.key)
    assert "$top" not in spec.request.query
