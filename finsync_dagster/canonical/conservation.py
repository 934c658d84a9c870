"""Proof that nothing was lost: every record received is in exactly one place, in counts and sums.

Belongs here: the identity received = superseded + canonical (changed, unchanged) + quarantined.
Not here: deciding where a record goes (conform.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import polars as pl

from finsync_dagster.canonical.evaluate import Task
from finsync_dagster.canonical.expressions import identifier, literal
from finsync_dagster.canonical.holding import Holding
from finsync_dagster.canonical.landed import ID, ObjectRules
from finsync_dagster.canonical.receiving import RECORDS, Received
from finsync_dagster.canonical.tables.operations import CONSERVATION

_TERMS = ("received", "superseded", "changed", "unchanged", "quarantined")


def conservation(
    h: Holding,
    tasks: Sequence[Task],
    rules: Mapping[str, ObjectRules],
    received: Mapping[str, Received],
    *,
    anew: bool,
    run_id: str,
    counted_at: datetime,
) -> pl.DataFrame:
    """One row per object and measure; ``holds`` says whether the identity does.

    The canonical side is counted from the rows that were made and from those held, not derived
    from the other terms: otherwise the identity would hold by construction.
    """
    objects = [o for o in rules if any(t.mapping.object == o for t in tasks)]
    rows = []
    for name in sorted(objects):
        fates = _fates(h, name, tasks, rules[name].measures, anew=anew)
        for i, measure in enumerate((RECORDS, *rules[name].measures)):
            terms = {term: values[i] for term, values in fates.items()}
            terms["received"] = received[name].received[measure]
            terms["superseded"] += received[name].superseded[measure]
            rows.append({"source_object": name, "measure": measure, **terms})
    if not rows:
        return CONSERVATION.empty()
    frame = pl.DataFrame(rows, schema_overrides={k: pl.Decimal(38, 6) for k in _TERMS})
    parts = pl.sum_horizontal("superseded", "changed", "unchanged", "quarantined")
    return CONSERVATION.conform(
        frame.with_columns(
            pl.lit(h.system).alias("source_system"),
            pl.lit("everything" if anew else "new extracts").alias("scope"),
            (pl.col("received") == parts).alias("holds"),
            pl.lit(run_id).alias("run_id"),
            pl.lit(counted_at).alias("counted_at"),
        )
    )


def _fates(
    h: Holding, name: str, tasks: Sequence[Task], measures: Sequence[str], *, anew: bool
) -> dict[str, list[Decimal]]:
    """Where the records received are, each by looking there.

    A record that a deletion feed took out again was superseded by its deletion.
    """
    tables = dict.fromkeys(t.mapping.table for t in tasks if t.mapping.object == name)
    own = f"source_object = {literal(name)}"
    changed = " UNION ALL ".join(
        f"SELECT {ID} FROM made_{t} WHERE {own} AND record_id IN (FROM changed_{t})" for t in tables
    )
    came = f"held_{name}" if anew else f"in_{name}"
    if not anew and not h.has(came):
        return {t: [Decimal(0)] * (1 + len(measures)) for t in _TERMS[1:]}
    among = "" if anew else f" AND {ID} IN (SELECT {ID} FROM {came})"
    good = " UNION ALL ".join(
        f"SELECT {ID} FROM rows_{t} WHERE {own} AND good{among}" for t in tables
    )
    held = f"SELECT {ID} FROM bad WHERE object = {literal(name)}"
    fate = (
        f"CASE WHEN {ID} IN ({held}) THEN 'quarantined' "
        f"WHEN {ID} IN (FROM gone_{name}) THEN 'superseded' "
        f"WHEN {ID} IN ({changed}) THEN 'changed' WHEN {ID} IN ({good}) THEN 'unchanged' END"
    )
    sums = [f"coalesce(sum(TRY_CAST({identifier(m)} AS DECIMAL(38, 6))), 0)" for m in measures]
    found = h.sql(
        f"SELECT {fate} AS fate, {', '.join(['count(*)', *sums])} FROM {came} GROUP BY ALL"
    ).fetchall()
    totals = {row[0]: [Decimal(str(v)) for v in row[1:]] for row in found}
    return {t: totals.get(t, [Decimal(0)] * (1 + len(measures))) for t in _TERMS[1:]}
