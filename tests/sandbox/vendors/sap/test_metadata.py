from __future__ import annotations

from xml.etree import ElementTree

import pytest

from finsync_dagster.sandbox.vendors.sap.edm import V2_SERVICES, V4_SERVICE, service
from finsync_dagster.sandbox.vendors.sap.metadata import metadata
from finsync_dagster.sandbox.vendors.sap.sap import Sap
from tests.sandbox.vendors.sap.asking import ORDERS, V4, ask, read

EDM = {
    2: "{http://schemas.microsoft.com/ado/2008/09/edm}",
    4: "{http://docs.oasis-open.org/odata/ns/edm}",
}
SAP = "{http://www.sap.com/Protocols/SAPData}"


@pytest.mark.parametrize("name", [*V2_SERVICES, V4_SERVICE])
def test_metadata_tells_every_fact(name: str) -> None:
    found = service(name)
    edm = EDM[found.version]
    document = ElementTree.fromstring(metadata(found))
    types = {each.get("Name"): each for each in document.iter(f"{edm}EntityType")}
    for entity_set in found.sets.values():
        told = types[entity_set.type]
        keys = [each.get("Name") for each in told.findall(f"{edm}Key/{edm}PropertyRef")]
        assert keys == [key.name for key in entity_set.keys]
        properties = {each.get("Name"): each for each in told.findall(f"{edm}Property")}
        assert list(properties) == list(entity_set.properties)
        for prop in entity_set.properties.values():
            if prop.scale is not None:
                assert properties[prop.name].get("Scale") == str(prop.scale)
            if found.version == 2:
                assert (properties[prop.name].get(f"{SAP}filterable") != "false") == prop.filterable
        ways = {each.get("Name") for each in told.findall(f"{edm}NavigationProperty")}
        assert ways == set(entity_set.navigations)


def test_v2_navigations_have_their_association() -> None:
    found = service("API_PURCHASEORDER_PROCESS_SRV")
    document = ElementTree.fromstring(metadata(found))
    edm = EDM[2]
    associations = {
        f"{found.namespace}.{each.get('Name')}" for each in document.iter(f"{edm}Association")
    }
    relations = {each.get("Relationship") for each in document.iter(f"{edm}NavigationProperty")}
    assert relations == associations


def test_it_is_served(sap: Sap, s4: Sap) -> None:
    v2 = ask(sap, f"{ORDERS}$metadata")
    assert (v2.status, dict(v2.headers)["Content-Type"]) == (200, "application/xml;charset=utf-8")
    assert b'sap:filterable="false"' in metadata(service("API_GLACCOUNTLINEITEM"))
    assert ask(s4, f"{V4}$metadata").body == metadata(service(V4_SERVICE))


def test_the_list_of_sets(sap: Sap, s4: Sap) -> None:
    assert "A_PurchaseOrder" in read(sap, ORDERS)["d"]["EntitySets"]
    assert {"name": "PurchaseOrder", "kind": "EntitySet", "url": "PurchaseOrder"} in read(s4, V4)[
        "value"
    ]
    document = ElementTree.fromstring(ask(sap, ORDERS, accept="").body)
    app = "{http://www.w3.org/2007/app}"
    hrefs = [each.get("href") for each in document.iter(f"{app}collection")]
    assert "A_PurchaseOrderItem" in hrefs
