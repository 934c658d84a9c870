"""Documents to match, written once and reused: the same for a seed, whatever they are written for.

Belongs here: the mix of cases and how the files lie. Not here: measuring.

Of the lines of invoices 60 % bill one receipt of one order line, 25 % come in parts, 5 % before
the goods, 3 % bill more than was received or ordered, 2 % another price, 2 % name no order, 2 %
credit a quantity or a value, and 1 % belong to invoices entered twice. Some documents are wrong as
a whole (another supplier, currency, tax or total), and some order lines are not billed at all.

All documents of an order, and all orders that one invoice bills, lie in one bucket of an entity.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

HERE = Path(__file__).parent
FIRST_DAY = date(2025, 1, 1)
AS_OF = date(2026, 12, 31)
SUPPLIERS = 4_000  # of each of the five entities
BUCKET = 36_000
_ORDERS_PER_LINE = 0.97 * 8716 / 9700 / 5.5
_UNORDERED_PER_LINE = 0.02 / 2.5


@dataclass(frozen=True)
class Entity:
    """A legal entity, its one system, and what that states."""

    name: str
    system: str
    home_ccy: str
    states_rates: bool


ENTITIES = (
    Entity("acme_de", "sap_de", "EUR", False),
    Entity("acme_fr", "sap_fr", "EUR", True),
    Entity("acme_uk", "sap_uk", "GBP", False),
    Entity("acme_us", "sap_us", "USD", False),
    Entity("acme_jp", "sap_jp", "JPY", True),
)

VIEWS = {
    "purchase_orders": "purchase_orders",
    "purchase_order_lines": "purchase_order_lines",
    "receipt_lines": "receipt_lines",
    "invoices": "invoices",
    "invoice_lines": "invoice_item_lines",
}
"""Canonical table → view of documents.sql that holds it."""
SHARED = ("suppliers", "supplier_crosswalk")
"""Tables that the buckets of an entity share."""


@dataclass(frozen=True)
class Bucket:
    """A part of an entity's documents that no document leads out of."""

    entity: str
    folder: Path

    def file(self, table: str) -> Path:
        return self.folder / f"{table}.parquet"


def buckets(folder: Path) -> list[Bucket]:
    """The buckets of generated inputs, in the order in which they are matched."""
    found = sorted(path for path in folder.glob("*/[0-9]*") if path.is_dir())
    return [Bucket(path.parent.name, path) for path in found]


def beside(bucket: Bucket, table: str) -> Path:
    """A table that all buckets of an entity share."""
    return bucket.folder.parent / f"{table}.parquet"


def generate(folder: Path, lines: int, seed: int = 7) -> Path:
    """Writes about ``lines`` invoice lines under ``folder``, unless they are there already.

    Returns:
        The folder of these inputs: ``<entity>/<bucket>/<table>.parquet``.
    """
    inputs = folder / f"inputs-{lines}-{seed}"
    done = inputs / "done.json"
    rules = "".join((HERE / name).read_text() for name in ("orders.sql", "documents.sql"))
    stamp = {
        "rules": rules,
        "entities": [asdict(e) for e in ENTITIES],
        "duckdb": duckdb.__version__,
    }
    if done.exists() and json.loads(done.read_text()) == stamp:
        return inputs
    per_entity = lines / len(ENTITIES)
    count = max(1, round(per_entity / BUCKET))
    orders = 2 * round(per_entity / count * _ORDERS_PER_LINE / 2)
    unordered = round(per_entity / count * _UNORDERED_PER_LINE)
    with database(memory_limit="3GB") as con:
        for place, entity in enumerate(ENTITIES):
            _parties(inputs / entity.name, entity)
            for number in range(count):
                _set(con, entity, seed * 16 + place, first_order=number * orders, orders=orders)
                con.execute("SET VARIABLE unordered = $n", {"n": unordered})
                con.execute(rules)
                _write(con, inputs / entity.name / f"{number:04d}")
    done.write_text(json.dumps(stamp))
    return inputs


def database(**config: str) -> duckdb.DuckDBPyConnection:
    """An empty database that uses both cores and says nothing while it works."""
    con = duckdb.connect(config={"threads": 2, **config})
    con.execute("SET enable_progress_bar = false")
    return con


def _set(con: duckdb.DuckDBPyConnection, entity: Entity, seed: int, **more: int) -> None:
    facts = {"seed": seed, "suppliers": SUPPLIERS, "first_day": FIRST_DAY, "entity": entity.name}
    facts |= {"system": entity.system, "home_ccy": entity.home_ccy}
    for name, value in (facts | {"states_rates": entity.states_rates} | more).items():
        con.execute(f"SET VARIABLE {name} = $value", {"value": value})


def _write(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for table, view in VIEWS.items():
        path = folder / f"{table}.parquet"
        con.execute(f"COPY (FROM {view}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")


def _parties(folder: Path, entity: Entity) -> None:
    """Suppliers, and which of their records are one company: each third shares with the next."""
    folder.mkdir(parents=True, exist_ok=True)
    number = pl.int_range(0, SUPPLIERS, eager=True).alias("n").to_frame()
    ids = f"{entity.system}|suppliers|" + (pl.col("n") + 100_000).cast(pl.String).str.zfill(10)
    company = pl.when(pl.col("n") % 3 == 1).then(pl.col("n") - 1).otherwise("n")
    suppliers = number.select(
        supplier_src_id=ids,
        entity_id=pl.lit(entity.name),
        supplier_no=(pl.col("n") + 100_000).cast(pl.String),
        name=pl.format("Supplier {} Ltd", "n"),
        status=pl.lit("active"),
    )
    golden = pl.format("S-{}", company.cast(pl.String).str.zfill(12))
    suppliers.write_parquet(folder / "suppliers.parquet")
    number.select(supplier_src_id=ids, supplier_id=golden).write_parquet(
        folder / "supplier_crosswalk.parquet"
    )
