"""Which tables and columns SuiteQL knows, and of which type.

Belongs here: reading columns.tsv (facts: names, types, what an id refers to). Not here: what is in
the columns (projection*.py).

Names are those of the analytics data source, as found in the data a public dbt package tests with
(fivetran/dbt_netsuite, integration_tests/seeds). Those of the two link tables are known from public
queries; those of ``deletedrecord`` from memory only.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, cast

Kind = Literal["id", "text", "flag", "date", "moment", "number"]

# Numbers keep what the world has: four digits for money, more for prices and rates.
SQL_TYPES: dict[Kind, str] = {
    "id": "BIGINT",
    "text": "VARCHAR",
    "flag": "VARCHAR",  # 'T' or 'F'
    "date": "DATE",
    "moment": "TIMESTAMP",
    "number": "DECIMAL(38,12)",
}


@dataclass(frozen=True)
class Column:
    """A column; ``refers`` names what its value is the id or code of, empty for nothing."""

    name: str
    kind: Kind
    refers: str


@cache
def tables() -> dict[str, dict[str, Column]]:
    """The columns of each table, by name, in their order."""
    text = (files(__package__) / "columns.tsv").read_text(encoding="utf-8")
    found: dict[str, dict[str, Column]] = {}
    for row in csv.DictReader(text.splitlines(), delimiter="\t"):
        column = Column(row["column"], cast(Kind, row["type"]), row["refers"] or "")
        found.setdefault(row["table"], {})[column.name] = column
    return found
