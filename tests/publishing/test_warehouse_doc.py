"""The queries that docs/warehouse.md recommends run as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from finsync_dagster.publishing import VIEWS, publish
from finsync_dagster.publishing.read import query
from tests.publishing.samples import COUNTS, EXCEPTIONS, FACTS, META, exceptions, facts

pytestmark = pytest.mark.slow

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "warehouse.md"


def test_every_query_of_the_document_runs_and_answers(url: str) -> None:
    publish([(EXCEPTIONS, exceptions({})), (FACTS, facts({})), COUNTS], url, VIEWS, META)
    queries = re.findall(r"^```sql\n(.+?);\n```$", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
    assert len(queries) == 5
    assert all(query(url, text).height for text in queries)
