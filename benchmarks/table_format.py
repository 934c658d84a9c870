"""How to store versions: cost of one intra-day run that changes 0.1 % of a canonical table.

Run: python benchmarks/table_format.py [rows]. Prints each option's time as a multiple of writing
the whole table once, and the cost of reading the current rows afterwards as a multiple of reading
a plain table. The figures in docs/decisions/0001-table-format.md come from here.
"""

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl
from deltalake import DeltaTable

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
ROUNDS = 5
START = datetime(2026, 1, 1, tzinfo=UTC)


def table(ids: pl.Series, moment: datetime, salt: int) -> pl.DataFrame:
    return pl.DataFrame({"n": ids}).select(
        pl.format("{}", pl.col("n").hash(1)).alias("record_id"),
        pl.format("erp|lines|{}", "n").alias("po_line_id"),
        pl.format("{}", pl.col("n").hash(salt)).alias("row_hash"),
        (pl.col("n") % 9973).cast(pl.Decimal(38, 6)).alias("qty"),
        (pl.col("n") % 10007).cast(pl.Decimal(38, 10)).alias("unit_price"),
        pl.lit(False).alias("source_deleted"),
        pl.lit(moment).cast(pl.Datetime("us", "UTC")).alias("valid_from"),
    )


def timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def newest(frame: pl.LazyFrame) -> pl.DataFrame:
    return (
        frame.sort("valid_from", "row_hash")
        .unique("record_id", keep="last", maintain_order=True)
        .filter(~pl.col("source_deleted"))
        .collect()
    )


def main() -> None:
    root = Path(tempfile.mkdtemp(prefix="finsync-bench-"))
    base = table(pl.Series(range(ROWS)), START, 2)
    changes = [
        table(pl.Series(range(k, ROWS, 1000)), START + timedelta(hours=k + 1), 3 + k)
        for k in range(ROUNDS)
    ]
    paths = {k: str(root / k) for k in ("append", "merge", "parquet", "duckdb")}
    whole = timed(lambda: base.write_delta(paths["append"]))
    base.write_delta(paths["merge"])
    base.write_parquet(paths["parquet"])
    db = duckdb.connect(paths["duckdb"])
    db.register("base", base)
    db.execute("CREATE TABLE t AS FROM base")
    db.execute("CREATE UNIQUE INDEX i ON t (record_id)")

    def merge(change: pl.DataFrame) -> None:
        (
            DeltaTable(paths["merge"])
            .merge(change, "t.record_id = s.record_id", source_alias="s", target_alias="t")
            .when_matched_update_all()
            .when_not_matched_insert_all()
            .execute()
        )

    def rewrite(change: pl.DataFrame) -> None:
        kept = pl.scan_parquet(paths["parquet"]).join(change.lazy(), on="record_id", how="anti")
        fresh = pl.concat([kept, change.lazy()]).collect()
        fresh.write_parquet(paths["parquet"])

    def upsert(change: pl.DataFrame) -> None:
        db.register("change", change)
        db.execute("INSERT OR REPLACE INTO t FROM change")
        db.execute("CHECKPOINT")

    options: dict[str, Callable[[pl.DataFrame], object]] = {
        "Delta, append versions": lambda c: c.write_delta(paths["append"], mode="append"),
        "Delta, merge": merge,
        "Parquet, rewrite": rewrite,
        "DuckDB file, upsert": upsert,
    }
    print(f"{ROWS:,} rows, 0.1 % changed, {ROUNDS} rounds; whole table once: {whole:.2f} s = 1")
    for name, work in options.items():
        seconds = [timed(lambda c=change, w=work: w(c)) for change in changes]
        print(f"{name:28} {statistics.median(seconds) / whole:8.3f}")
    plain = statistics.median(timed(lambda: pl.read_parquet(paths["parquet"])) for _ in range(3))
    current = statistics.median(
        timed(lambda: newest(pl.scan_delta(paths["append"]))) for _ in range(3)
    )
    print(f"{'read current of versions':28} {current / plain:8.1f} × reading the plain table")
    shutil.rmtree(root)


if __name__ == "__main__":
    main()
