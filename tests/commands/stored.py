"""A small company whose documents are in the lake already, as if a run had brought them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import yaml

from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.orchestration.policy_file import ALL_CHECKS
from finsync_dagster.storage.lake import Lake
from tests.commands.conftest import SmallHome
from tests.matching.ledger import ENTITY, Ledger

_COMPANY = """
company: Acme group
group_currency: EUR
legal_entities:
  acme: {name: Acme, country: US, functional_currency: USD, owner: "team:a", materiality: "100"}
systems:
  erp:
    connector: wwi
    connection: {url_env: ERP_URL}
    entities: [acme]
    domains: [suppliers, items, purchase_orders, receipts, invoices]
    owner: "team:a"
  bank:
    connector: ecb
    connection: {url_env: BANK_URL}
    domains: [fx_rates]
    owner: "team:a"
"""
STRICT = "2026-11"
LOOSE = "2027"


def policies(first: str | None = None) -> list[dict]:
    """Limits on quantities and prices, and a later version with other ones on prices."""
    limits: dict[str, dict] = {check: {} for check in ALL_CHECKS}
    limits |= {"QTY_RECEIVED": {"upper_abs": "0"}, "QTY_ORDERED": {"upper_abs": "0"}}
    strict = {**limits, "PRICE_UNIT": {"upper_pct": "1", "lower_pct": "1"}}
    loose = {
        "version": LOOSE,
        "tolerances": {**limits, "PRICE_UNIT": {"upper_pct": "5"}},
        "rules": [{"check": "PRICE_UNIT", "supplier": "Muttern OHG", "upper_pct": "0"}],
    }
    if first:
        loose["in_force_from"] = first
    return [{"version": STRICT, "tolerances": strict}, loose]


def documents() -> Ledger:
    """Two orders over 100 USD: one billed 3 % above its price, one half a per cent above."""
    return (
        Ledger()
        .supplier("S1", name="Schrauben AG")
        .supplier("S2", name="Muttern OHG")
        .order("PO1", day=0)
        .line("10", "10", "PO1")
        .receipt("R1", "10", "PO1-1")
        .quantity_invoice("=1+1", "10", "10.30", "PO1-1")
        .order("PO2", day=0, supplier_src_id="S2")
        .line("10", "10", "PO2")
        .receipt("R2", "10", "PO2-1")
        .quantity_invoice("I2", "10", "10.05", "PO2-1", day=40, supplier_src_id="S2")
    )


def rates() -> pl.DataFrame:
    """One euro is worth 1.25 dollars."""
    spec = TABLES["fx_rates"]
    (audit,) = documents().rows["suppliers"][:1]
    row = {name: audit.get(name) for name in spec.polars_schema}
    row |= {
        "record_id": hashlib.sha256(b"rate").hexdigest(),
        "source_system": "bank",
        "source_pk": "rate",
        "from_ccy": "EUR",
        "to_ccy": "USD",
    }
    frame = pl.DataFrame([row], infer_schema_length=None)
    return spec.conform(
        frame.with_columns(
            rate_date=pl.date(2024, 1, 1),
            rate=pl.lit("1.25").str.to_decimal(scale=12),
        )
    )


@pytest.fixture
def stored(at: Callable[[Path], SmallHome], tmp_path: Path) -> SmallHome:
    """The company with both versions, of which the first is in force."""
    home = tmp_path / "home"
    home.mkdir()
    company = yaml.safe_load(_COMPANY)
    company["policy"] = policies("2999-01-01")
    (home / "landscape.yaml").write_text(yaml.safe_dump(company), encoding="utf-8")
    lake = Lake(f"file://{home}/lake")
    docs = documents().documents()
    for name in documents().rows:
        frame: pl.DataFrame = getattr(docs, name)
        assert set(frame["entity_id"]) == {ENTITY}
        lake.append(TABLES[name], frame)
    lake.append(TABLES["fx_rates"], rates())
    return at(home)
