"""What the services have: entity sets, properties, keys, navigations.

Belongs here: reading the facts that ship beside this module (facts/*.tsv) into values. Not here:
how a value looks on the wire (fragments.py), what a set holds (projections/).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

V2_SERVICES = (
    "API_BUSINESS_PARTNER",
    "API_GLACCOUNTLINEITEM",
    "API_MATERIAL_DOCUMENT_SRV",
    "API_PURCHASEORDER_PROCESS_SRV",
    "API_PURCHASEREQ_PROCESS_SRV",
    "API_SUPPLIERINVOICE_PROCESS_SRV",
)
V4_SERVICE = "CE_PURCHASEORDER_0001"
V4_NAMESPACE = "com.sap.gateway.srvd_a2x.api_purchaseorder_2.v0001"
V2_ROOT = "/sap/opu/odata/sap/"
V4_ROOT = "/sap/opu/odata4/sap/api_purchaseorder_2/srvd_a2x/sap/purchaseorder/0001"

# Numbers that are text to the wire and come without their leading zeros.
ITEM_NUMBERS = frozenset(
    {
        "PurchaseOrderItem",
        "PurchasingDocumentItem",
        "ScheduleLine",
        "AccountAssignmentNumber",
        "MaterialDocumentItem",
        "SupplierInvoiceItem",
        "SupplierInvoiceTaxCounter",
        "PurchaseRequisitionItem",
        "PurchaseReqnAcctAssgmtNumber",
        "ReferenceDocumentItem",
        "ReversedMaterialDocumentItem",
        "OrdinalNumber",
    }
)


@dataclass(frozen=True)
class Property:
    """One property. ``edm`` has no ``Edm.``; ``scale`` is None where it varies or has none."""

    name: str
    edm: str
    is_key: bool
    nullable: bool
    maxlen: int | None
    precision: int | None
    scale: int | None
    scale_varies: bool
    filterable: bool
    sortable: bool
    unit: str

    @property
    def counts(self) -> bool:
        """Whether it is an item number: compared as a number, told without leading zeros."""
        return self.name in ITEM_NUMBERS


@dataclass(frozen=True)
class Navigation:
    """A way from one set to another: ``on`` pairs a property here with one there."""

    name: str
    target: str
    many: bool
    on: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class EntitySet:
    """An entity set of a service."""

    service: str
    name: str
    type: str
    properties: Mapping[str, Property]
    navigations: Mapping[str, Navigation]

    @property
    def keys(self) -> tuple[Property, ...]:
        """The key, in its order."""
        return tuple(each for each in self.properties.values() if each.is_key)


@dataclass(frozen=True)
class Service:
    """A service: its name, OData version 2 or 4, namespace, sets by name."""

    name: str
    version: int
    namespace: str
    sets: Mapping[str, EntitySet] = field(default_factory=dict)


@cache
def service(name: str) -> Service:
    """A service with everything it has.

    Raises:
        KeyError: there is no service of that name.
    """
    if name not in V2_SERVICES and name != V4_SERVICE:
        raise KeyError(name)
    version, namespace = (4, V4_NAMESPACE) if name == V4_SERVICE else (2, name)
    ways: dict[str, dict[str, Navigation]] = {}
    for row in _rows("navigations"):
        if row["service"] == name:
            ways.setdefault(row["set"], {})[row["navigation"]] = _navigation(row)
    properties: dict[str, dict[str, Property]] = {}
    types: dict[str, str] = {}
    for row in _rows(name):
        types[row["set"]] = row["type"]
        properties.setdefault(row["set"], {})[row["property"]] = _property(row)
    sets = {
        each: EntitySet(name, each, types[each], properties[each], ways.get(each, {}))
        for each in properties
    }
    return Service(name, version, namespace, sets)


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = (files(__package__) / "facts" / f"{name}.tsv").read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines(), delimiter="\t")


def _navigation(row: Mapping[str, str]) -> Navigation:
    pairs = (pair.split("=") for pair in row["on"].split(","))
    on = tuple((here, there) for here, there in pairs)
    return Navigation(row["navigation"], row["target"], row["many"] == "*", on)


def _property(row: Mapping[str, str]) -> Property:
    scale = row["scale"]
    return Property(
        name=row["property"],
        edm=row["edm"],
        is_key=row["key"] == "Y",
        nullable=row["nullable"] != "false",
        maxlen=_number(row["maxlen"]),
        precision=_number(row["precision"]),
        scale=None if scale == "variable" else _number(scale),
        scale_varies=scale == "variable",
        filterable=row["filterable"] != "false",
        sortable=row["sortable"] != "false",
        unit=row["unit"],
    )


def _number(text: str) -> int | None:
    return int(text) if text else None
