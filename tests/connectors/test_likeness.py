"""A connector that is another one with differences."""

from __future__ import annotations

from pathlib import Path

import pytest

from finsync_dagster.connectors.errors import ConnectorConfigError
from finsync_dagster.connectors.likeness import family
from finsync_dagster.connectors.load import load_system

ERP = """\
protocol: http
style: odata_v2
limits: {per_minute: 60}
objects:
  orders:
    key: [Order]
    cursor: Changed
    request: {path: /v2/Orders, query: {$filter: "Changed ge ${since}", $expand: Items}}
  items: {key: [Order, Item], request: {path: /v2/Items}}
  receipts: {key: [Id], request: {path: /v2/Receipts}}
"""
NEWER = """\
like: erp
objects:
  orders: {style: odata_v4, cursor: null, request: {path: /v4/Orders}}
  items: null
  bills: {key: [Id], request: {path: /v2/Bills}}
"""


def connector(folder: Path, name: str, text: str) -> None:
    (folder / name).mkdir()
    (folder / name / "system.yaml").write_text(text)


def refused(folder: Path, name: str) -> str:
    with pytest.raises(ConnectorConfigError) as error:
        load_system(name, folder)
    return str(error.value).replace(f"{folder}/", "")


def test_objects_are_changed_word_by_word_taken_away_and_added(tmp_path: Path) -> None:
    connector(tmp_path, "erp", ERP)
    connector(tmp_path, "newer", NEWER)
    base, found = load_system("erp", tmp_path), load_system("newer", tmp_path)
    assert list(found.objects) == ["orders", "receipts", "bills"]
    orders = found.objects["orders"]
    assert (orders.key, orders.cursor, orders.records) == (("Order",), None, ("value",))
    assert (orders.request.path, orders.request.query) == ("/v4/Orders", {})
    assert found.objects["receipts"].declared() == base.objects["receipts"].declared()
    assert found.limits == base.limits
    assert list(base.objects) == ["orders", "items", "receipts"]


def test_a_connector_like_one_that_is_like_another(tmp_path: Path) -> None:
    connector(tmp_path, "erp", ERP)
    connector(tmp_path, "newer", NEWER)
    connector(tmp_path, "newest", "like: newer\nlimits: {per_minute: 7}\nobjects: {bills: null}\n")
    found = load_system("newest", tmp_path)
    assert (list(found.objects), found.limits.per_minute) == (["orders", "receipts"], 7)
    assert [folder.name for folder, _ in family(tmp_path / "newest")] == ["erp", "newer", "newest"]


def test_a_shipped_connector_may_be_extended_under_its_own_name(tmp_path: Path) -> None:
    connector(tmp_path, "wwi", "like: wwi\nobjects:\n  notes: {table: NOTES, key: [ID]}\n")
    assert list(load_system("wwi", tmp_path).objects) == [*load_system("wwi").objects, "notes"]


def test_mistakes_name_the_file_and_line_they_are_in(tmp_path: Path) -> None:
    connector(tmp_path, "erp", ERP)
    connector(tmp_path, "lost", "\nlike: epr\n")
    connector(tmp_path, "one", "like: two\n")
    connector(tmp_path, "two", "like: one\n")
    connector(tmp_path, "wrong", "like: erp\nobjects:\n  orders: {cursr: Changed}\n")
    assert refused(tmp_path, "lost").startswith("lost/system.yaml:2: like: there is no connector ")
    assert "did you mean erp?" in refused(tmp_path, "lost")
    assert refused(tmp_path, "one").startswith("two/system.yaml:1: like: one leads back to itself")
    assert refused(tmp_path, "wrong").startswith("wrong/system.yaml:3: objects.orders.cursr: ")
