"""A company is read once, and again when any of its files is another."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from finsync_dagster.connectors.likeness import CONNECTORS
from finsync_dagster.landscape.load import LandscapeError
from finsync_dagster.orchestration.known_company import known_company
from finsync_dagster.orchestration.workshop import Workshop
from tests.landscape.company import company


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = company(tmp_path)
    monkeypatch.setenv("FINSYNC_LANDSCAPE", str(path))
    return path


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_what_has_not_changed_is_not_read_again(file: Path) -> None:
    assert known_company(file) is known_company(file)
    system = next(iter(Workshop().landscape.systems))
    assert Workshop().mappings(system) is Workshop().mappings(system)


def test_a_changed_landscape_is_read_anew(file: Path) -> None:
    before = Workshop().landscape
    replaced(file, f"company: {before.company}", "company: Another")
    assert Workshop().landscape.company == "Another"


def test_a_changed_connector_is_read_anew(file: Path) -> None:
    own = file.parent / "connectors" / "wwi"
    shutil.copytree(CONNECTORS / "wwi", own)
    before = Workshop().mappings("old_erp")
    replaced(own / "mappings.yaml", "mappings:\n", "# one more line\nmappings:\n")
    after = Workshop().mappings("old_erp")
    assert after is not before
    assert after.version == before.version
    shutil.rmtree(own)
    assert Workshop().mappings("old_erp") is not after


def test_what_is_wrong_is_told_each_time(file: Path) -> None:
    replaced(file, "company: ", "firm: ")
    for _ in range(2):
        with pytest.raises(LandscapeError):
            _ = Workshop().landscape
