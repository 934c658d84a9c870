"""A company with both connectors, run by the command: as docs/vendors/sap_s4.md shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.connectors.sap_s4 import company
from tests.connectors.sap_s4.odata import Sap, serving
from tests.connectors.sap_s4_v4 import test_orders as newer
from tests.pipeline.homes import Home

pytestmark = pytest.mark.slow

DOCUMENT = Path(__file__).parents[3] / "docs" / "vendors" / "sap_s4.md"
SHOWN = yaml.safe_load(re.findall(r"```yaml\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)[0])
CHECKS = (
    *("QTY_RECEIVED", "QTY_ORDERED", "PRICE_UNIT", "LINE_TOTAL", "OVER_DELIVERY"),
    "CHARGE_PLANNED",
    "CHARGE_UNPLANNED",
    "SEQUENCE",
    "DATE_VALUE",
    "LINE_CAP",
    "PRICE_VALUE",
    "QTY_RECEIVED_VALUE",
    *("FX_RATE", "UOM_RATIO"),
    "TAX_LINE",
    "TAX_CODE",
    "BALANCE_SMALL_DIFF",
    *("UNDER_DELIVERY", "DOC_ARITHMETIC", "TAX_TOTAL", "ORDER_TOTAL", "OPEN_BALANCE"),
)


def landscape() -> str:
    """The documented system and a newer one beside it."""
    entity = {"name": "Lumen", "functional_currency": "EUR", "owner": "team:ap", "materiality": "1"}
    names = {"lumen_de": "DE", "lumen_fr": "FR", "lumen_ie": "IE"}
    older = SHOWN["systems"]["group_sap"]
    newer_one = {
        **older,
        "connector": "sap_s4_v4",
        "connection": {**older["connection"], "url_env": "GROUP_S4_URL"},
        "entities": ["lumen_ie"],
        "overrides": {"code_maps": {"entity": {"2000": "lumen_ie"}, "tax_rate": {"VI": "23"}}},
    }
    said = {
        "company": "Lumen",
        "group_currency": "EUR",
        "legal_entities": {n: {**entity, "country": c} for n, c in names.items()},
        "systems": {"group_sap": older, "group_s4": newer_one},
        "policy": {"version": "1", "tolerances": {check: {} for check in CHECKS}},
    }
    return yaml.safe_dump(said)


@pytest.fixture
def home(tmp_path: Path, sap: Sap) -> Iterator[Home]:
    company.supplier(sap, "0000100001", "1000", "1200")
    company.order(sap)
    company.item(sap)
    company.movement(sap, "5000000001")
    company.invoice(sap)
    company.invoice_item(sap)
    company.order(sap, "4500000002", CompanyCode="1200")
    company.item(sap, "4500000002")
    with serving(Sap()) as second:
        company.supplier(second, "0000100001", "2000")
        newer.order(second)
        newer.item(second)
        file = tmp_path / "landscape.yaml"
        file.write_text(landscape(), encoding="utf-8")
        told = {
            "FINSYNC_LANDSCAPE": str(file),
            "GROUP_SAP_URL": sap.url,
            "GROUP_S4_URL": second.url,
            "GROUP_SAP_USER": "FINSYNC",
            "GROUP_SAP_PASSWORD": "wonder land",
        }
        yield Home(tmp_path / "home", tuple(told.items()))


def test_three_companies_in_two_systems(home: Home) -> None:
    done = home.finsync("run")
    assert done.code == 0, done.text
    orders = home.ask(
        "SELECT source_system, entity_id, po_number, status_canon "
        "FROM canonical.purchase_orders ORDER BY 1, 2"
    )
    assert orders == [
        ("group_s4", "lumen_ie", "4500000001", "approved"),
        ("group_sap", "lumen_de", "4500000001", "approved"),
        ("group_sap", "lumen_fr", "4500000002", "approved"),
    ]
    matched = home.ask("SELECT entity_id, outcome FROM matching.invoice_results")
    assert matched == [("lumen_de", "MATCHED")]
    assert home.ask("SELECT * FROM operations.quarantine") == []
