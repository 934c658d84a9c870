"""Supplier records in one line each."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl

from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.identity.resolve import IdentityResult, resolve

_AT = datetime(2024, 1, 1, tzinfo=UTC)
_AUDIT = {
    "source_system": "erp",
    "source_object": "suppliers",
    "source_deleted": False,
    "extracted_at": _AT,
    "extract_id": "x",
    "landing_page": "p",
    "landing_row": 0,
    "mapping_version": "m",
    "row_hash": "h",
    "valid_from": _AT,
}


def supplier(source_id: str, name: str, **more: Any) -> dict[str, Any]:
    """A canonical supplier; ``tax``, ``bank`` and ``status`` are what tests vary."""
    return {
        **dict.fromkeys(TABLES["suppliers"].polars_schema),
        **_AUDIT,
        "record_id": source_id,
        "source_pk": source_id,
        "supplier_src_id": source_id,
        "entity_id": more.pop("entity", "acme"),
        "supplier_no": source_id,
        "name": name,
        "status": more.pop("status", "active"),
        "tax_id": more.pop("tax", None),
        "bank_account_hash": more.pop("bank", None),
        **more,
    }


def entities(*names: str) -> pl.DataFrame:
    rows = [
        {"entity_id": f"e{i}", "name": n, "country": "US", "functional_ccy": "USD"}
        for i, n in enumerate(names)
    ]
    filled = [{**row, "group_ccy": "EUR"} for row in rows]
    return pl.DataFrame(filled, schema=TABLES["legal_entities"].polars_schema)


def resolved(*records: dict[str, Any], companies: tuple[str, ...] = ()) -> IdentityResult:
    frame = pl.DataFrame(list(records), schema=TABLES["suppliers"].polars_schema)
    return resolve(frame, entities(*companies))


def groups(result: IdentityResult) -> list[list[str]]:
    """Source ids by golden supplier, sorted."""
    together: dict[str, list[str]] = {}
    for source, golden in result.supplier_crosswalk.select(
        "supplier_src_id", "supplier_id"
    ).iter_rows():
        together.setdefault(golden, []).append(source)
    return sorted(sorted(ids) for ids in together.values())


def suggested(result: IdentityResult) -> list[tuple[str, str, str]]:
    return result.supplier_suggestions.select("left_id", "right_id", "kind").rows()
