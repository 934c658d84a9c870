"""A few orders matched again: how long it takes to read, match and publish them, by way of keeping.

Belongs here: which orders are touched, and what is measured. Not here: the stores (stores.py).

    python -m benchmarks.match.incremental --lines 1000000 --folder DIR
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl

from benchmarks.match import contender, engine
from benchmarks.match.generate import AS_OF, SHARED, buckets, database, generate
from benchmarks.match.limits import policy
from benchmarks.match.stores import STORES, Store, built, units_with
from finsync_dagster.canonical.documents import Documents
from finsync_dagster.matching.match import match

KEYS = {
    "allocations": "po_line_id",
    "check_results": "subject_id",
    "invoice_line_results": "invoice_line_id",
    "invoice_results": "invoice_id",
    "order_line_status": "po_line_id",
    "receipt_status": "receipt_line_id",
    "findings": "subject_id",
}
"""Result table → the column that names a document."""

_SUBJECTS = (
    ("purchase_orders", "po_id"),
    ("purchase_order_lines", "po_line_id"),
    ("receipt_lines", "receipt_line_id"),
    ("invoices", "invoice_id"),
    ("invoice_lines", "invoice_line_id"),
)


def touched(inputs: Path, kind: str, share: float) -> dict[str, pl.Series]:
    """Per entity the orders that changed: drawn by chance, or the most recent ones."""
    files: dict[str, list[Path]] = {b.entity: [] for b in buckets(inputs)}
    for bucket in buckets(inputs):
        files[bucket.entity].append(bucket.file("purchase_orders"))
    chosen = {}
    for entity, paths in files.items():
        orders = pl.read_parquet(paths, columns=["po_id", "order_date"])
        count = round(orders.height * share)
        if kind == "recent":
            orders = orders.sort("order_date", "po_id").tail(count)
        else:
            orders = orders.sample(count, seed=7)
        chosen[entity] = orders["po_id"].sort()
    return chosen


class Clock:
    """Seconds on the clock and of the processor, added up by step."""

    def __init__(self) -> None:
        self.steps: dict[str, tuple[float, float]] = {}

    @contextmanager
    def measures(self, step: str) -> Iterator[None]:
        began, used = time.perf_counter(), _processor()
        yield
        before = self.steps.get(step, (0.0, 0.0))
        now = time.perf_counter() - began, _processor() - used
        self.steps[step] = before[0] + now[0], before[1] + now[1]


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def rematched(store: Store, folder: Path, inputs: Path, orders: dict[str, pl.Series]) -> Clock:
    """Reads, matches and publishes the touched orders of every entity, in each of two ways."""
    clock, by = Clock(), policy()
    out = folder / "changes"
    shutil.rmtree(out, ignore_errors=True)
    with database() as con:
        con.execute(f"ATTACH '{folder / 'results.duckdb'}' AS results")
        for entity, named in orders.items():
            with clock.measures("read"):
                frames = store.read(entity, units_with(folder, entity, named))
                for table in SHARED:
                    frames[table] = pl.read_parquet(inputs / entity / f"{table}.parquet")
            with clock.measures("match"):
                docs = Documents.of(**{t: engine.whole(t, f) for t, f in frames.items()})
                result = match(docs, by, AS_OF, entity)
            with clock.measures("files"):
                engine.write(result, out / entity)
            with clock.measures("database"):
                _replaced(con, frames, {t: getattr(result, t) for t in KEYS})
    return clock


def _replaced(
    con: duckdb.DuckDBPyConnection,
    frames: dict[str, pl.DataFrame],
    results: dict[str, pl.DataFrame],
) -> None:
    """In one transaction, out with what was said of these documents, in with what is said now."""
    ids = [frames[table].select(id=key) for table, key in _SUBJECTS]
    con.register("ids", pl.concat(ids).to_arrow())
    con.execute("BEGIN")
    for table, frame in results.items():
        con.execute(f"DELETE FROM results.{table} WHERE {KEYS[table]} IN (SELECT id FROM ids)")
        con.register("given", frame.to_arrow())
        con.execute(f"INSERT INTO results.{table} FROM given")
    con.execute("COMMIT")


def _published(inputs: Path, folder: Path) -> float:
    """A full run, its results in a database file; returns the processor's seconds of matching."""
    noted = folder / "full.json"
    if noted.exists():
        return float(json.loads(noted.read_text()))
    out = folder / "full"
    said = contender.run("engine", inputs, out)
    (folder / "results.duckdb").unlink(missing_ok=True)
    with duckdb.connect(str(folder / "results.duckdb")) as con:
        for table in KEYS:
            con.execute(f"CREATE TABLE {table} AS FROM '{out}/*/*/{table}.parquet'")
    shutil.rmtree(out)
    noted.write_text(json.dumps(said["user"] + said["system"]))
    return said["user"] + said["system"]


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.match.incremental", description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--share", type=float, default=0.001, help="of the orders")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--stores", nargs="+", choices=STORES, default=list(STORES))
    parser.add_argument("--only", nargs=2, metavar=("STORE", "KIND"), help="one run, as JSON")
    args = parser.parse_args()
    inputs = generate(args.folder, args.lines, args.seed)
    folder = args.folder / f"kept-{args.lines}-{args.seed}"
    folder.mkdir(exist_ok=True)
    if args.only:
        name, kind = args.only
        store, orders = built(name, inputs, folder), touched(inputs, kind, args.share)
        print(json.dumps(rematched(store, folder, inputs, orders).steps))
        return
    full = _published(inputs, folder)
    print(f"everything anew: {full:.1f} s of the processor")
    for kind in ("random", "recent"):
        for name in args.stores:
            built(name, inputs, folder)
            print(_line(name, kind, [_alone(name, kind) for _ in range(args.runs)], full))


def _alone(name: str, kind: str) -> dict[str, list[float]]:
    """A run in a process of its own, which has nothing in memory yet."""
    command = [sys.executable, "-m", "benchmarks.match.incremental", *sys.argv[1:]]
    said = subprocess.run([*command, "--only", name, kind], check=True, stdout=subprocess.PIPE)
    found: dict[str, list[float]] = json.loads(said.stdout)
    return found


def _line(name: str, kind: str, runs: list[dict[str, list[float]]], full: float) -> str:
    middle = {step: statistics.median(r[step][1] for r in runs) for step in runs[0]}
    once = middle["read"] + middle["match"]
    steps = ", ".join(f"{step} {seconds:.2f}" for step, seconds in middle.items())
    return (
        f"{kind:7s} {name:8s} processor: {steps}; of everything anew, published as files "
        f"{100 * (once + middle['files']) / full:.1f} %, in a database "
        f"{100 * (once + middle['database']) / full:.1f} %"
    )


if __name__ == "__main__":
    main()
