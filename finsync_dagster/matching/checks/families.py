"""Every family of checks that is made, in the order in which failures are told.

Belongs here: the list. A family is added by writing its module and naming it here.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.matching.checks import (
    caps,
    charges,
    fx,
    small_differences,
    tax_codes,
    tax_lines,
    timing,
    unit_ratio,
)
from finsync_dagster.matching.checks.family import Family, Said
from finsync_dagster.matching.compared import Compared
from finsync_dagster.matching.tolerance import CHECKS, Comparison, Limits

FAMILIES: tuple[Family, ...] = (
    charges.FAMILY,
    fx.FAMILY,
    unit_ratio.FAMILY,
    caps.FAMILY,
    timing.FAMILY,
    tax_lines.FAMILY,
    tax_codes.FAMILY,
    small_differences.FAMILY,
)

ALL_CHECKS = (*CHECKS, *(check for family in FAMILIES for check in family.checks))
"""Checks that a policy must have tolerances for."""


def compare_families(compared: Compared, limits: Limits) -> list[Comparison]:
    """What there is to judge, of every family."""
    return [each for family in FAMILIES for each in family.compare(compared, limits)]


def tell_families(compared: Compared, failed: pl.DataFrame) -> list[Said]:
    """What the failed checks of every family have to say."""
    there = set(failed["check"].unique())
    said: list[Said] = []
    for family in FAMILIES:
        if there.isdisjoint(family.checks):
            continue
        shown = there.intersection([*family.checks, *family.beside])
        said += family.tell(compared, failed.filter(pl.col("check").is_in(shown)))
    return said
