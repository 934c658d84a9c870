"""The warehouse as one DuckDB file, built aside and put in place in one step.

Belongs here: writing that file. Not here: the order of a publication (publish.py), reading
(read.py).

A reader who has the old file open goes on reading it: replacing a file takes its name away, not
its contents. A publication that is killed leaves a file beside the warehouse, which the next one
removes; a lock, which the system lets go of when its holder dies, keeps two from working at once.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl

from finsync_dagster.publishing import ddl
from finsync_dagster.publishing.errors import PublishError
from finsync_dagster.publishing.sql_names import qualified, quoted
from finsync_dagster.publishing.totals import require_equal, totals, totals_query
from finsync_dagster.publishing.views import View
from finsync_dagster.schema import TableSpec

LOCK_SECONDS = 600.0

# Nothing is fetched from the network.
CONFIG: dict[str, str | bool | int | float | list[str]] = {"autoinstall_known_extensions": False}
_SLICE = 1_000_000
_BUILDING = ".building"


class DuckDbLoading:
    """A new file in the making."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """``connection`` is open on the new file, in which the schemas exist."""
        self._connection = connection

    def load(self, spec: TableSpec, rows: pl.DataFrame) -> None:
        """Add a table and verify it."""
        with _explained(spec.full_name):
            self._run(ddl.create_table(spec, spec.schema))
            target = qualified(spec.schema, spec.name)
            for part in rows.iter_slices(_SLICE):
                self._connection.register("given", part.to_arrow())
                self._run(f"INSERT INTO {target} SELECT * FROM given")
                self._connection.unregister("given")
            for statement in ddl.table_comments(spec, spec.schema):
                self._run(statement)
            columns = ddl.published_columns(spec)
            self._run(totals_query(spec.schema, spec.name, columns))
            found = self._connection.fetchone()
        require_equal(spec.full_name, totals(columns, rows), found)

    def show(self, views: Sequence[View]) -> None:
        """Add the views. The file itself is put in place when the publication has succeeded."""
        for view in views:
            with _explained(view.spec.full_name):
                for statement in ddl.create_view(view):
                    self._run(statement)

    def _run(self, statement: str) -> None:
        self._connection.execute(statement)


@contextmanager
def loading(path: Path, schemas: Sequence[str]) -> Iterator[DuckDbLoading]:
    """A publication into the file at ``path``; put in place if the block succeeds.

    Raises:
        PublishError: the folder cannot be written, or another publication does not end.
    """
    with _explained(str(path)):
        path.parent.mkdir(parents=True, exist_ok=True)
    with _alone(path):
        _remove_leftovers(path)
        building = path.with_name(f".{path.name}.{uuid.uuid4().hex}{_BUILDING}")
        try:
            with _explained(str(path)), duckdb.connect(str(building), config=CONFIG) as connection:
                for schema in schemas:
                    connection.execute(f"CREATE SCHEMA {quoted(schema)}")
                yield DuckDbLoading(connection)
                connection.execute("CHECKPOINT")
            with _explained(str(path)):
                _put_in_place(building, path)
        finally:
            _remove(building)


def _put_in_place(building: Path, path: Path) -> None:
    if path.exists():
        shutil.copymode(path, building)
    _sync(building)
    # Left by someone who wrote into the old file and died; it must not be applied to the new one.
    path.with_name(path.name + ".wal").unlink(missing_ok=True)
    os.replace(building, path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove_leftovers(path: Path) -> None:
    # Compared as text: a pattern would give a meaning to brackets in the file's own name.
    for entry in path.parent.iterdir():
        if entry.name.startswith(f".{path.name}.") and _BUILDING in entry.suffixes:
            _remove(entry)


def _remove(building: Path) -> None:
    building.unlink(missing_ok=True)
    building.with_name(building.name + ".wal").unlink(missing_ok=True)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with _explained(str(path)):
        lock = path.with_name(f".{path.name}.lock").open("w")
    with lock:
        _wait_for(lock.fileno(), path)
        yield


def _wait_for(handle: int, path: Path) -> None:
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise PublishError(
                    f"another publication to {path} has been running for {LOCK_SECONDS:.0f} s"
                ) from None
            time.sleep(0.1)


@contextmanager
def _explained(what: str) -> Iterator[None]:
    try:
        yield
    except (duckdb.Error, OSError) as error:
        raise PublishError(f"{what} cannot be published: {error}") from error
