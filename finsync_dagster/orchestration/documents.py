"""Reading the documents of one legal entity from the lake.

Belongs here: which stored rows make up a Documents value. Not here: what is done with them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl

from finsync_dagster.canonical.across_systems import linked_across_systems
from finsync_dagster.canonical.authority import Split, split_by_authority
from finsync_dagster.canonical.bank_changes import bank_changes
from finsync_dagster.canonical.documents import GROUP_INVOICE, Documents
from finsync_dagster.canonical.functional_rates import functional_rates
from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.canonical.tables.operations import INCOMPLETE_INVOICES, INCOMPLETE_ORDERS
from finsync_dagster.canonical.tables.parties import EVERY_ENTITY
from finsync_dagster.identity.tables import SUPPLIER_CROSSWALK
from finsync_dagster.landscape.model import Domain, Landscape
from finsync_dagster.matching.linking.duplicates import not_taken_back
from finsync_dagster.storage.lake import Lake

_NAMES = (
    "suppliers",
    "items",
    "purchase_orders",
    "purchase_order_lines",
    "purchase_order_charges",
    "receipt_lines",
    "invoices",
    "invoice_lines",
    "payments",
    "payment_applications",
    "payment_allocations",
    "expense_reports",
    "expense_lines",
    "requisition_lines",
)
# Master data that a system may keep for all the legal entities it serves.
_KEPT_FOR_ALL = ("suppliers", "items")


def documents(lake: Lake, entity_id: str, landscape: Landscape, today: date) -> Documents:
    """The entity's current documents, as its systems of record state them."""
    return split_documents(lake, entity_id, landscape, today).documents


def split_documents(lake: Lake, entity_id: str, landscape: Landscape, today: date) -> Split:
    """The same, with those of other systems beside them."""
    stored = _stored(lake, entity_id, landscape)
    split = split_by_authority(stored, landscape.authority, entity_id, today)
    return replace(split, documents=linked_across_systems(split.documents))


def _stored(lake: Lake, entity_id: str, landscape: Landscape) -> Documents:
    frames = {n: lake.current(TABLES[n], entity_id=entity_id) for n in _NAMES}
    for name in _KEPT_FOR_ALL:
        shared = lake.current(TABLES[name], entity_id=EVERY_ENTITY)
        mine = pl.col("source_system").is_in(list(landscape.systems_of(entity_id)))
        frames[name] = pl.concat([frames[name], shared.filter(mine)])
    frames["incomplete_orders"] = _incomplete(lake, entity_id, landscape)
    frames["incomplete_invoices"] = lake.read(INCOMPLETE_INVOICES).select("invoice_id")
    frames["supplier_crosswalk"] = lake.read(SUPPLIER_CROSSWALK).select(
        "supplier_src_id", "supplier_id"
    )
    frames["functional_rates"] = quoted(lake, entity_id, landscape)
    suppliers = lake.read(TABLES["suppliers"])
    served = pl.col("entity_id").is_in([entity_id, EVERY_ENTITY])
    frames["bank_changes"] = bank_changes(suppliers.filter(served))
    frames["group_invoices"] = _of_the_group(lake, entity_id, frames["invoices"])
    collected = dict(zip(frames, pl.collect_all(list(frames.values())), strict=True))
    collected["functional_rates"] = functional_rates(
        collected["functional_rates"],
        landscape.legal_entities[entity_id].functional_currency,
    )
    return Documents.of(**collected)


def quoted(lake: Lake, entity_id: str, landscape: Landscape) -> pl.LazyFrame:
    """Rates that the entity's own systems keep; else those of systems that serve no entity."""
    quoting = [n for n, system in landscape.systems.items() if Domain.FX_RATES in system.domains]
    own = [name for name in quoting if name in landscape.systems_of(entity_id)]
    public = [name for name in quoting if not landscape.systems[name].entities]
    kept = lake.current(TABLES["fx_rates"]).filter(pl.col("source_system").is_in(own or public))
    return kept.select("from_ccy", "to_ccy", "rate_date", "rate")


def _of_the_group(lake: Lake, entity_id: str, own: pl.LazyFrame) -> pl.LazyFrame:
    """Invoices to other legal entities that look like one of the entity's own."""
    others = lake.current(TABLES["invoices"]).filter(pl.col("entity_id") != entity_id)
    live = others.filter(pl.col("status_canon") != "void")
    alike = live.join(own, on=["invoice_no_norm", "ccy", "gross"], how="semi")
    return not_taken_back(alike, live).select(GROUP_INVOICE)


def _incomplete(lake: Lake, entity_id: str, landscape: Landscape) -> pl.LazyFrame:
    """Orders that are not whole and not known to be another entity's.

    Of an order that waits itself nobody knows the entity: each that its system serves is told.
    """
    own = [name for name, system in landscape.systems.items() if entity_id in system.entities]
    orders = lake.current(TABLES["purchase_orders"])
    others = orders.filter(pl.col("entity_id") != entity_id).select("po_id")
    found = lake.read(INCOMPLETE_ORDERS).filter(pl.col("source_system").is_in(own))
    return found.select("po_id").join(others, on="po_id", how="anti")
