"""What it takes to reach a system, beside its address.

Belongs here: secrets resolved from the environment, and where processes agree about a system. Not
here: how either is used (http/).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Reach:
    """``secrets``: name → value, never shown. ``shared``: a folder in which the processes of this
    machine agree on budgets and on systems that are down; None: this process keeps to itself.
    ``kept``: a folder for refresh tokens that a system replaces at each use, encrypted."""

    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    shared: Path | None = None
    kept: Path | None = None
