import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from finsync_dagster.sandbox import legacy_erps
from finsync_dagster.sandbox.legacy_erps import prepare
from tests.postgres import fresh_database

DATA = Path(__file__).parents[2] / "data" / "sources"
ROWS = {
    "wwi": {
        "Application_TransactionTypes": 13,
        "Purchasing_PurchaseOrderLines": 8367,
        "Purchasing_PurchaseOrders": 2074,
        "Purchasing_SupplierCategories": 9,
        "Purchasing_SupplierTransactions": 2438,
        "Purchasing_Suppliers": 13,
        "Warehouse_PackageTypes": 14,
        "Warehouse_StockItems": 227,
    },
    "adventureworks": {
        "Production_Product": 504,
        "Production_ProductSubcategory": 37,
        "Production_UnitMeasure": 38,
        "Purchasing_ProductVendor": 460,
        "Purchasing_PurchaseOrderDetail": 8845,
        "Purchasing_PurchaseOrderHeader": 4012,
        "Purchasing_ShipMethod": 5,
        "Purchasing_Vendor": 104,
    },
}


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path) -> str:
    if request.param == "postgresql":
        return fresh_database("sandbox")
    return f"sqlite:///{tmp_path}/new/erp.sqlite"


def query(url: str, statement: str) -> list[tuple]:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement)]


@pytest.mark.parametrize("system", ROWS)
def test_every_row_of_every_table_arrives(system, url):
    assert prepare(system, url, DATA) == ROWS[system]
    for table, rows in ROWS[system].items():
        assert query(url, f'SELECT COUNT(*) FROM "{table}"') == [(rows,)]


def test_values_are_the_file_s(url):
    prepare("adventureworks", url, DATA)
    line = (
        'SELECT CAST("ReceivedQty" AS TEXT), CAST("RejectedQty" AS TEXT), "ProductID" '
        'FROM "Purchasing_PurchaseOrderDetail" WHERE "PurchaseOrderDetailID" = 5'
    )
    written = ("2.00", "1.00", 4)
    assert query(url, line) == [written]
    unit = 'SELECT "Name" FROM "Production_UnitMeasure" WHERE "UnitMeasureCode" = \'CS \''
    assert query(url, unit) == [("Case",)]


def test_loading_again_writes_nothing(url):
    prepare("wwi", url, DATA)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql('DELETE FROM "Purchasing_Suppliers" WHERE "SupplierID" = 1')
    assert prepare("wwi", url, DATA) == ROWS["wwi"]
    assert query(url, 'SELECT COUNT(*) FROM "Purchasing_Suppliers"') == [(12,)]


def test_other_content_replaces_the_tables(url, monkeypatch):
    prepare("wwi", url, DATA)
    monkeypatch.setattr(legacy_erps, "_LAYOUT", "another")
    prepare("wwi", url, DATA)
    prepare("wwi", url, DATA)
    assert query(url, 'SELECT COUNT(*) FROM "Purchasing_Suppliers"') == [(13,)]
    assert query(url, "SELECT COUNT(*) FROM finsync_sandbox_load") == [(1,)]


def test_sqlite_keeps_money_and_ids_as_written(tmp_path):
    prepare("wwi", f"sqlite:///{tmp_path}/wwi.sqlite", DATA)
    with closing(sqlite3.connect(tmp_path / "wwi.sqlite")) as connection:
        row = connection.execute(
            "SELECT PurchaseOrderID, SupplierInvoiceNumber, AmountExcludingTax, SupplierID, "
            "typeof(SupplierID), IsFinalized FROM Purchasing_SupplierTransactions "
            "WHERE SupplierTransactionID = 134"
        ).fetchone()
    assert row == ("1.0", "7290.0", "313.5", 2, "integer", "True")


def test_a_reader_keeps_the_file_it_opened(tmp_path):
    url = f"sqlite:///{tmp_path}/wwi.sqlite"
    (tmp_path / "wwi.sqlite").write_bytes(b"")
    with closing(sqlite3.connect(tmp_path / "wwi.sqlite")) as reader:
        reader.execute("SELECT 1").fetchall()
        prepare("wwi", url, DATA)
        assert reader.execute("SELECT COUNT(*) FROM sqlite_master").fetchone() == (0,)
    assert [path.name for path in tmp_path.iterdir()] == ["wwi.sqlite"]


def test_postgresql_readers_see_all_or_nothing():
    url = fresh_database("sandbox")
    seen: set[int] = set()
    stop = threading.Event()

    def read() -> None:
        statement = "SELECT COUNT(*) FROM pg_tables WHERE tablename LIKE 'Purchasing%%'"
        while not stop.is_set():
            seen.update(count for (count,) in query(url, statement))

    reader = threading.Thread(target=read)
    reader.start()
    prepare("wwi", url, DATA)
    stop.set()
    reader.join()
    assert seen <= {0, 5}


@pytest.mark.parametrize(
    ("system", "url", "message"),
    [
        ("sap", "sqlite:////tmp/x.sqlite", "no ERP sap"),
        ("wwi", "mysql://localhost/x", "sqlite:// or postgresql://"),
        ("wwi", "sqlite://", "needs a SQLite file"),
    ],
)
def test_what_cannot_be_prepared(system, url, message):
    with pytest.raises(ValueError, match=message):
        prepare(system, url, DATA)
