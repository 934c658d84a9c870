"""Every word of the protocol http is in docs/http.md, and what it says of them is so."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import BaseModel

from finsync_dagster.connectors.http import model, templates, values_model
from finsync_dagster.connectors.http.auth import model as auth_model
from finsync_dagster.connectors.http.faults import model as faults_model
from finsync_dagster.connectors.http.layers import style_names
from finsync_dagster.connectors.http.limits import model as limits_model
from finsync_dagster.connectors.http.paging import model as paging_model
from finsync_dagster.connectors.http.xml_answers import model as xml_model
from finsync_dagster.connectors.object_model import ObjectBase, Strict
from tests.connectors.http.paging.test_vendors import VENDORS

DOCUMENT = (Path(__file__).parents[3] / "docs" / "http.md").read_text(encoding="utf-8")
# What stands between backticks, and the keys of blocks.
SAID = {
    word
    for told in re.findall(r"`([^`\n]+)`", DOCUMENT)
    for word in re.findall(r"[A-Za-z0-9_-]+", told)
}
MODULES = (model, auth_model, paging_model, limits_model, faults_model, values_model, xml_model)


def models() -> Iterator[type[BaseModel]]:
    for module in MODULES:
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Strict) and own(value, module):
                yield value


def own(value: type, module: ModuleType) -> bool:
    return value.__module__ == module.__name__


def words(of: type[BaseModel]) -> set[str]:
    return {found.alias or name for name, found in of.model_fields.items()}


def schemes(of: Any) -> set[str]:
    union = typing.get_args(of)[0]
    return {typing.get_args(m.model_fields["scheme"].annotation)[0] for m in typing.get_args(union)}


@pytest.mark.parametrize("of", [*models(), ObjectBase], ids=lambda m: m.__name__)
def test_every_word_is_told(of: type[BaseModel]) -> None:
    assert words(of) - SAID == set()


def test_every_scheme_style_filter_and_place_is_told() -> None:
    known = schemes(auth_model.AuthSpec) | schemes(paging_model.PagingSpec) | {*style_names()}
    known |= {*templates._FILTERS} | model._PAGED | {"when", "use", "otherwise", "join", "of", "as"}
    known |= {*typing.get_args(xml_model.Shape)}
    assert len(known) > 30
    assert known - SAID == set()


@pytest.mark.parametrize("of", ["Limits", "Timeouts", "Retry", "Breaker"])
def test_defaults_are_those_told(of: str) -> None:
    (line,) = re.findall(rf"^\| `{of.lower()}` \|(.*)$", DOCUMENT, re.M)
    for name, found in getattr(limits_model, of).model_fields.items():
        if isinstance(found.default, int):
            assert re.search(rf"`{name}`[^`]*\b{found.default}\b", line), name


def test_the_kinds_are_those_there_are() -> None:
    table = DOCUMENT.split("## Errors")[1]
    assert set(re.findall(r"^\| `(\w+)` \| (?:nobody|whoever)", table, re.M)) == {
        *typing.get_args(faults_model.FaultKind)
    }


def test_vendors_are_paged_as_their_servers_are() -> None:
    rows = re.findall(
        r"^\| ([A-Z][^|`]+) \| `(\w+)` \|", DOCUMENT.split("How some vendors")[1], re.M
    )
    assert len(rows) == 9
    for names, scheme in rows:
        for name in names.split(", "):
            tried = [v["paging"]["scheme"] for k, v in VENDORS.items() if k.startswith(name)]
            assert scheme in tried, name
