"""Following one document: what it became, what it was matched with, which bytes say so.

Belongs here: the walk from a number to its evidence. Not here: printing it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl

from finsync_dagster.canonical.tables.audit import AUDIT_COLUMNS

# Canonical tables of documents: the column people know them by, and the canonical id.
_DOCUMENTS = {
    "purchase_orders": ("po_number", "po_id"),
    "invoices": ("invoice_no_supplier", "invoice_id"),
    "payments": ("payment_no", "payment_id"),
}
# What is told beneath a document: table → the column that refers to it.
_BENEATH = {
    "purchase_orders": {"purchase_order_lines": "po_id", "receipt_lines": "po_id"},
    "invoices": {
        "invoice_lines": "invoice_id",
        "allocations": "invoice_id",
        "invoice_results": "invoice_id",
        "payment_applications": "invoice_id",
        "payment_allocations": "invoice_id",
    },
    "payments": {"payment_applications": "payment_id", "payment_allocations": "payment_id"},
}


class Pages(Protocol):
    """The landing zone, as far as tracing needs it."""

    def read_page(self, sha256: str) -> list[dict[str, Any]]:
        """The records of a page, its hash verified."""


@dataclass(frozen=True)
class Step:
    """One thing on the way, indented by ``depth``."""

    depth: int
    title: str
    facts: dict[str, object]


def trace(number: str, tables: Mapping[str, pl.LazyFrame], pages: Pages) -> list[Step]:
    """Every document that bears the number or canonical id, with what belongs to it.

    ``tables``: the current rows of the canonical and matching tables, by name.
    """
    steps: list[Step] = []
    for table, (label, key) in _DOCUMENTS.items():
        wanted = (pl.col(label) == number) | (pl.col(key) == number)
        for row in tables[table].filter(wanted).collect().to_dicts():
            steps.extend(_document(table, row, row[key], tables, pages))
    return steps


def _document(
    table: str,
    row: dict[str, Any],
    key: str,
    tables: Mapping[str, pl.LazyFrame],
    pages: Pages,
) -> list[Step]:
    steps = [Step(0, f"{table}: {key}", _business(row)), _evidence(1, row, pages)]
    for beneath, column in _BENEATH[table].items():
        for part in tables[beneath].filter(pl.col(column) == key).collect().to_dicts():
            steps.append(Step(1, beneath, _business(part)))
            if "landing_page" in part:
                steps.append(_evidence(2, part, pages))
    return steps


def _business(row: dict[str, Any]) -> dict[str, object]:
    return {k: v for k, v in row.items() if v is not None and k not in AUDIT_COLUMNS}


def _evidence(depth: int, row: dict[str, Any], pages: Pages) -> Step:
    record = pages.read_page(row["landing_page"])[row["landing_row"]]
    return Step(
        depth,
        "as received",
        {
            "from": f"{row['source_system']}, {row['source_object']}, key {row['source_pk']}",
            "extract": f"{row['extract_id']} at {row['extracted_at']:%Y-%m-%d %H:%M:%S} UTC",
            "page": f"{row['landing_page']}, record {row['landing_row']} (hash verified)",
            "bytes": json.dumps(record, ensure_ascii=False),
        },
    )
