"""What to say about gates that invoices did not pass.

Belongs here: which finding each becomes, on which document, over which amount. Not here: the gates
(gates.py), the sentences (gate_wording.py).

Written as whole columns: of some companies' invoices every tenth names no order.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.matching.linking.invoice_gates import (
    OF_INVOICE,
    SUPPLIER_UNRESOLVED,
    held_back,
)
from finsync_dagster.matching.linking.references import LINK_AMBIGUOUS, LINK_MISSING
from finsync_dagster.matching.ordering.orders import UOM_CONVERSION_MISSING
from finsync_dagster.matching.telling.gate_wording import (
    MESSAGES,
    RELEASES,
    UNRESOLVED_RELEASE,
    unresolved_supplier,
    with_texts,
)
from finsync_dagster.matching.telling.notes import NOTES, noted

_PER_LINE = (LINK_MISSING, LINK_AMBIGUOUS, UOM_CONVERSION_MISSING)
_COUNTER = pl.coalesce("order_id", "po_id", "po_number_ref", "po_line_id", pl.lit(""))
_IDENTITY = ("reason_code", "subject_type", "subject_id", "counter_key")


def gate_notes(lines: pl.DataFrame, failed: pl.DataFrame, docs: Documents) -> pl.DataFrame:
    """Notes (a frame of NOTES): one per invoice, gate and order, or per line where the line is at
    fault; beside them, without a reason code, the sentence of every other line concerned.

    An order of which a record is missing is reported once, as an order, and a supplier that nobody
    knows once, as a supplier; their invoices only get the sentence.
    """
    rows = _facts(lines, failed, docs)
    if rows.is_empty():
        return pl.DataFrame(schema=NOTES)
    rows = with_texts(rows)
    present = set(rows["gate"].unique())
    told = [
        rows.filter(pl.col("gate") == gate).with_columns(message=text, release=RELEASES[gate])
        for gate, text in MESSAGES.items()
        if gate in present
    ]
    said = pl.concat(told).sort("event_no", "gate")
    of_itself = pl.col("gate").is_in(_PER_LINE)
    label = pl.col("invoice_no_supplier")
    said = said.with_columns(
        reason_code="gate",
        subject_type=pl.when(of_itself).then(pl.lit("invoice_line")).otherwise(pl.lit("invoice")),
        subject_id=pl.when(of_itself).then("invoice_line_id").otherwise("invoice_id"),
        subject_label=pl.when(of_itself)
        .then(pl.format("{} line {}", label, "line_no"))
        .otherwise(label),
        amount=pl.when(of_itself).then("net_amount").otherwise("_net"),
        counter_key=pl.when(of_itself).then(pl.lit("")).otherwise("_counter"),
        invoice_id=pl.lit(None, dtype=pl.String),
    )
    elsewhere = (pl.col("gate") == pl.col("doubt")).fill_null(False) | (
        pl.col("gate") == SUPPLIER_UNRESOLVED
    )
    once = pl.struct(_IDENTITY).is_first_distinct()
    said = said.with_columns(reason_code=pl.when(once & ~elsewhere).then("reason_code"))
    if SUPPLIER_UNRESOLVED not in present:
        return noted(said)
    return pl.concat([noted(said), _unresolved(rows)])


def _facts(lines: pl.DataFrame, failed: pl.DataFrame, docs: Documents) -> pl.DataFrame:
    """A row per line and gate it does not pass, with everything the sentences need."""
    named = pl.coalesce("po_number", "po_number_ref", "order_id", "po_id", "po_line_id")
    rows = lines.join(failed, on="invoice_line_id").with_columns(_order=named, _counter=_COUNTER)
    if rows.is_empty():
        return rows
    # What one invoice bills to one order is one amount, however many lines it has.
    invoices = rows.select("invoice_id").unique()
    billed = lines.join(invoices, on="invoice_id", how="semi").select(
        "invoice_id", "net_amount", _counter=_COUNTER
    )
    of_order = billed.group_by("invoice_id", "_counter").agg(_of_order=pl.col("net_amount").sum())
    of_invoice = billed.group_by("invoice_id").agg(_of_invoice=pl.col("net_amount").sum())
    rows = rows.join(of_order, on=["invoice_id", "_counter"], how="left")
    stated = docs.invoices.select("invoice_id", "missing_fields")
    held = held_back(docs.suppliers).select("supplier_src_id", "held_by", _status="status")
    names = docs.suppliers.select("supplier_src_id", supplier_name="name")
    of_orders = names.select(po_supplier="supplier_src_id", po_supplier_name="supplier_name")
    for side, key in (
        (of_invoice, "invoice_id"),
        (stated, "invoice_id"),
        (held, "supplier_src_id"),
        (names, "supplier_src_id"),
        (of_orders, "po_supplier"),
    ):
        rows = rows.join(side, on=key, how="left", maintain_order="left")
    whole = pl.col("gate").is_in(OF_INVOICE)
    return rows.with_columns(
        _net=pl.when(whole).then("_of_invoice").otherwise("_of_order"),
        _counter=pl.when(whole).then(pl.lit("")).otherwise("_counter"),
    )


def _unresolved(rows: pl.DataFrame) -> pl.DataFrame:
    """One note per supplier that nobody knows, and currency."""
    mine = rows.filter(pl.col("gate") == SUPPLIER_UNRESOLVED)
    found = mine.group_by("supplier_src_id", "ccy").agg(
        amount=pl.col("net_amount").sum(), _invoices=pl.col("invoice_id").n_unique()
    )
    return noted(
        found.sort("supplier_src_id", "ccy").with_columns(
            reason_code=pl.lit(SUPPLIER_UNRESOLVED),
            subject_type=pl.lit("supplier"),
            subject_id="supplier_src_id",
            subject_label="supplier_src_id",
            counter_key="ccy",
            message=unresolved_supplier(),
            release=UNRESOLVED_RELEASE,
        )
    )
