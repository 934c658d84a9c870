"""The life of an exception over runs: opened once, resolved by itself, reopened as the same.

Belongs here: transitions. Not here: storing them (storage/state), what people decide.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

import polars as pl

from finsync_dagster.exceptions.calendar import due_at
from finsync_dagster.exceptions.classify import classify
from finsync_dagster.exceptions.reasons import Reason
from finsync_dagster.exceptions.tables import EVENTS, EXCEPTIONS, RESOLVED
from finsync_dagster.landscape.model import LegalEntity

_ACTOR = "finsync"
_TS = pl.Datetime("us", "UTC")


def advance(
    register: pl.DataFrame,
    findings: pl.DataFrame,
    *,
    now: datetime,
    run_id: str,
    entities: Mapping[str, LegalEntity],
    reasons: Mapping[str, Reason],
    invoice_lines: pl.DataFrame | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The register after this run, and one event per change of state.

    Args:
        register: exceptions known so far, of exactly the scope that was evaluated: one that is
            not among the findings any more is resolved.
        findings: everything that was found in that scope.
        now: moment of the run, aware.
        run_id: the run.
        entities: legal entities, for materiality and working hours.
        reasons: reason codes.
        invoice_lines: which line belongs to which invoice, so that the variances on the lines of a
            duplicate are left out too; see ``suppress_dependent``.

    Raises:
        ValueError: ``now`` has no time zone; see also ``classify``.

    Running again with the same findings changes no state and yields no event. What a person
    decided (acknowledged, in progress, waived, assigned) stays as long as the finding does.
    """
    if now.tzinfo is None:
        raise ValueError("now must be aware: a deadline needs to know the time zone")
    # The same moment is the same event, whatever zone it was told in.
    now = now.astimezone(UTC)
    found = _with_deadline(classify(findings, entities, reasons, invoice_lines), now, entities)
    known = register.select(
        "exception_id", "state", "opened_at", "due_at", "assignee", "first_run_id"
    )
    seen = found.join(known, on="exception_id", how="left", suffix="_known").with_columns(
        pl.lit(now).cast(_TS).alias("now"), pl.lit(run_id).alias("run_id")
    )
    back = pl.col("state").is_in(RESOLVED)
    new = pl.col("state").is_null()
    present = seen.with_columns(
        pl.when(new)
        .then(pl.lit("OPEN"))
        .when(back)
        .then(pl.lit("REOPENED"))
        .otherwise("state")
        .alias("to"),
        pl.col("opened_at").fill_null(pl.col("now")),
        pl.when(new | back).then("new_due_at").otherwise("due_at").alias("due_at"),
        pl.lit(None, dtype=_TS).alias("resolved_at"),
        pl.col("first_run_id").fill_null(pl.col("run_id")),
        pl.col("run_id").alias("last_seen_run_id"),
    )
    absent = register.join(found, on="exception_id", how="anti").with_columns(
        pl.when(pl.col("state").is_in(RESOLVED))
        .then("state")
        .otherwise(pl.lit("RESOLVED_AUTO"))
        .alias("to"),
        pl.when(pl.col("state").is_in(RESOLVED))
        .then("resolved_at")
        .otherwise(pl.lit(now).cast(_TS))
        .alias("resolved_at"),
    )
    after = pl.concat([_rows(present), _rows(absent)]).sort("exception_id")
    moves = pl.concat([f.select("exception_id", "state", "to") for f in (present, absent)])
    return after, _events(moves, now, run_id)


def _with_deadline(
    found: pl.DataFrame, now: datetime, entities: Mapping[str, LegalEntity]
) -> pl.DataFrame:
    # Few distinct pairs of entity and hours stand behind many exceptions.
    pairs = found.select("entity_id", "sla_hours").unique()
    due = [due_at(now, hours, entities[entity].calendar) for entity, hours in pairs.iter_rows()]
    deadlines = pairs.with_columns(pl.Series("new_due_at", due, dtype=_TS))
    return found.join(deadlines, on=["entity_id", "sla_hours"], how="left")


def _rows(frame: pl.DataFrame) -> pl.DataFrame:
    return EXCEPTIONS.conform(frame.drop("state").rename({"to": "state"}))


def _events(moves: pl.DataFrame, now: datetime, run_id: str) -> pl.DataFrame:
    changed = moves.filter(pl.col("state").ne_missing(pl.col("to"))).sort("exception_id")
    stamp = now.isoformat()
    ids = [
        hashlib.sha256(f"{e}|{to}|{stamp}|{run_id}".encode()).hexdigest()
        for e, to in changed.select("exception_id", "to").iter_rows()
    ]
    return EVENTS.conform(
        changed.select(
            pl.Series("event_id", ids, dtype=pl.String),
            "exception_id",
            pl.lit(now).cast(_TS).alias("at"),
            pl.lit(run_id).alias("run_id"),
            pl.col("state").alias("from_state"),
            pl.col("to").alias("to_state"),
            pl.lit(_ACTOR).alias("actor"),
        )
    )
