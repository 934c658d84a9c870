"""What a run may write over what a person decided while it was running.

Belongs here: the one rule by which a computed register meets the stored one, on frames. Not here:
SQL (saving.py), nor how an exception opens and closes (exceptions).

The rule, per exception that is stored already:

- What finsync computes (severity, amount, message, last_seen_run_id ...) is always written.
- ``assignee`` is a person's word: it is stored as given when the exception is new, and never
  touched afterwards.
- The lifecycle (state, opened_at, due_at, resolved_at, first_run_id) is written only if the stored
  state is the one the run had read. The run's event tells which that was: its ``from_state``;
  without an event the run has not changed the state, so it is the state in the register.
- Otherwise somebody changed the state in between. Theirs stays, and the run's transition, which
  would tell of a state that no longer was, is left out of the history. The next run reads their
  decision and goes on from there. Such exceptions are named in the result, so that the caller can
  say so.

Saving the same register again therefore changes nothing: the stored state is then the new one,
and the events are known by their ids.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from finsync_dagster.storage.state.errors import StateError

LIFECYCLE = ("state", "opened_at", "due_at", "resolved_at", "first_run_id")

_STORED = "_stored"


@dataclass(frozen=True)
class Merged:
    """What to write. ``kept`` are the exceptions whose state a person changed meanwhile."""

    rows: pl.DataFrame
    events: pl.DataFrame
    kept: tuple[str, ...]


def merge(register: pl.DataFrame, events: pl.DataFrame, stored: pl.DataFrame) -> Merged:
    """The register and its events as they may be written over ``stored``.

    All three have the columns and dtypes of their state table; ``stored`` holds the rows of the
    register's exceptions that exist already.

    Raises:
        StateError: an event of an exception outside the register, or several of one exception.
    """
    _require_one_transition(register, events)
    read = events.select("exception_id", pl.lit(True).alias("_moved"), _read="from_state")
    held = stored.select(
        "exception_id",
        pl.lit(True).alias("_held"),
        pl.col(*LIFECYCLE, "assignee").name.suffix(_STORED),
    )
    sides = register.join(read, on="exception_id", how="left").join(
        held, on="exception_id", how="left"
    )
    sides = sides.with_columns(_theirs=_changed_by_others())
    rows = sides.with_columns(*_lifecycle(), _assignee()).select(register.columns)
    theirs = sides.filter("_theirs")
    differ = theirs.filter(pl.col("state") != pl.col(f"state{_STORED}"))
    return Merged(
        rows=rows.sort("exception_id"),
        events=events.join(theirs, on="exception_id", how="anti").sort("event_id"),
        kept=tuple(sorted(differ["exception_id"])),
    )


def _changed_by_others() -> pl.Expr:
    read = pl.when("_moved").then("_read").otherwise("state")
    unchanged = pl.col(f"state{_STORED}").eq_missing(read)
    return pl.col("_held").fill_null(False) & ~unchanged


def _lifecycle() -> list[pl.Expr]:
    return [
        pl.when("_theirs").then(f"{name}{_STORED}").otherwise(name).alias(name)
        for name in LIFECYCLE
    ]


def _assignee() -> pl.Expr:
    return pl.when("_held").then(f"assignee{_STORED}").otherwise("assignee").alias("assignee")


def _require_one_transition(register: pl.DataFrame, events: pl.DataFrame) -> None:
    strange = events.join(register, on="exception_id", how="anti")["exception_id"]
    if len(strange):
        raise StateError(f"events of exceptions that are not in the register: {strange[0]} ...")
    twice = events.filter(pl.col("exception_id").is_duplicated())["exception_id"]
    if len(twice):
        raise StateError(f"several transitions of one exception in one save: {twice[0]} ...")
