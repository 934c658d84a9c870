"""One publication: every table loaded aside and verified, then shown all at once.

Belongs here: the order of steps, which is the same for every warehouse. Not here: how a warehouse
loads and shows (duckdb_file.py, postgres.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import polars as pl

from finsync_dagster.publishing import address, duckdb_file, postgres
from finsync_dagster.publishing.errors import PublishError
from finsync_dagster.publishing.operations import (
    DATA_DICTIONARY,
    OWN_TABLES,
    PUBLISHED,
    Publication,
    data_dictionary,
    published,
)
from finsync_dagster.publishing.prepare import prepare
from finsync_dagster.publishing.views import View
from finsync_dagster.schema import TableSpec

Tables = Sequence[tuple[TableSpec, pl.DataFrame | pl.LazyFrame]]


class Loading(Protocol):
    """A publication in the making, invisible to readers."""

    def load(self, spec: TableSpec, rows: pl.DataFrame) -> None:
        """Add a table and verify that it holds what was given."""

    def show(self, views: Sequence[View]) -> None:
        """Add the views and let readers see everything, at one moment."""


def publish(
    tables: Tables, url: str, views: Sequence[View], publication: Publication
) -> dict[str, int]:
    """Replace what the warehouse shows by these tables and views; rows per table.

    Lazy frames are collected one at a time. Added are operations.data_dictionary and
    operations.published. Until the last moment readers see the previous publication, after it
    this one, and if anything fails the previous one stays.

    Raises:
        PublishError: a table is not as declared, was not loaded as given, a view reads what is
            not published, or the warehouse cannot be written.
    """
    specs = [spec for spec, _ in tables]
    _require_consistent(specs, views)
    shown = [view.spec for view in views]
    rows: dict[str, int] = {}
    with _loading(url, [*specs, *OWN_TABLES, *shown]) as loading:

        def load(spec: TableSpec, frame: pl.DataFrame | pl.LazyFrame) -> None:
            prepared = prepare(spec, frame)
            loading.load(spec, prepared)
            rows[spec.full_name] = prepared.height

        for spec, frame in tables:
            load(spec, frame)
        load(DATA_DICTIONARY, data_dictionary([*specs, *OWN_TABLES, *shown]))
        load(PUBLISHED, published(publication, rows, shown))
        loading.show(views)
    return rows


def _loading(url: str, relations: Sequence[TableSpec]) -> AbstractContextManager[Loading]:
    place = address.parse(url)
    schemas = sorted({spec.schema for spec in relations})
    if isinstance(place, address.DuckDbFile):
        return duckdb_file.loading(place.path, schemas)
    return postgres.loading(place, schemas)


def _require_consistent(specs: Sequence[TableSpec], views: Sequence[View]) -> None:
    names = [s.full_name for s in (*specs, *OWN_TABLES, *(v.spec for v in views))]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise PublishError(f"published twice: {', '.join(twice)}")
    for view in views:
        missing = sorted(set(view.reads) - set(names))
        if missing:
            raise PublishError(
                f"the view {view.spec.full_name} reads {', '.join(missing)}, which is not published"
            )
