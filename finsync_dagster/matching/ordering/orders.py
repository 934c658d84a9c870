"""What was ordered and what arrived, per purchase order line.

Belongs here: order lines with the facts of their order, receipts in the order unit, and what is
left of each receipt after returns. Not here: invoices.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.canonical.tables.audit import AUDIT_COLUMNS
from finsync_dagster.matching.figures.exact import exact_ratio, guard_product, guard_sum, to_units
from finsync_dagster.matching.figures.positions import (
    LINE_POS,
    RECEIPT_POS,
    looked_up,
    numbered,
    totals,
)
from finsync_dagster.matching.figures.sequence import (
    MIRRORED,
    by_event,
    in_order_of,
    running_total,
    upright,
)
from finsync_dagster.matching.figures.units import by_other_ratio, with_other_ratios
from finsync_dagster.matching.ordering.returns import left_of_receipts, without_reversed
from finsync_dagster.money import (
    PRICE,
    PRICE_SCALE,
    QTY_SCALE,
    divide_half_up,
    from_scaled,
    minor_unit_expr,
    to_scaled,
)

EXTRACT_INCOMPLETE = "EXTRACT_INCOMPLETE"
UOM_CONVERSION_MISSING = "UOM_CONVERSION_MISSING"


@dataclass(frozen=True)
class OrderBook:
    """The orders of one entity, ready to be compared. Quantities are Int64 millionths."""

    lines: pl.DataFrame
    """One row per order line: its facts, ``received``, ``accepted``, ``rejected``, ``basis`` (what
    may be invoiced), ``doubt`` (why its order cannot be compared; null if it can)."""
    receipts: pl.DataFrame
    """One row per receipt line of a known order line, sorted by line and event: ``event_qty`` (what
    it brought or took, 0 if reversed), ``available`` (to be billed; of a return that was ordered,
    ``mirrored``, to be credited) and its place ``[start, end)`` in the running
    total of the order line, and the names it goes by (``receipt_no``, ``line_no``,
    ``delivery_note``)."""
    orphans: pl.DataFrame
    """Receipt lines whose order line is not known."""
    unconverted: pl.DataFrame
    """Receipt lines whose unit has no exact ratio to the order unit."""
    doubtful: pl.DataFrame
    """``po_id`` and ``doubt`` of orders of which not everything is known."""


def order_book(docs: Documents) -> OrderBook:
    """Order lines with what arrived, and receipts with what of each may be invoiced.

    Raises:
        PrecisionError: a quantity or a price is too large to be computed exactly.
    """
    lines = _order_lines(docs)
    known, orphans = _of_known_lines(docs.receipt_lines, lines)
    receipts = _in_order_units(known, lines)
    unconverted = receipts.filter(pl.col("_qty").is_null())
    receipts = without_reversed(receipts.filter(pl.col("_qty").is_not_null()))
    unconverted = _with_order(unconverted, lines)
    doubtful = _doubtful(docs, unconverted)
    guard_sum(receipts, "_qty", "_accepted", "_rejected")
    lines = _with_receipts(lines, receipts).join(
        doubtful, on="po_id", how="left", maintain_order="left"
    )
    return OrderBook(lines, _availability(receipts), orphans, unconverted, doubtful)


def _order_lines(docs: Documents) -> pl.DataFrame:
    headers = order_headers(docs)
    # Where the rows came from is not needed here, and would be most of the memory.
    final_since = pl.when(pl.col("final_invoice")).then(known_since())
    lines = docs.purchase_order_lines.with_columns(final_since=final_since)
    lines = lines.drop(AUDIT_COLUMNS, "description")
    lines = lines.join(headers, on="po_id", maintain_order="left")
    lines = numbered(in_order_of(lines, "po_line_id"), LINE_POS)
    return lines.with_columns(
        price=_price_of_one(lines),
        ordered=to_units("qty_ordered"),
        ordered_base=to_units("qty_ordered_base"),
        minor=minor_unit_expr(pl.col("ccy")),
        cancelled=pl.col("cancelled") | (pl.col("status_canon") == "cancelled"),
        mirrored=pl.col("qty_ordered") < 0,
        # What lies in consignment is the supplier's: withdrawals are settled, not deliveries.
        match_type=pl.when(pl.col("order_type") == "consignment")
        .then(pl.lit("none"))
        .otherwise("match_type"),
    )


def order_headers(docs: Documents) -> pl.DataFrame:
    """Orders with ``golden`` (whose supplier it really is), ``approved_on`` and ``closed_on``."""
    closed_on = pl.when(pl.col("status_canon") == "closed").then(known_since())
    return docs.golden(docs.purchase_orders).select(
        "po_id",
        "po_number",
        "supplier_src_id",
        "golden",
        "ccy",
        "order_date",
        "status_canon",
        order_type="type",
        approved_on=pl.col("approved_at").dt.date(),
        closed_on=closed_on,
    )


def known_since() -> pl.Expr:
    """The last day on which a record can have become what it is: it was not changed since.

    Its source's own stamp of the last change, or the day on which this version of it was first
    held, whichever is earlier.
    """
    return pl.min_horizontal("source_updated_at", "valid_from").dt.date()


def _price_of_one(lines: pl.DataFrame) -> pl.Expr:
    """The price of one order unit; divided only where some price is for several."""
    if lines.select((pl.col("price_unit") == 1).all()).item():
        return pl.col("unit_price")
    price, per = to_scaled(pl.col("unit_price"), PRICE_SCALE), to_scaled(pl.col("price_unit"), 6)
    guard_product(lines, price, pl.lit(10**QTY_SCALE))
    return from_scaled(divide_half_up(price * 10**QTY_SCALE, per), PRICE_SCALE).cast(PRICE)


def _of_known_lines(
    receipts: pl.DataFrame, lines: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Receipt lines with what their order line says of units, and those whose line is not known."""
    provenance = [column for column in AUDIT_COLUMNS if column != "record_id"]
    order = lines.select(
        "po_line_id",
        "uom_order",
        "match_type",
        "ordered",
        "ordered_base",
        MIRRORED,
        LINE_POS,
        uom_kept="uom_base",
    )
    found = receipts.drop(provenance).join(
        order, on="po_line_id", how="left", maintain_order="left"
    )
    unknown = found[LINE_POS].is_null()
    if not unknown.any():
        return found, receipts.clear()
    return found.filter(~unknown), receipts.filter(unknown)


