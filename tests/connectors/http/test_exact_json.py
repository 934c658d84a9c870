"""No digit is lost between what a source wrote and what is landed."""

from __future__ import annotations

import json
import string
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsync_dagster.connectors.http.exact_json import (
    NotJsonError,
    Number,
    dump,
    landed,
    parse,
    plain,
)

DIGITS = st.text("0123456789", min_size=1, max_size=60)
INTEGERS = st.builds(
    lambda sign, text: sign + (text.lstrip("0") or "0"), st.sampled_from(["", "-"]), DIGITS
)
DECIMALS = st.builds(lambda whole, rest: f"{whole}.{rest}", INTEGERS, DIGITS)
EXPONENTS = st.builds(
    lambda number, e, power: f"{number}{e}{power}",
    INTEGERS | DECIMALS,
    st.sampled_from(["e", "E", "e+", "E-", "e-0"]),
    st.integers(0, 300),
)
NUMBERS = INTEGERS | DECIMALS | EXPONENTS
TEXTS = st.text(max_size=8)
SCALARS = st.none() | st.booleans() | TEXTS | NUMBERS.map(Number)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(NUMBERS)
def test_a_number_is_read_and_written_as_it_was(text: str) -> None:
    value = parse(text)
    assert isinstance(value, Number)
    assert value == text
    assert dump(value) == text


@given(NUMBERS)
def test_a_landed_number_has_every_digit_and_no_exponent(text: str) -> None:
    shown = landed(parse(text))
    assert shown is not None
    assert set(shown) <= set(string.digits + "-.")
    assert Decimal(shown) == Decimal(text)
    assert Decimal(shown).is_signed() == Decimal(text).is_signed()
    assert shown == text or "e" in text.lower()


@given(TREES)
def test_what_is_read_is_written_back(value: object) -> None:
    assert parse(dump(value)) == value


@given(TREES)
def test_landed_structures_hold_text_for_numbers_and_all_else_as_it_was(value: object) -> None:
    if not isinstance(value, list | dict):
        return
    shown = landed(value)
    assert shown is not None
    back = json.loads(shown, parse_float=pytest.fail, parse_int=pytest.fail)
    assert back == spelled(value)


def spelled(value: object) -> object:
    if isinstance(value, Number):
        return plain(value)
    if isinstance(value, list):
        return [spelled(inner) for inner in value]
    if isinstance(value, dict):
        return {name: spelled(inner) for name, inner in value.items()}
    return value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("9007199254740993", "9007199254740993"),
        ("0.10", "0.10"),
        ("-0", "-0"),
        ("1E2", "100"),
        ("1.50e1", "15.0"),
        ("1e-7", "0.0000001"),
        ("1e401", "1e401"),
        ("1e99999999999999999999", "1e99999999999999999999"),
        ("true", "true"),
        ("false", "false"),
        ("null", None),
        ('"1e2"', "1e2"),
        ('""', ""),
        ("NaN", "NaN"),
        ("-Infinity", "-Infinity"),
        ('{"a": [1.50, 2e1, "3e1", null]}', '{"a":["1.50","20","3e1",null]}'),
        ('["ü\\u00fc\\n"]', '["üü\\n"]'),
        ('{"a": 1, "a": 2}', '{"a":"2"}'),
    ],
)
def test_landed(text: str, value: str | None) -> None:
    assert landed(parse(text)) == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Expecting value at character 1"),
        ('{"a": }', "Expecting value at character 7"),
        ('{"a": 1', "delimiter at character 8"),
        ("[1] x", "Extra data at character 5"),
        ("01", "Extra data at character 2"),
        ("[" * 100_000, "nested too deeply"),
        ("\x00", "at character 1"),
        ("'a'", "at character 1"),
    ],
)
def test_what_is_no_json_is_told_with_its_place(text: str, words: str) -> None:
    with pytest.raises(NotJsonError, match=words):
        parse(text)


@pytest.mark.parametrize("depth", [10, 500, 20_000])
def test_nothing_is_nested_too_deeply_to_be_written(depth: int) -> None:
    value: object = Number("1e1")
    for _ in range(depth):
        value = [value]
    assert dump(value) == "[" * depth + "1e1" + "]" * depth
    assert landed(value) == "[" * depth + '"10"' + "]" * depth
