"""The one way to write an id that programs write in several: 12, 12.0, 4.500000001E9.

Belongs here: the rule for ids, over frames. The same rule as an expression helper, ``whole``, is in
expressions.py; a test holds the two together. Not here: figures (``exact``, ``number``).

A column of ids that may be empty often passes through floating point on its way into a file. Only
what is certain is undone:

- digits, a point and zeros: the zeros are dropped (``12.0`` is ``12``, ``0012.0`` is ``0012``);
- a digit from 1 to 9, a point, digits, ``E`` and an exponent up to 14: written out, if that is a
  whole number (``4.500000001E9`` is ``4500000001``). Up to 15 digits floating point is exact.
  With ``E+``, at least six decimals must be there: spreadsheets write ``4.5E+09`` for
  ``4500000001`` too, and such a text tells no longer which number it was;
- everything else stays as it is: ``1.5``, ``12E4``, ``0012``, ``B-7``.
"""

from __future__ import annotations

import polars as pl

WITH_ZEROS = "-?[0-9]+[.]0+"
SCIENTIFIC = "-?[1-9][.](?:[0-9]+[eE]|[0-9]{6,}[eE][+])[0-9]{1,2}"
LARGEST_EXPONENT = 14


def whole_key(field: pl.Expr) -> pl.Expr:
    """The text of an id, without the traces of floating point; other texts and null as they are."""
    decimals = field.str.extract("[.]([0-9]+)", 1)
    exponent = field.str.extract("([0-9]+)$", 1).cast(pl.Int64, strict=False)
    needed = decimals.str.strip_chars_end("0").str.len_bytes()
    digits = field.str.extract("([1-9])", 1) + decimals + "0" * LARGEST_EXPONENT
    sign = pl.when(field.str.starts_with("-")).then(pl.lit("-")).otherwise(pl.lit(""))
    certain = (exponent <= LARGEST_EXPONENT) & (needed <= exponent)
    return (
        pl.when(field.str.contains(f"^(?:{WITH_ZEROS})$"))
        .then(field.str.replace("[.]0+$", ""))
        .when(field.str.contains(f"^(?:{SCIENTIFIC})$") & certain)
        .then(sign + digits.str.slice(0, exponent + 1))
        .otherwise(field)
    )
