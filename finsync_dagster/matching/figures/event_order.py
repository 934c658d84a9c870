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
    order = invoices.select(pl.arg_sort_by("invoice_no_norm", "invoice_id")).to_series()
    return invoices.with_columns(_at_places(order).alias("_rank"))


def numbered(lines: pl.DataFrame) -> pl.DataFrame:
    """Replaces ``_rank`` by ``event_no``: from 0, one for each line, larger for what is later.

    Takes ``invoice_date``, ``credit``, ``_rank``, ``invoice_id``, ``line_no``, ``record_id``.

    Raises:
        PrecisionError: an invoice has more than a million lines.
    """
    day = pl.col("invoice_date").cast(pl.Int32).cast(pl.Int64)
    moment = (day * 2 + pl.col("credit").cast(pl.Int64)) * _INVOICES + pl.col("_rank")
    keys = lines.select(moment=moment, place=pl.col("line_no").str.to_integer(strict=False))
    moments, place = keys
    places = None
    if _usable(place):
        places = _in_turn(moments, place)
    if places is None:  # the lines of some invoice are not plainly numbered: count them
        places = _in_turn(moments, _counted(lines.with_columns(place.alias("_place"))))
    return lines.drop("_rank").with_columns(event_no=places)


def _usable(place: pl.Series) -> bool:
    if place.is_empty():
        return True
    return not place.has_nulls() and place.min() >= 0 and place.max() < _LINES  # type: ignore[operator]


def _in_turn(moments: pl.Series, place: pl.Series) -> pl.Series | None:
    """The place of each line among all; None if two lines claim the same."""
    event = moments * _LINES + place
    order = event.arg_sort()
    sorted_ = event.gather(order)
    if (sorted_ == sorted_.shift()).any():
        return None
    return _at_places(order)


def _at_places(order: pl.Series) -> pl.Series:
    """Per row its place, of the rows in an order."""
    at = pl.int_range(len(order), dtype=pl.Int64, eager=True)
    return at.clone().scatter(order, at)


def _counted(lines: pl.DataFrame) -> pl.Series:
    ordered = lines.select("invoice_id", "_place", "line_no", "record_id").with_row_index("_row")
    ordered = ordered.sort("invoice_id", "_place", "line_no", "record_id", nulls_last=True)
    counted = ordered.with_columns(_counted=pl.int_range(pl.len()).over("invoice_id"))
    if counted.height and counted["_counted"].max() >= _LINES:  # type: ignore[operator]
        raise PrecisionError("the lines of an invoice are too many to be put in order")
    return counted.sort("_row")["_counted"].cast(pl.Int64)
