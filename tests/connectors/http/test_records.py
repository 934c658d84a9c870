"""Records as flat rows of text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsync_dagster.connectors.http.exact_json import parse
from finsync_dagster.connectors.http.records import Columns, Flattener
from finsync_dagster.connectors.http.values_model import Values

TYPED = Values.model_validate(
    {
        "tagged": {
            "field": "__class__",
            "forms": {
                "Decimal": "{decimal}",
                "date": "{year:0>4}-{month:0>2}-{day:0>2}",
            },
        },
        "epoch_dates": True,
        "nulls": ["", "0001-01-01", False],
    }
)


def rows(text: str, known: tuple[str, ...] = ("id",), values: Values | None = None, **more):
    columns = Columns(known)
    one = Flattener(columns, values or Values(), more.get("lift", {}), more.get("booleans", ()))
    found = one.rows(parse(text))
    assert all(len(row) == len(columns.names) for row in found)
    return [dict(zip(columns.names, row, strict=True)) for row in found]


def test_every_kind_of_value() -> None:
    text = '[{"id": 7, "t": "x", "n": 1.50, "e": 1e2, "y": true, "z": null, "l": [1, {"a": 2.0}]}]'
    assert rows(text) == [
        {
            "id": "7",
            "t": "x",
            "n": "1.50",
            "e": "100",
            "y": "true",
            "z": None,
            "l": '["1",{"a":"2.0"}]',
        }
    ]


def test_fields_may_come_and_go() -> None:
    assert rows('[{"id": 1, "a": 1}, {"b": 2, "id": 2}, {"id": 3}]') == [
        {"id": "1", "a": "1", "b": None},
        {"id": "2", "a": None, "b": "2"},
        {"id": "3", "a": None, "b": None},
    ]


def test_names_that_sql_cannot_tell_apart_get_columns_of_their_own() -> None:
    found = rows('[{"id": 1, "Name": 2, "name": 3, "NAME_2": 4, "STRASSE": 5, "straße": 6}]')
    assert found == [
        {
            "id": "1",
            "Name": "2",
            "name_2": "3",
            "NAME_2_2": "4",
            "STRASSE": "5",
            "straße_2": "6",
        }
    ]


def test_names_we_use_ourselves_are_left_to_us() -> None:
    found = rows('[{"id": 1, "_defect": 2, "_raw": 3, "_file": 4, "Landing_Row": 5, "": 6}]')
    assert found == [
        {"id": "1", "_defect_": "2", "_raw_": "3", "_file_": "4", "Landing_Row_": "5", "_": "6"}
    ]


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ("7", "it is no object with fields"),
        ("null", "it is no object with fields"),
        ('["a"]', "it is no object with fields"),
        ('{"id": "a\\u0000b"}', "id holds a character that no text can hold"),
        ('{"id": "a\\ud800b"}', "id holds a character that no text can hold"),
        ('{"id": [{"x": "\\udfff"}]}', "id holds a character that no text can hold"),
        ('{"a\\u0000": 1}', "the name of a field holds a character"),
        ('{"a\\ud800": 1}', "the name of a field holds a character"),
        (json.dumps({"k" * 501: 1}), "the name of a field has 501 characters"),
        (json.dumps(dict.fromkeys(map(str, range(5001)))), "it has 5,001 fields"),
    ],
)
def test_a_record_that_cannot_be_a_row_waits_with_the_reason(record: str, why: str) -> None:
    good, bad, last = rows(f'[{{"id": 1}}, {record}, {{"id": 2}}]')
    assert why in str(bad["_defect"])
    assert bad["_raw"]
    bad["_raw"].encode()
    assert (good["id"], good["_defect"], last["id"], last["_raw"]) == ("1", None, "2", None)


def test_new_names_without_end_are_no_columns() -> None:
    """A source that uses names as data would make every row wider with every record."""
    columns = Columns(["id"])
    one = Flattener(columns, Values(), {}, ())
    for page in range(4):
        record = {f"key-{page}-{n}": n for n in range(2000)}
        found = one.rows(parse(json.dumps([{"id": page}, record])))
    assert len(columns.names) <= 5002
    assert "more than 5,000 columns" in str(found[1][columns.at("_defect")])
    assert found[0][0] == "3"


def test_values_that_tell_their_type() -> None:
    found = rows(
        '[{"id": {"__class__": "Decimal", "decimal": "1.50"}, "on": {"__class__": "date",'
        '"year": 2026, "month": 3, "day": 1}, "at": "/Date(1574294400123+0200)/", "no": "",'
        '"never": "0001-01-01", "false": false, "told": false,'
        '"in": [{"__class__": "Decimal", "decimal": "2.0"}, "/Date(0)/"],'
        '"x": {"__class__": "?"}}]',
        values=TYPED,
        booleans=("told",),
    )
    assert found == [
        {
            "id": "1.50",
            "on": "2026-03-01",
            "at": "2019-11-21T00:00:00.123Z",
            "no": None,
            "never": None,
            "false": None,
            "told": "false",
            "in": '["2.0","1970-01-01T00:00:00Z"]',
            "x": '{"__class__":"?"}',
        }
    ]


def test_numbers_that_are_booleans() -> None:
    found = rows('[{"id": 1, "b": 1}, {"id": 2, "b": 0}, {"id": 3, "b": 7}]', booleans=("b",))
    assert [row["b"] for row in found] == ["true", "false", "7"]


def test_what_is_nested_can_be_lifted() -> None:
    found = rows('[{"id": 1, "party": {"id": 7}}, {"id": 2}]', lift={"party": ("party", "id")})
    assert [row["party"] for row in found] == ["7", None]


def test_a_record_nested_too_deeply_for_its_types_waits() -> None:
    deep = "[" * 700 + "]" * 700
    (found,) = rows(f'[{{"id": 1, "x": {deep}}}]', values=TYPED)
    assert found["_defect"] == "it is nested too deeply"
    assert found["_raw"] == f'{{"id":"1","x":{deep}}}'


JSON = st.recursive(
    st.none() | st.booleans() | st.text(max_size=5) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@given(st.lists(JSON | st.dictionaries(st.text(max_size=4), JSON, max_size=5), max_size=5))
def test_any_list_of_anything_becomes_as_many_rows_of_text(records: list[object]) -> None:
    found = rows(json.dumps(records))
    assert len(found) == len(records)
    for row, record in zip(found, records, strict=True):
        for name, value in row.items():
            name.encode()
            assert value is None or "\x00" not in value.encode().decode()
        if not row.get("_defect") and isinstance(record, dict):
            present = [value for value in record.values() if value is not None]
            assert len([value for value in row.values() if value is not None]) == len(present)
