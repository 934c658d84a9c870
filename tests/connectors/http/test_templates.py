"""Requests written with places: what fills them, and what cannot."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsync_dagster.connectors.http.exact_json import Number
from finsync_dagster.connectors.http.templates import (
    ABSENT,
    TemplateError,
    fill,
    fill_path,
    fill_query,
    places,
    problem,
)

VALUES = {
    "since": "2026-03-01T10:20:30.123456+02:00",
    "naive": "2026-03-01 10:20:30",
    "limit": Number("500"),
    "fields": ["id", "name"],
    "none": [],
    "cursor": ABSENT,
    "name": "O'Neil & Söhne",
    "flag": True,
    "session.id": "abc",
}


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("no place, a $filter and $ {x}", "no place, a $filter and $ {x}"),
        ("${limit}", Number("500")),
        ("${ limit }", Number("500")),
        ("at most ${limit}", "at most 500"),
        ("${fields}", ["id", "name"]),
        ("fields ${fields}", 'fields ["id","name"]'),
        ("${flag}", True),
        ("is ${flag}", "is true"),
        ("${session.id}", "abc"),
        ("${name|quoted}", "'O''Neil & Söhne'"),
        ("${name|base64}", base64.b64encode("O'Neil & Söhne".encode()).decode()),
        ("${limit|text}", Number("500")),
        ("${since|ms}", Number("1772353230123")),
        ("${naive|ms}", Number("1772360430000")),
        ("${since|%Y-%m-%dT%H:%M:%S.%3fZ}", "2026-03-01T08:20:30.123Z"),
        ("${since|%Y%m%d|int}", Number("20260301")),
        (["${limit}", {"${session.id}": ["${flag}"]}], [Number("500"), {"abc": [True]}]),
        (7, 7),
        (None, None),
        ({"when": "since", "use": "a", "otherwise": "b"}, "a"),
        ({"when": "cursor", "use": "${cursor}", "otherwise": "b"}, "b"),
        ({"when": "cursor", "use": "${cursor}"}, ABSENT),
        ({"a": {"when": "cursor", "use": "x"}, "b": 1}, {"b": 1}),
        ([{"when": "cursor", "use": "x"}, 1], [1]),
        ({"join": ",", "of": "${fields}"}, "id,name"),
        ({"join": ",", "of": "${none}"}, ABSENT),
        ({"join": " and ", "of": ["a", {"when": "cursor", "use": "b"}, "c${limit}"]}, "a and c500"),
        ({"join": " and ", "of": [{"when": "cursor", "use": "b"}]}, ABSENT),
    ],
)
def test_filled(template: object, filled: object) -> None:
    assert problem(template) is None
    found = fill(template, VALUES)
    assert found == filled
    assert type(found) is type(filled)


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("${other}", "there is no value other here; there are cursor, fields"),
        ("a ${cursor}", "has no value in this request"),
        (["${cursor}"], "has no value in this request"),
        ({"a": "${cursor}"}, "write {when: <name>, use: ...} around it"),
        ({"when": "other", "use": 1}, "there is no value other"),
        ("${name|int}", "int cannot take"),
        ("${name|ms}", "ms cannot take"),
        ("${name|%Y}", "%Y cannot take"),
    ],
)
def test_not_filled(template: object, words: str) -> None:
    with pytest.raises(TemplateError) as raised:
        fill(template, VALUES)
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("${}", "names no value"),
        ("${Since}", "names no value"),
        ("${a.b.c}", "names no value"),
        ("x ${since|upper} y", "there is no filter upper; there are int"),
        ({"a": ["${since|}"]}, "there is no filter"),
        ({"when": "since", "use": 1, "else": 2}, "only otherwise may stand"),
        ({"when": 1, "use": 1}, "when is the name of a value"),
        ({"join": ",", "of": "fields"}, "of a list of texts"),
        ({"join": 1, "of": []}, "join is a text"),
    ],
)
def test_what_could_never_be_filled_is_told_at_once(template: object, words: str) -> None:
    assert words in str(problem(template))


def test_places_are_found_wherever_they_are() -> None:
    template = {
        "${a}": ["${b|int}", "x${c}y${d}"],
        "when": "e",
        "use": {"join": ",", "of": "${f}"},
    }
    assert set(places(template)) == {"a", "b", "c", "d", "f"}
    assert set(places({"when": "e", "use": "${f}"})) == {"e", "f"}


def test_entries_of_a_query_whose_value_is_absent_are_left_out() -> None:
    query = {"a": "${limit}", "b": "x${cursor}", "c": {"when": "cursor", "use": 1}}
    assert fill_query(query, VALUES) == {"a": Number("500")}


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("/items", "/items"),
        ("/a/${name}/b", "/a/O%27Neil%20%26%20S%C3%B6hne/b"),
        ("/${since|%Y}/${since|%Y/%m}", "/2026/2026%2F03"),
        ("/odata/Items('${session.id}')", "/odata/Items('abc')"),
        ("/up/../${session.id}", "/up/../abc"),
        ("/items/${dots}more", "/items/..more"),
    ],
)
def test_values_within_a_path_stay_within_their_part_of_it(template: str, path: str) -> None:
    assert fill_path(template, {**VALUES, "dots": ".."}) == path


@pytest.mark.parametrize("template", ["/a/${dots}/b", "/a/${dots}", "${dots}/a", "/${dots}?x=1"])
@pytest.mark.parametrize("dots", ["..", "."])
def test_a_value_cannot_lead_upwards(template: str, dots: str) -> None:
    with pytest.raises(TemplateError, match="would change where the path"):
        fill_path(template, {"dots": dots})


@given(st.text(), st.text(max_size=5))
def test_any_value_is_one_part_of_a_path(value: str, other: str) -> None:
    try:
        path = fill_path("/a/${value}/b/${other}", {"value": value, "other": other})
    except TemplateError:
        assert {value, other} & {".", ".."}
        return
    assert path.count("/") == 4
    assert not set(path) & set("?#\\ \t\n@")
    assert path.isascii()


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)))
def test_milliseconds_are_whole_before_1970_too(at: datetime) -> None:
    exact = (at.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    assert fill("${at|ms}", {"at": at.isoformat()}) == str(exact)
