"""Generated documents: the mix they promise, whole buckets, the same every time."""

from pathlib import Path

import polars as pl
import pytest

from benchmarks.match.generate import VIEWS, buckets, generate
from finsync_dagster.canonical.tables import TABLES


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("inputs"), 20_000, seed=5)


def _all(inputs: Path, table: str) -> pl.DataFrame:
    return pl.concat([pl.read_parquet(bucket.file(table)) for bucket in buckets(inputs)])


def test_the_mix_is_as_promised(inputs: Path) -> None:
    lines = _all(inputs, "invoice_lines").join(
        _all(inputs, "invoices").select("invoice_id", "kind", "invoice_no_norm", "entity_id"),
        on="invoice_id",
    )
    share = 100 / lines.height
    assert lines.height == pytest.approx(20_000, rel=0.05)
    assert lines["po_line_id"].is_null().sum() * share == pytest.approx(2, abs=0.7)
    assert (lines["kind"] != "invoice").sum() * share == pytest.approx(2, abs=0.7)
    copies = lines.filter(pl.col("invoice_id").n_unique().over("entity_id", "invoice_no_norm") > 1)
    assert copies.height / 2 * share == pytest.approx(1, abs=0.5)
    receipts = _all(inputs, "receipt_lines").select("po_line_id").unique()
    named = lines.filter(pl.col("po_line_id").is_not_null())
    pending = named.join(receipts, on="po_line_id", how="anti")
    assert pending.height * share == pytest.approx(5, abs=1)
    again = pl.len().over("po_line_id") > 1
    assert named.filter((pl.col("kind") == "invoice") & again).height * share > 20


def test_files_hold_canonical_columns_and_keys_once(inputs: Path) -> None:
    for table in VIEWS:
        frame, schema = _all(inputs, table), TABLES[table].polars_schema
        assert {name: schema[name] for name in frame.columns} == dict(frame.schema)
        assert not frame.select(TABLES[table].key).is_duplicated().any(), table


def test_no_document_leads_out_of_its_bucket(inputs: Path) -> None:
    for bucket in buckets(inputs):
        frames = {table: pl.read_parquet(bucket.file(table)) for table in VIEWS}
        orders, lines = frames["purchase_orders"], frames["purchase_order_lines"]
        for table, key, held in (
            ("purchase_order_lines", "po_id", orders),
            ("receipt_lines", "po_line_id", lines),
            ("invoice_lines", "po_line_id", lines),
            ("invoice_lines", "invoice_id", frames["invoices"]),
        ):
            named = frames[table].filter(pl.col(key).is_not_null())
            assert named.join(held, on=key, how="anti").is_empty(), (table, key)


def test_a_seed_gives_the_same_documents_and_another_gives_others(
    inputs: Path, tmp_path: Path
) -> None:
    again, other = generate(tmp_path / "a", 20_000, seed=5), generate(tmp_path, 20_000, seed=6)
    for table in VIEWS:
        assert _all(again, table).equals(_all(inputs, table)), table
        assert not _all(other, table).equals(_all(inputs, table)), table
