"""Which SQL dialect mappings are written in: what each can say exactly, and what it costs.

Run: python benchmarks/expression_dialect.py [rows]. The figures in
docs/decisions/0002-expression-dialect.md come from here.
"""

import statistics
import sys
import time
from collections.abc import Callable
from decimal import Decimal

import duckdb
import polars as pl

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
SAMPLE = pl.DataFrame(
    {
        "a": ["1.005"],
        "b": ["12.0"],
        "bad": ["x"],
        "t": ["2015-08-12 12:25:46.483000000"],
        "q": ["6"],
    }
)
# What mappings need to say: need → (Polars SQL, DuckDB SQL, the right answer).
NEEDS: dict[str, tuple[str, str, object]] = {
    "text to exact decimal": (
        "CAST(a AS DECIMAL(38,4))",
        "CAST(a AS DECIMAL(38,4))",
        Decimal("1.0050"),
    ),
    "cast rounds half up": (
        "CAST(a AS DECIMAL(38,2))",
        "CAST(a AS DECIMAL(38,2))",
        Decimal("1.01"),
    ),
    "exact product": (
        "CAST(a AS DECIMAL(38,6)) * CAST(b AS DECIMAL(38,6))",
        "CAST(a AS DECIMAL(38,6)) * CAST(b AS DECIMAL(38,6))",
        Decimal("12.06"),
    ),
    "tell unreadable from empty": (
        "TRY(CAST(bad AS DECIMAL(38,4)))",
        "TRY(CAST(bad AS DECIMAL(38,4)))",
        None,
    ),
    "nanosecond timestamp": (
        "CAST(t AS DATE)",
        "CAST(CAST(CAST(t AS TIMESTAMP) AS DATE) AS VARCHAR)",
        "2015-08-12",
    ),
    "regular expression": (
        "REGEXP_LIKE(b, '^[0-9]+[.]0+$')",
        "regexp_full_match(b, '[0-9]+[.]0+')",
        True,
    ),
    "look up in a code map": ("MAP{'6': 'CT'}[q]", "MAP{'6': 'CT'}[q]", "CT"),
    "hash": ("SHA256(a)", "length(sha256(a))", 64),
    "fields off the syntax tree": (
        "JSON_SERIALIZE_SQL('SELECT a')",
        "json_serialize_sql('SELECT a') LIKE '%COLUMN_REF%'",
        True,
    ),
}


def attempt(work: Callable[[], object]) -> object:
    try:
        return work()
    except Exception as error:
        return f"no: {type(error).__name__}"


def main() -> None:
    db = duckdb.connect()
    db.execute("SET enable_optimizer = false")
    db.register("sample", SAMPLE)
    for need, (polars_sql, duck_sql, right) in NEEDS.items():
        in_polars = attempt(lambda e=polars_sql: SAMPLE.select(x=pl.sql_expr(e)).item())
        in_duck = attempt(lambda e=duck_sql: db.sql(f"SELECT {e} FROM sample").fetchall()[0][0])
        marks = ["yes" if v == right else f"{v}"[:40] for v in (in_polars, in_duck)]
        print(f"{need:30} Polars: {marks[0]:42} DuckDB: {marks[1]}")

    n = pl.int_range(ROWS, eager=True)
    frame = pl.DataFrame({"a": (n % 99991).cast(pl.String) + ".25", "b": (n % 97).cast(pl.String)})
    db.register("big", frame)
    guarded = (
        "SELECT TRY(struct_pack(v := CAST(a AS DECIMAL(38,4)))) AS a, "
        "TRY(struct_pack(v := CAST(b AS BIGINT))) AS b FROM big"
    )
    times = {"Polars cast, no guard": [], "DuckDB, each value guarded": []}
    for _ in range(5):
        begin = time.perf_counter()
        frame.select(pl.col("a").cast(pl.Decimal(38, 4)), pl.col("b").cast(pl.Int64))
        times["Polars cast, no guard"].append(time.perf_counter() - begin)
        begin = time.perf_counter()
        db.sql(guarded).pl()
        times["DuckDB, each value guarded"].append(time.perf_counter() - begin)
    base = statistics.median(times["Polars cast, no guard"])
    for name, seconds in times.items():
        print(f"{name:30} {statistics.median(seconds) / base:6.2f} ({ROWS:,} rows)")


if __name__ == "__main__":
    main()
