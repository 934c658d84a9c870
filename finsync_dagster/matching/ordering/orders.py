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
from finsync_dagster.matching.figures.places import blank, places, rows_at
from finsync_dagster.matching.figures.positions import (
    LINE_POS,
    RECEIPT_POS,
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


_UNREAD = (
    *AUDIT_COLUMNS,
    "entity_id",
    "description",
    "tax_code",
    "requisition_no_ref",
    "requisition_line_ref",
)
"""Nothing here reads them, and they would be most of the memory."""
_RECEIPT = (
    "receipt_line_id",
    "record_id",
    "po_line_id",
    "receipt_no",
    "line_no",
    "kind",
    "posting_date",
    "delivery_note",
    "reverses_id",
    "qty",
    "qty_accepted",
    "qty_rejected",
    "uom",
    "qty_base",
    "uom_base",
)


def order_book(docs: Documents) -> OrderBook:
    """Order lines with what arrived, and receipts with what of each may be invoiced.

    Raises:
        PrecisionError: a quantity or a price is too large to be computed exactly.
    """
    lines = _order_lines(docs)
    known, orphans = _of_known_lines(docs.receipt_lines, lines)
    receipts = _in_order_units(known, lines)
    unconverted, receipts = _unconverted(receipts, lines)
    receipts = without_reversed(receipts)
    doubtful = _doubtful(docs, unconverted)
    guard_sum(receipts, "_qty", "_accepted", "_rejected")
    receipts = by_event(receipts, LINE_POS, "posting_date", "receipt_no")
    lines = _with_doubt(_with_receipts(lines, receipts), doubtful)
    return OrderBook(lines, _availability(receipts), orphans, unconverted, doubtful)


def _order_lines(docs: Documents) -> pl.DataFrame:
    lines, headers = docs.purchase_order_lines, order_headers(docs, docs.purchase_orders)
    order = places(lines["po_id"], headers["po_id"])
    if order.has_nulls():
        lines, order = lines.filter(order.is_not_null()), order.drop_nulls()
    final_since = pl.when(pl.col("final_invoice")).then(known_since())
    lines = lines.select(pl.exclude(_UNREAD), final_since=final_since)
    lines = in_order_of(lines.hstack(rows_at(headers.drop("po_id"), order)), "po_line_id")
    return lines.with_columns(
        pl.int_range(pl.len(), dtype=pl.Int64).alias(LINE_POS),
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


def order_headers(docs: Documents, orders: pl.DataFrame) -> pl.DataFrame:
    """Orders with ``golden`` (whose supplier it really is), ``approved_on`` and ``closed_on``."""
    closed_on = pl.when(pl.col("status_canon") == "closed").then(known_since())
    return docs.golden(orders).select(
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
    if (lines["price_unit"] == 1).all():
        return pl.col("unit_price")
    price, per = to_scaled(pl.col("unit_price"), PRICE_SCALE), to_scaled(pl.col("price_unit"), 6)
    guard_product(lines, ("unit_price", PRICE_SCALE), 10**QTY_SCALE)
    return from_scaled(divide_half_up(price * 10**QTY_SCALE, per), PRICE_SCALE).cast(PRICE)


def _of_known_lines(
    receipts: pl.DataFrame, lines: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Receipt lines with what their order line says of units, and those whose line is not known."""
    at, orphans = places(receipts["po_line_id"], lines["po_line_id"]), receipts.clear()
    if at.has_nulls():
        orphans = receipts.filter(at.is_null())
        receipts, at = receipts.filter(at.is_not_null()), at.drop_nulls()
    order = rows_at(lines.select("uom_order", "match_type", "ordered", MIRRORED, LINE_POS), at)
    known = receipts.select(
        *_RECEIPT,
        _qty=to_units("qty"),
        _accepted=to_units("qty_accepted"),
        _rejected=to_units("qty_rejected"),
    )
    return known.hstack(order), orphans


def _in_order_units(receipts: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """``_qty``, ``_accepted``, ``_rejected`` in order units; null without an exact ratio."""
    other = receipts["uom"].ne_missing(receipts["uom_order"]).arg_true()
    if other.is_empty():
        return receipts
    converted = _converted(rows_at(receipts, other), lines)
    return receipts.with_columns(
        receipts[name].clone().scatter(other, converted[name])
        for name in ("_qty", "_accepted", "_rejected")
    )


def _unconverted(receipts: pl.DataFrame, lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Receipt lines without a quantity in order units, with facts of their order; the others."""
    rows = receipts.clear()
    if receipts["_qty"].has_nulls():
        known = receipts["_qty"].is_not_null()
        rows, receipts = receipts.filter(~known), receipts.filter(known)
    facts = lines.select("po_number", "supplier_src_id", "ccy", order_id="po_id")
    return rows.hstack(rows_at(facts, rows[LINE_POS])), receipts


def _converted(receipts: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    # First the base unit that both sides state, then the ratios of units.py; only if exact.
    rows = receipts.with_columns(_stated=pl.col("_qty"), _base=to_units("qty_base"))
    rows = with_other_ratios(rows, lines)
    guard_product(rows, "_base", "ordered")
    ratio = exact_ratio(pl.col("_base"), pl.col("ordered"), pl.col("ordered_base"))
    by_base = pl.when(pl.col("uom_base") == pl.col("uom_kept")).then(ratio)
    rows = rows.with_columns(_qty=pl.coalesce(by_base, by_other_ratio(rows)))
    rows = rows.select("_qty", "_accepted", "_rejected", "_stated")
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
    return rows.with_columns(_qty=pl.when(whole).then(pl.col("_qty")))


def _doubtful(docs: Documents, unconverted: pl.DataFrame) -> pl.DataFrame:
    if docs.incomplete_orders.is_empty() and unconverted.is_empty():
        return pl.DataFrame(schema={"po_id": pl.String, "doubt": pl.String})
    incomplete = docs.incomplete_orders.select("po_id").unique()
    unit = unconverted.select(pl.col("order_id").alias("po_id")).unique()
    unit = unit.join(incomplete, on="po_id", how="anti")
    return pl.concat(
        [
            incomplete.with_columns(doubt=pl.lit(EXTRACT_INCOMPLETE)),
            unit.with_columns(doubt=pl.lit(UOM_CONVERSION_MISSING)),
        ]
    ).sort("po_id")


def _with_doubt(lines: pl.DataFrame, doubtful: pl.DataFrame) -> pl.DataFrame:
    if doubtful.is_empty():
        return lines.with_columns(doubt=pl.lit(None, dtype=pl.String))
    return lines.join(doubtful, on="po_id", how="left", maintain_order="left")


def _with_receipts(lines: pl.DataFrame, receipts: pl.DataFrame) -> pl.DataFrame:
    """The order lines with what arrived; ``receipts`` in the order of events."""
    sums = totals(receipts, LINE_POS, lines.height, "_qty", "_accepted", "_rejected")
    came = receipts.select(LINE_POS, "posting_date").filter(receipts["_qty"] > 0)
    last = came.filter(pl.col(LINE_POS).ne_missing(pl.col(LINE_POS).shift(-1)))
    never = blank(pl.Date, lines.height)
    found = lines.with_columns(
        received=sums["_qty"],
        accepted=sums["_accepted"],
        rejected=sums["_rejected"],
        last_receipt_date=never.scatter(last[LINE_POS], last["posting_date"]),
    )
    basis = pl.when(pl.col("match_type") == "4w").then("accepted").otherwise("received")
    # More returned than received is nothing received, not a negative claim on the supplier; but
    # where a return was ordered, what went back is to be credited.
    claim = pl.when(MIRRORED).then(basis.clip(None, 0)).otherwise(basis.clip(0, None))
    # Where no invoice is expected, what arrived is owed to nobody.
    expected = pl.when(pl.col("match_type") != "none")
    return found.with_columns(basis=expected.then(claim).otherwise(0))


def _availability(receipts: pl.DataFrame) -> pl.DataFrame:
    basis = pl.when(pl.col("match_type") == "4w").then("_accepted").otherwise("_qty")
    events = receipts.select(
        "receipt_line_id",
        "po_line_id",
        LINE_POS,
        "posting_date",
        "receipt_no",
        "line_no",
        "delivery_note",
        "kind",
        "reverses_id",
        MIRRORED,
        pl.int_range(pl.len(), dtype=pl.Int64).alias(RECEIPT_POS),
        event_qty=basis,
    )
    left = upright(left_of_receipts(upright(events, "event_qty")), "event_qty")
    end = running_total(pl.col("available"), LINE_POS)
    return left.select(pl.exclude("reverses_id"), end=end, start=end - pl.col("available"))
