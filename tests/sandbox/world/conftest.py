"""A world of seed 7 and scale 1, generated once for the tests that read it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from finsync_dagster.sandbox.world.reading import World, open_world


@pytest.fixture(scope="package")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("world")


@pytest.fixture(scope="package")
def world(home: Path) -> Iterator[World]:
    opened = open_world(home, seed=7)
    yield opened
    opened.close()
