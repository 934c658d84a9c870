from pathlib import Path

import pytest

from tests.connectors.databases import DATABASES, SourceDatabase


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> SourceDatabase:
    return DATABASES[request.param](tmp_path)
