"""Schedules and sensors: what they start, and when they do not."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from finsync_dagster.definitions import definitions
from finsync_dagster.orchestration.workshop import Workshop
from finsync_dagster.sandbox.legacy_erps import prepare
from finsync_dagster.storage.settings import PROJECT

pytestmark = pytest.mark.slow


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FINSYNC_HOME", str(tmp_path))
    monkeypatch.delenv("FINSYNC_LANDSCAPE", raising=False)
    for name in ("wwi", "adventureworks"):
        url = f"sqlite:///{tmp_path}/sources/{name}.sqlite"
        prepare(name, url, PROJECT / "data" / "sources")
    return tmp_path


@pytest.fixture
def repository(home: Path) -> dg.RepositoryDefinition:
    return definitions(Workshop()).get_repository_def()


def changed(repository: dg.RepositoryDefinition, cursor: str | None) -> dg.SensorResult:
    sensor = repository.get_sensor_def("source_changed")
    with dg.build_sensor_context(cursor=cursor, repository_def=repository) as context:
        result = sensor(context)
    assert isinstance(result, dg.SensorResult)
    return result


def test_the_sensor_starts_a_run_only_for_the_entity_whose_source_changed(
    repository: dg.RepositoryDefinition, home: Path
) -> None:
    first = changed(repository, None)
    assert {r.partition_key for r in first.run_requests or []} == {
        "adventureworks",
        "lumen_de",
        "lumen_fr",
        "lumen_ie",
        "lumen_uk",
        "lumen_us",
        "tryton_sub",
        "wwi",
    }
    quiet = changed(repository, first.cursor)
    assert not quiet.run_requests
    with sqlite3.connect(home / "sources" / "wwi.sqlite") as source:
        source.execute(
            "UPDATE Purchasing_PurchaseOrders SET LastEditedWhen = '2016-06-01 08:00:00' "
            "WHERE PurchaseOrderID = 2074"
        )
    source.close()
    (request,) = changed(repository, first.cursor).run_requests or []
    assert request.partition_key == "wwi"
    asked = {key.path[1] for key in request.asset_selection or [] if key.path[0] == "landing"}
    assert asked == {"wwi_erp"}


def test_a_source_that_is_down_neither_starts_a_run_nor_breaks_the_sensor(
    repository: dg.RepositoryDefinition, home: Path
) -> None:
    seen = changed(repository, None).cursor
    (home / "sources" / "wwi.sqlite").rename(home / "sources" / "away")
    result = changed(repository, seen)
    assert not result.run_requests
    assert isinstance(result.skip_reason, dg.SkipReason)
    assert "wwi_erp" in str(result.skip_reason.skip_message)
    assert json.loads(result.cursor or "{}") == json.loads(seen or "{}")


def test_the_schedule_runs_every_legal_entity(repository: dg.RepositoryDefinition) -> None:
    schedule = repository.get_schedule_def("intraday_schedule")
    moment = datetime(2026, 3, 2, 9, tzinfo=UTC)
    with dg.build_schedule_context(
        scheduled_execution_time=moment, repository_def=repository
    ) as context:
        requests = schedule.evaluate_tick(context).run_requests or []
    assert {r.partition_key for r in requests} == {
        "adventureworks",
        "lumen_de",
        "lumen_fr",
        "lumen_ie",
        "lumen_uk",
        "lumen_us",
        "tryton_sub",
        "wwi",
    }
    assert len({r.run_key for r in requests}) == 8


def test_nothing_starts_by_itself_on_a_first_look(repository: dg.RepositoryDefinition) -> None:
    assert {s.default_status for s in repository.schedule_defs} == {
        dg.DefaultScheduleStatus.STOPPED
    }
    running = {s.name for s in repository.sensor_defs if s.default_status.value == "RUNNING"}
    assert running == {"publish_after_success", "publish_after_failure"}
