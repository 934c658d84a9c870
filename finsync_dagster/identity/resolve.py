"""Linking supplier records: by identifiers, never by name alone.

Belongs here: which records are one supplier, and which pairs a person should look at. Two records
are one supplier if they share a tax registration, or a bank account under the same name. That is
transitive. Equal names without a shared identifier are suggested, not linked.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import polars as pl

from finsync_dagster.identity.names import fold, registration
from finsync_dagster.identity.tables import (
    GOLDEN_SUPPLIERS,
    SUPPLIER_CROSSWALK,
    SUPPLIER_SUGGESTIONS,
)

_ID_DIGITS = 12
_SHARED = {"tax_id": "the tax registration", "bank": "bank account and name"}

Links = Mapping[str, Mapping[str, list[str]]]
"""Source id → method → ids it shares that identifier with, sorted; tax before bank."""


@dataclass(frozen=True)
class IdentityResult:
    """The three tables of identity/tables.py."""

    golden_suppliers: pl.DataFrame
    supplier_crosswalk: pl.DataFrame
    supplier_suggestions: pl.DataFrame


def resolve(suppliers: pl.DataFrame, legal_entities: pl.DataFrame) -> IdentityResult:
    """Golden suppliers of the group.

    Args:
        suppliers: current canonical suppliers of all systems.
        legal_entities: canonical legal entities.
    """
    records = {
        r["supplier_src_id"]: {**r, "name_norm": fold(r["name"])}
        for r in suppliers.sort("supplier_src_id").to_dicts()
    }
    links = _links(records)
    cluster = _components(records, links)
    return IdentityResult(
        GOLDEN_SUPPLIERS.conform(_golden(records, cluster)),
        SUPPLIER_CROSSWALK.conform(_crosswalk(records, cluster, links)),
        SUPPLIER_SUGGESTIONS.conform(_suggestions(records, cluster, legal_entities)),
    )


def golden_id(first_source_id: str) -> str:
    """Id of the golden supplier whose smallest source id this is; stable while that one stays."""
    return "S-" + hashlib.sha256(first_source_id.encode()).hexdigest()[:_ID_DIGITS]


def _links(records: Mapping[str, Mapping[str, Any]]) -> Links:
    found: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for method in _SHARED:
        groups: dict[Any, list[str]] = defaultdict(list)
        for source_id, record in records.items():
            if (value := _identifier(method, record)) is not None:
                groups[value].append(source_id)
        for group in groups.values():
            for source_id in group if len(group) > 1 else ():
                found[source_id][method] = [g for g in group if g != source_id]
    return found


def _identifier(method: str, record: Mapping[str, Any]) -> object:
    """What records linked by the method have in common; null if the record has none."""
    if method == "tax_id":
        return registration(record["tax_id"])
    account = record["bank_account_hash"]
    return (account, record["name_norm"]) if account else None


def _components(ids: Iterable[str], links: Links) -> dict[str, str]:
    """Source id → smallest source id it is linked with, directly or through others."""
    first: dict[str, str] = {}
    for start in sorted(ids):
        todo = [start]
        while todo:
            source_id = todo.pop()
            if source_id not in first:
                first[source_id] = start
                todo.extend(other for ids in links.get(source_id, {}).values() for other in ids)
    return first


def _golden(records: Mapping[str, Mapping[str, Any]], cluster: Mapping[str, str]) -> pl.DataFrame:
    members: dict[str, list[str]] = defaultdict(list)
    for source_id, first in cluster.items():
        members[first].append(source_id)
    rows = [
        {
            "supplier_id": golden_id(first),
            "legal_name": records[first]["name"],
            "name_norm": records[first]["name_norm"],
            "status": _status({records[m]["status"] for m in ids}),
            "source_count": len(ids),
        }
        for first, ids in sorted(members.items())
    ]
    return pl.DataFrame(rows, schema=GOLDEN_SUPPLIERS.polars_schema)


def _status(states: set[str]) -> str:
    return next(s for s in ("blocked", "active", "inactive") if s in states)


def _crosswalk(
    records: Mapping[str, Mapping[str, Any]],
    cluster: Mapping[str, str],
    links: Links,
) -> pl.DataFrame:
    rows = []
    for source_id, record in records.items():
        mine = links.get(source_id, {})
        told = [f"shares {_SHARED[how]} with {', '.join(ids)}" for how, ids in mine.items()]
        rows.append(
            {
                "supplier_src_id": source_id,
                "supplier_id": golden_id(cluster[source_id]),
                "source_system": record["source_system"],
                "entity_id": record["entity_id"],
                "method": next(iter(mine), "single"),
                "evidence": "; ".join(told) or "no shared identifier",
            }
        )
    return pl.DataFrame(rows, schema=SUPPLIER_CROSSWALK.polars_schema)


def _suggestions(
    records: Mapping[str, Mapping[str, Any]], cluster: Mapping[str, str], entities: pl.DataFrame
) -> pl.DataFrame:
    by_name: dict[str, list[str]] = defaultdict(list)
    for source_id, record in records.items():
        by_name[record["name_norm"]].append(source_id)
    rows = [
        _row(
            left,
            right,
            "same_name",
            records[left]["name"],
            records[right]["name"],
            "The names are the same, no identifier is shared.",
        )
        for ids in by_name.values()
        for left, right in combinations(sorted(ids), 2)
        if cluster[left] != cluster[right]
    ]
    for entity in entities.sort("entity_id").to_dicts():
        rows += [
            _row(
                source_id,
                entity["entity_id"],
                "intercompany",
                records[source_id]["name"],
                entity["name"],
                "Named like a legal entity of the group: possibly intercompany.",
            )
            for source_id in by_name.get(fold(entity["name"]), [])
        ]
    return pl.DataFrame(rows, schema=SUPPLIER_SUGGESTIONS.polars_schema).sort(
        SUPPLIER_SUGGESTIONS.key
    )


def _row(
    left: str, right: str, kind: str, left_name: str, right_name: str, reason: str
) -> dict[str, str]:
    return {
        "left_id": left,
        "right_id": right,
        "kind": kind,
        "left_name": left_name,
        "right_name": right_name,
        "reason": reason,
    }
