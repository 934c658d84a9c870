"""Queries in stages, each computed once.

Belongs here: building a stage. Not here: what is computed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement


def staged(
    source: sa.FromClause,
    columns: Mapping[str, ColumnElement[Any]],
    where: ColumnElement[bool] | None = None,
) -> sa.CTE:
    """These columns of the source's records, or of some, as a source for the next stage.

    Materialized, because databases otherwise compute an expression again wherever it is used.
    """
    labelled = [column.label(name) for name, column in columns.items()]
    query = sa.select(*labelled).select_from(source)
    if where is not None:
        query = query.where(where)
    return query.cte().prefix_with("MATERIALIZED")
