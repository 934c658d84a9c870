"""`finsync landscape`: all that is wrong, at once, or the company as a tree; and the schema."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.cli import cli
from finsync_dagster.landscape.load import DEMO
from finsync_dagster.orchestration.company import check_company
from finsync_dagster.orchestration.landscape_schema import landscape_schema, landscape_schema_text
from finsync_dagster.storage.settings import PROJECT
from tests.landscape.company import END, company

MIGRATION = """\
authority:
  - {entity: acme, domain: invoices, system: old_erp, until: 2025-12-31}
  - {entity: acme, domain: invoices, system: new_erp, from: 2026-01-01}
"""
OVERRIDES = """\
    owner: team:systems
    in_force: {until: 2001-01-01}
    overrides:
      objects: {suppliers: {refresh: reference}}
      mappings: [{table: suppliers, object: suppliers, columns: {tax_id: VatNo}}]
      code_maps: {uom: {"99": EA}}
"""
MANY = ("    owner: team:systems\n", OVERRIDES)


def finsync(*arguments: object, **environment: str) -> tuple[int, str]:
    done = CliRunner(env=environment).invoke(cli, ["landscape", *map(str, arguments)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def test_the_company_as_a_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OLD_ERP_URL", "NEW_ERP_URL"):
        monkeypatch.delenv(name, raising=False)
    file = company(tmp_path, MANY, more=MIGRATION)
    code, text = finsync("check", file, NEW_ERP_URL="postgresql://me:hunter2@host/db")
    assert code == 0
    assert text.splitlines() == [
        "Acme group, consolidated in EUR",
        "└── acme: Acme, DE, EUR, team:ap, Mon Tue Wed Thu Fri 9-17 h UTC",
        "    ├── old_erp: connector wwi, team:systems, not in force today (until 2001-01-01)",
        "    │   ├── purchase_orders: counts, like all of old_erp, new_erp",
        "    │   ├── invoices: system of record until 2025-12-31",
        "    │   ├── objects, reference (at most 24 h old): suppliers, stock_items",
        "    │   ├── objects, transactional (at most 6 h old): purchase_orders, "
        "purchase_order_lines",
        "    │   ├── objects, close_critical (at most 2 h old): supplier_transactions",
        "    │   ├── override: object suppliers: refresh",
        "    │   ├── override: mapping of suppliers from suppliers: tax_id",
        "    │   ├── override: code map uom: 99",
        "    │   └── OLD_ERP_URL: NOT SET, nothing can be read",
        "    └── new_erp: connector adventureworks, team:systems",
        "        ├── purchase_orders: counts, like all of old_erp, new_erp",
        "        ├── invoices: system of record from 2026-01-01",
        "        ├── objects, reference (at most 24 h old): vendor, product, "
        "product_subcategory, product_vendor",
        "        ├── objects, transactional (at most 6 h old): purchase_order_header, "
        "purchase_order_detail",
        "        └── NEW_ERP_URL: set",
    ]
    assert "hunter2" not in text


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    file = company(
        tmp_path,
        ("country: DE", "country: de"),
        ("connector: wwi", "connector: wwy"),
        ("connector: adventureworks", "connector: ecb\n    overrides: {objects: {x: {}}}"),
        ("PRICE_UNIT: ", "PRICE_UNT: "),
        more="sla: {reasons: {PRICE_OVR: {sla_hours: 8}}}\n",
    )
    code, text = finsync("check", file)
    assert code == 1
    lines = [line.partition(";")[0] for line in text.replace(f"{tmp_path}/", "").splitlines()]
    assert lines == [
        "company.yaml:6: legal_entities.acme.country: string should match pattern '^[A-Z]{2}$', "
        "such as DE",
        "company.yaml:26: policy.tolerances: no limits for PRICE_UNIT",
        "company.yaml:29: policy.tolerances.PRICE_UNT: there is no check PRICE_UNT",
        f"company.yaml:{END + 2}: sla.reasons.PRICE_OVR: there is no reason code PRICE_OVR",
        "company.yaml:12: systems.old_erp.connector: there is no connector wwy: no "
        "connectors/wwy/system.yaml, and none is shipped",
        "company.yaml:19: objects.x.key: is missing",
        "company.yaml:19: objects.x.glob: is missing",
        "7 to correct",
    ]


def test_without_a_path_the_landscape_in_force_is_checked(tmp_path: Path) -> None:
    assert finsync("check", FINSYNC_LANDSCAPE=str(company(tmp_path)))[1].startswith("Acme group")
    missing = tmp_path / "none.yaml"
    code, text = finsync("check", FINSYNC_LANDSCAPE=str(missing))
    assert (code, text.startswith(f"{missing}: cannot be read")) == (1, True)


def test_the_demo_has_nothing_to_correct() -> None:
    assert check_company(DEMO).problems == ()


def test_the_published_schema_is_current(reviewed: Callable[[Path, str], None]) -> None:
    reviewed(PROJECT / "docs" / "landscape.schema.json", landscape_schema_text())
    assert finsync("schema") == (0, landscape_schema_text())


def test_the_demo_names_the_schema_for_editors() -> None:
    first, _, named = DEMO.read_text().partition("\n")[0].partition("$schema=")
    assert first == "# yaml-language-server: "
    assert Path(os.path.normpath(DEMO.parent / named)) == PROJECT / "docs" / "landscape.schema.json"


def test_the_schema_is_whole_and_knows_what_the_demo_says() -> None:
    schema = landscape_schema()
    refs = [n["$ref"] for n in _nodes(schema) if "$ref" in n]
    assert refs
    assert {r for r in refs if r.removeprefix("#/$defs/") not in schema["$defs"]} == set()
    assert set(yaml.safe_load(DEMO.read_text())) <= set(schema["properties"])


def test_the_schema_completes_overrides() -> None:
    over = landscape_schema()["$defs"]["Overrides"]["properties"]
    (objects,) = over["objects"]["patternProperties"].values()
    words = set().union(*(variant["properties"] for variant in objects["anyOf"]))
    assert {"table", "query", "glob", "cursor", "refresh", "key"} <= words
    assert not any(variant.get("required") for variant in objects["anyOf"])
    mapping = over["mappings"]["items"]
    assert mapping["required"] == ["table", "object"]
    assert {"of_where", "where", "joins", "columns"} <= set(mapping["properties"])
    columns = {
        rule["if"]["properties"]["table"]["const"]: rule["then"]["properties"]["columns"]
        for rule in mapping["allOf"]
    }
    assert set(columns) == set(TABLES)
    assert columns["payments"]["properties"]["amount"] == {
        "type": "string",
        "description": "Amount paid; negative for a refund received.",
    }


def test_the_schema_knows_checks_and_reasons() -> None:
    text = json.dumps(landscape_schema()["$defs"])
    assert "PRICE_UNIT" in text
    assert "OPEN_BALANCE" in text
    assert "STALE_SOURCE" in text


def _nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from _nodes(child)
