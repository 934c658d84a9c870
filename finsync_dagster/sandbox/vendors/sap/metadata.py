"""The documents that describe a service: $metadata and the list of its sets.

Belongs here: EDMX for v2 and v4, service documents. Not here: the facts (edm.py).
"""

from __future__ import annotations

import json
from xml.sax.saxutils import quoteattr

from finsync_dagster.sandbox.vendors.sap.edm import EntitySet, Navigation, Property, Service

_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'
_EDMX_V2 = "http://schemas.microsoft.com/ado/2007/06/edmx"
_EDM_V2 = "http://schemas.microsoft.com/ado/2008/09/edm"
_M = "http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"
_SAP = "http://www.sap.com/Protocols/SAPData"
_EDMX_V4 = "http://docs.oasis-open.org/odata/ns/edmx"
_EDM_V4 = "http://docs.oasis-open.org/odata/ns/edm"
_MESSAGES = (
    '<ComplexType Name="SAP__Message"><Property Name="code" Type="Edm.String" Nullable="false"/>'
    '<Property Name="message" Type="Edm.String" Nullable="false"/></ComplexType>'
)


def metadata(service: Service) -> bytes:
    """The service's $metadata."""
    return (_v4(service) if service.version == 4 else _v2(service)).encode()


def service_document(service: Service, root: str, *, as_json: bool) -> bytes:
    """The list of the service's sets; Atom only exists for v2."""
    names = list(service.sets)
    if service.version == 4:
        listed = [{"name": name, "kind": "EntitySet", "url": name} for name in names]
        return json.dumps({"@odata.context": "$metadata", "value": listed}).encode()
    if as_json:
        return json.dumps({"d": {"EntitySets": names}}).encode()
    sets = "".join(
        f"<app:collection href={quoteattr(name)}><atom:title>{name}</atom:title></app:collection>"
        for name in names
    )
    return (
        f"{_DECLARATION}<app:service xml:base={quoteattr(root)}"
        ' xmlns:app="http://www.w3.org/2007/app" xmlns:atom="http://www.w3.org/2005/Atom">'
        f"<app:workspace><atom:title>Data</atom:title>{sets}</app:workspace></app:service>"
    ).encode()


def _v2(service: Service) -> str:
    associations, association_sets = [], []
    for entity_set in service.sets.values():
        for way in entity_set.navigations.values():
            associations.append(_association(service, entity_set, way))
            name = _association_name(entity_set, way)
            association_sets.append(
                f'<AssociationSet Name="{name}_Set" Association="{service.namespace}.{name}">'
                f'<End EntitySet="{entity_set.name}" Role="From_{name}"/>'
                f'<End EntitySet="{way.target}" Role="To_{name}"/></AssociationSet>'
            )
    types = "".join(_entity_type(each, service) for each in service.sets.values())
    sets = "".join(
        f'<EntitySet Name="{each.name}" EntityType="{service.namespace}.{each.type}"/>'
        for each in service.sets.values()
    )
    container = (
        f'<EntityContainer Name="{service.name}_Entities" m:IsDefaultEntityContainer="true">'
        f"{sets}{''.join(association_sets)}</EntityContainer>"
    )
    return (
        f'{_DECLARATION}<edmx:Edmx Version="1.0" xmlns:edmx="{_EDMX_V2}" xmlns:m="{_M}"'
        f' xmlns:sap="{_SAP}"><edmx:DataServices m:DataServiceVersion="2.0">'
        f'<Schema Namespace="{service.namespace}" xmlns="{_EDM_V2}">'
        f"{types}{''.join(associations)}{container}</Schema></edmx:DataServices></edmx:Edmx>"
    )


def _v4(service: Service) -> str:
    types = "".join(_entity_type(each, service) for each in service.sets.values())
    sets = ""
    for each in service.sets.values():
        ways = "".join(
            f'<NavigationPropertyBinding Path="{way.name}" Target="{way.target}"/>'
            for way in each.navigations.values()
        )
        kind = f"{service.namespace}.{each.type}"
        sets += f'<EntitySet Name="{each.name}" EntityType="{kind}">{ways}</EntitySet>'
    return (
        f'{_DECLARATION}<edmx:Edmx Version="4.0" xmlns:edmx="{_EDMX_V4}"><edmx:DataServices>'
        f'<Schema Namespace="{service.namespace}" Alias="SAP__self" xmlns="{_EDM_V4}">'
        f'{types}{_MESSAGES}<EntityContainer Name="Container">{sets}</EntityContainer>'
        "</Schema></edmx:DataServices></edmx:Edmx>"
    )


def _entity_type(entity_set: EntitySet, service: Service) -> str:
    keys = "".join(f'<PropertyRef Name="{key.name}"/>' for key in entity_set.keys)
    properties = "".join(_property(prop, service) for prop in entity_set.properties.values())
    ways = "".join(
        _v4_way(way, service) if service.version == 4 else _v2_way(entity_set, way, service)
        for way in entity_set.navigations.values()
    )
    return f'<EntityType Name="{entity_set.type}"><Key>{keys}</Key>{properties}{ways}</EntityType>'


def _property(prop: Property, service: Service) -> str:
    kind = f"Edm.{prop.edm}"
    if prop.edm == "Messages":
        kind = f"Collection({service.namespace}.SAP__Message)"
    said = f'<Property Name="{prop.name}" Type="{kind}"'
    if not prop.nullable or prop.is_key:
        said += ' Nullable="false"'
    if prop.maxlen is not None:
        said += f' MaxLength="{prop.maxlen}"'
    if prop.precision is not None:
        said += f' Precision="{prop.precision}"'
    if prop.scale_varies:
        said += ' Scale="variable"'
    elif prop.scale is not None:
        said += f' Scale="{prop.scale}"'
    if service.version == 2:
        said += f' sap:unit="{prop.unit}"' if prop.unit else ""
        said += "" if prop.filterable else ' sap:filterable="false"'
        said += "" if prop.sortable else ' sap:sortable="false"'
    return said + "/>"


def _association_name(entity_set: EntitySet, way: Navigation) -> str:
    return f"{entity_set.type}_{way.name}"


def _association(service: Service, entity_set: EntitySet, way: Navigation) -> str:
    name = _association_name(entity_set, way)
    target = service.sets[way.target].type
    here, there = f"{service.namespace}.{entity_set.type}", f"{service.namespace}.{target}"
    first, second = ("1", "*") if way.many else ("*", "0..1")
    return (
        f'<Association Name="{name}">'
        f'<End Type="{here}" Multiplicity="{first}" Role="From_{name}"/>'
        f'<End Type="{there}" Multiplicity="{second}" Role="To_{name}"/></Association>'
    )


def _v2_way(entity_set: EntitySet, way: Navigation, service: Service) -> str:
    name = _association_name(entity_set, way)
    return (
        f'<NavigationProperty Name="{way.name}" Relationship="{service.namespace}.{name}"'
        f' FromRole="From_{name}" ToRole="To_{name}"/>'
    )


def _v4_way(way: Navigation, service: Service) -> str:
    kind = f"{service.namespace}.{service.sets[way.target].type}"
    kind = f"Collection({kind})" if way.many else kind
    return f'<NavigationProperty Name="{way.name}" Type="{kind}"/>'
