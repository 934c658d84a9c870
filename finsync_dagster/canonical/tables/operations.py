"""What conforming leaves behind beside canonical rows: quarantine, conservation, authority.

Belongs here: declarations only.
"""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from finsync_dagster.schema import Amount, Table, TableSpec, TsUTC


class Quarantine(Table):
    """Records that could not be conformed, one row per defect; they return when repaired."""

    source_system: str = pa.Field(description="System the record came from.")
    source_object: str = pa.Field(description="The system's object.")
    source_pk: str = pa.Field(description="The record's key; (no key) if a part of it is missing.")
    landing_page: str = pa.Field(description="SHA-256 of the landed page that holds the record.")
    landing_row: int = pa.Field(description="Position in that page, from 0.")
    extract_id: str = pa.Field(description="Extract that brought it.")
    extracted_at: TsUTC = pa.Field(description="When that extract began.")
    table_name: str = pa.Field(description="Canonical table it was meant for.")
    column_name: str = pa.Field(description="Canonical column that could not be filled.")
    field: str = pa.Field(description="Source field(s) it comes from.")
    value: str = pa.Field(nullable=True, description="Value(s) received, at most 200 characters.")
    reason_code: str = pa.Field(description="Kind of defect.")
    message: str = pa.Field(description="What is wrong, in a sentence.")
    action: str = pa.Field(description="What to do about it.")


class Conservation(Table):
    """Where the records a run received are: received = canonical + quarantined + superseded."""

    source_system: str = pa.Field(description="System.")
    source_object: str = pa.Field(description="Object.")
    measure: str = pa.Field(description="records, or a field whose values are summed.")
    scope: str = pa.Field(
        isin=["new extracts", "everything"],
        description="What the run received: extracts since the last run, or, conforming anew, all "
        "records landed since the last full extract.",
    )
    received: Amount = pa.Field(description="Records (or their sum) that the run received.")
    superseded: Amount = pa.Field(description="Replaced by a later version of the same record.")
    changed: Amount = pa.Field(description="Canonical: new or changed in this run.")
    unchanged: Amount = pa.Field(description="Canonical: as already stored.")
    quarantined: Amount = pa.Field(description="In quarantine, with a reason.")
    holds: bool = pa.Field(description="received = superseded + changed + unchanged + quarantined.")
    run_id: str = pa.Field(description="Run that counted.")
    counted_at: TsUTC = pa.Field(description="When that run began.")


class IncompleteOrders(Table):
    """Orders of which a record is in quarantine: what is known of them is not whole."""

    source_system: str = pa.Field(description="System the order belongs to.")
    po_id: str = pa.Field(description="The order; refers to purchase_orders.")


class IncompleteInvoices(Table):
    """Invoices of which a line is in quarantine: their parts cannot add up."""

    source_system: str = pa.Field(description="System the invoice belongs to.")
    invoice_id: str = pa.Field(description="The invoice; refers to invoices.")


class OutsideAuthority(Table):
    """Records of a system that was not the system of record on their day; kept, but not counted."""

    entity_id: str = pa.Field(description="Legal entity concerned.")
    source_system: str = pa.Field(description="System that states the record.")
    domain: str = pa.Field(description="Domain, such as invoices, that the record belongs to.")
    document_id: str = pa.Field(description="Its id in the canonical table of the domain.")
    document_date: pl.Date = pa.Field(description="Day it is judged by; of master data, the run's.")
    authoritative_system: str = pa.Field(description="System of record on that day.")
    reason: str = pa.Field(description="What the landscape decides, in a sentence.")


class HalfSynced(Table):
    """Documents whose lines are not what the source says: comparing waits until they are."""

    source_system: str = pa.Field(description="System.")
    source_object: str = pa.Field(description="Object of the documents.")
    source_pk: str = pa.Field(description="The document's key.")
    lines_object: str = pa.Field(description="Object of its lines.")
    stated: int = pa.Field(nullable=True, description="Lines the source states, if it does.")
    held: int = pa.Field(nullable=True, description="Lines that were received.")
    message: str = pa.Field(description="What does not agree.")


HALF_SYNCED = TableSpec(
    "operations",
    "half_synced",
    "document and object of its lines",
    ("source_system", "source_object", "source_pk", "lines_object"),
    HalfSynced,
)
INCOMPLETE_ORDERS = TableSpec(
    "operations",
    "incomplete_orders",
    "purchase order of which a record is in quarantine",
    ("po_id",),
    IncompleteOrders,
)
INCOMPLETE_INVOICES = TableSpec(
    "operations",
    "incomplete_invoices",
    "invoice of which a line is in quarantine",
    ("invoice_id",),
    IncompleteInvoices,
)
QUARANTINE = TableSpec(
    "operations",
    "quarantine",
    "defect of a record that could not be conformed",
    ("source_system", "source_object", "landing_page", "landing_row", "table_name", "column_name"),
    Quarantine,
)
CONSERVATION = TableSpec(
    "operations",
    "conservation",
    "run, object and measure",
    ("run_id", "source_system", "source_object", "measure"),
    Conservation,
)
OUTSIDE_AUTHORITY = TableSpec(
    "operations",
    "outside_authority",
    "document of another system than the system of record",
    ("entity_id", "domain", "document_id"),
    OutsideAuthority,
)
