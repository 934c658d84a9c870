"""The ids of a NetSuite account: one row of numbers for all transactions, one for all entities.

Belongs here: from the world's keys to ids, as SQL. Not here: which rows there are (projection*.py).

Ids ascend with time, and the last tenth of each kind is above 2^53, where a client that reads ids
as floats mixes up neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass

_BEYOND_FLOATS = 9_007_199_254_740_992

FREIGHT = 900_001  # the item by which freight is billed

_KINDS = {"requisition": 1, "purchase_order": 2, "receipt": 3, "invoice": 4, "payment": 5}
_CURRENCIES = {"USD": 1, "GBP": 2, "CAD": 3, "EUR": 4, "JPY": 5, "CHF": 6}


@dataclass(frozen=True)
class Numbering:
    """SQL for ids; ``last`` is the highest key of each of the world's document tables."""

    last: dict[str, int]

    def transaction(self, table: str, key: str) -> str:
        """The id of a transaction, from the key of its row in a table of the world."""
        limit = self.last[table] * 9 // 10
        low = f"({key} * 8 + {_KINDS[table]})"
        return f"({low} + CASE WHEN {key} > {limit} THEN {_BEYOND_FLOATS} ELSE 0 END)"

    def line(self, table: str, key: str, part: int) -> str:
        """The unique key of a line: ``part`` 0 for main lines, others for kinds of lines."""
        return f"({key} * 64 + {_KINDS[table] * 8 + part})"


def vendor(key: str) -> str:
    """The entity id of a supplier account."""
    return f"({key} * 2 + 1000)"


def employee(key: str) -> str:
    """The entity id of an employee."""
    return f"({key} * 2 + 1001)"


def currency(code: str) -> str:
    """The id of a currency."""
    cases = " ".join(f"WHEN '{name}' THEN {key}" for name, key in _CURRENCIES.items())
    return f"CAST(CASE {code} {cases} END AS BIGINT)"


def period(day: str) -> str:
    """The id of the accounting period of a day."""
    return f"CAST((year({day}) - 2020) * 12 + month({day}) + 100 AS BIGINT)"


def currencies() -> dict[str, int]:
    """The ids of the account's currencies, by code."""
    return dict(_CURRENCIES)