def _with_order(receipts: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    facts = lines.select("po_line_id", "po_number", "supplier_src_id", "ccy", order_id="po_id")
    return receipts.join(facts, on="po_line_id", maintain_order="left")


def _in_order_units(receipts: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Adds ``_qty``, ``_accepted``, ``_rejected`` in order units; null without an exact ratio."""
    stated = receipts.with_columns(
        _qty=to_units("qty"), _accepted=to_units("qty_accepted"), _rejected=to_units("qty_rejected")
    )
    other = pl.col("uom").ne_missing(pl.col("uom_order"))
    if not stated.select(other.any()).item():
        return stated
    rows = stated.with_row_index("_row")
    converted = _converted(rows.filter(other), lines)
    return pl.concat([rows.filter(~other), converted]).sort("_row").drop("_row")


def _converted(receipts: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    # First the base unit that both sides state, then the ratios of units.py; only if exact.
    rows = receipts.with_columns(_stated=pl.col("_qty"), _base=to_units("qty_base"))
    rows = with_other_ratios(rows, lines, "po_line_id")
    guard_product(rows, "_base", "ordered")
    ratio = exact_ratio(pl.col("_base"), pl.col("ordered"), pl.col("ordered_base"))
    by_base = pl.when(pl.col("uom_base") == pl.col("uom_kept")).then(ratio)
    rows = rows.with_columns(_qty=pl.coalesce(by_base, by_other_ratio(rows)))
    rows = rows.select(*receipts.columns, "_stated")
    guard_product(rows, "_accepted", "_qty")
    guard_product(rows, "_rejected", "_qty")
    part = {
        name: pl.when(pl.col("_stated") == 0)
        .then(0)
        .otherwise(exact_ratio(pl.col(name), pl.col("_qty"), pl.col("_stated")))
        for name in ("_accepted", "_rejected")
    }
    rows = rows.with_columns(**part)
    whole = pl.col("_accepted").is_not_null() & pl.col("_rejected").is_not_null()
    return rows.with_columns(_qty=pl.when(whole).then(pl.col("_qty"))).drop("_stated")


def _doubtful(docs: Documents, unconverted: pl.DataFrame) -> pl.DataFrame:
    incomplete = docs.incomplete_orders.select("po_id").unique()
    unit = unconverted.select(pl.col("order_id").alias("po_id")).unique()
    unit = unit.join(incomplete, on="po_id", how="anti")
    return pl.concat(
        [
            incomplete.with_columns(doubt=pl.lit(EXTRACT_INCOMPLETE)),
            unit.with_columns(doubt=pl.lit(UOM_CONVERSION_MISSING)),
        ]
    ).sort("po_id")


def _with_receipts(lines: pl.DataFrame, receipts: pl.DataFrame) -> pl.DataFrame:
    sums = totals(receipts, LINE_POS, lines.height, "_qty", "_accepted", "_rejected")
    came = receipts.filter(pl.col("_qty") > 0).group_by(LINE_POS)
    last = came.agg(last_receipt_date=pl.col("posting_date").max())
    found = lines.with_columns(
        received=sums["_qty"], accepted=sums["_accepted"], rejected=sums["_rejected"]
    ).hstack(looked_up(lines[LINE_POS], last, LINE_POS, lines.height))
    basis = pl.when(pl.col("match_type") == "4w").then("accepted").otherwise("received")
    # More returned than received is nothing received, not a negative claim on the supplier; but
    # where a return was ordered, what went back is to be credited.
    claim = pl.when(MIRRORED).then(basis.clip(None, 0)).otherwise(basis.clip(0, None))
    # Where no invoice is expected, what arrived is owed to nobody.
    expected = pl.when(pl.col("match_type") != "none")
    return found.with_columns(basis=expected.then(claim).otherwise(0))


def _availability(receipts: pl.DataFrame) -> pl.DataFrame:
    basis = pl.when(pl.col("match_type") == "4w").then("_accepted").otherwise("_qty")
    events = by_event(
        receipts.with_columns(event_qty=basis), LINE_POS, "posting_date", "receipt_no"
    )
    left = upright(left_of_receipts(upright(events, "event_qty")), "event_qty")
    return (
        numbered(left, RECEIPT_POS)
        .select(
            "receipt_line_id",
            "po_line_id",
            LINE_POS,
            RECEIPT_POS,
            "posting_date",
            "receipt_no",
            "line_no",
            "delivery_note",
            "kind",
            MIRRORED,
            "event_qty",
            "available",
            end=running_total(pl.col("available"), "po_line_id"),
        )
        .with_columns(start=pl.col("end") - pl.col("available"))
    )
