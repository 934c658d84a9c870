"""A small company with one source of exchange rates, run by the command itself.

Three days, three currencies; one record in quarantine, a value of which wants to command the
terminal and the spreadsheet.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from finsync_dagster.cli import cli
from finsync_dagster.landscape.load import DEMO

DAYS = (
    "Date,USD,JPY\n2026-10-28,1.1133,175.86\n2026-10-29,1.1130,175.92\n2026-10-30,1.1172,175.68\n"
)
HOSTILE = "=1+1 [red]\x1b[31m\u202eX"
_LANDSCAPE = """
company: Small group
group_currency: EUR
legal_entities:
  small: {name: Small, country: DE, functional_currency: EUR, owner: "team:s", materiality: "100"}
systems:
  ecb:
    connector: ecb
    connection: {url_env: FINSYNC_ECB_URL, default: "file://{home}/rates"}
    domains: [fx_rates]
    owner: team:treasury
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # One worker runs them all, so that the small home is made once; that takes two whole runs.
    for item in items:
        if "commands" in item.path.parts:
            item.add_marker(pytest.mark.xdist_group("commands"))
            if "made" in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.slow)


@dataclass
class SmallHome:
    """A FINSYNC_HOME whose one source is a file of exchange rates."""

    path: Path

    def deliver(self, text: str) -> None:
        """The source's file, as it is from now on."""
        (self.path / "rates" / "eurofxref-hist.csv").write_text(text, encoding="utf-8")

    def finsync(self, *arguments: str, catch_exceptions: bool = True) -> Result:
        return CliRunner().invoke(cli, arguments, catch_exceptions=catch_exceptions)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], SmallHome]:
    """Commands work on the home at a path from now on."""

    def enter(path: Path) -> SmallHome:
        for variable in ("FINSYNC_LAKE_URL", "FINSYNC_DATABASE_URL", "FINSYNC_WAREHOUSE_URL"):
            monkeypatch.delenv(variable, raising=False)
        for variable in ("FINSYNC_ECB_URL", "DAGSTER_HOME"):
            monkeypatch.delenv(variable, raising=False)
        monkeypatch.setenv("FINSYNC_HOME", str(path))
        monkeypatch.setenv("FINSYNC_LANDSCAPE", str(path / "landscape.yaml"))
        return SmallHome(path)

    return enter


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after two runs: all is well, then a day's rate cannot be read. Only to be copied."""
    path = tmp_path_factory.mktemp("small")
    (path / "rates").mkdir()
    policy = DEMO.read_text(encoding="utf-8").partition("\npolicy:")[2]
    policy = policy.partition("  entity_tolerances:")[0]
    (path / "landscape.yaml").write_text(f"{_LANDSCAPE}policy:{policy}", encoding="utf-8")
    home = SmallHome(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FINSYNC_HOME", str(path))
        patch.setenv("FINSYNC_LANDSCAPE", str(path / "landscape.yaml"))
        home.deliver(DAYS)
        first = home.finsync("run")
        assert first.exit_code == 0, first.output
        home.deliver(DAYS.replace("1.1130", HOSTILE))
        second = home.finsync("run")
        assert second.exit_code == 1, second.output
        assert "3 of 3 runs succeeded" in second.output, second.output
    return path


@pytest.fixture
def small(made: Path, at: Callable[[Path], SmallHome], tmp_path: Path) -> SmallHome:
    """A copy of the small home, to do anything with."""
    shutil.copytree(made, tmp_path / "home", ignore=shutil.ignore_patterns("dagster"))
    return at(tmp_path / "home")


@pytest.fixture
def nothing(at: Callable[[Path], SmallHome], made: Path, tmp_path: Path) -> SmallHome:
    """A home in which nothing was ever run."""
    shutil.copyfile(made / "landscape.yaml", tmp_path / "landscape.yaml")
    return at(tmp_path)
