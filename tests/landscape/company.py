"""A small company in YAML, line by line, for tests to spoil."""

from __future__ import annotations

from pathlib import Path

import pytest

from finsync_dagster.landscape.load import LandscapeError, load_landscape
from finsync_dagster.landscape.model import Landscape

COMPANY = """\
company: Acme group
group_currency: EUR
legal_entities:
  acme:
    name: Acme
    country: DE
    functional_currency: EUR
    owner: team:ap
    materiality: "1000"
systems:
  old_erp:
    connector: wwi
    connection: {url_env: OLD_ERP_URL}
    entities: [acme]
    domains: [purchase_orders, invoices]
    owner: team:systems
  new_erp:
    connector: adventureworks
    connection: {url_env: NEW_ERP_URL}
    entities: [acme]
    domains: [purchase_orders, invoices]
    owner: team:systems
policy:
  version: "1"
  tolerances:
    QTY_RECEIVED: {}
    QTY_ORDERED: {}
    PRICE_UNIT: {upper_pct: "2"}
    LINE_TOTAL: {}
    TAX_TOTAL: {}
    DOC_ARITHMETIC: {}
    OVER_DELIVERY: {}
    UNDER_DELIVERY: {}
    CHARGE_PLANNED: {}
    CHARGE_UNPLANNED: {}
    SEQUENCE: {}
    DATE_VALUE: {}
    LINE_CAP: {}
    PRICE_VALUE: {}
    QTY_RECEIVED_VALUE: {}
    FX_RATE: {}
    UOM_RATIO: {}
    TAX_LINE: {}
    TAX_CODE: {}
    BALANCE_SMALL_DIFF: {}
    ORDER_TOTAL: {}
    OPEN_BALANCE: {}
"""
END = COMPANY.count("\n")
"""Number of its lines; what a test appends begins one later."""


def company(folder: Path, *changes: tuple[str, str], more: str = "") -> Path:
    """The company as a file, with texts replaced and lines appended."""
    text = COMPANY
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    file = folder / "company.yaml"
    file.write_text(text + more, encoding="utf-8")
    return file


def loaded(folder: Path, *changes: tuple[str, str], more: str = "") -> Landscape:
    return load_landscape(company(folder, *changes, more=more))


def complaints(folder: Path, *changes: tuple[str, str], more: str = "") -> list[str]:
    """What is said about the spoilt company, without the folder's name."""
    with pytest.raises(LandscapeError) as error:
        loaded(folder, *changes, more=more)
    return str(error.value).replace(f"{folder}/", "").splitlines()
