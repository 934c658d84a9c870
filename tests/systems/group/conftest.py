"""One run of the whole pipeline over the generated companies, shared by the tests that read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from tests.systems.group.company import Company, company, serving, world_file
from tests.systems.group.real import stages


@dataclass(frozen=True)
class Judged:
    """A company that was run, what it published, and what really happened."""

    company: Company
    said: str
    world: duckdb.DuckDBPyConnection
    warehouse: duckdb.DuckDBPyConnection


@pytest.fixture(scope="package")
def clean(worlds: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judged]:
    """All five companies, run on a line without faults."""
    with serving(worlds) as group:
        made = company(tmp_path_factory.mktemp("clean"), group)
        said = made.run()
        with (
            stages.opened(str(world_file(worlds))) as world,
            duckdb.connect(str(made.home.path / "warehouse.duckdb"), read_only=True) as warehouse,
        ):
            yield Judged(made, said, world, warehouse)
