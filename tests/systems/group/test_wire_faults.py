"""Whatever goes wrong on the line, the same records arrive: each once, none lost, none changed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from finsync_dagster.sandbox.vendors.plan import Plan
from tests.systems.group.company import Company, company, serving
from tests.systems.group.extracting import (
    assert_same,
    canonical,
    environment,
    extracted,
    landed,
    take_all,
)

pytestmark = pytest.mark.slow

SCALE = Decimal("0.1")
ROWS_PER_PAGE = 25
# Kinds that leave the records as they are, with the words that make them quick.
KINDS: dict[str, dict[str, object]] = {
    "throttled": {"rate": "0.3", "seconds": 0},
    "throttled/date": {"rate": "0.3", "seconds": 0, "retry_after": "date", "body": "html"},
    "throttled/none": {"rate": "0.15", "retry_after": "none"},
    "server_error": {"rate": "0.15", "body": "html"},
    "server_error/vendor": {"rate": "0.15", "status": 500},
    "cut/headers": {"rate": "0.15", "where": "headers"},
    "cut/body": {"rate": "0.15", "where": "body"},
    "cut/character": {"rate": "0.15", "where": "character"},
    "slow": {"rate": "0.5", "seconds": "0.02"},
    "wrong_length/more": {"rate": "0.15", "says": "more"},
    "wrong_length/less": {"rate": "0.15", "says": "less"},
    "bad_json": {"rate": "0.15"},
    "html_page": {"rate": "0.15"},
    "small_page": {"rate": "0.6", "records": 3},
    "repeated_page": {"rate": "0.6", "records": 2},
    "expired_token": {"rate": "0.2", "at_most": 1},
    "error_in_200": {"rate": "0.15"},
    "throttled_as_400": {"rate": "0.2"},
}


# What claims to be an answer and is none ends the run; the next one takes it up.
ENDING = {"wrong_length/less", "bad_json", "html_page", "expired_token", "error_in_200"}
RUNS = 12


def plan(seed: int, kinds: dict[str, dict[str, object]]) -> Plan:
    faults = [{"kind": kind.split("/")[0], **words} for kind, words in kinds.items()]
    return Plan.model_validate({"seed": seed, "faults": faults})


def struck(made: Company) -> set[str]:
    """Kinds of faults that really happened."""
    systems: dict[str, dict[str, dict[str, int]]]
    systems = made.control("")["systems"]  # type: ignore[assignment]
    return {kind for each in systems.values() for kind, count in each["struck"].items() if count}


def made_mistakes(made: Company) -> dict[str, object]:
    """Requests at which a stand-in itself failed, by system."""
    systems: dict[str, dict[str, object]]
    systems = made.control("")["systems"]  # type: ignore[assignment]
    return {name: each["failed"] for name, each in systems.items() if each["failed"]}


@pytest.fixture(scope="module")
def quiet(worlds: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with serving(worlds, scale=SCALE) as group:
        made = company(tmp_path_factory.mktemp("quiet"), group, rows_per_page=ROWS_PER_PAGE)
        extracted(made)
        yield made


@pytest.fixture(scope="module")
def expected(quiet: Company) -> dict[str, pl.DataFrame]:
    return landed(quiet)


@pytest.mark.parametrize("kind", KINDS)
def test_one_kind_of_fault(
    kind: str, expected: dict[str, pl.DataFrame], worlds: Path, tmp_path: Path
) -> None:
    with serving(worlds, scale=SCALE, plan=plan(3, {kind: KINDS[kind]})) as group:
        made = company(tmp_path, group, rows_per_page=ROWS_PER_PAGE)
        with environment(made.home.environment):
            take_all(made.systems, RUNS if kind in ENDING else 1)
        assert struck(made) == {kind.split("/", maxsplit=1)[0]}
        assert made_mistakes(made) == {}
    got = landed(made)
    assert got.keys() == expected.keys()
    different = [name for name, frame in expected.items() if not got[name].equals(frame)]
    assert different == []


@pytest.mark.parametrize("kind", ["new_field", "changed_type"])
def test_a_shape_that_changes_leaves_what_is_read_as_it_was(
    kind: str, quiet: Company, worlds: Path, tmp_path: Path
) -> None:
    with serving(worlds, scale=SCALE, plan=plan(4, {kind: {"rate": "0.7"}})) as group:
        made = company(tmp_path, group, rows_per_page=ROWS_PER_PAGE)
        extracted(made)
        assert struck(made) == {kind}
    assert_same(canonical(made), canonical(quiet))


@pytest.mark.parametrize("seed", [5, 6])
def test_everything_at_once(seed: int, quiet: Company, worlds: Path, tmp_path: Path) -> None:
    milder = {kind: words | {"rate": "0.03"} for kind, words in KINDS.items()}
    milder |= {"small_page": KINDS["small_page"], "repeated_page": KINDS["repeated_page"]}
    milder |= {"new_field": {"rate": "0.3"}, "changed_type": {"rate": "0.3"}}
    with serving(worlds, scale=SCALE, plan=plan(seed, milder)) as group:
        made = company(tmp_path, group, rows_per_page=ROWS_PER_PAGE)
        extracted(made, RUNS)
        assert len(struck(made)) > 8
        assert made_mistakes(made) == {}
    assert_same(canonical(made), canonical(quiet))
