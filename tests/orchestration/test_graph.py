"""The asset graph as a reviewed snapshot: what a change adds to it is seen in its diff."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.freshness import TimeWindowFreshnessPolicy

from finsync_dagster.definitions import definitions
from finsync_dagster.orchestration.jobs import INTRADAY, entity_assets
from finsync_dagster.orchestration.workshop import Workshop

pytestmark = pytest.mark.slow

SNAPSHOT = Path(__file__).parent / "graph.json"


@pytest.fixture(scope="module")
def defs(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FINSYNC_HOME", str(tmp_path_factory.mktemp("home")))
        patch.delenv("FINSYNC_LANDSCAPE", raising=False)
        return definitions(Workshop())


@pytest.fixture(scope="module")
def specs(defs: dg.Definitions) -> list[dg.AssetSpec]:
    return sorted(defs.resolve_all_asset_specs(), key=lambda spec: spec.key)


def test_the_graph_is_the_reviewed_one(
    defs: dg.Definitions,
    specs: list[dg.AssetSpec],
    reviewed: Callable[[Path, str], None],
) -> None:
    repository = defs.get_repository_def()
    checks = sorted(
        f"{spec.asset_key.to_user_string()}: {spec.name}{' (blocking)' if spec.blocking else ''}"
        for spec in repository.asset_graph.asset_check_keys
        for spec in [repository.asset_graph.get_check_spec(spec)]
    )
    tree = {
        "assets": {
            spec.key.to_user_string(): {
                "group": spec.group_name,
                "owners": list(spec.owners),
                "kinds": sorted(spec.kinds),
                "partitions": spec.partitions_def.get_partition_keys()
                if spec.partitions_def
                else None,
                "deps": sorted(d.asset_key.to_user_string() for d in spec.deps),
                "fails_after": str(spec.freshness_policy.fail_window.to_timedelta())
                if isinstance(spec.freshness_policy, TimeWindowFreshnessPolicy)
                else None,
            }
            for spec in specs
        },
        "checks": checks,
        "jobs": sorted(repository.job_names),
        "schedules": {s.name: s.cron_schedule for s in repository.schedule_defs},
        "sensors": sorted(s.name for s in repository.sensor_defs),
    }
    reviewed(SNAPSHOT, json.dumps(tree, indent=1, ensure_ascii=False) + "\n")


def test_every_asset_introduces_itself(specs: list[dg.AssetSpec]) -> None:
    for spec in specs:
        assert spec.description, spec.key
        assert spec.owners, spec.key
        assert spec.kinds, spec.key


def test_tables_show_their_columns_with_descriptions(specs: list[dg.AssetSpec]) -> None:
    tables = [s for s in specs if "dagster/column_schema" in s.metadata]
    assert len(tables) > 25
    for spec in tables:
        columns = spec.metadata["dagster/column_schema"].columns
        assert all(column.description for column in columns), spec.key


def test_column_lineage_comes_from_the_mapping(specs: list[dg.AssetSpec]) -> None:
    lines = next(s for s in specs if s.key.path == ["canonical", "wwi_erp", "purchase_order_lines"])
    lineage = lines.metadata["dagster/column_lineage"].deps_by_column
    assert {(d.asset_key.path[-1], d.column_name) for d in lineage["qty_ordered_base"]} == {
        ("purchase_order_lines", "OrderedOuters"),
        ("stock_items", "QuantityPerOuter"),
    }


def test_an_entity_s_run_asks_only_its_own_systems(defs: dg.Definitions) -> None:
    keys = {k.to_user_string() for k in entity_assets(Workshop(), "wwi")}
    assert any("wwi_erp" in k for k in keys)
    assert not any("adventureworks_erp" in k for k in keys)
    whole = defs.resolve_job_def(INTRADAY).asset_layer.executable_asset_keys
    assert {k.to_user_string() for k in whole} > keys
