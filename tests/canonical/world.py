"""A system with its holding and the versions stored of it, for tests that play several runs."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import count

import polars as pl

from finsync_dagster.canonical.conform import Batch, Conforming, conform
from finsync_dagster.canonical.conservation import conservation
from finsync_dagster.canonical.holding import Holding, open_holding
from finsync_dagster.canonical.landed import LANDING_COLUMNS, Incoming, ObjectRules
from finsync_dagster.canonical.mapping import SystemMappings
from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.canonical.tables.audit import AUDIT_COLUMNS
from finsync_dagster.canonical.versions import current, newest, withdrawal
from tests.canonical.support import AT, MAPPINGS, RULES


class World:
    """What finsync knows of one system after each run."""

    def __init__(
        self,
        mappings: SystemMappings = MAPPINGS,
        rules: Mapping[str, ObjectRules] = RULES,
        entity: str = "acme",
    ) -> None:
        self.mappings, self.rules, self.entity = mappings, rules, entity
        self.stored = {t: TABLES[t].empty() for t in mappings.tables}
        self.counts = pl.DataFrame()
        self.delivered: dict[str, tuple[str, ...]] = {}
        self.clock = count()
        self.open = ExitStack()
        self.h = self._opened()

    def _opened(self) -> Holding:
        return self.open.enter_context(open_holding("erp", self.mappings.code_maps))

    def run(self, anew: bool = False, **came: pl.DataFrame | Incoming | None) -> Conforming:
        """One run; a plain frame is everything there is of the object."""
        now = AT + timedelta(hours=next(self.clock))
        incoming = {o: _incoming(f) for o, f in came.items() if f is not None}
        first = not self.h.has("held_" + next(iter(self.rules)))
        if anew or first:
            self.h.clear()
            for table, frame in self.stored.items():
                self._recall(table, frame)
        self.delivered |= {o: i.fields for o, i in incoming.items()}
        batch = Batch(self.mappings, self.rules, self.delivered, incoming, anew=anew or first)
        done = conform(self.h, self.entity, batch)
        for table in self.mappings.tables:
            self._store(done, table, now)
        self.counts = conservation(
            self.h,
            done.tasks,
            self.rules,
            done.received,
            anew=done.anew,
            run_id="r",
            counted_at=now,
        )
        return done

    def current(self, table: str) -> pl.DataFrame:
        """The table's current rows."""
        return current(self.stored[table].lazy()).collect().sort("record_id")

    def content(self) -> dict[str, list[tuple[object, ...]]]:
        """Everything a reader sees, without times and places."""
        timeless = [c for c in AUDIT_COLUMNS if c not in ("record_id", "row_hash")]
        return {t: self.current(t).drop(timeless).rows() for t in self.mappings.tables}

    def _recall(self, table: str, frame: pl.DataFrame) -> None:
        self.h.make_rows(table)
        self.h.recall(table, [frame])

    def _store(self, done: Conforming, table: str, now: datetime) -> None:
        gone = (
            newest(self.stored[table].lazy())
            .collect()
            .filter(pl.col("record_id").is_in(done.withdrawn(table).implode()))
        )
        assert gone.height == len(done.withdrawn(table))
        new = [*done.versions(table, now), withdrawal(gone, now)]
        assert sum(f.height for f in new) == done.changed(table) + gone.height
        self.stored[table] = pl.concat([self.stored[table], *new])


def _incoming(came: pl.DataFrame | Incoming) -> Incoming:
    if isinstance(came, Incoming):
        return came
    fields = tuple(c for c in came.columns if c not in LANDING_COLUMNS)
    return Incoming(fields, [came], everything=True)
