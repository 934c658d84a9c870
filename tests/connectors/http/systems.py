"""Systems of the protocol http written as YAML, as the tests need them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from finsync_dagster.connectors.extraction import Extraction
from finsync_dagster.connectors.http import clients
from finsync_dagster.connectors.http.read import Asked
from finsync_dagster.connectors.load import system_of
from finsync_dagster.connectors.reach import Reach
from finsync_dagster.landscape.tree import read_tree

ITEMS = """
protocol: http
retry: {attempts: 3, first_wait: 1}
objects:
  items:
    key: [id]
    cursor: changed
    rows_per_page: 3
    records: items
    fields: [amount]
    paging: {scheme: keyset, by: id}
    request:
      path: /items
      query:
        limit: ${limit}
        after: ${after}
        since: ${since}
        fields: {join: ",", of: "${fields}"}
"""
COUNTED = (
    ITEMS
    + """
    count: {request: {path: /count, query: {since: "${since}"}}, at: count}
"""
)


def system(text: str) -> Any:
    """The text as a system."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "system.yaml"
        path.write_text(text)
        return system_of(read_tree(path))


def asked(text: str, url: str, name: str = "items", **secrets: str) -> Asked:
    """An object of the text's system, reached anew."""
    clients.forget()
    return Asked("shop", url, name, system(text).objects[name], Reach(secrets=secrets))


def read_all(extraction: Extraction) -> list[dict[str, str | None]]:
    """All records of a reading."""
    rows = [dict(zip(extraction.columns, row, strict=False)) for p in extraction.pages for row in p]
    return [dict.fromkeys(extraction.columns) | row for row in rows]
