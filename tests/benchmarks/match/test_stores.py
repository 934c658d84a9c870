"""However documents are kept, those of a few orders are found whole, and decided as among all."""

from pathlib import Path

import polars as pl
import pytest

from benchmarks.match import engine
from benchmarks.match.generate import AS_OF, SHARED, VIEWS, Bucket, beside, buckets, generate
from benchmarks.match.incremental import touched
from benchmarks.match.limits import policy
from benchmarks.match.stores import STORES, built, units_of, units_with
from finsync_dagster.canonical.documents import Documents
from finsync_dagster.matching.match import match

KEYS = {
    "invoice_line_results": "invoice_line_id",
    "order_line_status": "po_line_id",
    "receipt_status": "receipt_line_id",
}


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("inputs"), 10_000, seed=3)


def _tables(bucket: Bucket) -> dict[str, pl.DataFrame]:
    return {table: pl.read_parquet(bucket.file(table)) for table in VIEWS}


def test_orders_that_one_invoice_bills_are_one_unit() -> None:
    orders = pl.DataFrame({"po_id": ["A", "B", "C", "D"]})
    billed = pl.DataFrame({"invoice_id": list("1122"), "po_id": ["D", "C", "C", "B"]})
    units = units_of({"purchase_orders": orders, "invoice_lines": billed})
    assert units.sort("po_id").rows() == [("A", "A"), ("B", "B"), ("C", "B"), ("D", "B")]


@pytest.mark.parametrize("name", STORES)
def test_every_document_of_the_units_and_no_other_is_read(
    name: str, inputs: Path, tmp_path: Path
) -> None:
    store = built(name, inputs, tmp_path)
    bucket = buckets(inputs)[0]
    frames = _tables(bucket)
    orders = touched(inputs, "random", 0.02)[bucket.entity]
    units = units_of(frames)
    mine = units.join(units.filter(pl.col("po_id").is_in(orders.implode())), on="unit", how="semi")
    found = store.read(bucket.entity, units_with(tmp_path, bucket.entity, orders))
    wanted = frames["purchase_order_lines"].join(mine, on="po_id", how="semi")
    lines = frames["invoice_lines"].join(wanted, on="po_line_id", how="semi")
    for table, frame in {
        "purchase_orders": frames["purchase_orders"].join(mine, on="po_id", how="semi"),
        "purchase_order_lines": wanted,
        "receipt_lines": frames["receipt_lines"].join(wanted, on="po_line_id", how="semi"),
        "invoice_lines": lines,
        "invoices": frames["invoices"].join(lines, on="invoice_id", how="semi"),
    }.items():
        key = frame.columns[0]
        assert frame.height > 0
        assert found[table].select(frame.columns).sort(key).equals(frame.sort(key)), table


@pytest.mark.slow
def test_touched_orders_alone_are_decided_as_among_all(inputs: Path, tmp_path: Path) -> None:
    bucket = buckets(inputs)[1]
    whole = engine.matched(bucket, policy())
    orders = touched(inputs, "recent", 0.05)[bucket.entity]
    store = built("mapped", inputs, tmp_path)
    frames = store.read(bucket.entity, units_with(tmp_path, bucket.entity, orders))
    frames |= {table: pl.read_parquet(beside(bucket, table)) for table in SHARED}
    docs = Documents.of(**{table: engine.whole(table, frame) for table, frame in frames.items()})
    alone = match(docs, policy(), AS_OF, bucket.entity)
    for table, key in KEYS.items():
        mine: pl.DataFrame = getattr(alone, table)
        among: pl.DataFrame = getattr(whole, table)
        assert mine.height > 30, table
        assert mine.sort(key).equals(among.join(mine, on=key, how="semi").sort(key)), table
