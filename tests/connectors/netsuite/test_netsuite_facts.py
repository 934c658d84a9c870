"""Every column that NetSuite's connector asks for or reads is one that there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from finsync_dagster.canonical.mapping import load_mappings
from finsync_dagster.connectors.http.exact_json import Number
from finsync_dagster.connectors.http.templates import ABSENT, fill
from finsync_dagster.connectors.load import CONNECTORS, load_system
from finsync_dagster.landscape.system_model import System
from tests.connectors.netsuite.suiteql import Account, columns

CONNECTOR = CONNECTORS / "netsuite"
PAGE = Path(__file__).parents[3] / "docs/vendors/netsuite.md"
OBJECTS: dict[str, Any] = load_system("netsuite").objects
PAGES = ("after", "after.nextdoc", "after.nextline", "after.previousdoc", "after.previousline")


def statements(name: str) -> Iterator[tuple[str, str]]:
    """What an object asks: which request, and its statement, at first and in the midst of it."""
    spec = OBJECTS[name]
    for since in (ABSENT, "2026-01-31T08:00:00"):
        for after in (ABSENT, "9007199254740993"):
            values = {"limit": Number(1000), "since": since, **dict.fromkeys(PAGES, after)}
            for what, request in (("request", spec.request), ("keys", spec.keys)):
                yield what, fill(request.body, values)["q"]
            yield "count", fill(spec.count.request.body, values)["q"]


@pytest.fixture(scope="module")
def account() -> Account:
    return Account()


@pytest.mark.parametrize("name", OBJECTS)
def test_statements_name_columns_that_there_are(account: Account, name: str) -> None:
    spec = OBJECTS[name]
    declared = {*spec.key, *spec.fields} | ({spec.cursor} if spec.cursor else set())
    expected = {"request": declared, "keys": set(spec.key), "count": {"n"}}
    for what, statement in statements(name):
        selected = account.db.execute(statement).description or []
        assert {d[0].lower() for d in selected} == expected[what], statement


def test_a_column_that_there_is_not_would_be_found(account: Account) -> None:
    with pytest.raises(duckdb.BinderException, match="lastmodifieddate"):
        account.db.execute("SELECT t.lastmodifieddate FROM transaction t")


@pytest.mark.parametrize("name", OBJECTS)
def test_dates_are_spelled_out(name: str) -> None:
    dated = {row["column"] for row in columns() if row["type"] == "timestamp"}
    for what, statement in statements(name):
        selected = re.sub(r"TO_CHAR\(.*?\) AS \w+", "", statement.split(" FROM ")[0])
        assert not dated & set(re.findall(r"\w+", selected)), f"{what}: {statement}"


@pytest.mark.parametrize("name", OBJECTS)
def test_pages_come_in_the_order_of_a_unique_key(name: str) -> None:
    spec = OBJECTS[name]
    table = "k" if len(spec.key) > 1 else first_table(name)
    keys = ", ".join(f"{table}.{key}" for key in spec.key)
    for what, statement in statements(name):
        assert what == "count" or statement.endswith(f"ORDER BY {keys}"), statement


def first_table(name: str) -> str:
    """What the statements of an object call its first table."""
    if name in ("vendors", "currencies"):
        return name[0]
    return "l" if name.endswith("_lines") else "t"


def test_mappings_read_what_is_asked_for() -> None:
    mappings = load_mappings("netsuite")
    for name, spec in OBJECTS.items():
        asked = {*spec.key, *spec.fields} | ({spec.cursor} if spec.cursor else set())
        assert mappings.required_fields(name) <= asked, name


def test_the_page_shows_how_a_landscape_names_it() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    (system,) = yaml.safe_load(block)["systems"].values()
    declared = System.model_validate(system)
    asked = set(re.findall(r"\$\{secret\.(\w+)\}", (CONNECTOR / "system.yaml").read_text()))
    assert set(declared.connection.secrets) == asked
    assert set(declared.overrides.code_maps["entity"].values()) == set(declared.entities)
