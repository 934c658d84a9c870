"""What is read of an object, as plain values: the other side of the contract.

Belongs here: its shape. Not here: reading it off the mappings, which come later on the road
(orchestration/contracts.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class FieldNeed:
    """What one field of the source is read for."""

    feeds: tuple[str, ...]
    """Canonical columns (``invoices.gross``), or in words what else depends on it."""
    required: bool
    """Something that cannot be empty depends on it, and on nothing instead of it."""
    measure: bool
    """An amount, a quantity or a date depends on it."""


@dataclass(frozen=True)
class CodeNeed:
    """A code map that the values of one field are looked up in."""

    map: str
    listed: frozenset[str]
    certain: bool
    """Every record's value is looked up. If not, some may be looked up in other ways or not at
    all, and one that is not listed need not matter."""


@dataclass(frozen=True)
class Needs:
    """What is read of one object. ``codes``: field → the maps it is looked up in."""

    fields: Mapping[str, FieldNeed] = field(default_factory=dict)
    codes: Mapping[str, tuple[CodeNeed, ...]] = field(default_factory=dict)
    reads_every_field: bool = False
    """Fields become rows, so that also those that nothing names are read."""

    def reads(self, name: str) -> bool:
        """Does something depend on the field?"""
        return self.reads_every_field or name in self.fields
