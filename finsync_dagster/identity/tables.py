"""Golden suppliers, the crosswalk to source suppliers, and pairs to be looked at.

Belongs here: declarations only.
"""

from __future__ import annotations

import pandera.polars as pa

from finsync_dagster.schema import Table, TableSpec


class GoldenSuppliers(Table):
    """Suppliers of the group, each once as far as identifiers prove it."""

    supplier_id: str = pa.Field(description="Golden supplier; the same in every run.")
    legal_name: str = pa.Field(description="Name of its first source record.")
    name_norm: str = pa.Field(description="That name, folded for comparison.")
    status: str = pa.Field(
        isin=["active", "blocked", "inactive"],
        description="blocked if any source blocks it, else active if any source has it active.",
    )
    source_count: int = pa.Field(ge=1, description="Source records it stands for.")


class SupplierCrosswalk(Table):
    """Which source supplier is which golden supplier, and why."""

    supplier_src_id: str = pa.Field(description="Supplier in its source; refers to suppliers.")
    supplier_id: str = pa.Field(description="Refers to golden_suppliers.")
    source_system: str = pa.Field(description="System of the source record.")
    entity_id: str = pa.Field(description="Legal entity that buys from it.")
    method: str = pa.Field(
        isin=["tax_id", "bank", "single"],
        description="What links it to others; single: nothing does.",
    )
    evidence: str = pa.Field(description="The facts behind the link.")


class SupplierSuggestions(Table):
    """Pairs that may be the same company, or a company of the group; a person decides."""

    left_id: str = pa.Field(description="Source supplier.")
    right_id: str = pa.Field(description="Source supplier, or legal entity.")
    kind: str = pa.Field(
        isin=["same_name", "intercompany"],
        description="same_name: two suppliers. intercompany: named like a legal entity.",
    )
    left_name: str = pa.Field(description="Name of the left one.")
    right_name: str = pa.Field(description="Name of the right one.")
    reason: str = pa.Field(description="Why they are suggested.")


GOLDEN_SUPPLIERS = TableSpec(
    "canonical", "golden_suppliers", "supplier of the group", ("supplier_id",), GoldenSuppliers
)
SUPPLIER_CROSSWALK = TableSpec(
    "canonical",
    "supplier_crosswalk",
    "source supplier",
    ("supplier_src_id",),
    SupplierCrosswalk,
)
SUPPLIER_SUGGESTIONS = TableSpec(
    "canonical",
    "supplier_suggestions",
    "pair to be looked at",
    ("left_id", "right_id", "kind"),
    SupplierSuggestions,
)
TABLES = (GOLDEN_SUPPLIERS, SUPPLIER_CROSSWALK, SUPPLIER_SUGGESTIONS)
