"""The account's tables: made from a world once, kept beside it, read as of a moment.

Belongs here: the file, the tables with all their columns, the views a query sees. Not here: what
the rows are (projection*.py), queries (results.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb
from filelock import FileLock

from finsync_dagster.sandbox.vendors.netsuite.catalog import SQL_TYPES, tables
from finsync_dagster.sandbox.vendors.netsuite.numbering import Numbering
from finsync_dagster.sandbox.vendors.netsuite.projection_lines import lines
from finsync_dagster.sandbox.vendors.netsuite.projection_parties import parties
from finsync_dagster.sandbox.vendors.netsuite.projection_transactions import transactions
from finsync_dagster.sandbox.vendors.netsuite.shown import displays
from finsync_dagster.sandbox.world.reading import World

_DOCUMENTS = ("requisition", "purchase_order", "receipt", "invoice", "payment")
_HIDDEN = {
    "_created": "TIMESTAMP",
    "_changed": "TIMESTAMP",
    "_deleted": "TIMESTAMP",
    "_before": "VARCHAR",  # the state before the last change
}
# What a row shows until its last change.
_EARLIER = {
    "linelastmodifieddate": "_created",
    "lastmodifieddate": "_created",
    "status": "_before",
    "closedate": "NULL",
    "isclosed": "'F'",
    # Of a bill or a credit nothing was settled yet; a payment is used as it is entered.
    "foreignamountpaid": "foreignamountpaid * 0",
    "foreignamountunpaid": "foreignamountpaid + foreignamountunpaid",
    "foreignpaymentamountused": "CASE WHEN foreignamount > 0 THEN 0"
    " ELSE foreignpaymentamountused END",
    "foreignpaymentamountunused": "foreignpaymentamountunused"
    " + CASE WHEN foreignamount > 0 THEN foreignpaymentamountused ELSE 0 END",
}
_ROWS_AT_ONCE = 50_000


class Store:
    """The tables of the account, in a file that nobody writes to. Used by many threads."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.path = _built(world)
        # A query reaches these tables and nothing else of the machine.
        self._shared = duckdb.connect(
            str(self.path),
            read_only=True,
            config={"enable_external_access": False, "lock_configuration": True, "threads": 2},
        )
        with self.connect(None) as connection:
            row = connection.execute(
                'SELECT greatest(max(createddate), max(_changed)) FROM "_transaction"'
            ).fetchone()
        self._end: datetime = (row and row[0]) or datetime(2026, 10, 31)

    @property
    def now(self) -> datetime:
        """The moment at which the account stands."""
        return self.world.until or self._end

    @contextmanager
    def connect(self, until: datetime | None) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection that sees the account as of a moment; None: as of its end."""
        connection = self._shared.cursor()
        try:
            if until is not None:
                connection.execute(f"SET VARIABLE until = TIMESTAMP '{until.isoformat(sep=' ')}'")
            yield connection
        finally:
            connection.close()

    def close(self) -> None:
        """Let go of the file."""
        self._shared.close()


def _built(world: World) -> Path:
    path = world.path.with_name(f"{world.path.stem}-netsuite-{_digest()}.duckdb")
    with FileLock(f"{path}.lock"):
        if path.exists():
            return path
        aside = path.with_suffix(".part")
        for left in (aside, Path(f"{aside}.wal")):
            left.unlink(missing_ok=True)
        source = world.connect()
        try:
            with duckdb.connect(str(aside)) as target:
                _fill(source, target)
        finally:
            source.close()
        aside.rename(path)
        Path(f"{aside}.wal").unlink(missing_ok=True)
        # Those of other projections of the same world are not opened again.
        for former in path.parent.glob(f"{world.path.stem}-netsuite-*.duckdb"):
            if former != path:
                former.unlink(missing_ok=True)
                Path(f"{former}.lock").unlink(missing_ok=True)
    return path


def _fill(source: duckdb.DuckDBPyConnection, target: duckdb.DuckDBPyConnection) -> None:
    last = {table: _last(source, table) for table in _DOCUMENTS}
    numbers = Numbering(last)
    selects = {**parties(), **transactions(numbers), **lines(numbers)}
    for name in tables():
        target.execute(_view(name, _copy(source, target, name, selects[name])))
    for name, select in displays().items():
        target.execute(f'CREATE TABLE "_display_{name}" AS {select}')


def _last(source: duckdb.DuckDBPyConnection, table: str) -> int:
    row = source.execute(f"SELECT coalesce(max({table}_id), 0) FROM {table}").fetchone()
    return int(row[0]) if row else 0


def _copy(
    source: duckdb.DuckDBPyConnection, target: duckdb.DuckDBPyConnection, name: str, select: str
) -> list[str]:
    """Fill the table behind a view; the columns it has: those the SELECT gives."""
    types = {column.name: SQL_TYPES[column.kind] for column in tables()[name].values()} | _HIDDEN
    given = [row[0] for row in source.execute(f"DESCRIBE {select}").fetchall()]
    unknown = set(given) - set(types)
    if unknown:
        raise AssertionError(f"{name} has no column {', '.join(sorted(unknown))}")
    casts = ", ".join(f'CAST("{column}" AS {types[column]}) AS "{column}"' for column in given)
    reader = source.sql(f"SELECT {casts} FROM ({select})").to_arrow_reader(_ROWS_AT_ONCE)
    target.register("rows_of_the_world", reader)
    target.execute(f'CREATE TABLE "_{name}" AS SELECT * FROM rows_of_the_world')
    target.unregister("rows_of_the_world")
    return given


def _view(name: str, given: list[str]) -> str:
    """All columns of the catalog; rows as of the variable ``until``, null for the end."""
    until = "getvariable('until')"
    columns = []
    for column in tables()[name].values():
        if column.name not in given:
            columns.append(f'CAST(NULL AS {SQL_TYPES[column.kind]}) AS "{column.name}"')
        elif column.name in _EARLIER and "_changed" in given:
            earlier = _EARLIER[column.name]
            columns.append(
                f'CASE WHEN _changed > {until} THEN {earlier} ELSE "{column.name}" END '
                f'AS "{column.name}"'
            )
        else:
            columns.append(f'"{column.name}"')
    seen = ["true"]
    if "_created" in given:
        seen.append(f"({until} IS NULL OR _created <= {until})")
    if "_deleted" in given:
        seen.append(f"(_deleted IS NULL OR _deleted > {until})")
    rows = f'FROM "_{name}" WHERE {" AND ".join(seen)}'
    return f'CREATE VIEW "{name}" AS SELECT {", ".join(columns)} {rows}'


def _digest() -> str:
    """Another projection, another file."""
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.iterdir()):
        if source.suffix in (".py", ".tsv"):
            digest.update(source.read_bytes())
    return digest.hexdigest()[:12]
