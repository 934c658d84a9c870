from datetime import date, datetime
from decimal import Decimal

import pytest

from finsync_dagster.sandbox.vendors.netsuite.formats import (
    UnknownFormatError,
    as_text,
    strftime_format,
)


@pytest.mark.parametrize(
    ("oracle", "wanted"),
    [
        ('YYYY-MM-DD"T"HH24:MI:SS', "2026-03-02T15:04:05"),
        ("yyyy-mm-dd hh24:mi", "2026-03-02 15:04"),
        ("MM/DD/YY HH12:MI AM", "03/02/26 03:04 PM"),
        ("DD-MON-YYYY", "02-Mar-2026"),
        ('"100%" YYYY', "100% 2026"),
    ],
)
def test_a_date_format_means_the_same_in_both_languages(oracle: str, wanted: str) -> None:
    assert datetime(2026, 3, 2, 15, 4, 5).strftime(strftime_format(oracle)) == wanted


@pytest.mark.parametrize("wrong", ["QQ", 'YYYY"T', "YYYY_MM"])
def test_an_unknown_part_of_a_format_is_told(wrong: str) -> None:
    with pytest.raises(UnknownFormatError):
        strftime_format(wrong)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (9007199254740993, "9007199254740993"),
        (Decimal("-12.500000"), "-12.5"),
        (Decimal("0E-12"), "0"),
        (Decimal("-0.00"), "0"),
        (Decimal("12345678901234567890.123456789012"), "12345678901234567890.123456789012"),
        (Decimal("1E+3"), "1000"),
        (date(2026, 3, 2), "03/02/2026"),
        (datetime(2026, 3, 2, 15, 4), "03/02/2026"),
        (True, "T"),
        (False, "F"),
        ("Öst", "Öst"),
    ],
)
def test_every_value_is_a_text(value: object, text: str) -> None:
    assert as_text(value) == text
