"""Proof that nothing was lost: every record received is in exactly one place, in counts and sums.

Belongs here: the identity received = superseded + canonical (changed, unchanged) + quarantined.
Not here: deciding where a record goes (conform.py).
"""

from __future__ import annotations

from collections.abc import Mapping as Dict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import polars as pl

from finsync_dagster.canonical.conform import Conformed
from finsync_dagster.canonical.landed import ROW, Landed
from finsync_dagster.canonical.tables.operations import CONSERVATION

RECORDS = "records"
_AT = ("extract_id", "landing_page", "landing_row")


def conservation(
    system: str,
    landed: Dict[str, Landed],
    conformed: Conformed,
    changed: Dict[str, pl.Series],
    measures: Dict[str, Sequence[str]],
    run_id: str,
    counted_at: datetime,
) -> pl.DataFrame:
    """One row per object and measure; ``holds`` says whether the identity does.

    Args:
        system: the system the objects belong to.
        landed: object → its landed records.
        conformed: what became of them.
        changed: canonical table → record_ids that are new or changed in this run.
        measures: object → fields whose values are summed beside the record count.
        run_id: the run that counts.
        counted_at: when.
    """
    # The canonical side is counted from the rows themselves, not derived from the other terms:
    # otherwise the identity would hold by construction.
    canonical = _canonical_records(conformed, changed)
    rows = []
    for name in sorted({o for o in conformed.quarantined}):
        fates = _fates(landed[name], conformed.quarantined[name], canonical.get(name))
        for measure in (RECORDS, *measures.get(name, ())):
            rows.append({"source_object": name, "measure": measure, **_terms(fates, measure)})
    frame = (
        pl.DataFrame(rows, schema_overrides={k: pl.Decimal(38, 4) for k in _TERMS})
        if rows
        else None
    )
    if frame is None:
        return CONSERVATION.empty()
    parts = pl.sum_horizontal("superseded", "changed", "unchanged", "quarantined")
    return CONSERVATION.conform(
        frame.with_columns(
            pl.lit(system).alias("source_system"),
            (pl.col("received") == parts).alias("holds"),
            pl.lit(run_id).alias("run_id"),
            pl.lit(counted_at.date()).alias("counted_at"),
        )
    )


_TERMS = ("received", "superseded", "changed", "unchanged", "quarantined")


def _canonical_records(
    conformed: Conformed, changed: Dict[str, pl.Series]
) -> dict[str, pl.DataFrame]:
    """Object → position of each record that has canonical rows, and whether any of them changed."""
    marked = [
        frame.select(
            "source_object",
            *_AT,
            pl.col("record_id").is_in(changed[table].implode()).alias("is_changed"),
        )
        for table, frame in conformed.tables.items()
    ]
    if not marked:
        return {}
    by_record = pl.concat(marked).group_by("source_object", *_AT).agg(pl.col("is_changed").any())
    return {str(k[0]): f for k, f in by_record.partition_by("source_object", as_dict=True).items()}


def _fates(
    landed: Landed, bad: pl.Series, canonical: pl.DataFrame | None
) -> dict[str, pl.DataFrame]:
    newest = landed.newest
    found = (
        canonical
        if canonical is not None
        else pl.DataFrame(schema={**{c: newest.schema[c] for c in _AT}, "is_changed": pl.Boolean})
    )
    good = newest.join(found, on=list(_AT))
    return {
        "received": landed.received,
        "superseded": landed.superseded,
        "changed": good.filter(pl.col("is_changed")),
        "unchanged": good.filter(~pl.col("is_changed")),
        "quarantined": newest.filter(pl.col(ROW).is_in(bad.implode())),
    }


def _terms(fates: Dict[str, pl.DataFrame], measure: str) -> dict[str, Decimal]:
    if measure == RECORDS:
        return {term: Decimal(frame.height) for term, frame in fates.items()}
    return {term: _sum(frame[measure]) for term, frame in fates.items()}


def _sum(values: pl.Series) -> Decimal:
    # A value that is no number has no amount to conserve; its record is in quarantine and counted.
    total = values.cast(pl.Decimal(38, 6), strict=False).sum()
    return Decimal(str(total or 0)).quantize(Decimal("0.0001"))
