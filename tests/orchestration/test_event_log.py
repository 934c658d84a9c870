"""The event log kept open is Dagster's own, file by file and event by event."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from finsync_dagster.orchestration.event_log import KeptOpenEventLog, instance

pytestmark = pytest.mark.slow


@dg.asset(check_specs=[dg.AssetCheckSpec("good", asset="figures")])
def figures() -> dg.MaterializeResult:
    result = dg.AssetCheckResult(check_name="good", passed=True)
    return dg.MaterializeResult(metadata={"rows": 3}, check_results=[result])


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    return tmp_path


def test_what_is_written_is_read_by_dagster(home: Path) -> None:
    job = dg.Definitions([figures]).resolve_implicit_global_asset_job_def()
    with instance(home) as kept:
        assert isinstance(kept.event_log_storage, KeptOpenEventLog)
        runs = [job.execute_in_process(instance=kept).run_id for _ in range(6)]
        assert len(kept.event_log_storage._open) <= 4
    with dg.DagsterInstance.from_config(str(home)) as plain:
        assert not isinstance(plain.event_log_storage, KeptOpenEventLog)
        for run_id in runs:
            assert plain.get_run_by_id(run_id).is_success  # type: ignore[union-attr]
            said = [
                r.event_log_entry.dagster_event_type
                for r in plain.get_records_for_run(run_id).records
            ]
            assert dg.DagsterEventType.RUN_SUCCESS in said
        last = plain.get_latest_materialization_event(dg.AssetKey("figures"))
        assert last is not None
        assert last.run_id == runs[-1]


def test_two_may_write_at_a_time(home: Path) -> None:
    job = dg.Definitions([figures]).resolve_implicit_global_asset_job_def()
    with instance(home) as one, instance(home) as other:
        for kept in (one, other, one, other):
            assert job.execute_in_process(instance=kept).success
        assert len(other.get_runs()) == 4


def test_a_storage_that_is_configured_is_used(home: Path) -> None:
    place = home / "elsewhere"
    (home / "dagster.yaml").write_text(f"storage: {{sqlite: {{base_dir: {place}}}}}\n")
    with instance(home) as kept:
        assert not isinstance(kept.event_log_storage, KeptOpenEventLog)
        kept.get_runs()
    assert place.exists()
