"""Source databases for tests: the same table on SQLite and on a real PostgreSQL."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from finsync_dagster.connectors.sql_model import SqlObject
from tests.postgres import fresh_database

# id, changed, amount, note; "changed" is TEXT on SQLite and TIMESTAMP on PostgreSQL.
LINES = SqlObject(
    table="Order_Lines",
    key=("Id",),
    cursor="Changed",
    control_totals={"Amount": 2},
    rows_per_page=2,
)


@dataclass
class SourceDatabase:
    """An ERP with one table, that a test can write to."""

    kind: str
    url: str

    def run(self, *statements: str) -> None:
        engine = sa.create_engine(self.url, poolclass=sa.NullPool)
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        engine.dispose()

    def create_lines(self, *rows: tuple, amount_type: str = "") -> None:
        numeric = amount_type or ("TEXT" if self.kind == "sqlite" else "NUMERIC")
        stamp = "TEXT" if self.kind == "sqlite" else "TIMESTAMP"
        self.run(
            f'CREATE TABLE "Order_Lines" ("Id" BIGINT, "Changed" {stamp}, '
            f'"Amount" {numeric}, "Note" TEXT)'
        )
        self.insert(*rows)

    def insert(self, *rows: tuple) -> None:
        for row in rows:
            values = ", ".join(_literal(value) for value in row)
            self.run(f'INSERT INTO "Order_Lines" VALUES ({values})')


def _literal(value: object) -> str:
    return "NULL" if value is None else "'" + str(value).replace("'", "''") + "'"


def sqlite_database(tmp_path: Path) -> SourceDatabase:
    return SourceDatabase("sqlite", f"sqlite:///{tmp_path}/source.sqlite")


def postgresql_database(_: Path) -> SourceDatabase:
    return SourceDatabase("postgresql", fresh_database("source"))


DATABASES: dict[str, Callable[[Path], SourceDatabase]] = {
    "sqlite": sqlite_database,
    "postgresql": postgresql_database,
}
