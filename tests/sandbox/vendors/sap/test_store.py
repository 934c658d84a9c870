from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsync_dagster.sandbox.vendors.sap import store as store_module
from finsync_dagster.sandbox.vendors.sap.edm import service
from finsync_dagster.sandbox.vendors.sap.store import Store
from tests.sandbox.vendors.sap.tiny import moment, tiny_world

AMOUNTS = st.decimals(-(10**9), 10**9, places=4)
RATIOS = st.decimals(Decimal("0.000001"), 10**5, places=6)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    world = tiny_world(tmp_path_factory.mktemp("world") / "tiny.duckdb")
    opened = Store(world.path)
    yield opened
    opened.close()


@settings(max_examples=30, deadline=None)
@given(value=AMOUNTS, numerator=RATIOS, denominator=RATIOS, digits=st.sampled_from([2, 3]))
def test_a_portion_is_exact_and_rounded_half_up(
    store: Store, value: Decimal, numerator: Decimal, denominator: Decimal, digits: int
) -> None:
    exact = Fraction(value) * Fraction(numerator) / Fraction(denominator)
    if abs(exact) > 10**15:
        return
    scaled = abs(exact) * 10**digits
    wanted = int(scaled + Fraction(1, 2)) * (1 if exact >= 0 else -1)
    sql = ", ".join(f"CAST('{each}' AS DECIMAL(18,6))" for each in (value, numerator, denominator))
    ((found,),) = store.run(f"SELECT portion({sql}, {digits})")
    assert isinstance(found, Decimal)
    assert found == Decimal(wanted).scaleb(-digits)


def test_half_a_cent_goes_up(store: Store) -> None:
    ((up, down),) = store.run("SELECT portion(0.01, 1, 2, 2), portion(-0.01, 1, 2, 2)")
    half = Decimal("0.005").quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert (up, down) == (half, -half)


def test_a_value_that_came_later(store: Store) -> None:
    order = service("API_PURCHASEORDER_PROCESS_SRV").sets["A_PurchaseOrder"]
    rows = """SELECT '2' AS PurchaseOrder,
        'X' AS Supplier, TIMESTAMP '2026-02-01' AS Supplier__since,
        'A' AS Supplier__before, 'L' AS PurchasingDocumentDeletionCode,
        TIMESTAMP '2026-02-01' AS PurchasingDocumentDeletionCode__since,
        TIMESTAMP '2026-01-01' AS _born, TIMESTAMP '2026-03-01' AS _gone"""
    store.fill([(order, rows)])
    names = ("Supplier", "PurchasingDocumentDeletionCode", "CompanyCode")

    def told(until: str | None) -> list[tuple[object, ...]]:
        at = None if until is None else moment(until)
        values = ", ".join(store.expression(order, order.properties[name], at) for name in names)
        shown = store.shown(order, at)
        return store.run(f"SELECT {values} FROM {store.table(order)} WHERE {shown}")

    assert told("2025-12-31T23:59:59") == []
    assert told("2026-01-01T00:00:00") == [("A", "", "")]
    assert told("2026-02-01T00:00:00") == [("X", "L", "")]
    assert told("2026-03-01T00:00:00") == []
    assert told(None) == []


def test_a_large_worlds_tables_lie_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = tiny_world(tmp_path / "tiny.duckdb")
    monkeypatch.setattr(store_module, "_LARGE", 1)
    opened = Store(world.path)
    assert [each.name[:4] for each in tmp_path.iterdir() if each.is_dir()] == ["sap-"]
    assert opened.run("SELECT count(*) FROM world.entity") == [(5,)]
    opened.close()
    assert [each.name for each in tmp_path.iterdir()] == ["tiny.duckdb"]
