"""One contender's run in processes of its own, so that their peak memory is their own.

Belongs here: what is measured of a run. Not here: in which order runs are made (__main__.py).

    python -m benchmarks.match.contender engine|sql|sql-at-once INPUTS OUT
    python -m benchmarks.match.contender floor INPUTS OUT --results RESULTS

Engine and floor work in two processes of one thread each, as Dagster runs two partitions: buckets
are closed, and no step on one bucket keeps two cores busy. The script has both cores to itself.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

Measured = dict[str, float]
WORKERS = {"floor": 2, "engine": 2, "sql": 1, "sql-at-once": 1}


def run(name: str, inputs: Path, out: Path, results: Path | None = None) -> Measured:
    """Seconds on the clock, those of the processor, and the processes' peaks in MB together.

    The clock starts once every process has loaded what it needs. Program code, which the machine
    holds once for all processes, is counted once.
    """
    count = WORKERS[name]
    threads = {} if count == 1 else {"POLARS_MAX_THREADS": "1"}
    command = [sys.executable, "-m", "benchmarks.match.contender", name, str(inputs), str(out)]
    command += ["--results", str(results)] if results else []
    processes = [
        subprocess.Popen(
            [*command, "--worker", str(place)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | threads,
            text=True,
        )
        for place in range(count)
    ]
    for process in processes:
        _line(process)
    began = time.perf_counter()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said: list[Measured] = [json.loads(_line(process)) for process in processes]
    seconds = time.perf_counter() - began
    for process in processes:
        process.communicate()
    code = [each.pop("code_mb") for each in said]
    together = {name: sum(each[name] for each in said) for name in said[0]}
    together["peak_mb"] -= sum(code) - max(code)
    return {"seconds": seconds} | together


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise SystemExit(f"a process of {process.args} failed")
    return line


def work(
    name: str, inputs: Path, out: Path, results: Path | None, place: int
) -> Callable[[], None]:
    """What one of the processes has to do.

    Raises:
        SystemExit: no contender has that name.
    """
    # Each loads what it needs and no more: its memory is its own.
    if name == "floor" and results is not None:
        from benchmarks.match import floor, share

        mine = share.of(inputs, place, WORKERS[name])
        return partial(floor.run, mine, out, floor.held(results))
    if name == "engine":
        from benchmarks.match import engine, share

        return partial(engine.run, share.of(inputs, place, WORKERS[name]), out)
    if name in ("sql", "sql-at-once"):
        from benchmarks.match import sql_script

        return partial(sql_script.run, inputs, out, at_once=name == "sql-at-once")
    raise SystemExit(f"no contender {name!r}; there are {', '.join(WORKERS)}")


def measured(work: Callable[[], None]) -> Measured:
    """The processor's seconds, the peak of this process in MB, and how much of it are files mapped
    into memory: the program's code.
    """
    used = resource.getrusage(resource.RUSAGE_SELF)
    work()
    now = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "user": now.ru_utime - used.ru_utime,
        "system": now.ru_stime - used.ru_stime,
        "peak_mb": now.ru_maxrss / 1024,
        "code_mb": _mapped_files(),
    }


def _mapped_files() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssFile")) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.match.contender", description=__doc__)
    parser.add_argument("name", choices=WORKERS)
    parser.add_argument("inputs", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--results", type=Path, help="what the floor writes")
    parser.add_argument("--worker", type=int, help="which of the processes this is")
    args = parser.parse_args()
    if args.worker is None:
        print(json.dumps(run(args.name, args.inputs, args.out, args.results)))
        return
    mine = work(args.name, args.inputs, args.out, args.results, args.worker)
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(measured(mine)), flush=True)


if __name__ == "__main__":
    main()
