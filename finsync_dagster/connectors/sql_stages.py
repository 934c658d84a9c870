"""Queries in stages, each computed once.

Belongs here: building a stage. Not here: what is computed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement


def staged(source: sa.FromClause, columns: Mapping[str, ColumnElement[Any]]) -> sa.CTE:
    """These columns of the source, as a source for the next stage.

    Materialized, because databases otherwise compute an expression again wherever it is used.
    """
    labelled = [column.label(name) for name, column in columns.items()]
    return sa.select(*labelled).select_from(source).cte().prefix_with("MATERIALIZED")
