"""Plays the two legacy ERPs: loads their exported tables into databases that can be extracted.

Belongs here: which files make which tables, and when there is nothing to do. Not here: parsing
(exports.py) nor the databases' own ways (sqlite_load.py, postgresql_load.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy.engine import make_url

from finsync_dagster.sandbox import postgresql_load, sqlite_load
from finsync_dagster.sandbox.exports import ExportedTable, read_csv_export, read_flagged_export

ErpName = Literal["wwi", "adventureworks"]
# Part of the digest: raise it when the same files are to be loaded in another way.
_LAYOUT = "1"


@dataclass(frozen=True)
class _Erp:
    folder: str
    suffix: str
    read: Callable[[str, Path], ExportedTable]
    tables: dict[str, str]
    """Table name → file name without suffix."""


_ERPS: dict[str, _Erp] = {
    "wwi": _Erp(
        "wwi_purchasing",
        ".csv",
        read_csv_export,
        {
            name.replace(".", "_"): name
            for name in (
                "Application.TransactionTypes",
                "Purchasing.PurchaseOrderLines",
                "Purchasing.PurchaseOrders",
                "Purchasing.SupplierCategories",
                "Purchasing.Suppliers",
                "Purchasing.SupplierTransactions",
                "Warehouse.PackageTypes",
                "Warehouse.StockItems",
            )
        },
    ),
    "adventureworks": _Erp(
        "adventureworks",
        ".tsv",
        read_flagged_export,
        {
            "Production_Product": "Product",
            "Production_ProductSubcategory": "ProductSubcategory",
            "Production_UnitMeasure": "UnitMeasure",
            "Purchasing_ProductVendor": "ProductVendor",
            "Purchasing_PurchaseOrderDetail": "PurchaseOrderDetail",
            "Purchasing_PurchaseOrderHeader": "PurchaseOrderHeader",
            "Purchasing_ShipMethod": "ShipMethod",
            "Purchasing_Vendor": "Vendor",
        },
    ),
}


def prepare(system: ErpName, url: str, data_dir: Path) -> dict[str, int]:
    """Loads one ERP's tables into the database at ``url``; number of rows per table.

    ``data_dir`` is the folder that holds the folders of both ERPs (data/sources). Nothing is
    written if the database already holds exactly these files; otherwise its tables are replaced
    as a whole, other tables of a PostgreSQL database stay.

    Raises:
        ValueError: an unknown system or a URL that is neither SQLite nor PostgreSQL.
        ExportError, OSError: a file is broken or missing.
    """
    if system not in _ERPS:
        raise ValueError(f"no ERP {system}; there are {', '.join(_ERPS)}")
    erp = _ERPS[system]
    files = {
        table: data_dir / erp.folder / f"{stem}{erp.suffix}" for table, stem in erp.tables.items()
    }
    address = make_url(url)
    backends = {"sqlite": sqlite_load, "postgresql": postgresql_load}
    if address.get_backend_name() not in backends:
        raise ValueError(f"{system}: the sandbox loads into sqlite:// or postgresql:// only")
    backend = backends[address.get_backend_name()]
    digest = _digest(files)
    counts = backend.loaded(address, system, digest)
    if counts is None:
        tables = [erp.read(table, path) for table, path in files.items()]
        counts = {table.name: len(table.rows) for table in tables}
        backend.load(address, system, digest, tables)
    return counts


def _digest(files: dict[str, Path]) -> str:
    digest = hashlib.sha256(_LAYOUT.encode())
    for table, path in files.items():
        digest.update(f"{table}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()
