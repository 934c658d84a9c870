"""How a table of the world is written down: a line per column, its type by the value's meaning.

Belongs here: the notation and its way to SQL. Not here: the tables (tables/).
"""

from __future__ import annotations

from dataclasses import dataclass

# The meaning of a value decides its type: money is never a float.
TYPES = {
    "ID": "BIGINT",
    "INT": "INTEGER",
    "TEXT": "VARCHAR",
    "FLAG": "BOOLEAN",
    "DAY": "DATE",
    "MOMENT": "TIMESTAMP",  # UTC
    "MONEY": "DECIMAL(18,4)",
    "PRICE": "DECIMAL(28,10)",
    "QTY": "DECIMAL(18,6)",
    "RATE": "DECIMAL(18,12)",
    "PCT": "DECIMAL(9,4)",  # 19 % is 19
}


@dataclass(frozen=True)
class Column:
    """A column: its SQL type, whether it is always filled, what it says."""

    name: str
    sql_type: str
    required: bool
    comment: str


@dataclass(frozen=True)
class Table:
    """A table; its first column is its key."""

    name: str
    comment: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names, in order."""
        return tuple(column.name for column in self.columns)

    def ddl(self) -> list[str]:
        """The statements that create and describe the table."""
        columns = ", ".join(
            f"{c.name} {c.sql_type}{' NOT NULL' if c.required else ''}" for c in self.columns
        )
        statements = [
            f"CREATE TABLE {self.name} ({columns})",
            f"COMMENT ON TABLE {self.name} IS {_quoted(self.comment)}",
        ]
        statements += [
            f"COMMENT ON COLUMN {self.name}.{c.name} IS {_quoted(c.comment)}" for c in self.columns
        ]
        return statements


def table(name: str, comment: str, columns: str) -> Table:
    """A table from lines ``name TYPE what it says``; ``TYPE!`` is never null."""
    parsed = []
    for line in columns.strip().splitlines():
        column, kind, said = line.split(maxsplit=2)
        parsed.append(Column(column, TYPES[kind.rstrip("!")], kind.endswith("!"), said))
    return Table(name, comment, tuple(parsed))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
