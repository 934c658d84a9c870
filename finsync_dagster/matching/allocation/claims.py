"""What invoice lines name themselves: the receipt they bill, the line they credit.

Belongs here: finding what is named, and which order lines it makes a difference to. Not here: what
is allocated (allocate.py).

A line names a receipt by its number, or by the supplier's delivery note, and perhaps its line. That
must be a receipt of the order line that the invoice line bills; a name that leads nowhere counts as
none, unless the order line may only be billed receipt by receipt.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from finsync_dagster.matching.figures.sequence import MIRRORED, upright

_REFERRING = ("receipt_no_ref", "orig_invoice_line_id", "corrects_invoice_id")
REFERENCES = (*_REFERRING, "receipt_line_ref", "specific", MIRRORED)
"""What events need to have for it."""

_NAMES = ("receipt_no", "delivery_note")


@dataclass(frozen=True)
class Claims:
    """What lines name. Everything is empty if they name nothing that matters."""

    lines: pl.DataFrame
    """``po_line_id`` of order lines on which something is named that makes a difference."""
    slots: pl.DataFrame
    """``event_no``, ``slot`` (a number that stands for the receipts named) and ``contested``:
    whether running totals along the named receipts alone cannot tell what it bills."""
    named: pl.DataFrame
    """``slot`` and each ``receipt_line_id`` it names."""
    credited: pl.DataFrame
    """``invoice_line_id`` of a credit and ``target``, each invoice line that it corrects."""
    confirmed: pl.Series
    """``invoice_line_id`` of credits that correct just what a credit takes back anyway."""


def claims(events: pl.DataFrame, receipts: pl.DataFrame) -> Claims:
    """What the lines name, of what is there.

    Args:
        events: as ``sequence`` returns them, with ``invoice_id``, ``receipt_no_ref``,
            ``receipt_line_ref``, ``orig_invoice_line_id``, ``corrects_invoice_id`` and
            ``specific`` (whether the line may only bill the receipt it names).
        receipts: of the order book.
    """
    events = upright(events, "units", "before", "after")
    naming = pl.any_horizontal(pl.col(name).is_not_null() for name in _REFERRING)
    if not events.select((naming | pl.col("specific")).any()).item():
        return _nothing()
    names = events.filter(pl.col("receipt_no_ref").is_not_null() | pl.col("specific"))
    credits_ = events.filter(
        (pl.col("units") < 0)
        & (
            pl.col("orig_invoice_line_id").is_not_null()
            | pl.col("corrects_invoice_id").is_not_null()
        )
    )
    slots, named = _named(names, receipts)
    credited = _credited(credits_, events)
    confirmed = _taken_back_anyway(credited, events)
    unlike = credited.join(confirmed, on="invoice_line_id", how="anti")
    mine = pl.concat(
        [
            names.filter("specific").select("po_line_id"),
            names.join(slots, on="event_no", how="semi").select("po_line_id"),
            credits_.join(unlike, on="invoice_line_id", how="semi").select("po_line_id"),
        ]
    ).unique()
    # A credit of a certain line may take back other than the newest part of its receipt.
    certain = events.join(credited, on="invoice_line_id", how="semi")["event_no"].implode()
    slots = slots.with_columns(pl.col("contested") | pl.col("event_no").is_in(certain))
    return Claims(mine, slots, named, credited, confirmed["invoice_line_id"])


def _nothing() -> Claims:
    slots = pl.DataFrame(schema={"event_no": pl.Int64, "slot": pl.Int64, "contested": pl.Boolean})
    return Claims(
        lines=pl.DataFrame(schema={"po_line_id": pl.String}),
        slots=slots,
        named=pl.DataFrame(schema={"slot": pl.Int64, "receipt_line_id": pl.String}),
        credited=pl.DataFrame(schema={"invoice_line_id": pl.String, "target": pl.String}),
        confirmed=pl.Series("invoice_line_id", dtype=pl.String),
    )


def _named(lines: pl.DataFrame, receipts: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """``slot`` and ``contested`` per line that names a receipt, and the receipts of each slot.

    A slot goes by the first of its receipts.
    """
    pairs = _hits(lines.filter(pl.col("receipt_no_ref").is_not_null()), receipts)
    sets = pairs.group_by("event_no").agg(slot=pl.col("_receipt").min(), size=pl.len())
    pairs = pairs.join(sets, on="event_no")
    named = pairs.select("slot", "_receipt").unique()
    sizes = named.group_by("slot").agg(whole=pl.len())
    # Two names of which each means other receipts, though some are the same.
    shared = named.filter(pl.col("_receipt").is_duplicated())["slot"].implode()
    slots = sets.join(sizes, on="slot").select(
        "event_no",
        pl.col("slot").cast(pl.Int64),
        contested=(pl.col("size") != pl.col("whole")) | pl.col("slot").is_in(shared),
    )
    # What may bill no other receipt waits for the one it names, or for a name.
    waits = lines.filter(pl.col("specific") & (pl.col("units") > 0))
    alone = waits.join(slots, on="event_no", how="anti").select(
        "event_no", slot=-1 - pl.col("event_no"), contested=pl.lit(False)
    )
    named = named.select(
        pl.col("slot").cast(pl.Int64),
        receipt_line_id=receipts["receipt_line_id"].gather(named["_receipt"]),
    )
    return pl.concat([slots, alone]), named


def _hits(lines: pl.DataFrame, receipts: pl.DataFrame) -> pl.DataFrame:
    """``event_no`` and ``_receipt`` (its row) of each receipt that a line names.

    A number that is that of a receipt is not looked for among delivery notes.
    """
    asked = lines.select("event_no", "po_line_id", *_REFS)
    shelf = receipts.select("po_line_id", "line_no", *_NAMES).with_row_index("_receipt")
    found = asked.select("event_no", _receipt=pl.lit(None, dtype=pl.UInt32)).clear()
    for name in _NAMES:
        here = shelf.filter(pl.col(name).is_not_null())
        hits = asked.join(
            here, left_on=["po_line_id", "receipt_no_ref"], right_on=["po_line_id", name]
        )
        if name == "receipt_no":
            hits = hits.filter(_same_line())
        found = pl.concat([found, hits.select("event_no", "_receipt")])
        asked = asked.join(hits.select("event_no"), on="event_no", how="anti")
        if asked.is_empty():
            break
    return found


_REFS = ("receipt_no_ref", "receipt_line_ref")


def _same_line() -> pl.Expr:
    """The line of the receipt, where the invoice names one: leading zeros mean nothing."""
    stated = pl.col("receipt_line_ref").str.strip_chars_start("0")
    return stated.is_null() | (stated == pl.col("line_no").str.strip_chars_start("0"))


def _credited(lines: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """``invoice_line_id`` of each credit and ``target``: a line that bills the same order line."""
    billed = events.filter(pl.col("units") > 0)
    by_line = lines.filter(pl.col("orig_invoice_line_id").is_not_null()).join(
        billed.select(
            "po_line_id", orig_invoice_line_id="invoice_line_id", target="invoice_line_id"
        ),
        on=["po_line_id", "orig_invoice_line_id"],
    )
    rest = lines.join(by_line, on="invoice_line_id", how="anti")
    by_invoice = rest.filter(pl.col("corrects_invoice_id").is_not_null()).join(
        billed.select("po_line_id", corrects_invoice_id="invoice_id", target="invoice_line_id"),
        on=["po_line_id", "corrects_invoice_id"],
    )
    return pl.concat([by_line, by_invoice]).select("invoice_line_id", "target")


def _taken_back_anyway(credited: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """``invoice_line_id`` of credits whose target was billed last, and all they credit of it."""
    if credited.is_empty():
        return credited.select("invoice_line_id")
    mine = events.join(credited, on="invoice_line_id", how="semi").select("po_line_id").unique()
    rows = events.join(mine, on="po_line_id", how="semi", maintain_order="left").select(
        "invoice_line_id", "po_line_id", "units", "before", "after"
    )
    billed = pl.col("units") > 0
    newest = rows.with_columns(
        target=pl.when(billed).then("invoice_line_id").forward_fill().over("po_line_id"),
        _from=pl.when(billed).then("before").forward_fill().over("po_line_id"),
    ).filter(pl.col("after") >= pl.col("_from"))
    several = pl.len().over("invoice_line_id") > 1
    alike = credited.filter(~several).join(newest, on=["invoice_line_id", "target"])
    return alike.select("invoice_line_id")
