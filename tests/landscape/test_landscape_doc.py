"""docs/landscape.md: every block is a file of a landscape that is right, and that runs."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

from finsync_dagster.cli import cli
from finsync_dagster.orchestration.company import check_company
from finsync_dagster.publishing.read import query
from finsync_dagster.storage.settings import PROJECT

DOCUMENT = (PROJECT / "docs" / "landscape.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n# (\S+)\n(.*?)^```$", DOCUMENT, flags=re.M | re.S)
LINES = "BESTELLPOS (BSTNR, POS, TEXT, MENGE, EINHEIT, PREIS, WERT)"
OLD = f"""
CREATE TABLE LIEFERANT (LIEFNR, NAME);
CREATE TABLE BESTELLUNG (BSTNR, LIEFNR, WAEHRUNG, DATUM, STATUS, NETTO);
CREATE TABLE {LINES};
INSERT INTO LIEFERANT VALUES ('7', 'Schrauben AG'), ('8', 'Muttern OHG');
INSERT INTO BESTELLUNG VALUES
    ('1', '7', 'EUR', '2025-12-30', 'O', '30.00'), ('2', '7', 'EUR', '2026-01-02', 'O', '5.00');
INSERT INTO BESTELLPOS VALUES
    ('1', '1', 'Schraube', '3', 'ST', '10.00', '30.00'),
    ('2', '1', 'Scheibe', '1', 'ST', '5.00', '5.00');
"""
NEW = f"""
CREATE TABLE LIEFERANT (LIEFNR, NAME);
CREATE TABLE PO_HEADER (BSTNR, LIEFNR, WAEHRUNG, DATUM, STATUS, NETTO, EINKAEUFER);
CREATE TABLE PO_BLANKET (BSTNR, LIEFNR, DATUM);
CREATE TABLE {LINES};
INSERT INTO LIEFERANT VALUES ('7', 'Schrauben AG');
INSERT INTO PO_HEADER VALUES
    ('1', '7', 'EUR', '2025-12-30', 'O', '30.00', 'kim'),
    ('2', '7', 'EUR', '2026-01-02', 'O', '6.00', 'lee');
INSERT INTO PO_BLANKET VALUES ('B1', '7', '2026-02-01');
INSERT INTO BESTELLPOS VALUES
    ('1', '1', 'Schraube', '3', 'ST', '10.00', '30.00'),
    ('2', '1', 'Palette', '1', 'PAL', '6.00', '6.00');
"""


def written(folder: Path) -> Path:
    for name, text in BLOCKS:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder / "acme"


def test_every_block_is_a_named_file() -> None:
    assert len(BLOCKS) == DOCUMENT.count("```yaml\n") == 8
    assert len({name for name, _ in BLOCKS}) == len(BLOCKS)


def test_the_landscape_is_right_after_every_block(tmp_path: Path) -> None:
    for i, (name, text) in enumerate(BLOCKS):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        assert check_company(tmp_path / "acme").problems == (), f"after block {i}, {name}"
    company = check_company(tmp_path / "acme")
    assert set(company.mappings) == {"old_erp", "new_erp"}
    new = company.mappings["new_erp"]
    assert [m.object for m in new.mappings if m.table == "purchase_orders"] == [
        "orders",
        "blanket_orders",
    ]
    assert new.code_maps["uom"] == {"ST": "EA", "KG": "KGM", "PAL": "PX"}
    assert company.mappings["old_erp"].code_maps["uom"] == {"ST": "EA", "KG": "KGM"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    landscape = written(tmp_path)
    for name, script in (("old", OLD), ("new", NEW)):
        source = sqlite3.connect(tmp_path / f"{name}.sqlite")
        source.executescript(script)
        source.close()
        url = f"sqlite:///{tmp_path}/{name}.sqlite"
        monkeypatch.setenv(f"ACME_{name.upper()}_ERP_URL", url)
    monkeypatch.setenv("FINSYNC_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FINSYNC_LANDSCAPE", str(landscape))
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    return tmp_path


def run(home: Path) -> None:
    done = CliRunner().invoke(cli, ["run", "--as-of", "2026-03-01"])
    assert done.exit_code == 0, done.output


def ask(home: Path, sql: str) -> list[tuple]:
    return query(f"duckdb:///{home}/home/warehouse.duckdb", sql).rows()


@pytest.mark.slow
def test_two_erps_side_by_side_by_yaml_alone(home: Path) -> None:
    run(home)
    assert ask(home, "SELECT po_id FROM canonical.purchase_orders ORDER BY 1") == [
        ("new_erp|blanket_orders|B1",),
        ("new_erp|orders|1",),
        ("new_erp|orders|2",),
        ("old_erp|orders|1",),
        ("old_erp|orders|2",),
    ]
    assert ask(
        home,
        "SELECT domain, document_id, authoritative_system FROM operations.outside_authority "
        "ORDER BY 1, 2",
    ) == [
        ("purchase_orders", "new_erp|orders|1", "old_erp"),
        ("purchase_orders", "old_erp|orders|2", "new_erp"),
        ("suppliers", "old_erp|vendors|8", "new_erp"),
    ]
    assert ask(home, "SELECT po_line_id FROM matching.order_line_status ORDER BY 1") == [
        ("new_erp|order_lines|2/1",),
        ("old_erp|order_lines|1/1",),
    ]
    committed = "SELECT sum(amount_doc) FROM spend.facts WHERE stage = 'committed'"
    assert ask(home, committed)[0][0] == 36

    # A changed override conforms anew what was landed before.
    buyers = "SELECT source_system, buyer FROM canonical.purchase_orders ORDER BY 1, 2"
    assert ask(home, buyers)[:2] == [("new_erp", "kim"), ("new_erp", "lee")]
    file = home / "acme" / "new_erp.yaml"
    file.write_text(file.read_text().replace("buyer: EINKAEUFER", "buyer: upper(EINKAEUFER)"))
    run(home)
    assert ask(home, buyers)[:2] == [("new_erp", "KIM"), ("new_erp", "LEE")]
