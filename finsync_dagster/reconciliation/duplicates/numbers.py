"""Numbers that are nearly the same, over the same amount.

Belongs here: one character more, less or other; letters taken for digits; a suffix. Not here: equal
numbers (find.py). The auditors' test "same-same-similar": 102 and 102A, I02 and 102.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.reconciliation.duplicates.pairs import as_pairs, no_pairs, with_company
from finsync_dagster.reconciliation.duplicates.rules import SIMILAR_NUMBER

_AMOUNT = ["golden", "side", "ccy", "gross"]
_SHORTEST, _LONGEST = 4, 64
"""Of shorter numbers one character is too much of the whole to be a slip."""
_SUFFIX = r"[\s/._-]*[A-Z]{1,4}$|[\s/._-]+\d{1,2}$"


def similar_numbers(invoices: pl.DataFrame) -> pl.DataFrame:
    """Pairs of one supplier with equal amounts and nearly equal numbers.

    ``invoices``: in order of date, none of them an exact copy of another. Equal amounts under
    numbers that count on (1041, 1042: the next month's rent) are no pair.
    """
    rows = with_company(invoices.filter(pl.col("gross") != 0), _AMOUNT)
    rows = rows.filter(pl.col("invoice_no_norm") != "").with_row_index("place")
    if rows.is_empty():
        return no_pairs()
    group = pl.struct(_AMOUNT).rank("dense").alias("group")
    short = rows.select(
        group,
        "place",
        "invoice_id",
        number="invoice_no_norm",
        stem=_stem(),
        misread=pl.col("invoice_no_norm").str.replace_many(["O", "I"], ["0", "1"]),
    )
    found = pl.concat([_misread(short), _suffixed(short), _one_character(short)])
    ordered = found.filter(pl.col("place") > pl.col("place_2")).unique(["place", "place_2"])
    return as_pairs(ordered.rename({"invoice_id_2": "earlier_invoice_id"}), SIMILAR_NUMBER)


_DIGIT = r"^\d$"
_BOTH = ("place", "invoice_id", "place_2", "invoice_id_2")


def _stem() -> pl.Expr:
    """The number as it is written, without a suffix, in letters and digits."""
    written = pl.col("invoice_no_supplier").str.to_uppercase().str.strip_chars()
    bare = written.str.replace(_SUFFIX, "").str.replace_all("[^A-Z0-9]", "")
    return bare.str.strip_chars_start("0")


def _met(left: pl.DataFrame, right: pl.DataFrame, on: list[str]) -> pl.DataFrame:
    """Rows of two different numbers that share what they are joined on."""
    met = left.join(right, on=on, suffix="_2")
    return met.filter(pl.col("place") != pl.col("place_2"))


def _misread(rows: pl.DataFrame) -> pl.DataFrame:
    mine = rows.filter(pl.col("misread").str.len_bytes() > 1).select(
        "group", "place", "invoice_id", "misread"
    )
    return _met(mine, mine, ["group", "misread"]).select(_BOTH)


def _suffixed(rows: pl.DataFrame) -> pl.DataFrame:
    with_suffix = rows.filter((pl.col("stem") != pl.col("number")) & (pl.col("stem") != ""))
    bare = rows.select("group", "place", "invoice_id", stem="number")
    found = _met(
        with_suffix.select("group", "place", "invoice_id", "stem"), bare, ["group", "stem"]
    )
    return pl.concat([found.select(_BOTH), _turned(found)])


def _turned(found: pl.DataFrame) -> pl.DataFrame:
    """The same pairs, seen from the other side."""
    return found.select(
        place="place_2", invoice_id="invoice_id_2", place_2="place", invoice_id_2="invoice_id"
    )


def _one_character(rows: pl.DataFrame) -> pl.DataFrame:
    """Two numbers are one substitution apart if they are equal without the same place, one
    insertion apart if one is equal to the other without some place.
    """
    length = pl.col("number").str.len_bytes()
    whole = rows.filter(length.is_between(_SHORTEST, _LONGEST)).select(
        "group", "place", "invoice_id", "number"
    )
    without = whole.with_columns(at=pl.int_ranges(0, length)).explode("at")
    without = without.with_columns(
        rest=pl.col("number").str.slice(0, pl.col("at"))
        + pl.col("number").str.slice(pl.col("at") + 1),
        left=pl.col("number").str.slice(pl.col("at"), 1),
    )
    other = _met(without, without, ["group", "at", "rest"])
    longer = _met(without, whole.with_columns(rest="number"), ["group", "rest"])
    grown = pl.col("left").str.contains(_DIGIT) & (pl.col("place") > pl.col("place_2"))
    inserted = longer.filter(~grown)
    return pl.concat(
        [
            other.filter(~_counts_on()).select(_BOTH),
            inserted.select(_BOTH),
            _turned(inserted),
        ]
    )


def _counts_on() -> pl.Expr:
    """The character that differs grows with the date: the next month, the next year."""
    kinds = [pl.col(c).str.contains(_DIGIT) for c in ("left", "left_2")]
    grows = (pl.col("left") > pl.col("left_2")) == (pl.col("place") > pl.col("place_2"))
    return (kinds[0] == kinds[1]) & grows
