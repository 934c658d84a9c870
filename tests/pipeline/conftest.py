"""One finished home for all end-to-end tests of a worker, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from finsync_dagster.storage.settings import PROJECT
from tests.pipeline.homes import Home
from tests.pipeline.two_companies import two_companies

PUBLISHED = PROJECT / "data/reference/fx_ecb/eurofxref-hist.csv"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # One worker runs them all, so that the demo is run once and the machine is not asked twice.
    for item in items:
        if "pipeline" in item.path.parts:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.xdist_group("pipeline"))


@pytest.fixture(scope="session")
def rates(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The days of the published rates that the two companies need, as they were published.

    The whole file has fifteen more years; conforming them anew in every run would take up most of
    the suite's time.
    """
    lines = PUBLISHED.read_text(encoding="utf-8").splitlines(keepends=True)
    needed = [n for n in lines[2:] if "2010-12-01" <= n[:10] <= "2016-12-31"]
    folder = tmp_path_factory.mktemp("rates")
    (folder / PUBLISHED.name).write_text("".join([*lines[:2], *needed]), encoding="utf-8")
    return f"file://{folder}"


@pytest.fixture(scope="session")
def landscape(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The landscape of the two companies on databases."""
    path = tmp_path_factory.mktemp("landscape") / "two_companies.yaml"
    path.write_text(two_companies(), encoding="utf-8")
    return str(path)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, rates: str, landscape: str) -> Home:
    """A home after `finsync demo` with two companies; tests only read it."""
    extra = (("FINSYNC_ECB_URL", rates), ("FINSYNC_LANDSCAPE", landscape))
    home = Home(tmp_path_factory.mktemp("finished"), extra)
    done = home.process("demo")
    assert done.code == 0, done.text
    (home.path / "demo.txt").write_text(done.text)
    return home


@pytest.fixture
def copied(finished: Home, tmp_path: Path) -> Home:
    """A copy of the finished home, to be damaged."""
    return finished.copy(tmp_path)
