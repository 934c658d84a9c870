"""Documents of which the lines are not, or not yet, what the document says.

Belongs here: finding them. Not here: stopping what would compare them (orchestration).

A source is read object by object, and people go on working meanwhile. Lines are read after their
documents (``lines_of``); if that failed, documents are newer than their lines. Where the source
states how many lines a document has, the number must be held. Comparing such a document would
accuse the wrong party.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from finsync_dagster.canonical.expressions import identifier, literal
from finsync_dagster.canonical.holding import Holding
from finsync_dagster.canonical.landed import ID, KEY, LinesOf, ObjectRules
from finsync_dagster.canonical.tables.operations import HALF_SYNCED


def half_synced(
    h: Holding, rules: Mapping[str, ObjectRules], began: Mapping[str, datetime]
) -> pl.DataFrame:
    """One row per document (table HALF_SYNCED). ``began``: object → start of its newest extract."""
    found = [HALF_SYNCED.empty()]
    for name, own in rules.items():
        if own.lines_of and own.lines_of.object in rules:
            found.append(_newer(h, name, own.lines_of, began))
            found.append(_other_count(h, name, own.lines_of))
    return HALF_SYNCED.conform(pl.concat(found).sort("source_object", "source_pk", "lines_object"))


def _newer(h: Holding, name: str, tie: LinesOf, began: Mapping[str, datetime]) -> pl.DataFrame:
    documents, lines = began.get(tie.object), began.get(name)
    if documents is None or lines is None or documents <= lines:
        return HALF_SYNCED.empty()
    rows = h.sql(
        f"SELECT {KEY} AS source_pk, NULL AS stated, NULL AS held FROM held_{tie.object} "
        f"WHERE {KEY} IS NOT NULL AND extracted_at > TIMESTAMPTZ {literal(lines.isoformat())}"
    ).pl()
    return _told(
        h,
        name,
        tie,
        rows,
        f"It was received after the newest {name}; its lines may be those of before.",
    )


def _other_count(h: Holding, name: str, tie: LinesOf) -> pl.DataFrame:
    if tie.count is None or tie.count not in h.fields(tie.object):
        return HALF_SYNCED.empty()
    key = " || '|' || ".join(f"whole({identifier(f)})" for f in tie.key)
    stated = f"TRY_CAST(document.{identifier(tie.count)} AS DECIMAL(18, 0))"
    rows = h.sql(
        f"SELECT document.{KEY} AS source_pk, CAST({stated} AS BIGINT) AS stated, "
        f"coalesce(n, 0) AS held FROM held_{tie.object} AS document LEFT JOIN ("
        f"SELECT {key} AS k, count(*) AS n FROM held_{name} GROUP BY ALL) AS lines "
        f"ON lines.k = document.{KEY} WHERE document.{ID} = document.{KEY} "
        f"AND {stated} <> coalesce(n, 0)"
    ).pl()
    return _told(h, name, tie, rows, "The source states another number of lines than is held.")


def _told(h: Holding, name: str, tie: LinesOf, rows: pl.DataFrame, message: str) -> pl.DataFrame:
    return HALF_SYNCED.conform(
        rows.with_columns(
            pl.lit(h.system).alias("source_system"),
            pl.lit(tie.object).alias("source_object"),
            pl.lit(name).alias("lines_object"),
            pl.lit(message).alias("message"),
        )
    )
