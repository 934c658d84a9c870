"""Showing a new publication in PostgreSQL: all at once, with readers at work.

Belongs here: the one transaction that puts staged tables in place of the live ones, and what has
to survive it (the schemas, grants, what is not ours). Not here: loading (postgres.py).

Readers hold a lock on what they read until their statement (or transaction) ends, and while
somebody waits for a stronger lock on a table, new readers queue behind. So the locks are asked for
in one statement that gives up after less than a second, and again a little later: a long query
delays the publication and not its colleagues. It must stay below PostgreSQL's deadlock_timeout
(one second by default), so that a reader who waits for us while we wait for them is never the one
to be cancelled.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import psycopg

from finsync_dagster.publishing import ddl
from finsync_dagster.publishing.errors import PublishError
from finsync_dagster.publishing.operations import PUBLISHED
from finsync_dagster.publishing.postgres_grants import Grants
from finsync_dagster.publishing.sql_names import qualified, quoted
from finsync_dagster.publishing.views import View
from finsync_dagster.schema import TableSpec

PATIENCE_SECONDS = 300.0

_LOCK_MILLISECONDS = 800
_PAUSE_SECONDS = 0.5

Relation = tuple[str, str]


def staging(schema: str) -> str:
    """Where the tables of a schema are loaded before they are shown."""
    return f"{schema}__incoming"


def swap(
    connection: psycopg.Connection,
    schemas: Sequence[str],
    tables: Sequence[TableSpec],
    views: Sequence[View],
) -> None:
    """Replace the previous publication by the staged tables and the views.

    Raises:
        PublishError: readers hold on to the tables for longer than PATIENCE_SECONDS, or a name is
            taken by something that finsync did not publish.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with connection.transaction():
                _swap(connection, schemas, tables, views)
            return
        except (psycopg.errors.QueryCanceled, psycopg.errors.DeadlockDetected):
            if time.monotonic() > deadline:
                raise PublishError(
                    "somebody has been reading the published tables in one transaction for "
                    f"{PATIENCE_SECONDS:.0f} s; the previous publication stays"
                ) from None
            time.sleep(_PAUSE_SECONDS)


def _swap(
    connection: psycopg.Connection,
    schemas: Sequence[str],
    tables: Sequence[TableSpec],
    views: Sequence[View],
) -> None:
    for schema in schemas:
        _run(connection, f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}")
    old = _previous(connection)
    new = [(s.schema, s.name) for s in (*tables, *(v.spec for v in views))]
    _require_free(connection, set(new) - set(old))
    _lock(connection, list(old))
    _require_unprotected(connection, list(old))
    grants = Grants.read(connection, schemas)
    _drop(connection, old)
    for spec in tables:
        _run(
            connection,
            f"ALTER TABLE {qualified(staging(spec.schema), spec.name)} "
            f"SET SCHEMA {quoted(spec.schema)}",
        )
    for view in views:
        for statement in ddl.create_view(view):
            _run(connection, statement)
    for statement in grants.statements(new):
        _run(connection, statement)


def _previous(connection: psycopg.Connection) -> dict[Relation, str]:
    """What is live and was published by us: relation → table or view."""
    name = qualified(PUBLISHED.schema, PUBLISHED.name)
    if connection.execute("SELECT to_regclass(%s)", [name]).fetchone() == (None,):
        return {}
    # What somebody dropped by hand is not there any more.
    listed = connection.execute(
        f"SELECT schema_name, table_name, kind FROM {name} "
        "WHERE to_regclass(format('%I.%I', schema_name, table_name)) IS NOT NULL"
    )
    return {(schema, table): kind for schema, table, kind in listed}


def _require_free(connection: psycopg.Connection, names: set[Relation]) -> None:
    taken = [
        f"{schema}.{name}"
        for schema, name in sorted(names)
        if connection.execute("SELECT to_regclass(%s)", [qualified(schema, name)]).fetchone()
        != (None,)
    ]
    if taken:
        raise PublishError(
            f"{', '.join(taken)} exist(s) already and was not published by finsync; rename or "
            "drop it, or publish into a database of its own"
        )


def _lock(connection: psycopg.Connection, relations: Sequence[Relation]) -> None:
    if not relations:
        return
    names = ", ".join(qualified(*relation) for relation in sorted(relations))
    _run(connection, f"SET LOCAL statement_timeout = {_LOCK_MILLISECONDS}")
    _run(connection, f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE")
    _run(connection, "SET LOCAL statement_timeout = 0")


def _require_unprotected(connection: psycopg.Connection, relations: Sequence[Relation]) -> None:
    # A policy belongs to the table it was made for: replacing that would open its rows to all.
    for schema, name in sorted(relations):
        row = connection.execute(
            "SELECT relrowsecurity FROM pg_class WHERE oid = to_regclass(%s)",
            [qualified(schema, name)],
        ).fetchone()
        if row == (True,):
            raise PublishError(
                f"{schema}.{name} has row-level security, which replacing it would remove; put "
                "the policy on a view or copy of your own and disable it here"
            )


def _drop(connection: psycopg.Connection, old: dict[Relation, str]) -> None:
    # Not CASCADE: a view somebody else made on ours is not ours to drop.
    for kind in ("view", "table"):
        names = sorted(qualified(*relation) for relation, k in old.items() if k == kind)
        if names:
            _run(connection, f"DROP {kind.upper()} {', '.join(names)}")


def _run(connection: psycopg.Connection, statement: str) -> None:
    connection.execute(statement)
