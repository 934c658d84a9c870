"""Which stored rows are an entity's."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.canonical.tables.operations import INCOMPLETE_ORDERS
from finsync_dagster.orchestration.documents import documents
from finsync_dagster.storage.lake import Lake
from tests.landscape.company import loaded
from tests.matching.ledger import Ledger, on_day

SECOND = """\
  acme_at: &second
    name: Acme Austria
    country: AT
    functional_currency: EUR
    owner: team:ap
    materiality: "1000"
  other: *second
systems:
"""


@pytest.mark.parametrize(
    ("entity", "told"),
    [("acme", ["nobody's", "ours"]), ("acme_at", ["nobody's", "theirs"]), ("other", [])],
)
def test_an_order_that_is_not_whole_is_told_to_its_own_entity(
    tmp_path: Path, entity: str, told: list[str]
) -> None:
    landscape = loaded(
        tmp_path, ("systems:\n", SECOND), ("entities: [acme]", "entities: [acme, acme_at]")
    )
    ledger = Ledger()
    ledger.order("ours")
    ledger.order("theirs")
    orders = ledger.documents().purchase_orders.with_columns(
        source_system=pl.lit("old_erp"),
        entity_id=pl.when(pl.col("po_id") == "ours")
        .then(pl.lit("acme"))
        .otherwise(pl.lit("acme_at")),
    )
    lake = Lake(f"file://{tmp_path}/lake")
    lake.append(TABLES["purchase_orders"], orders)
    waiting = {"source_system": ["old_erp"] * 3, "po_id": ["nobody's", "ours", "theirs"]}
    incomplete = INCOMPLETE_ORDERS.conform(pl.DataFrame(waiting))
    lake.replace(INCOMPLETE_ORDERS, incomplete, source_system="old_erp")
    found = documents(lake, entity, landscape, on_day(1)).incomplete_orders
    assert sorted(found["po_id"]) == told
