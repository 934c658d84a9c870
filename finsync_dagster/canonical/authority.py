"""Which system's word counts: documents of the system of record, and those of another.

Belongs here: splitting an entity's documents by the landscape's ``authority``. Not here: reading
them from storage (orchestration/documents.py), nor what the landscape may say (landscape/).

A document belongs to the day it is dated. If a system of record covers that day for the entity and
domain, only its documents count; a day that none covers is not decided, and every system's count.
Lines follow their header. Master data is judged as of today, but a supplier or item that a
document that counts refers to always counts, since the document cannot be read without.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date

import polars as pl

from finsync_dagster.canonical.across_systems import repointed
from finsync_dagster.canonical.documents import Documents
from finsync_dagster.canonical.tables.operations import OUTSIDE_AUTHORITY
from finsync_dagster.landscape.model import Domain
from finsync_dagster.landscape.service_model import Authority


@dataclass(frozen=True)
class Kind:
    """The documents of a domain: their table, id and date (None: master data)."""

    table: str
    key: str
    dated: str | None = None


KINDS = {
    Domain.SUPPLIERS: Kind("suppliers", "supplier_src_id"),
    Domain.ITEMS: Kind("items", "item_id"),
    Domain.PURCHASE_ORDERS: Kind("purchase_orders", "po_id", "order_date"),
    Domain.RECEIPTS: Kind("receipt_lines", "receipt_line_id", "posting_date"),
    Domain.INVOICES: Kind("invoices", "invoice_id", "invoice_date"),
    Domain.PAYMENTS: Kind("payments", "payment_id", "payment_date"),
}
"""Domains that a system of record can be named for with effect."""
# Lines, and the key and domain of their header.
_FOLLOW = (
    ("purchase_order_lines", "po_id", Domain.PURCHASE_ORDERS),
    ("purchase_order_charges", "po_id", Domain.PURCHASE_ORDERS),
    ("invoice_lines", "invoice_id", Domain.INVOICES),
    ("payment_applications", "invoice_id", Domain.INVOICES),
    ("payment_applications", "payment_id", Domain.PAYMENTS),
    ("payment_allocations", "invoice_id", Domain.INVOICES),
    ("payment_allocations", "payment_id", Domain.PAYMENTS),
)
_COPIES = {"purchase_orders": "order_copies", "purchase_order_lines": "order_line_copies"}
_REFERRED = {
    Domain.SUPPLIERS: ("purchase_orders", "invoices", "payments"),
    Domain.ITEMS: ("purchase_order_lines", "invoice_lines"),
}


@dataclass(frozen=True)
class Split:
    """Documents that count, and a row of operations.outside_authority for each that does not."""

    documents: Documents
    outside: pl.DataFrame


def split_by_authority(
    documents: Documents, authority: Sequence[Authority], entity_id: str, today: date
) -> Split:
    """An entity's documents by whether their system is the system of record.

    Args:
        documents: everything stored of the entity.
        authority: the landscape's rows, of any entity.
        entity_id: the entity.
        today: the day by which master data is judged.
    """
    own = [a for a in authority if a.entity == entity_id]
    if not own:
        return Split(documents, OUTSIDE_AUTHORITY.empty())
    left_out = {
        domain: _outside(getattr(documents, kind.table), domain, own, today)
        for domain, kind in KINDS.items()
    }
    orders = left_out[Domain.PURCHASE_ORDERS].select(po_id="document_id")
    counted = documents.purchase_orders.join(orders, on="po_id", how="anti").select("po_id")
    documents = repointed(documents, counted, orders)
    frames = {f.name: getattr(documents, f.name) for f in fields(documents)}
    for table, copied in _COPIES.items():
        frames[copied] = frames[table].join(orders, on="po_id", how="semi", maintain_order="left")
    for domain in set(KINDS) - set(_REFERRED):
        kind = KINDS[domain]
        frames[kind.table] = _without(frames[kind.table], kind.key, left_out[domain])
    for table, key, domain in _FOLLOW:
        frames[table] = _without(frames[table], key, left_out[domain])
    for domain, readers in _REFERRED.items():
        kind = KINDS[domain]
        used = pl.concat([frames[t].select(document_id=kind.key) for t in readers])
        left_out[domain] = left_out[domain].join(used, on="document_id", how="anti")
        frames[kind.table] = _without(frames[kind.table], kind.key, left_out[domain])
    outside = pl.concat(left_out.values()).sort("domain", "document_id")
    return Split(Documents(**frames), outside)


def _outside(
    frame: pl.DataFrame, domain: Domain, own: Sequence[Authority], today: date
) -> pl.DataFrame:
    kind = KINDS[domain]
    rows = [a for a in own if domain in a.all_domains]
    if not rows:
        return OUTSIDE_AUTHORITY.empty()
    day = pl.col(kind.dated) if kind.dated else pl.lit(today)
    of_record, because = pl.lit(None, dtype=pl.String), pl.lit(None, dtype=pl.String)
    for row in rows:
        covered = day.is_between(row.first, row.last)
        of_record = pl.when(covered).then(pl.lit(row.system)).otherwise(of_record)
        because = pl.when(covered).then(pl.lit(_reason(row, domain))).otherwise(because)
    judged = frame.with_columns(
        document_date=day,
        authoritative_system=of_record,
        reason=because,
        domain=pl.lit(domain.value),
    ).rename({kind.key: "document_id"})
    other = pl.col("authoritative_system") != pl.col("source_system")
    return OUTSIDE_AUTHORITY.conform(judged.filter(other))


def _reason(row: Authority, domain: Domain) -> str:
    return (
        f"{row.system} is the system of record for {domain.value} of {row.entity}, {row.words}: "
        "this record is kept, but neither compared nor added up."
    )


def _without(frame: pl.DataFrame, key: str, outside: pl.DataFrame) -> pl.DataFrame:
    # Filtered and not joined: a join promises no order.
    return frame.filter(~pl.col(key).is_in(outside["document_id"].implode()).fill_null(False))
