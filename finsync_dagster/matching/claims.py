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

from finsync_dagster.matching.sequence import MIRRORED, upright

REFERENCES = (
    "receipt_no_ref",
    "receipt_line_ref",
    "orig_invoice_line_id",
    "corrects_invoice_id",
    "specific",
    MIRRORED,
)
"""What events need to have for it."""

_NAMES = ("receipt_no", "delivery_note")


@dataclass(frozen=True)
class Claims:
    """What lines name. Everything is empty if they name nothing that matters."""

    lines: pl.DataFrame
    """``po_line_id`` of order lines on which something is named that makes a difference."""
    slots: pl.DataFrame
    """``invoice_line_id``, ``slot`` (the name, unique over all order lines) and ``contested``:
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
            names.join(slots, on="invoice_line_id", how="semi").select("po_line_id"),
            credits_.join(unlike, on="invoice_line_id", how="semi").select("po_line_id"),
        ]
    ).unique()
    contested = _contested(slots, named, credited)
    return Claims(mine, contested, named, credited, confirmed["invoice_line_id"])


def _named(lines: pl.DataFrame, receipts: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """``slot`` per line that names a receipt, and the receipts of each slot."""
    refs = lines.select("invoice_line_id", "po_line_id", "specific", "units", *_REFS).with_columns(
        slot=pl.concat_str(
            "po_line_id",
            pl.col("receipt_no_ref").fill_null(""),
            pl.col("receipt_line_ref").fill_null(""),
            separator="\x1f",
        )
    )
    asked = refs.select("slot", "po_line_id", *_REFS).unique("slot")
    asked = asked.filter(pl.col("receipt_no_ref").is_not_null())
    of_lines = receipts.join(asked.select("po_line_id").unique(), on="po_line_id", how="semi")
    hits = [
        asked.join(
            of_lines, left_on=["po_line_id", "receipt_no_ref"], right_on=["po_line_id", name]
        )
        .filter(pl.lit(name == "delivery_note") | _same_line())
        .select("slot", "receipt_line_id", _by=pl.lit(number))
        for number, name in enumerate(_NAMES)
    ]
    named = pl.concat(hits)
    # A number that is that of a receipt is not looked for among delivery notes.
    named = named.filter(pl.col("_by") == pl.col("_by").min().over("slot"))
    named = named.select("slot", "receipt_line_id")
    found = refs.join(named.select("slot").unique(), on="slot", how="semi")
    # What may bill no other receipt waits for the one it names, or for a name.
    waits = pl.col("specific") & (pl.col("units") > 0)
    alone = refs.join(named.select("slot"), on="slot", how="anti").filter(waits)
    return pl.concat([found, alone]).select("invoice_line_id", "slot"), named


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


def _contested(slots: pl.DataFrame, named: pl.DataFrame, credited: pl.DataFrame) -> pl.DataFrame:
    """The slots with ``contested``: two names for one receipt, or a credit of a certain line."""
    twice = named.filter(pl.col("slot").n_unique().over("receipt_line_id") > 1)
    return slots.with_columns(
        contested=pl.col("slot").is_in(twice["slot"].implode())
        | pl.col("invoice_line_id").is_in(credited["invoice_line_id"].implode())
    )
