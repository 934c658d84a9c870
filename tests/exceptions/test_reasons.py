"""Every reason the code can give has an owner, a severity and a deadline."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import finsync_dagster
from finsync_dagster.exceptions.classify import classify
from finsync_dagster.exceptions.reasons import load_reasons, reasons_in_force
from finsync_dagster.landscape.service_model import Sla
from finsync_dagster.matching.telling.notes import ACTIONS
from finsync_dagster.reconciliation.actions import ACTIONS as RECONCILIATION_ACTIONS
from tests.exceptions.support import ENTITIES, finding, found

PACKAGE = Path(finsync_dagster.__file__).parent
REPORTING = ("matching", "reconciliation", "spend", "orchestration")
CODE = re.compile(r"^[A-Z]{2,}[A-Z0-9]*(_[A-Z0-9]+)+$")


def strings(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if (
            isinstance(part, ast.Constant)
            and isinstance(part.value, str)
            and CODE.match(part.value)
        ):
            yield part.value


def given_as_reason(tree: ast.Module) -> Iterator[str]:
    """Codes in ``reason_code=...``, ``{"reason_code": ...}`` and as an argument of a note."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "reason_code":
            yield from strings(node.value)
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "reason_code":
                    yield from strings(value)
        elif isinstance(node, ast.Call):
            called = node.func.id if isinstance(node.func, ast.Name) else ""
            if called.endswith(("note", "finding", "_pairs")):
                for argument in node.args:
                    yield from strings(argument)


def used() -> set[str]:
    codes = {*ACTIONS, *RECONCILIATION_ACTIONS}
    for folder in REPORTING:
        for module in (PACKAGE / folder).rglob("*.py"):
            codes |= set(given_as_reason(ast.parse(module.read_text(encoding="utf-8"))))
    return codes


def test_every_reason_in_use_is_declared() -> None:
    assert used() - set(load_reasons()) == set()


@pytest.mark.parametrize(
    "code", ["FX_RATE_STALE", "STALE_SOURCE", "QTY_OVER_RECEIVED", "GRIR_AGED", "PO_NOT_APPROVED"]
)
def test_the_search_sees_reasons_of_every_stage(code: str) -> None:
    """Without this the test above could pass by finding nothing."""
    assert code in used()


def test_no_reason_is_declared_twice() -> None:
    text = (PACKAGE / "exceptions/reasons.yaml").read_text(encoding="utf-8")
    declared = re.findall(r"^([A-Z_]+):", text, flags=re.MULTILINE)
    assert len(declared) == len(set(declared)) == len(yaml.safe_load(text))


def test_reasons_are_told_in_words() -> None:
    for code, reason in load_reasons().items():
        assert reason.title.strip(), code
        assert reason.owner.strip(), code


def test_the_landscape_decides_owner_severity_and_hours_per_reason_and_entity() -> None:
    sla = Sla.model_validate(
        {
            "reasons": {"PRICE_OVER": {"owner": "purchasing", "sla_hours": 8}},
            "entities": {"acme": {"PRICE_OVER": {"sla_hours": 4, "severity": "CRITICAL"}}},
        }
    )
    shipped, other, acme = (
        reasons["PRICE_OVER"]
        for reasons in (
            load_reasons(),
            reasons_in_force(sla, "other"),
            reasons_in_force(sla, "acme"),
        )
    )
    assert other == shipped.model_copy(update={"owner": "purchasing", "sla_hours": 8})
    assert acme == other.model_copy(update={"sla_hours": 4, "severity": "CRITICAL"})
    rest = load_reasons().keys() - {"PRICE_OVER"}
    assert all(reasons_in_force(sla, "acme")[code] == load_reasons()[code] for code in rest)


def test_a_rule_reaches_the_exception() -> None:
    rules = reasons_in_force(
        Sla.model_validate({"reasons": {"PRICE_OVER": {"owner": "purchasing"}}}), "acme"
    )
    assert classify(found(finding("PRICE_OVER")), ENTITIES, rules)["owner_role"].item() == (
        "purchasing"
    )
