"""What canonical rows of a generated world must say, and how that is written down.

Belongs here: the notation. Not here: what each table must say (real/), comparing (comparing.py).

``real`` is SQL over the world (real/stages.py has its views), ``said`` over the warehouse; both
give ``system``, the columns of ``key`` and the fields, under one name each. A column that begins
with _ only serves ``told``: what one system says instead of the truth, because its API cannot say
it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Told:
    """What a system says of a field: an expression over ``real``'s columns, and why."""

    sql: str
    reason: str


def unknown(reason: str) -> Told:
    """The system does not say it."""
    return Told("NULL", reason)


@dataclass(frozen=True)
class Projection:
    """One subject: how the world and the warehouse tell of it. ``told``: system → field → Told."""

    name: str
    key: tuple[str, ...]
    real: str
    said: str
    told: Mapping[str, Mapping[str, Told]] = field(default_factory=dict)

    def expected(self, system: str, columns: tuple[str, ...]) -> str:
        """The SQL of what a system must have led to: the truth, but for what it tells otherwise.

        Raises:
            KeyError: something is told of a field that is not there.
        """
        told = self.told.get(system, {})
        fields = [c for c in columns if not c.startswith("_") and c not in ("system", *self.key)]
        if strange := set(told) - set(fields):
            raise KeyError(f"{self.name} of {system}: there is no field {sorted(strange)}")
        chosen = [f"({told[f].sql}) AS {f}" if f in told else f for f in fields]
        wanted = ", ".join((*self.key, *chosen))
        return f"SELECT {wanted} FROM ({self.real}) WHERE system = '{system}'"
