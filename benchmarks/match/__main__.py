"""Matching beside merely reading and writing, and beside one SQL script: ratios of one run.

All three read the same files and write the same tables; each run is in processes of its own, and
the three take turns, so that what else the machine does falls on all of them. Medians are printed.

    python -m benchmarks.match                                    # 1,000,000 invoice lines
    python -m benchmarks.match --lines 1000000 10000000 --runs 5  # and whether time grows with them
    python -m benchmarks.match --lines 10000000 --script-runs 1   # the script takes minutes
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
from pathlib import Path

import polars as pl

from benchmarks.match import contender
from benchmarks.match.contender import Measured
from benchmarks.match.generate import buckets, generate

FLOOR, SCRIPT, ENGINE = "floor", "sql", "engine"
WAYS = ("sql", "sql-at-once")


def main() -> None:
    args = _arguments()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(args.folder or temporary)
        sizes = {n: _compared(folder, n, args) for n in args.lines}
    if len(sizes) > 1:
        small, large = min(sizes), max(sizes)
        per_line = [
            sizes[n][ENGINE]["seconds"] / sizes[n]["lines"]["count"] for n in (small, large)
        ]
        print(
            f"\nper line, {large:,} take {per_line[1] / per_line[0]:.2f} times what {small:,} take"
        )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.match", description=__doc__)
    parser.add_argument("--lines", type=int, nargs="+", default=[1_000_000], help="invoice lines")
    parser.add_argument("--runs", type=int, default=5, help="of each, alternating")
    parser.add_argument("--script-runs", type=int, help="of the script, if not as many")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--folder", help="where inputs stay for the next time")
    parser.add_argument(
        "--script", choices=WAYS, help="how the script works; else the faster way, tried first"
    )
    return parser.parse_args()


def _compared(folder: Path, lines: int, args: argparse.Namespace) -> dict[str, Measured]:
    """Medians per contender, printed as a table."""
    inputs = generate(folder, lines, args.seed)
    out = folder / "out"
    results = folder / f"results-{lines}-{args.seed}"
    _held_results(inputs, results, folder / "one")
    way: str = args.script or _faster_way(inputs, out)
    rounds: dict[str, list[Measured]] = {FLOOR: [], SCRIPT: [], ENGINE: []}
    for number in range(args.runs):
        rounds[FLOOR].append(run("floor", inputs, out, results))
        if number < (args.script_runs or args.runs):
            rounds[SCRIPT].append(run(way, inputs, out))
        rounds[ENGINE].append(run("engine", inputs, out))
    medians = {name: median(each) for name, each in rounds.items()}
    count = _count(inputs)
    print(f"\n{count:,} invoice lines in {len(buckets(inputs))} buckets, medians of {args.runs}")
    print(table(medians, count, way))
    return {**medians, "lines": {"count": count}}


def _faster_way(inputs: Path, out: Path) -> str:
    """The script may choose: bucket by bucket, or everything in one query."""
    trials = {way: run(way, inputs, out)["seconds"] for way in WAYS}
    return min(WAYS, key=lambda way: trials[way])


def _held_results(inputs: Path, results: Path, one: Path) -> None:
    """The engine's tables of the first bucket, which the floor writes again and again."""
    first = buckets(inputs)[0]
    shutil.rmtree(one, ignore_errors=True)
    linked = one / first.entity
    linked.mkdir(parents=True)
    for shared in first.folder.parent.glob("*.parquet"):
        (linked / shared.name).symlink_to(shared.resolve())
    (linked / first.folder.name).symlink_to(first.folder.resolve())
    shutil.rmtree(results, ignore_errors=True)
    contender.run("engine", one, results)
    nested = results / first.entity / first.folder.name
    for file in nested.glob("*.parquet"):
        file.rename(results / file.name)
    shutil.rmtree(one)


def run(name: str, inputs: Path, out: Path, results: Path | None = None) -> Measured:
    """One measured run; what it writes is removed."""
    shutil.rmtree(out, ignore_errors=True)
    try:
        return contender.run(name, inputs, out, results)
    finally:
        shutil.rmtree(out, ignore_errors=True)


def median(runs: list[Measured]) -> Measured:
    """Of every figure its median; of the peak of memory the highest."""
    middle = {name: statistics.median(r[name] for r in runs) for name in runs[0]}
    return middle | {"peak_mb": max(r["peak_mb"] for r in runs)}


def table(medians: dict[str, Measured], lines: int, way: str) -> str:
    """The figures as a table, and the two ratios that count."""
    names = {
        FLOOR: "the floor: reading and writing alone",
        SCRIPT: f"core rules as one DuckDB script ({way})",
        ENGINE: "the engine, all checks",
    }
    rows = ["| | seconds | processor | peak MB | lines/s |", "|---|---|---|---|---|"]
    for name, label in names.items():
        m = medians[name]
        processor = m["user"] + m["system"]
        rows.append(
            f"| {label} | {m['seconds']:.1f} | {processor:.1f} | {m['peak_mb']:,.0f} "
            f"| {lines / m['seconds']:,.0f} |"
        )
    floor, script, engine = (medians[n] for n in (FLOOR, SCRIPT, ENGINE))
    rows.append(f"engine / floor {_ratio(engine, floor)}; script / engine {_ratio(script, engine)}")
    return "\n".join(rows)


def _ratio(left: Measured, right: Measured) -> str:
    processor = [m["user"] + m["system"] for m in (left, right)]
    clock = left["seconds"] / right["seconds"]
    return f"{clock:.2f} (processor {processor[0] / processor[1]:.2f})"


def _count(inputs: Path) -> int:
    files = [bucket.file("invoice_lines") for bucket in buckets(inputs)]
    return int(pl.scan_parquet(files).select(pl.len()).collect().item())


if __name__ == "__main__":
    main()
