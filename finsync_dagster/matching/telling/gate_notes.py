"""What to say about gates that invoices did not pass.

Belongs here: which finding each becomes, on which document, over which amount. Not here: the gates
(gates.py), the sentences (gate_wording.py).

Written as whole columns: of some companies' invoices every tenth names no order.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.matching.linking.gates import SUPPLIER_MISMATCH
from finsync_dagster.matching.linking.invoice_gates import (
    MISSING_REQUIRED_FIELD,
    OF_INVOICE,
    SUPPLIER_BLOCKED,
    SUPPLIER_UNRESOLVED,
    held_back,
)
from finsync_dagster.matching.linking.references import LINK_AMBIGUOUS, LINK_MISSING
from finsync_dagster.matching.ordering.orders import UOM_CONVERSION_MISSING
from finsync_dagster.matching.telling.gate_wording import (
    MESSAGES,
    RELEASES,
    UNRESOLVED_RELEASE,
    unresolved_suppliers,
    with_beginnings,
    with_quantity,
)
from finsync_dagster.matching.telling.notes import NOTES, noted

_PER_LINE = (LINK_MISSING, LINK_AMBIGUOUS, UOM_CONVERSION_MISSING)
_ORDER = pl.coalesce("po_number", "po_number_ref", "order_id", "po_id", "po_line_id")
_COUNTER = pl.coalesce("order_id", "po_id", "po_number_ref", "po_line_id", pl.lit(""))
_IDENTITY = ("reason_code", "subject_type", "subject_id", "counter_key")
_SAID_OF = (
    "event_no",
    "doubt",
    "invoice_line_id",
    "invoice_id",
    "invoice_no_supplier",
    "line_no",
    "supplier_src_id",
    "ccy",
    "amount",
)
_FACTS = (
    "event_no",
    "invoice_line_id",
    "invoice_id",
    "invoice_no_supplier",
    "line_no",
    "supplier_src_id",
    "ccy",
    "net_amount",
    "doubt",
    "invoice_date",
    "qty",
    "uom",
    "item_id",
    "fits",
    "order_id",
    "po_id",
    "po_number",
    "po_number_ref",
    "po_line_id",
    "po_line_ref",
    "uom_order",
    "final_since",
    "po_supplier",
    "po_ccy",
    "po_date",
    "po_status",
    "po_approved_on",
    "po_closed_on",
    "valid_from_date",
    "valid_to_date",
)


def gate_notes(lines: pl.DataFrame, failed: pl.DataFrame, docs: Documents) -> pl.DataFrame:
    """Notes (a frame of NOTES): one per invoice, gate and order, or per line where the line is at
    fault; beside them, without a reason code, the sentence of every other line concerned.

    An order of which a record is missing is reported once, as an order, and a supplier that nobody
    knows once, as a supplier; their invoices only get the sentence.
    """
    if failed.is_empty():
        return pl.DataFrame(schema=NOTES)
    rows = with_beginnings(_facts(lines, failed))
    by_gate = {gate: part for (gate,), part in rows.partition_by("gate", as_dict=True).items()}
    told = [
        _with_records(gate, part, docs).select(
            *_SAID_OF, "gate", "counter_key", message=MESSAGES[gate], release=RELEASES[gate]
        )
        for gate, part in by_gate.items()
    ]
    of_itself, of_supplier = pl.col("gate").is_in(_PER_LINE), pl.col("gate") == SUPPLIER_UNRESOLVED
    number = pl.col("invoice_no_supplier")
    line = pl.format("{} line {}", number, "line_no")
    said = (
        pl.concat(told)
        .sort("event_no", "gate")
        .with_columns(
            reason_code="gate",
            subject_type=pl.when(of_itself).then(_LINE_ITSELF).otherwise(_INVOICE),
            subject_id=pl.when(of_itself).then("invoice_line_id").otherwise("invoice_id"),
            subject_label=pl.when(of_itself).then(line).otherwise(number),
            invoice_id=pl.lit(None, dtype=pl.String),
        )
    )
    elsewhere = (pl.col("gate") == pl.col("doubt")).fill_null(False) | of_supplier
    once = pl.struct(_IDENTITY).is_first_distinct()
    said = said.with_columns(reason_code=pl.when(once & ~elsewhere).then("reason_code"))
    if SUPPLIER_UNRESOLVED not in by_gate:
        return noted(said)
    return pl.concat([noted(said), _unresolved(by_gate[SUPPLIER_UNRESOLVED])])


_LINE_ITSELF, _INVOICE = pl.lit("invoice_line"), pl.lit("invoice")


def _facts(lines: pl.DataFrame, failed: pl.DataFrame) -> pl.DataFrame:
    """A row per line and gate it does not pass, with ``amount``, ``counter_key`` and what nearly
    every sentence needs."""
    concerned = lines["invoice_line_id"].is_in(failed["invoice_line_id"].unique().implode())
    invoices = lines["invoice_id"].filter(concerned).unique()
    rows = lines.select(_FACTS).filter(pl.col("invoice_id").is_in(invoices.implode()))
    rows = rows.with_columns(_order=_ORDER, _counter=_COUNTER)
    # What one invoice bills to one order is one amount, however many lines it has.
    billed = pl.col("net_amount").sum()
    rows = rows.with_columns(
        _of_invoice=billed.over("invoice_id"), _of_order=billed.over("invoice_id", "_counter")
    ).join(failed, on="invoice_line_id")
    whole, of_itself = pl.col("gate").is_in(OF_INVOICE), pl.col("gate").is_in(_PER_LINE)
    return rows.with_columns(
        amount=pl.when(of_itself)
        .then("net_amount")
        .when(whole)
        .then("_of_invoice")
        .otherwise("_of_order"),
        counter_key=pl.when(of_itself | whole).then(pl.lit("")).otherwise("_counter"),
    )


def _with_records(gate: str, rows: pl.DataFrame, docs: Documents) -> pl.DataFrame:
    """The rows with what only the sentence about this gate needs."""
    if gate == UOM_CONVERSION_MISSING:
        return with_quantity(rows)
    if gate == MISSING_REQUIRED_FIELD:
        stated = docs.invoices.select("invoice_id", "missing_fields")
        return rows.join(stated, on="invoice_id", how="left")
    if gate not in (SUPPLIER_BLOCKED, SUPPLIER_MISMATCH):
        return rows
    names = docs.suppliers.select("supplier_src_id", supplier_name="name")
    rows = rows.join(names, on="supplier_src_id", how="left")
    if gate == SUPPLIER_BLOCKED:
        held = held_back(docs.suppliers).select("supplier_src_id", "held_by", _status="status")
        return rows.join(held, on="supplier_src_id", how="left")
    of_order = names.rename({"supplier_src_id": "po_supplier", "supplier_name": "po_supplier_name"})
    return rows.join(of_order, on="po_supplier", how="left")


def _unresolved(mine: pl.DataFrame) -> pl.DataFrame:
    """One note per supplier that nobody knows, and currency."""
    found = mine.group_by("supplier_src_id", "ccy").agg(
        amount=pl.col("net_amount").sum(), _invoices=pl.col("invoice_id").n_unique()
    )
    return noted(
        unresolved_suppliers(found.sort("supplier_src_id", "ccy")).with_columns(
            reason_code=pl.lit(SUPPLIER_UNRESOLVED),
            subject_type=pl.lit("supplier"),
            subject_id="supplier_src_id",
            subject_label="supplier_src_id",
            counter_key="ccy",
            release=UNRESOLVED_RELEASE,
        )
    )
