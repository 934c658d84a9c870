"""The state database as the rest of the project sees it.

Belongs here: one method per thing the pipeline and its people do with the state, each a
transaction. Not here: how it is done (saving.py, frames.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import polars as pl
import sqlalchemy as sa

from finsync_dagster.storage.state import frames, policy_events, replays, saving
from finsync_dagster.storage.state.engine import connect, writing
from finsync_dagster.storage.state.errors import StateError
from finsync_dagster.storage.state.migrate import upgrade
from finsync_dagster.storage.state.tables import (
    EXCEPTION_EVENTS,
    EXCEPTIONS,
    POLICY_EVENTS,
    REPLAYS,
)


class StateStore:
    """Exceptions, their events, replays and policy events, in SQLite or PostgreSQL; migrated when
    opened.

    Every method raises StateError if the database cannot be reached or refuses.
    """

    def __init__(self, url: str) -> None:
        """``sqlite:////absolute/path.sqlite`` or ``postgresql+psycopg://...``."""
        self._engine = connect(url)
        with self._explained("opened"):
            upgrade(self._engine)

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def read_exceptions(self, entity_ids: Sequence[str]) -> pl.DataFrame:
        """All exceptions of these legal entities, resolved ones too; sorted by exception_id."""
        with self._reading() as connection:
            return frames.read(connection, EXCEPTIONS, EXCEPTIONS.c.entity_id.in_(entity_ids))

    def save_exceptions(self, register: pl.DataFrame, events: pl.DataFrame) -> saving.Saved:
        """Write a computed register and its events, keeping what people decided meanwhile.

        One transaction; doing it twice changes nothing. The rule is told in merging.py. The ids in
        ``Saved.kept`` had their state changed by a person since the run read them.
        """
        with self._writing() as connection:
            return saving.save_exceptions(connection, register, events)

    def decide(self, decision: saving.Decision) -> None:
        """Record what a person decided; StaleDecisionError if the exception has moved on."""
        with self._writing() as connection:
            saving.decide(connection, decision)

    def exceptions(self) -> pl.DataFrame:
        """Every exception, sorted by exception_id."""
        return self._all(EXCEPTIONS)

    def events(self) -> pl.DataFrame:
        """Every transition, sorted by event_id."""
        return self._all(EXCEPTION_EVENTS)

    def begin_replay(self, replay: replays.Replay) -> None:
        """Record a replay that begins; earlier ones that were never ended are closed."""
        with self._writing() as connection:
            replays.close_unended(connection)
            replays.save(connection, replay)

    def save_replay(self, replay: replays.Replay) -> None:
        """Record what became of a replay."""
        with self._writing() as connection:
            replays.save(connection, replay)

    def replays(self) -> pl.DataFrame:
        """Every replay, sorted by replay_id, which begins with the moment it was asked for."""
        return self._all(REPLAYS)

    def record_policy_event(self, event: policy_events.PolicyEvent, seen: int) -> None:
        """Record that a version of the policy comes into force, decided upon ``seen`` events;
        StaleDecisionError if there are others by now.
        """
        with self._writing() as connection:
            policy_events.record(connection, event, seen)

    def policy_events(self) -> pl.DataFrame:
        """Every version of the policy that people put in force, oldest first."""
        return self._all(POLICY_EVENTS)

    def _all(self, table: sa.Table) -> pl.DataFrame:
        with self._reading() as connection:
            return frames.read(connection, table)

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with self._explained("read"), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with self._explained("written"), writing(self._engine) as connection:
            yield connection

    @contextmanager
    def _explained(self, verb: str) -> Iterator[None]:
        try:
            yield
        except (sa.exc.SQLAlchemyError, OSError) as error:
            place = self._engine.url.render_as_string(hide_password=True)
            cause = getattr(error, "orig", None) or error
            raise StateError(
                f"the state at {place} cannot be {verb}: {cause}. Check FINSYNC_DATABASE_URL and "
                "that the place is reachable and writable."
            ) from error
