"""Dagster's event log in SQLite files, kept open by the one command that writes it.

Belongs here: how the files are connected to. Not here: what is in them, which is Dagster's.

Dagster opens a file anew for each of the five or so statements an event takes, and waits for the
disk each time: a third of a run of small steps (docs/decisions/0010-event-log.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import dagster as dg
import sqlalchemy as sa
import yaml
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.event_log.sqlite.sqlite_event_log import (
    SQLITE_BUSY_TIMEOUT_SECONDS,
    SqliteEventLogStorage,
)
from dagster._serdes import ConfigurableClassData

_MOST_OPEN = 4
"""Files kept open: the index of all runs, the run that is going on, and two before it."""


def instance(home: Path) -> dg.DagsterInstance:
    """Dagster's instance of a folder; its event log is kept open if it is in files of that folder.

    With a ``storage`` of its own in dagster.yaml, PostgreSQL for instance, that is used as it is.
    """
    said = yaml.safe_load((home / "dagster.yaml").read_text(encoding="utf-8")) or {}
    if "storage" in said or "event_log_storage" in said:
        return dg.DagsterInstance.from_config(str(home))
    kept_open = {
        "module": KeptOpenEventLog.__module__,
        "class": KeptOpenEventLog.__name__,
        "config": {"base_dir": str(home / "history" / "runs")},
    }
    overrides: Any = {"event_log_storage": kept_open}
    return dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(home), overrides=overrides))


class KeptOpenEventLog(SqliteEventLogStorage):
    """The same files and contents as Dagster's own.

    A commit need not reach the disk before the next statement: what a crash of the machine takes
    away are events of a run that it ended anyway, and never a file's integrity.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._open: dict[str, sa.Engine] = {}
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> KeptOpenEventLog:
        """As Dagster makes it from its configuration."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[sa.Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.connect() as connection, connection.begin():
                yield connection

    def _engine(self, shard: str) -> sa.Engine:
        engine = self._open.pop(shard, None) or _opened(self.conn_string_for_shard(shard))
        # The one used last stands last.
        self._open[shard] = engine
        if len(self._open) > _MOST_OPEN:
            self._open.pop(next(iter(self._open))).dispose()
        return engine

    def dispose(self) -> None:
        """Close what is open."""
        while self._open:
            self._open.popitem()[1].dispose()
        super().dispose()


def _opened(address: str) -> sa.Engine:
    # The lock around every use lets only one thread at a time have a connection.
    arguments = {"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False}
    engine = sa.create_engine(address, connect_args=arguments)

    @sa.event.listens_for(engine, "connect")
    def relaxed(connection: Any, _: object) -> None:
        cast(Any, connection).execute("PRAGMA synchronous = NORMAL")

    return engine
