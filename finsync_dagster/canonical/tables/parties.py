"""Legal entities, suppliers, items and their units: the dimensions of purchasing.

Belongs here: declarations only. Terms and meaning follow docs/data-dictionary.md.
"""

from __future__ import annotations

import pandera.polars as pa

from finsync_dagster.canonical.tables.audit import Audited
from finsync_dagster.schema import Price, Qty, Table, TableSpec

EVERY_ENTITY = "*"
"""``entity_id`` of master data that a system keeps for all the legal entities it serves."""


class LegalEntities(Table):
    """Companies of the group, as the landscape declares them."""

    entity_id: str = pa.Field(description="Legal entity, as named in the landscape.")
    name: str = pa.Field(description="Registered name.")
    country: str = pa.Field(str_matches=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2.")
    functional_ccy: str = pa.Field(
        str_matches=r"^[A-Z]{3}$", description="Currency the entity keeps its books in (ISO 4217)."
    )
    group_ccy: str = pa.Field(
        str_matches=r"^[A-Z]{3}$", description="Currency of the consolidated figures (ISO 4217)."
    )


class Suppliers(Audited):
    """Suppliers as each source system knows them; one company may stand here several times."""

    supplier_src_id: str = pa.Field(description="system|object|key of the supplier in its source.")
    entity_id: str = pa.Field(
        description="Legal entity that buys from it; * for all that the system serves."
    )
    supplier_no: str = pa.Field(description="Number people use for the supplier in that system.")
    name: str = pa.Field(description="Name as the source has it.", str_length={"min_value": 1})
    status: str = pa.Field(
        isin=["active", "blocked", "inactive"], description="May it be ordered from and paid?"
    )
    payment_terms_days: int = pa.Field(
        nullable=True,
        ge=0,
        description="Days from invoice date to due date, where the source says.",
    )
    tax_id: str = pa.Field(nullable=True, description="Tax registration, where the source has one.")
    bank_account_hash: str = pa.Field(
        nullable=True, description="SHA-256 of bank code and account number; never the number."
    )


class Items(Audited):
    """Things that are bought, one row per item of a source system."""

    item_id: str = pa.Field(description="system|object|key of the item in its source.")
    entity_id: str = pa.Field(
        description="Legal entity that buys the item; * for all that the system serves."
    )
    item_no: str = pa.Field(description="Number people use for the item.")
    description: str = pa.Field(description="Name of the item.")
    base_uom: str = pa.Field(
        nullable=True, description="Unit stock is kept in (UN/ECE Recommendation 20), if stated."
    )
    order_uom: str = pa.Field(nullable=True, description="Unit it is ordered in, where one is set.")
    order_uom_num: Qty = pa.Field(
        nullable=True, gt=0, description="Base units in order_uom_den order units (exact ratio)."
    )
    order_uom_den: Qty = pa.Field(nullable=True, gt=0, description="Denominator of that ratio.")
    category: str = pa.Field(nullable=True, description="Category as the source has it.")


class ItemCategories(Audited):
    """Categories of items, as a source system groups them."""

    category_id: str = pa.Field(description="system|object|key of the category in its source.")
    entity_id: str = pa.Field(description="Legal entity that uses the category.")
    name: str = pa.Field(description="Name of the category.")


class SupplierItems(Audited):
    """What a supplier offers: unit, price and quantities agreed per item."""

    supplier_item_id: str = pa.Field(description="system|object|key of the catalogue entry.")
    entity_id: str = pa.Field(description="Legal entity the catalogue belongs to.")
    supplier_src_id: str = pa.Field(description="Supplier; refers to suppliers.")
    item_id: str = pa.Field(description="Item; refers to items.")
    uom: str = pa.Field(description="Unit the supplier sells in (UN/ECE Recommendation 20).")
    standard_price: Price = pa.Field(ge=0, description="Agreed price per unit, entity's currency.")
    last_receipt_price: Price = pa.Field(
        nullable=True, ge=0, description="Price at the last receipt, entity's currency."
    )
    lead_time_days: int = pa.Field(nullable=True, ge=0, description="Agreed lead time in days.")
    min_order_qty: Qty = pa.Field(nullable=True, ge=0, description="Smallest order, in uom.")
    max_order_qty: Qty = pa.Field(nullable=True, ge=0, description="Largest order, in uom.")


TABLES = (
    TableSpec("canonical", "legal_entities", "legal entity", ("entity_id",), LegalEntities),
    TableSpec(
        "canonical", "suppliers", "supplier of a source system", ("supplier_src_id",), Suppliers
    ),
    TableSpec("canonical", "items", "item of a source system", ("item_id",), Items),
    TableSpec(
        "canonical",
        "item_categories",
        "item category of a source system",
        ("category_id",),
        ItemCategories,
    ),
    TableSpec(
        "canonical",
        "supplier_items",
        "item that a supplier offers",
        ("supplier_item_id",),
        SupplierItems,
    ),
)
