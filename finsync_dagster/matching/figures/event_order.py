"""The order in which invoice lines happen, as one number per line.

Belongs here: ``event_no``. Not here: the order of receipts (sequence.py).

By day; within a day credits after what they may credit; then by invoice number, invoice, line
number (9 before 10) and record. All of it fits into one whole number, which sorts and joins at a
fraction of what the texts cost.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.matching.figures.exact import PrecisionError

_LINE_BITS, _INVOICE_BITS = 20, 24
_LINES, _INVOICES = 1 << _LINE_BITS, 1 << _INVOICE_BITS


def ranked(invoices: pl.DataFrame) -> pl.DataFrame:
    """Adds ``_rank``: the invoice's place by ``invoice_no_norm`` and ``invoice_id``.

    Raises:
        PrecisionError: there are more than 16 million invoices.
    """
    if invoices.height >= _INVOICES:
        raise PrecisionError(f"{invoices.height} invoices of one entity cannot be put in order")
    keys = invoices.select("invoice_id", "invoice_no_norm").sort("invoice_no_norm", "invoice_id")
    ranks = keys.with_row_index("_rank").select("invoice_id", pl.col("_rank").cast(pl.Int64))
    return invoices.join(ranks, on="invoice_id", how="left", maintain_order="left")


def numbered(lines: pl.DataFrame) -> pl.DataFrame:
    """Replaces ``_rank`` by ``event_no``: from 0, one for each line, larger for what is later.

    Takes ``invoice_date``, ``credit``, ``_rank``, ``invoice_id``, ``line_no``, ``record_id``.

    Raises:
        PrecisionError: an invoice has more than a million lines.
    """
    placed = lines.with_columns(_place=pl.col("line_no").str.to_integer(strict=False))
    usable = pl.col("_place").is_between(0, _LINES - 1).fill_null(False)
    places = None
    if placed.select(usable.all()).item():
        places = _in_turn(placed)
    if places is None:  # the lines of some invoice are not plainly numbered: count them
        places = _in_turn(_counted(placed))
    return lines.with_columns(event_no=places).drop("_rank")


def _in_turn(lines: pl.DataFrame) -> pl.Series | None:
    """The place of each line among all; None if two lines claim the same."""
    day = pl.col("invoice_date").cast(pl.Int32).cast(pl.Int64)
    moment = (day * 2 + pl.col("credit").cast(pl.Int64)) * _INVOICES + pl.col("_rank")
    event = lines.select(event=moment * _LINES + pl.col("_place"))["event"]
    order = event.arg_sort()
    sorted_ = event.gather(order)
    if (sorted_ == sorted_.shift()).any():
        return None
    at = pl.int_range(len(order), dtype=pl.Int64, eager=True)
    return pl.zeros(len(order), dtype=pl.Int64, eager=True).scatter(order, at)


def _counted(lines: pl.DataFrame) -> pl.DataFrame:
    ordered = lines.select("invoice_id", "_place", "line_no", "record_id").with_row_index("_row")
    ordered = ordered.sort("invoice_id", "_place", "line_no", "record_id", nulls_last=True)
    counted = ordered.with_columns(_counted=pl.int_range(pl.len()).over("invoice_id"))
    if counted.height and counted["_counted"].max() >= _LINES:  # type: ignore[operator]
        raise PrecisionError("the lines of an invoice are too many to be put in order")
    return lines.with_columns(_place=counted.sort("_row")["_counted"].cast(pl.Int64))
