"""Where the warehouse is.

Belongs here: reading its URL. Not here: connecting (duckdb_file.py, postgres.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from finsync_dagster.publishing.errors import PublishError

_DUCKDB = "duckdb:///"


@dataclass(frozen=True)
class DuckDbFile:
    """A warehouse in one file."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True)
class PostgresDatabase:
    """A warehouse in a PostgreSQL database; ``conninfo`` may hold a password, never ``shown``."""

    conninfo: str
    shown: str

    def __str__(self) -> str:
        return self.shown


def parse(url: str) -> DuckDbFile | PostgresDatabase:
    """The place a warehouse URL names; what follows ``duckdb:///`` is an absolute path.

    Raises:
        PublishError: the URL begins with neither ``duckdb:///`` nor ``postgresql``.
    """
    if url.startswith(_DUCKDB):
        # Links are followed, so that the file behind one is replaced and not the link.
        return DuckDbFile(Path("/" + url.removeprefix(_DUCKDB).lstrip("/")).resolve())
    try:
        address = make_url(url)
    except ArgumentError:
        raise PublishError(_complaint("(an address that cannot be read)")) from None
    if address.drivername not in ("postgresql", "postgresql+psycopg", "postgres"):
        raise PublishError(_complaint(address.render_as_string(hide_password=True)))
    return PostgresDatabase(
        conninfo=address.set(drivername="postgresql").render_as_string(hide_password=False),
        shown=address.render_as_string(hide_password=True),
    )


def _complaint(shown: str) -> str:
    return (
        f"nothing can be published to {shown}: FINSYNC_WAREHOUSE_URL must begin with duckdb:/// "
        "followed by an absolute path, or with postgresql+psycopg://"
    )
