"""From files that say which invoice a payment settles to allocations: the assets, really run."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.orchestration.assets.canonical import canonical_assets, canonical_key
from finsync_dagster.orchestration.assets.landing import landing_assets
from finsync_dagster.orchestration.assets.settlement import SETTLEMENT, settlement_asset
from finsync_dagster.orchestration.workshop import Workshop, WorkshopResource
from tests.canonical.paying import MEANS

pytestmark = pytest.mark.slow

COMPANY = """
company: Small
group_currency: EUR
legal_entities:
  acme: {name: Acme, country: DE, functional_currency: EUR, owner: "team:a", materiality: "1"}
systems:
  erp: &erp
    connector: paying
    connection: {url_env: ERP}
    entities: [acme]
    domains: [invoices, payments]
    owner: "team:a"
  old: {<<: *erp, connection: {url_env: OLD}}
authority:
  - {entity: acme, domains: [invoices, payments], system: erp}
policy: {version: "1", tolerances: {}}
"""
SYSTEM = """
protocol: files
objects:
  invoices: {glob: invoices.csv, key: [ID]}
  payments: {glob: payments.csv, key: [ID]}
"""
INVOICES = "ID,GROSS,GONE\n7,33.30,\n8,60.00,\n9,5.00,\n"
# One names its invoice; the other settles what is left, as the total proves. The old system has
# copies of them all, which would make two payments of a day.
PAYMENTS = "ID,AMOUNT,INVOICE,GONE\n1,33.300000000000004,7,\n2,65.0,,\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    connector = tmp_path / "company" / "connectors" / "paying"
    connector.mkdir(parents=True)
    (tmp_path / "company" / "company.yaml").write_text(COMPANY)
    (connector / "system.yaml").write_text(SYSTEM)
    (connector / "mappings.yaml").write_text(MEANS)
    monkeypatch.setenv("FINSYNC_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FINSYNC_LANDSCAPE", str(tmp_path / "company"))
    for system in ("erp", "old"):
        folder = tmp_path / system
        folder.mkdir()
        (folder / "invoices.csv").write_text(INVOICES)
        (folder / "payments.csv").write_text(PAYMENTS)
        monkeypatch.setenv(system.upper(), folder.as_uri())
    return tmp_path


def test_payments_are_settled_as_stated_and_else_as_proven(home: Path) -> None:
    shop = Workshop()
    settlement = settlement_asset(shop.landscape, shop)
    with dg.instance_for_test() as instance:
        done = dg.materialize(
            [
                *landing_assets(shop.landscape, shop),
                *canonical_assets(shop.landscape, shop),
                settlement,
            ],
            instance=instance,
            resources={"workshop": WorkshopResource()},
            partition_key="acme",
        )
    assert done.success
    assert canonical_key("erp", "payment_applications") in settlement.dependency_keys
    found = shop.lake.read(TABLES["payment_allocations"]).collect()
    shown = found.select("payment_id", "invoice_id", pl.col("amount_applied").cast(str), "method")
    assert shown.rows() == [
        ("erp|payments|1", "erp|invoices|7", "33.3000", "stated"),
        ("erp|payments|2", "erp|invoices|8", "60.0000", "settlement_total"),
        ("erp|payments|2", "erp|invoices|9", "5.0000", "settlement_total"),
    ]
    (told,) = done.asset_materializations_for_node(settlement.node_def.name)
    assert told.asset_key == SETTLEMENT
    assert told.metadata["stated"].value == 1
    assert told.metadata["payments without a stated or proven invoice"].value == 0
