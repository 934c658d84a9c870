"""Whatever goes wrong on the line, the same records arrive: each once, none lost, none changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from finsync_dagster.sandbox.vendors.plan import Plan
from tests.systems.group.company import SYSTEMS, Company, company, serving
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
    "throttled": {"rate": "0.4", "seconds": 0},
    "cut/headers": {"rate": "0.3", "where": "headers"},
    "html_page": {"rate": "0.3"},
    "small_page": {"rate": "0.6", "records": 3},
    "server_error": {"rate": "0.3", "body": "html"},
    "throttled/date": {"rate": "0.4", "seconds": 0, "retry_after": "date", "body": "html"},
    "bad_json": {"rate": "0.3"},
    "repeated_page": {"rate": "0.6", "records": 2},
    "cut/character": {"rate": "0.3", "where": "character"},
    "expired_token": {"rate": "0.3", "at_most": 1},
    "wrong_length/less": {"rate": "0.3", "says": "less"},
    "throttled/none": {"rate": "0.3", "retry_after": "none"},
    "cut/body": {"rate": "0.3", "where": "body"},
    "error_in_200": {"rate": "0.3"},
    "slow": {"rate": "0.5", "seconds": "0.02"},
    "server_error/vendor": {"rate": "0.3", "status": 500},
    "wrong_length/more": {"rate": "0.3", "says": "more"},
}
# What claims to be an answer and is none ends the run; the next one takes it up.
RUNS = 12
ROUNDS = 7


def fault(kind: str, system: str = "") -> dict[str, object]:
    """A kind as a line of a plan, at one system or at all."""
    words = {"kind": kind.split("/", maxsplit=1)[0], **KINDS.get(kind, {"rate": "0.4"})}
    return words | ({"systems": [system]} if system else {})


def round_of(number: int) -> dict[str, str]:
    """One kind for each system; in seven rounds every kind meets two systems or more."""
    kinds = list(KINDS)
    chosen = {s: kinds[(len(SYSTEMS) * number + i) % len(kinds)] for i, s in enumerate(SYSTEMS)}
    # This one is of Concur alone.
    return chosen | ({"group_concur": "throttled_as_400"} if number == ROUNDS - 1 else {})


def plan(seed: int, faults: Iterable[dict[str, object]]) -> Plan:
    return Plan.model_validate({"seed": seed, "faults": list(faults)})


def bad_line(seed: int) -> Plan:
    """Everything that leaves the records as they are, everywhere."""
    mild = [fault(k) | {"rate": "0.03"} for k in KINDS if not k.endswith("_page")]
    return plan(seed, [*mild, fault("small_page"), fault("repeated_page")])


def struck(made: Company) -> dict[str, set[str]]:
    """Kinds of faults that really happened, by system."""
    systems: dict[str, dict[str, dict[str, int]]]
    systems = made.control("")["systems"]  # type: ignore[assignment]
    return {
        name: {kind for kind, count in each["struck"].items() if count}
        for name, each in systems.items()
    }


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


def test_every_kind_meets_two_systems_or_its_own() -> None:
    met = [kind for number in range(ROUNDS) for kind in round_of(number).values()]
    assert {kind for kind in KINDS if met.count(kind) < 2} == set()
    assert "throttled_as_400" in met


# Everything at once has each of them in it; alone they tell where to look.
@pytest.mark.long
@pytest.mark.parametrize("number", range(ROUNDS))
def test_each_kind_alone(
    number: int, expected: dict[str, pl.DataFrame], worlds: Path, tmp_path: Path
) -> None:
    """A kind of its own at each system."""
    kinds = round_of(number)
    faults = plan(3, [fault(kind, system) for system, kind in kinds.items()])
    with serving(worlds, scale=SCALE, plan=faults) as group:
        made = company(tmp_path, group, rows_per_page=ROWS_PER_PAGE)
        with environment(made.home.environment):
            take_all(made.systems, RUNS)
        assert struck(made) == {s: {k.split("/", maxsplit=1)[0]} for s, k in kinds.items()}
        assert made_mistakes(made) == {}
    got = landed(made)
    assert got.keys() == expected.keys()
    different = [name for name, frame in expected.items() if not got[name].equals(frame)]
    assert different == []


@pytest.mark.long
def test_a_shape_that_changes_leaves_what_is_read_as_it_was(
    quiet: Company, worlds: Path, tmp_path: Path
) -> None:
    shapes = plan(4, [fault("new_field"), fault("changed_type")])
    with serving(worlds, scale=SCALE, plan=shapes) as group:
        made = company(tmp_path, group, rows_per_page=ROWS_PER_PAGE)
        extracted(made)
        assert struck(made) == {system: {"new_field", "changed_type"} for system in SYSTEMS}
    assert_same(canonical(made), canonical(quiet))


@pytest.mark.parametrize("seed", [5, pytest.param(6, marks=pytest.mark.long)])
def test_everything_at_once(seed: int, quiet: Company, worlds: Path, tmp_path: Path) -> None:
    shapes = [fault("new_field"), fault("changed_type"), fault("throttled_as_400")]
    everything = plan(
        seed, [*(f.model_dump(exclude_unset=True) for f in bad_line(seed).faults), *shapes]
    )
    with serving(worlds, scale=SCALE, plan=everything) as group:
        made = company(tmp_path, group, rows_per_page=ROWS_PER_PAGE)
        extracted(made, RUNS)
        assert min(len(kinds) for kinds in struck(made).values()) > 4
        assert made_mistakes(made) == {}
    assert_same(canonical(made), canonical(quiet))
