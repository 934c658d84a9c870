from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from finsync_dagster.sandbox.vendors.sap.errors import ODataError
from finsync_dagster.sandbox.vendors.sap.filters.words import words

GUID = "0050568d-393c-1ed4-9d97-e65f0f3fcc23"


@pytest.mark.parametrize(
    ("text", "version", "kind", "value"),
    [
        ("'it''s'", 2, "text", "it's"),
        ("''", 2, "text", ""),
        ("1.50M", 2, "number", Decimal("1.50")),
        ("-7", 2, "number", Decimal(-7)),
        ("7L", 2, "number", Decimal(7)),
        ("true", 2, "flag", True),
        ("null", 2, "null", None),
        (f"guid'{GUID.upper()}'", 2, "guid", GUID),
        ("datetime'2021-04-24T00:00:00'", 2, "day", dt.datetime(2021, 4, 24)),
        ("datetimeoffset'2024-01-01T01:00:00%2B01:00'".replace("%2B", "+"), 2, "moment",
         dt.datetime(2024, 1, 1)),
        ("datetimeoffset'2024-01-01T00:00:00.1234567Z'", 2, "moment",
         dt.datetime(2024, 1, 1, 0, 0, 0, 123456)),
        ("time'PT13H20M05S'", 2, "clock", dt.time(13, 20, 5)),
        ("to_Item/Plant", 2, "name", "to_Item/Plant"),
        ("2024-01-31", 4, "day", dt.date(2024, 1, 31)),
        ("2024-01-31T10:20:30Z", 4, "moment", dt.datetime(2024, 1, 31, 10, 20, 30)),
        ("13:20:05", 4, "clock", dt.time(13, 20, 5)),
        (GUID, 4, "guid", GUID),
        ("12.345", 4, "number", Decimal("12.345")),
    ],
)  # fmt: skip
def test_a_literal(text: str, version: int, kind: str, value: object) -> None:
    (word,) = words(text, version)
    assert (word.kind, word.value) == (kind, value)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("datetime'2021-04-24T00:00:00Z'", 2),
        ("datetimeoffset'2021-04-24T00:00:00'", 2),
        ("datetimeoffset'0001-01-01T00:00:00+14:00'", 2),
        ("datetime'tomorrow'", 2),
        ("time'13:20'", 2),
        ("time'PT25H'", 2),
        ("1.5X", 2),
        ("12M", 4),
        ("'open", 2),
        ("a = b", 2),
    ],
)
def test_no_literal(text: str, version: int) -> None:
    with pytest.raises(ODataError) as refused:
        words(text, version)
    assert refused.value.status == 400
