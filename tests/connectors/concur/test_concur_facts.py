"""Every field that Concur's connector asks for or reads is one that there is."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from finsync_dagster.canonical.mapping import load_mappings
from finsync_dagster.connectors.load import CONNECTORS, load_system
from finsync_dagster.landscape.system_model import System

HERE = Path(__file__).parent
CONNECTOR = CONNECTORS / "concur"
PAGE = Path(__file__).parents[3] / "docs/vendors/concur.md"
OBJECTS: dict[str, Any] = load_system("concur").objects
V3 = ("reports", "entries", "itemizations", "allocations")
DOCUMENTS = ("expense_documents", "cash_advance_documents")


def facts() -> dict[str, set[str]]:
    """Object → its fields."""
    found: dict[str, set[str]] = {}
    with (HERE / "fields.csv").open() as file:
        for row in csv.DictReader(file):
            found.setdefault(row["object"], set()).add(row["field"])
    return found


def shown() -> set[tuple[str, ...]]:
    """Every place in a document of the samples, lists passed through."""
    return {
        place for path in sorted((HERE / "samples").glob("*.json")) for place in _places_of(path)
    }


def _places_of(path: Path) -> Iterator[tuple[str, ...]]:
    for document in json.loads(path.read_text())["fIDocuments"]:
        yield from _places(document, ())


def _places(value: Any, at: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield at
    for inner in value if isinstance(value, list) else ():
        yield from _places(inner, at)
    for name, inner in value.items() if isinstance(value, dict) else ():
        yield from _places(inner, (*at, name))


def _declared(name: str) -> set[str]:
    spec = OBJECTS[name]
    return {*spec.key, *spec.fields, *spec.lift} | ({spec.cursor} if spec.cursor else set())


@pytest.mark.parametrize("name", V3)
def test_fields_of_v3_are_in_its_tables(name: str) -> None:
    spec, known = OBJECTS[name], facts()[name]
    assert _declared(name) - set(spec.lift) <= known
    assert {".".join(path) for path in spec.lift.values()} <= known


@pytest.mark.parametrize("name", DOCUMENTS)
def test_fields_of_documents_are_in_its_tables_and_in_real_ones(name: str) -> None:
    spec = OBJECTS[name]
    assert _declared(name) - set(spec.lift) <= facts()["documents"]
    assert set(spec.lift.values()) <= shown()


def test_what_mappings_take_from_lists_is_in_real_documents() -> None:
    there = shown()
    taken = [m.items for m in load_mappings("concur").mappings if m.items]
    assert len(taken) == 6
    for items in taken:
        at: Sequence[str] = ()
        for level in items.levels:
            at = (*at, *level.path.split("."))
            assert {(*at, f) for f in (*level.fields, *level.optional)} <= there


@pytest.mark.parametrize("name", OBJECTS)
def test_mappings_read_what_is_declared(name: str) -> None:
    assert load_mappings("concur").required_fields(name) <= _declared(name)


def test_the_page_shows_how_a_landscape_names_it() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    (system,) = yaml.safe_load(block)["systems"].values()
    declared = System.model_validate(system)
    asked = set(re.findall(r"\$\{secret\.(\w+)\}", (CONNECTOR / "system.yaml").read_text()))
    assert set(declared.connection.secrets) == asked
    assert set(declared.overrides.code_maps["entity"].values()) == set(declared.entities)
