"""What must hold in every world: sums, taxes, balances, dates.

Belongs here: queries that find contradictions. Not here: what was planted on purpose is excused
by name, nothing else is.
"""

from __future__ import annotations

import duckdb


class WorldError(AssertionError):
    """The world contradicts itself: a defect of the generator."""


# Each finds rows that must not exist.
RULES: dict[str, str] = {}


def require(connection: duckdb.DuckDBPyConnection) -> None:
    """Runs every rule.

    Raises:
        WorldError: a rule found rows; the message names it and counts them.
    """
    for rule, query in RULES.items():
        found = connection.execute(f"SELECT count(*) FROM ({query})").fetchall()[0][0]
        if found:
            raise WorldError(f"the world does not hold: {rule} ({found} rows)")
