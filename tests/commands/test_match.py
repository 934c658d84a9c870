"""`finsync match --shadow`: what another policy would release and block, and nothing written."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import yaml

from finsync_dagster.landscape.load import LandscapeError
from tests.commands.conftest import SmallHome
from tests.commands.stored import LOOSE, STRICT, policies, stored

__all__ = ["stored"]
DAY = ("--as-of", "2024-12-31")


@pytest.fixture
def loose(tmp_path: Path) -> str:
    file = tmp_path / "loose.yaml"
    file.write_text(yaml.safe_dump(policies()[1]), encoding="utf-8")
    return str(file)


def contents(home: SmallHome) -> dict[str, bytes]:
    return {str(f): f.read_bytes() for f in sorted(home.path.rglob("*")) if f.is_file()}


def test_what_is_released_and_what_is_blocked(stored: SmallHome, loose: str) -> None:
    before = contents(stored)
    done = stored.finsync("match", "--policy", loose, "--shadow", "--json", *DAY)
    assert done.exit_code == 0, done.output
    assert contents(stored) == before
    told = json.loads(done.output)
    (entity,) = told["entities"]
    assert (entity["invoices"], entity["other_verdict"]) == (2, 2)
    assert entity["in_force"].startswith(f"{STRICT}+")
    assert entity["proposed"].startswith(f"{LOOSE}+")
    by_number = {row["invoice_no"]: row for row in told["invoices"]}
    released, blocked = by_number["=1+1"], by_number["I2"]
    assert (released["outcome_from"], released["outcome_to"]) == (
        "BLOCKED",
        "MATCHED_WITHIN_TOLERANCE",
    )
    assert (released["released"], released["blocked"]) == ("103.0000", "0.0000")
    assert (released["reasons_gained"], released["reasons_lost"]) == ("", "PRICE_OVER")
    assert (blocked["outcome_from"], blocked["outcome_to"]) == (
        "MATCHED_WITHIN_TOLERANCE",
        "BLOCKED",
    )
    assert (blocked["released"], blocked["blocked"]) == ("0.0000", "100.5000")
    assert (blocked["reasons_gained"], blocked["reasons_lost"]) == ("PRICE_OVER", "")
    assert told["sums"] == [
        {
            "entity_id": "acme",
            "ccy": "USD",
            "invoices": 2,
            "released": "103.0000",
            "blocked": "100.5000",
        }
    ]
    # 1.25 dollars are one euro.
    assert told["total"] == {
        "group_ccy": "EUR",
        "released": "82.4000",
        "blocked": "80.4000",
        "invoices_without_rate": 0,
    }
    assert entity["total"] == told["total"]


def test_it_is_told_in_words_and_as_a_file_for_a_spreadsheet(
    stored: SmallHome, loose: str, tmp_path: Path
) -> None:
    file = tmp_path / "changes.csv"
    arguments = ("match", "--policy", loose, "--shadow", "--csv", str(file), *DAY)
    said = " ".join(stored.finsync(*arguments).output.split())
    assert "acme: 2 invoices as of 2024-12-31" in said
    assert "acme USD 2 103.00 100.50" in said
    assert "in all: 82.40 EUR released, 80.40 EUR blocked" in said
    assert "in all legal entities: 82.40 EUR released, 80.40 EUR blocked" in said
    assert "Nothing was written" in said
    rows = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))
    assert [row["invoice_no"] for row in rows] == ["'=1+1", "I2"]
    assert rows[0]["released_group"] == "82.4000"


def test_only_invoices_of_a_time(stored: SmallHome, loose: str) -> None:
    options = ("--policy", loose, "--shadow", "--json", "--from", "2024-02-01", *DAY)
    told = json.loads(stored.finsync("match", *options).output)
    assert [row["invoice_no"] for row in told["invoices"]] == ["I2"]
    assert told["entities"][0]["invoices"] == 1
    options = ("--policy", loose, "--shadow", "--json", "--to", "2024-01-31", *DAY)
    told = json.loads(stored.finsync("match", *options).output)
    assert [row["invoice_no"] for row in told["invoices"]] == ["=1+1"]


def test_the_policy_in_force_changes_nothing(stored: SmallHome, tmp_path: Path) -> None:
    same = tmp_path / "same.yaml"
    same.write_text(yaml.safe_dump({"policy": policies("2999-01-01")}), encoding="utf-8")
    done = stored.finsync("match", "--policy", str(same), "--version", STRICT, "--shadow", *DAY)
    assert done.exit_code == 0
    assert "No invoice would be treated otherwise." in done.output


def test_a_rule_that_is_about_nothing_is_told(stored: SmallHome, tmp_path: Path) -> None:
    rules = [
        {"check": "PRICE_UNIT", "supplier": "Schrauben AG"},
        {"check": "PRICE_UNIT", "supplier": "Schruben AG"},
        {"check": "PRICE_UNIT", "order": "PO1", "order_line": "7"},
        {"check": "PRICE_UNIT", "order": "PO1"},
        {"check": "PRICE_UNIT", "item": "X"},
        {"check": "PRICE_UNIT", "category": "bolts", "entity": "acme"},
    ]
    file = tmp_path / "rules.yaml"
    file.write_text(yaml.safe_dump({**policies()[1], "rules": rules}), encoding="utf-8")
    options = ("--policy", str(file), "--shadow", *DAY)
    told = json.loads(stored.finsync("match", *options, "--json").output)
    assert told["rules_about_nothing"] == {
        "rules.1 (supplier Schruben AG)": "supplier Schruben AG",
        "rules.2 (order PO1 line 7)": "order line 7",
        "rules.4 (item X)": "item X",
        "rules.5 (category bolts, entity acme)": "category bolts",
    }
    said = " ".join(stored.finsync("match", *options).output.split())
    assert "noticed: rules.4 (item X) is about item X, which none of these legal" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "say --shadow"),
        (("--shadow", "--from", "2024-02-01", "--to", "2024-01-01"), "is after --to 2024-01-01"),
    ],
)
def test_what_cannot_be_meant(
    stored: SmallHome, loose: str, arguments: tuple[str, ...], said: str
) -> None:
    done = stored.finsync("match", "--policy", loose, *arguments)
    assert done.exit_code == 2
    assert said in " ".join(done.output.split())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"tolerances": {"PRICE_UNIT": {}}}, "no limits for QTY_RECEIVED"),
        ({"rules": [{"check": "PRICE_UNT"}]}, "there is no check PRICE_UNT; did you mean"),
        ({"rules": [{"check": "PRICE_UNIT", "entity": "acm"}]}, "did you mean acme?"),
        ({"version": None}, "policy.version: YAML does not read null as text"),
    ],
)
def test_a_policy_that_is_wrong_is_explained_by_file_and_line(
    stored: SmallHome, tmp_path: Path, change: dict, said: str
) -> None:
    wrong = {**policies()[1], **change}
    file = tmp_path / "wrong.yaml"
    file.write_text(yaml.safe_dump(wrong), encoding="utf-8")
    with pytest.raises(LandscapeError, match=r"wrong\.yaml:") as error:
        stored.finsync("match", "--policy", str(file), "--shadow", *DAY, catch_exceptions=False)
    assert said in str(error.value)
