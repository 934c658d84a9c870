"""Warehouses for the tests: each test that asks runs on DuckDB and on PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.postgres import emptied_database


@pytest.fixture
def duckdb_url(tmp_path: Path) -> str:
    """URL of a DuckDB file that does not exist yet."""
    return f"duckdb:///{tmp_path}/home/warehouse.duckdb"


@pytest.fixture
def postgres_url() -> str:
    """URL of an empty PostgreSQL database."""
    return emptied_database("warehouse")


@pytest.fixture(params=["duckdb", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """URL of an empty warehouse of either kind."""
    name = "duckdb_url" if request.param == "duckdb" else "postgres_url"
    return str(request.getfixturevalue(name))
