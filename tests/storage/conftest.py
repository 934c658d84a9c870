"""State databases for the tests: each test that asks runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.postgres import emptied_database


@pytest.fixture(params=["sqlite", "postgresql"])
def state_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty state database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/home/state.sqlite"
    return emptied_database("state")
