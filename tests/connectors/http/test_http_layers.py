"""What a system takes over from its style and from its own defaults."""

from __future__ import annotations

from pathlib import Path

import pytest

from finsync_dagster.connectors.errors import ConnectorConfigError
from finsync_dagster.connectors.http.layers import STYLES, laid_out, style_names
from finsync_dagster.connectors.load import system_of
from finsync_dagster.landscape.tree import read_tree
from tests.connectors.http.systems import system

ODATA = """
protocol: http
style: odata_v4
headers: {X-Own: "1"}
defaults:
  rows_per_page: 50
  request: {headers: {A: "1", B: "2"}, query: {"$top": "${limit}"}}
objects:
  orders: {key: [id], request: {path: /Orders, headers: {B: "3"}}}
  lines:
    key: [id]
    rows_per_page: 7
    records: lines
    paging: {scheme: offset}
    request: {path: /Lines, query: {"$skip": "${offset}"}}
"""


def test_style_and_defaults_lie_under_what_is_written() -> None:
    found = system(ODATA)
    orders, lines = found.objects["orders"], found.objects["lines"]
    assert found.headers == {"Accept": "application/json", "X-Own": "1"}
    assert (orders.records, orders.paging.scheme, orders.rows_per_page) == (
        ("value",),
        "next_link",
        50,
    )
    assert (lines.records, lines.paging.scheme, lines.rows_per_page) == (("lines",), "offset", 7)
    assert orders.request.headers == {"A": "1", "B": "3"}
    assert lines.request.query == {"$top": "${limit}", "$skip": "${offset}"}


@pytest.mark.parametrize("style", style_names())
def test_every_style_makes_a_system(style: str) -> None:
    text = f"protocol: http\nstyle: {style}\nobjects:\n  a: {{key: [id], request: {{path: /a}}}}\n"
    found = system(text)
    assert found.objects["a"].records


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("style: odata_v4", "style: odata", 3, "did you mean odata_v"),
        ("rows_per_page: 50", "rows_pr_page: 50", 6, "did you mean rows_per_page?"),
        ("rows_per_page: 7", "rows_per_page: 0", 12, "greater than or equal to 1"),
        ('B: "3"', "B: '${x|no}'", 9, "there is no filter no"),
    ],
)
def test_errors_name_the_line_in_which_it_was_written(
    old: str, new: str, line: int, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "system.yaml"
    path.write_text(ODATA.replace(old, new))
    with pytest.raises(ConnectorConfigError) as raised:
        system_of(read_tree(path))
    assert words in str(raised.value)
    assert f"{path}:{line}:" in str(raised.value)


def test_what_a_style_brings_is_told_with_the_style_s_file(tmp_path: Path) -> None:
    """Of a whole value that the style wrote, the style's own line is named."""
    path = tmp_path / "system.yaml"
    path.write_text(ODATA.replace("style: odata_v4", "style: json_rpc"))
    tree = laid_out(read_tree(path))
    assert tree.at(["objects", "orders", "request", "body"]).place.file.parent == STYLES
    assert tree.at(["objects", "orders", "request", "headers", "B"]).place.file == path


def test_a_form_stands_instead_of_the_style_s_body() -> None:
    text = ODATA.replace("style: odata_v4", "style: json_rpc").replace(
        "path: /Orders,", "path: /Orders, form: {a: 1},"
    )
    found = system(text).objects["orders"].request
    assert (found.form, found.body, found.method) == ({"a": 1}, None, "POST")


def test_other_protocols_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "system.yaml"
    path.write_text("protocol: sql\nstyle: odata_v4\ndefaults: {}\n")
    tree = read_tree(path)
    assert laid_out(tree) is tree


def test_an_object_may_have_a_style_of_its_own() -> None:
    """As where one service of a gateway speaks OData 4 and the others OData 2."""
    text = ODATA.replace("style: odata_v4", "style: odata_v2").replace(
        "orders: {", "orders: {style: odata_v4, "
    )
    found = system(text)
    orders, lines = found.objects["orders"], found.objects["lines"]
    assert orders.records == ("value",)
    assert orders.paging.link == (("@odata.nextLink",),)
    assert (orders.rows_per_page, orders.request.query) == (50, {"$top": "${limit}"})
    assert (lines.records, found.values.epoch_dates) == (("lines",), True)


def test_a_style_of_an_object_that_is_none_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "system.yaml"
    path.write_text(ODATA.replace("orders: {", "orders: {style: odata_v3, "))
    with pytest.raises(ConnectorConfigError, match=r"system.yaml:9: style: 'odata_v3' is none"):
        system_of(read_tree(path))
