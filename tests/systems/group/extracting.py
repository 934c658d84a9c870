"""Extracting and conforming alone: the part of a run that meets the systems.

Belongs here: taking every object of systems and conforming it, as assets do, without Dagster; what
the canonical tables say after. Not here: expectations. As a program it can be killed:

    python -m tests.systems.group.extracting group_sap group_coupa
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

import polars as pl

from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.landing import reading
from finsync_dagster.landing.take import take
from finsync_dagster.orchestration.conforming import Outcome, conform_system
from finsync_dagster.orchestration.workshop import Workshop
from tests.pipeline.homes import CIRCUMSTANCES
from tests.systems.group.company import Company

# When and by which rules a row came about, and not what it says.
_CIRCUMSTANCES = {*CIRCUMSTANCES, "mapping_version", "source_updated_at"}


class IncompleteError(AssertionError):
    """An extract is not what the source stated: its assets stop, and the next run reads anew."""


def take_all(systems: Sequence[str], runs: int = 1) -> None:
    """Takes every object of systems in the current environment, the systems side by side.

    ``runs``: what a run failed to take is taken up by the next one, so often.

    Raises:
        SourceError: what a system refused in the last run, after all attempts.
    """
    with ThreadPoolExecutor(len(systems)) as pool:
        for _ in pool.map(lambda system: _taken(system, runs), systems):
            pass


def extract(systems: Sequence[str], runs: int = 1) -> dict[str, Outcome]:
    """Takes and conforms systems in the current environment.

    Raises:
        SourceError: what a system refused, after all attempts.
    """
    take_all(systems, runs)
    shop = Workshop()
    return {s: conform_system(shop, s, f"run of {s}", datetime.now(UTC)) for s in systems}


def _taken(system: str, runs: int) -> None:
    shop = Workshop()
    objects = shop.spec(system).objects
    # Lines are read after their documents, so that no line is newer than its document.
    left = sorted(objects, key=lambda name: objects[name].lines_of is not None)
    for run in range(1, runs + 1):
        failed = []
        for name in left:
            try:
                _take(shop, system, name)
            except (SourceError, IncompleteError):
                if run == runs:
                    raise
                failed.append(name)
        left = failed


def _take(shop: Workshop, system: str, name: str) -> None:
    url = shop.settings.source_url(shop.system(system).connection)
    assert url is not None
    manifest = take(
        shop.landing,
        system,
        url,
        name,
        shop.spec(system).objects[name],
        now=lambda: datetime.now(UTC),
        full=False,
        reach=shop.reach(system),
    )
    if not manifest.complete:
        raise IncompleteError(system, name, manifest.incomplete_because)


@contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """These variables, and none of finsync's beside them."""
    before = dict(os.environ)
    for name in [n for n in os.environ if n.startswith(("FINSYNC_", "DAGSTER_"))]:
        del os.environ[name]
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def extracted(company: Company, runs: int = 1) -> dict[str, Outcome]:
    """Takes and conforms a company's systems."""
    with environment(company.home.environment):
        return extract(company.systems, runs)


def landed(company: Company) -> dict[str, pl.DataFrame]:
    """Every record that was landed, once each: ``system/object`` → its fields as text."""
    with environment(company.home.environment):
        shop = Workshop()
        found = {}
        for system in company.systems:
            for name, spec in shop.spec(system).objects.items():
                manifests = shop.landing.current_manifests(system, name, complete_only=True)
                frames = list(reading.batches(shop.landing, manifests))
                if frames:
                    records = pl.concat(frames, how="diagonal").drop(_CIRCUMSTANCES, strict=False)
                    # Records tell their own address, and every server has another port.
                    here = pl.col(pl.String).str.replace_all(company.group.url, "", literal=True)
                    found[f"{system}/{name}"] = records.with_columns(here).unique().sort(spec.key)
    return found


def canonical(company: Company) -> dict[str, pl.DataFrame]:
    """What the canonical tables say of a company's systems, in an order of their own."""
    with environment(company.home.environment):
        lake = Workshop().lake
    found = {}
    for name, spec in TABLES.items():
        if not lake.exists(spec) or "source_system" not in spec.polars_schema:
            continue
        mine = pl.col("source_system").is_in(company.systems)
        frame = lake.current(spec).filter(mine).collect()
        frame = frame.drop(_CIRCUMSTANCES & set(frame.columns))
        found[name] = frame.sort("record_id", *spec.key)
    return {name: frame for name, frame in found.items() if frame.height}


def assert_same(got: Mapping[str, pl.DataFrame], expected: Mapping[str, pl.DataFrame]) -> None:
    """Both say the same; else the first rows that do not."""
    assert got.keys() == expected.keys()
    for name, frame in expected.items():
        if got[name].equals(frame):
            continue
        key = list(TABLES[name].key)
        lost = frame.join(got[name], on=key, how="anti").select(key)
        strange = got[name].join(frame, on=key, how="anti").select(key)
        both = frame.join(got[name], on=key, suffix="_got")
        changed = {
            column: both.filter(pl.col(column).ne_missing(pl.col(f"{column}_got")))
            .select(*key, column, f"{column}_got")
            .head(3)
            .rows()
            for column in frame.columns
            if column not in key
        }
        differing = {column: rows for column, rows in changed.items() if rows}
        raise AssertionError(
            f"{name}: lost {lost.height} {lost.head(5).rows()}, strange {strange.height} "
            f"{strange.head(5).rows()}, different {differing}"
        )


if __name__ == "__main__":
    extract(sys.argv[1:])
