"""Quarantine as the commands see it: the stored table, narrowed to what was asked for.

Belongs here: reading and checking names. Not here: what is meant by a selection (replaying.py).
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.canonical.tables.operations import QUARANTINE
from finsync_dagster.orchestration.replaying import Selection, SelectionError, select
from finsync_dagster.orchestration.workshop import Workshop


def chosen(shop: Workshop, selection: Selection) -> pl.DataFrame:
    """All defects of the records selected, as quarantine is now.

    Raises:
        SelectionError: a system, object or reason that there is not.
    """
    known = shop.landscape.systems
    asked = [s for s in selection.systems if s in known] or list(known)
    selection.check(shop.landscape, {o for s in asked for o in shop.spec(s).objects})
    return select(quarantine(shop), selection)


def quarantine(shop: Workshop) -> pl.DataFrame:
    """Every defect there is, in a fixed order."""
    return shop.lake.current(QUARANTINE).collect().sort(QUARANTINE.key)


def of_entity(shop: Workshop, defects: pl.DataFrame, entity: str | None) -> pl.DataFrame:
    """Those of systems that hold records of the legal entity; all if none is given.

    A quarantined record states no entity that could be trusted, so its system's is taken.

    Raises:
        SelectionError: no such entity.
    """
    if entity is None:
        return defects
    if entity not in shop.landscape.legal_entities:
        there = ", ".join(sorted(shop.landscape.legal_entities))
        raise SelectionError(f"no legal entity {entity}; there are: {there}")
    return defects.filter(pl.col("source_system").is_in(list(shop.landscape.systems_of(entity))))
