"""A world of seed 7 and scale 1, generated once for the tests that read it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from finsync_dagster.sandbox.world.reading import World, open_world


@pytest.fixture(scope="package")
def world(worlds: Path) -> Iterator[World]:
    opened = open_world(worlds, seed=7)
    yield opened
    opened.close()
