"""Writing the register of exceptions, and the decisions people take on it.

Belongs here: the two ways in which exceptions change in SQL. Not here: which side wins
(merging.py).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from finsync_dagster.storage.state import frames
from finsync_dagster.storage.state.errors import StaleDecisionError
from finsync_dagster.storage.state.merging import merge
from finsync_dagster.storage.state.tables import EXCEPTION_EVENTS, EXCEPTIONS


@dataclass(frozen=True)
class Saved:
    """What a save did. ``kept``: ids whose state a person changed meanwhile, left as they were."""

    inserted: int
    updated: int
    kept: tuple[str, ...]


@dataclass(frozen=True)
class Decision:
    """A person's word on one exception: its state, who works on it, when it was resolved (if so).

    ``expected_state`` is the state the person saw. ``to_state`` may be the same, for an assignment.
    """

    exception_id: str
    expected_state: str
    to_state: str
    assignee: str | None
    resolved_at: datetime | None
    actor: str
    at: datetime


def save_exceptions(
    connection: sa.Connection, register: pl.DataFrame, events: pl.DataFrame
) -> Saved:
    """Write register and events inside the connection's transaction.

    Raises:
        StateError: a frame is not the declared table; see ``frames.conform`` and ``merge``.
    """
    register = frames.conform(EXCEPTIONS, register)
    events = frames.conform(EXCEPTION_EVENTS, events)
    _hold_others(connection)
    stored = frames.read_keys(connection, EXCEPTIONS, register["exception_id"])
    merged = merge(register, events, stored)
    upsert = upserting(connection, EXCEPTIONS)
    for batch in frames.batches(merged.rows):
        connection.execute(upsert, batch)
    append = inserting(connection, EXCEPTION_EVENTS).on_conflict_do_nothing()
    for batch in frames.batches(merged.events):
        connection.execute(append, batch)
    return Saved(register.height - stored.height, stored.height, merged.kept)


def decide(connection: sa.Connection, decision: Decision) -> None:
    """Record a person's decision and its event.

    Raises:
        StaleDecisionError: the exception does not exist or is no longer in ``expected_state``.
    """
    seen = (EXCEPTIONS.c.exception_id == decision.exception_id) & (
        EXCEPTIONS.c.state == decision.expected_state
    )
    changed = connection.execute(
        sa.update(EXCEPTIONS)
        .where(seen)
        .values(
            state=decision.to_state,
            assignee=decision.assignee,
            resolved_at=decision.resolved_at,
        )
    )
    if changed.rowcount != 1:
        raise StaleDecisionError(
            f"exception {decision.exception_id} is not {decision.expected_state} any more (or "
            "never was): look at it again before deciding"
        )
    run_id = connection.execute(
        sa.select(EXCEPTIONS.c.last_seen_run_id).where(
            EXCEPTIONS.c.exception_id == decision.exception_id
        )
    ).scalar_one()
    connection.execute(
        inserting(connection, EXCEPTION_EVENTS).on_conflict_do_nothing(),
        [_event(decision, run_id)],
    )


def inserting(connection: sa.Connection, table: sa.Table) -> Any:
    """INSERT in the dialect's own form, which knows ON CONFLICT."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


def upserting(connection: sa.Connection, table: sa.Table) -> Any:
    """INSERT that replaces the whole row of the same key."""
    insert = inserting(connection, table)
    keys = [column.name for column in table.primary_key.columns]
    others = {c.name: insert.excluded[c.name] for c in table.columns if c.name not in keys}
    return insert.on_conflict_do_update(index_elements=keys, set_=others)


def _hold_others(connection: sa.Connection) -> None:
    # Between reading the stored states and writing, nobody else may write. SQLite has one writer
    # anyway. Readers are not held up.
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("LOCK TABLE exceptions IN SHARE ROW EXCLUSIVE MODE"))


def _event(decision: Decision, run_id: str) -> dict[str, Any]:
    moment = decision.at.astimezone(UTC).isoformat(timespec="microseconds")
    facts = f"{decision.exception_id}|{decision.to_state}|{moment}|{run_id}"
    return {
        "event_id": hashlib.sha256(facts.encode()).hexdigest(),
        "exception_id": decision.exception_id,
        "at": decision.at,
        # The run whose facts the person decided on.
        "run_id": run_id,
        "from_state": decision.expected_state,
        "to_state": decision.to_state,
        "actor": decision.actor,
    }
