"""One digest over everything a world holds."""

import hashlib

import duckdb

from finsync_dagster.sandbox.world.schema import TABLES


def digest(connection: duckdb.DuckDBPyConnection) -> str:
    """Hex digest over all rows of all tables, by key."""
    whole = hashlib.sha256()
    for table in TABLES:
        query = f"SELECT {', '.join(table.names)} FROM {table.name} ORDER BY {table.names[0]}"
        whole.update(table.name.encode())
        for row in connection.execute(query).fetchall():
            whole.update(repr(tuple(map(str, row))).encode())
    return whole.hexdigest()
