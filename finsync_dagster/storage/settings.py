"""Where the pipeline reads and writes, from environment variables, with embedded defaults.

Belongs here: every environment variable the project reads for its own stores. Not here: the
addresses of source systems, which the landscape names.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from finsync_dagster.landscape.load import DEMO
from finsync_dagster.landscape.model import Connection

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Settings:
    """Resolved locations; every URL names its scheme and driver."""

    home: Path
    landscape: Path
    lake_url: str
    database_url: str
    warehouse_url: str

    @property
    def landing_url(self) -> str:
        """Root of the landed pages and manifests."""
        return f"{self.lake_url}/landing"

    @property
    def holdings(self) -> Path:
        """Folder of what is held of each system: a cache on local disk, which may be deleted."""
        return self.home / "holdings"

    @property
    def shared(self) -> Path:
        """Folder in which processes agree how a source is asked: a cache, which may be deleted."""
        return self.home / "shared"

    @property
    def tokens(self) -> Path:
        """Folder of refresh tokens that systems replace at each use, encrypted; not to be lost."""
        return self.home / "tokens"

    def secrets(self, connection: Connection) -> dict[str, str]:
        """A source's secrets by name; one whose variable is unset or empty is left out."""
        named = {n: os.environ.get(v.removeprefix("env:")) for n, v in connection.secrets.items()}
        return {name: value for name, value in named.items() if value}

    def source_url(self, connection: Connection) -> str | None:
        """Address of a source system; None when it has no default and its variable is unset."""
        stated = os.environ.get(connection.url_env) or connection.default
        return stated and stated.replace("{home}", str(self.home)).replace(
            "{project}", str(PROJECT)
        )


def workspace() -> Path:
    """The file that tells Dagster where the definitions are."""
    return PROJECT / "workspace.yaml"


def settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings in force (see the README's table of variables)."""
    env = os.environ if environ is None else environ
    home = Path(env.get("FINSYNC_HOME") or PROJECT / "data").expanduser().resolve()
    return Settings(
        home=home,
        landscape=Path(env.get("FINSYNC_LANDSCAPE") or DEMO).expanduser().resolve(),
        lake_url=(env.get("FINSYNC_LAKE_URL") or f"file://{home}/lake").rstrip("/"),
        database_url=env.get("FINSYNC_DATABASE_URL") or f"sqlite:///{home}/state.sqlite",
        warehouse_url=env.get("FINSYNC_WAREHOUSE_URL") or f"duckdb:///{home}/warehouse.duckdb",
    )
