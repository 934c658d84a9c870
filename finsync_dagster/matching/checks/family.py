"""What a family of checks is: which checks, how they compare, what a failure says.

Belongs here: the shape. Not here: any rule, nor the list of families (families.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from finsync_dagster.matching.compared import Compared
from finsync_dagster.matching.telling.notes import Said
from finsync_dagster.matching.tolerance import Comparison, Limits


@dataclass(frozen=True)
class Family:
    """Checks that belong together."""

    checks: tuple[str, ...]
    """Names, as the policy's tolerances have them."""
    compare: Callable[[Compared, Limits], list[Comparison]]
    """What there is to judge (``tolerance.differing``) of everything the checks apply to."""
    tell: Callable[[Compared, pl.DataFrame], list[Said]]
    """Notes on those of the family's check results that failed."""
    beside: tuple[str, ...] = ()
    """Checks of others whose failures ``tell`` is shown too: what they say is not said twice."""


__all__ = ["Family", "Said"]
