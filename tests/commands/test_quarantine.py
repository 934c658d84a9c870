"""`finsync quarantine`: what waits, why, what to do, and everything that was received of it."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from finsync_dagster.orchestration.replaying import SelectionError
from tests.commands.conftest import HOSTILE, SmallHome

TODAY = datetime.now(UTC).date()


def listed(home: SmallHome, *options: str) -> list[dict]:
    result = home.finsync("quarantine", "ls", "--json", *options)
    assert result.exit_code == 0, result.output
    return json.loads(result.output)["defects"]


def test_first_how_many_wait_for_what(small: SmallHome) -> None:
    result = small.finsync("quarantine", "ls")
    assert result.exit_code == 0
    head, _, table = result.output.partition("1 in all")
    assert "1 record ecb eurofxref_hist: VALUE_NOT_READABLE" in head
    assert "which cannot be read as the number that fx_rates.rate needs." in head
    assert "to do: Correct the value in the source system" in head
    assert "2026-10-29" in table
    assert "\x1b[31m" not in result.output


def test_counts_for_machines(small: SmallHome) -> None:
    found = json.loads(small.finsync("quarantine", "ls", "--json").output)
    (kind,) = found["counts"]
    assert (kind["reason_code"], kind["records"]) == ("VALUE_NOT_READABLE", 1)
    (defect,) = found["defects"]
    assert defect["source_pk"] == "2026-10-29"
    assert datetime.fromisoformat(defect["extracted_at"]).tzinfo is not None


@pytest.mark.parametrize(
    "options",
    [
        ("--system", "ecb"),
        ("--object", "eurofxref_hist"),
        ("--reason", "VALUE_NOT_READABLE"),
        ("--since", "2020-01-01"),
        ("--since", str(TODAY - timedelta(days=1)), "--until", str(TODAY + timedelta(days=1))),
    ],
)
def test_what_is_asked_for_is_found(small: SmallHome, options: tuple[str, ...]) -> None:
    assert [d["source_pk"] for d in listed(small, *options)] == ["2026-10-29"]


@pytest.mark.parametrize(
    "options",
    [
        ("--reason", "MAPPING_MISSING"),
        ("--until", "2020-12-31"),
        ("--until", "2020-12-31T23:59+02:00"),
        ("--since", "2099-01-01"),
        # Exchange rates are no entity's own.
        ("--entity", "small"),
    ],
)
def test_what_is_not_asked_for_is_not_found(small: SmallHome, options: tuple[str, ...]) -> None:
    assert listed(small, *options) == []
    said = small.finsync("quarantine", "ls", *options).output
    assert said == "Nothing that was asked for is in quarantine.\n"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--system", "sap"), "no system sap; there are: ecb"),
        (("--object", "rates"), "no object rates; there are: eurofxref_hist"),
        (("--reason", "ODD"), "no reason ODD; there are: .*VALUE_NOT_READABLE"),
        (("--entity", "big"), "no legal entity big; there are: small"),
    ],
)
def test_names_that_there_are_not(small: SmallHome, options: tuple[str, ...], said: str) -> None:
    with pytest.raises(SelectionError, match=said):
        small.finsync("quarantine", "ls", *options, catch_exceptions=False)


def test_a_moment_that_is_none(small: SmallHome) -> None:
    result = small.finsync("quarantine", "ls", "--since", "yesterday")
    assert result.exit_code == 2
    assert "'yesterday' is no moment; write 2026-03-31 or 2026-03-31T17:00" in result.output


def test_an_empty_quarantine(nothing: SmallHome) -> None:
    result = nothing.finsync("quarantine", "ls")
    assert (result.exit_code, result.output) == (0, "Nothing is in quarantine.\n")


@pytest.fixture(scope="module")
def thrice(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small home after a third run; only to be copied.

    A day has other news, a record's key is a formula, and another's is missing.
    """
    path = tmp_path_factory.mktemp("thrice") / "home"
    shutil.copytree(made, path, ignore=shutil.ignore_patterns("dagster"))
    home = SmallHome(path)
    days = (path / "rates/eurofxref-hist.csv").read_text(encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FINSYNC_HOME", str(path))
        patch.setenv("FINSYNC_LANDSCAPE", str(path / "landscape.yaml"))
        home.deliver(days.replace("175.68", "175.69") + "=2+3,odd,1\n,1.1,2\n")
        assert home.finsync("run").exit_code == 1
    return path


@pytest.fixture
def later(thrice: Path, at: Callable[[Path], SmallHome], tmp_path: Path) -> SmallHome:
    """A copy of it."""
    shutil.copytree(thrice, tmp_path / "later", ignore=shutil.ignore_patterns("dagster"))
    return at(tmp_path / "later")


@pytest.mark.slow
def test_a_spreadsheet_computes_nothing(later: SmallHome, tmp_path: Path) -> None:
    """The key of a record is a formula; the file holds it as text."""
    file = tmp_path / "waiting.csv"
    result = later.finsync("quarantine", "ls", "--csv", str(file))
    assert f"defects written to {file}" in " ".join(result.output.split())
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert "'=2+3" in [row["source_pk"] for row in rows]
    assert not [v for row in rows for v in row.values() if v.startswith(("=", "+", "-", "@"))]


def test_a_file_that_cannot_be_written(small: SmallHome, tmp_path: Path) -> None:
    result = small.finsync("quarantine", "ls", "--csv", str(tmp_path / "no" / "where.csv"))
    assert result.exit_code == 1
    assert "No such file or directory" in result.output


@pytest.mark.parametrize("key", ["2026-10-29", "ecb|eurofxref_hist|2026-10-29"])
def test_one_record_with_everything(small: SmallHome, key: str) -> None:
    result = small.finsync("quarantine", "show", key)
    assert result.exit_code == 0
    for said in (
        "record ecb eurofxref_hist 2026-10-29",
        "which cannot be read as the number that fx_rates.rate needs.",
        "to do: Correct the value in the source system",
        "VALUE_NOT_READABLE for fx_rates.rate",
        r"USD: =1+1 [red]\x1b[31m\u202eX",
        "JPY: 175.92",
    ):
        assert said in result.output


@pytest.mark.slow
def test_since_when_it_is_as_it_is(later: SmallHome) -> None:
    """Its values came with the second extract; a third brings them again, beside other news."""
    extracts = json.loads(later.finsync("landing", "ls", "ecb", "eurofxref_hist", "--json").output)
    (told,) = json.loads(later.finsync("quarantine", "show", "2026-10-29", "--json").output)
    assert len(extracts) == 3
    assert told["extract_id"] == extracts[2]["extract_id"]
    assert told["received_so_since"] == extracts[1]["started_at"]
    assert told["fields"]["USD"] == HOSTILE


def test_a_record_that_does_not_wait(small: SmallHome) -> None:
    result = small.finsync("quarantine", "show", "2026-10-28")
    assert result.exit_code == 1
    assert "No record 2026-10-28 is in quarantine" in result.output


@pytest.mark.slow
def test_a_record_without_a_key_is_named_by_its_place(later: SmallHome) -> None:
    (place,) = {
        f"{d['landing_page'][:12]}#{d['landing_row']}"
        for d in listed(later)
        if d["source_pk"] == "(no key)"
    }
    assert place in later.finsync("quarantine", "ls").output
    result = later.finsync("quarantine", "show", place)
    assert result.exit_code == 0
    assert "USD: 1.1" in result.output
    assert later.finsync("quarantine", "show", "(no key)").exit_code == 1
