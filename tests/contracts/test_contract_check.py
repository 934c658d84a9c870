"""The contract on the real asset: a source that changes its shape fails a check, not the run."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import polars as pl
import pytest
import yaml

from finsync_dagster.contracts.tables import DRIFT, OBJECT_SHAPES
from finsync_dagster.landing.landing import Landing
from finsync_dagster.landscape.load import DEMO
from finsync_dagster.orchestration.assets.exceptions import drift_findings
from finsync_dagster.orchestration.assets.landing import FULL_TAG, landing_assets, landing_key
from finsync_dagster.orchestration.contracts import standing_drift
from finsync_dagster.orchestration.workshop import Workshop, WorkshopResource

pytestmark = pytest.mark.slow

KEY = landing_key("wwi_erp", "stock_items")
COLUMNS = "StockItemID, StockItemName, UnitPackageID, OuterPackageID, QuantityPerOuter, TaxRate"


class Items:
    """The items of Wide World Importers in a database of their own, and their landing asset."""

    def __init__(self, home: Path, instance: dg.DagsterInstance) -> None:
        self.instance = instance
        self.database = home / "sources" / "wwi.sqlite"
        self.database.parent.mkdir()
        self.shop = Workshop()
        (self.asset,) = (a for a in landing_assets(self.shop.landscape, self.shop) if a.key == KEY)

    def do(self, *statements: str) -> None:
        connection = sqlite3.connect(self.database)
        with connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()

    def extract(self) -> dg.AssetCheckEvaluation:
        """Materializes the asset, which must succeed; the evaluation of its contract."""
        done = dg.materialize(
            [self.asset],
            instance=self.instance,
            resources={"workshop": WorkshopResource()},
            tags={FULL_TAG: "true"},
        )
        assert done.success
        checks = {e.check_name: e for e in done.get_asset_check_evaluations()}
        assert checks["complete"].passed
        return checks["contract"]

    def drift(self) -> list[tuple[str, str, str]]:
        found = standing_drift(self.shop.lake).sort("severity", "drift", "field")
        return found.select("severity", "drift", "field").rows()


@pytest.fixture
def items(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Items]:
    monkeypatch.setenv("FINSYNC_HOME", str(tmp_path))
    for name in ("FINSYNC_LANDSCAPE", "FINSYNC_LAKE_URL", "FINSYNC_WWI_URL"):
        monkeypatch.delenv(name, raising=False)
    with dg.instance_for_test() as instance:
        source = Items(tmp_path, instance)
        source.do(
            f"CREATE TABLE Warehouse_StockItems ({COLUMNS}, UnitPrice, ValidFrom)",
            *(
                f"INSERT INTO Warehouse_StockItems VALUES "
                f"({i}, 'Mug {i}', '7', '6', '12', '15.000', '2.50', '2016-05-31 23:11:00')"
                for i in range(1, 31)
            ),
        )
        yield source


def test_a_source_that_changes_its_shape(items: Items) -> None:
    first = items.extract()
    assert (first.passed, first.description) == (True, "as expected")

    items.do(
        "ALTER TABLE Warehouse_StockItems RENAME COLUMN TaxRate TO VatRate",
        "UPDATE Warehouse_StockItems SET UnitPackageID = '99' WHERE StockItemID = 1",
        "UPDATE Warehouse_StockItems SET QuantityPerOuter = 'a dozen' WHERE StockItemID = 2",
    )
    second = items.extract()
    assert not second.passed
    assert second.severity == dg.AssetCheckSeverity.ERROR
    assert "Field TaxRate is missing" in (second.description or "")
    assert "| error | NEW_CODE | UnitPackageID |" in second.metadata["drift"].value
    errors = [
        ("error", "CHANGED_TYPE", "QuantityPerOuter"),
        ("error", "MISSING_FIELD", "TaxRate"),
        ("error", "NEW_CODE", "UnitPackageID"),
    ]
    assert items.drift() == [*errors, ("info", "NEW_FIELD", "VatRate")]
    # The records are there, those that cannot be used too.
    manifest = Landing(items.shop.settings.landing_url).last("wwi_erp", "stock_items")
    assert manifest is not None
    assert manifest.row_count == 30

    # The same once more says the same, once.
    assert items.extract().description == second.description
    assert items.shop.lake.read(DRIFT).collect().height == 4
    assert items.shop.lake.read(OBJECT_SHAPES).collect()["extract_id"].n_unique() == 2

    raised = drift_findings(items.shop.landscape, standing_drift(items.shop.lake))
    assert raised.select("reason_code", "entity_id", "counter_key").rows() == [
        ("SCHEMA_DRIFT", "wwi", f"{drift}|{field}")
        for _, drift, field in sorted(errors, key=lambda e: e[2])
    ]

    items.do(
        "ALTER TABLE Warehouse_StockItems RENAME COLUMN VatRate TO TaxRate",
        "UPDATE Warehouse_StockItems SET UnitPackageID = '7', QuantityPerOuter = '12'",
    )
    repaired = items.extract()
    assert repaired.passed
    assert items.drift() == [("info", "MISSING_FIELD", "VatRate")]


@pytest.mark.parametrize("damage", ["removed", "cut short"])
def test_what_goes_wrong_while_comparing_is_told_by_the_check(items: Items, damage: str) -> None:
    """The table of shapes cannot be read: the extract is kept, and the check says why."""
    items.extract()
    lake = Path(items.shop.settings.lake_url.removeprefix("file://"))
    (table,) = (lake / "operations" / "object_shapes").rglob("*.parquet")
    table.unlink()
    if damage == "cut short":
        table.write_bytes(b"PAR1")
    items.do("DELETE FROM Warehouse_StockItems WHERE StockItemID = 30")
    check = items.extract()
    assert not check.passed
    assert check.severity == dg.AssetCheckSeverity.WARN
    assert (check.description or "").startswith("The shape could not be compared: ")
    assert items.shop.landing.manifests("wwi_erp", "stock_items")[-1].row_count == 29


def test_only_the_newest_shapes_are_kept(items: Items, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("finsync_dagster.orchestration.contracts.SHAPES_KEPT", 2)
    seen = []
    for number in (40, 41, 42):
        items.do(
            "INSERT INTO Warehouse_StockItems SELECT "
            f"{number}, StockItemName, 99, OuterPackageID, QuantityPerOuter, TaxRate, UnitPrice, "
            "ValidFrom FROM Warehouse_StockItems WHERE StockItemID = 1"
        )
        items.extract()
        shapes = items.shop.lake.read(OBJECT_SHAPES).collect()
        seen.append(shapes.sort("observed_at")["extract_id"][-1])
    kept = shapes["extract_id"].unique().to_list()
    assert sorted(kept) == sorted(seen[1:])
    drift = items.shop.lake.read(DRIFT).collect()
    assert set(drift["extract_id"]) == set(seen[1:])
    assert drift.filter(pl.col("drift") == "NEW_CODE").height == 2


def test_lines_are_read_after_their_documents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    described = yaml.safe_load(DEMO.read_text(encoding="utf-8"))
    lines = {
        "lines_of": {"object": "purchase_orders", "key": ["PurchaseOrderID"]},
        "refresh": "close_critical",
    }
    described["systems"]["wwi_erp"]["overrides"] = {"objects": {"purchase_order_lines": lines}}
    landscape = tmp_path / "landscape.yaml"
    landscape.write_text(yaml.safe_dump(described), encoding="utf-8")
    monkeypatch.setenv("FINSYNC_LANDSCAPE", str(landscape))
    shop = Workshop()
    specs = {s.key: s for a in landing_assets(shop.landscape, shop) for s in a.specs}
    document, line = (landing_key("wwi_erp", f"purchase_order{s}") for s in ("s", "_lines"))
    assert [d.asset_key for d in specs[line].deps] == [document]
    assert not list(specs[document].deps)
    assert (specs[document].tags["refresh"], specs[line].tags["refresh"]) == (
        "transactional",
        "close_critical",
    )
