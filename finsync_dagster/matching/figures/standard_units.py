"""Units whose ratio is a definition: a tonne is 1,000 kilograms, whatever is weighed.

Belongs here: sizes of units of UN/ECE Recommendation 20 within their dimension, exactly. Not here:
units that depend on what is in them (a box), which only documents can tell.

A day of work is not 24 hours, so that days and longer are no measures of time here.
"""

from __future__ import annotations

from fractions import Fraction

import polars as pl

_MASS = {
    "KGM": Fraction(1),
    "GRM": Fraction(1, 1000),
    "MGM": Fraction(1, 10**6),
    "TNE": Fraction(1000),
    "LBR": Fraction(45359237, 10**8),
    "ONZ": Fraction(28349523125, 10**12),
}
_LENGTH = {
    "MTR": Fraction(1),
    "CMT": Fraction(1, 100),
    "MMT": Fraction(1, 1000),
    "KMT": Fraction(1000),
    "INH": Fraction(254, 10**4),
    "FOT": Fraction(3048, 10**4),
    "YRD": Fraction(9144, 10**4),
}
_AREA = {"MTK": Fraction(1), "CMK": Fraction(1, 10**4), "MMK": Fraction(1, 10**6)}
_VOLUME = {
    "LTR": Fraction(1),
    "MLT": Fraction(1, 1000),
    "CLT": Fraction(1, 100),
    "HLT": Fraction(100),
    "MTQ": Fraction(1000),
    "DMQ": Fraction(1),
    "CMQ": Fraction(1, 1000),
}
_TIME = {"SEC": Fraction(1), "MIN": Fraction(60), "HUR": Fraction(3600)}
_COUNT = {
    "EA": Fraction(1),
    "C62": Fraction(1),
    "H87": Fraction(1),
    "PR": Fraction(2),
    "DZN": Fraction(12),
    "CEN": Fraction(100),
    "GRO": Fraction(144),
    "MIL": Fraction(1000),
}
_DIMENSIONS = (_MASS, _LENGTH, _AREA, _VOLUME, _TIME, _COUNT)

_RATIOS = [
    (given, wanted, ratio.numerator, ratio.denominator)
    for sizes in _DIMENSIONS
    for given in sizes
    for wanted in sizes
    if given != wanted
    for ratio in (sizes[given] / sizes[wanted],)
]


_TABLE = pl.DataFrame(
    _RATIOS,
    schema={"given": pl.String, "wanted": pl.String, "_std_num": pl.Int64, "_std_den": pl.Int64},
    orient="row",
)


def standard_ratios(given: str, wanted: str) -> pl.DataFrame:
    """Every pair of units of one dimension: ``_std_den`` of unit ``given`` are ``_std_num`` of unit
    ``wanted`` (Int64), the two units in columns of these names.
    """
    return _TABLE.rename({"given": given, "wanted": wanted})
