"""One contender's run in a process of its own, so that its peak memory is its own.

Belongs here: what is measured of a run. Not here: in which order runs are made (__main__.py).

    python -m benchmarks.match.contender engine|sql|sql-at-once INPUTS OUT
    python -m benchmarks.match.contender floor INPUTS OUT RESULTS
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path


def prepared(name: str, inputs: Path, out: Path, results: Path | None) -> Callable[[], None]:
    """What is to be measured; the floor's results are read here, before the clock starts.

    Raises:
        SystemExit: no contender has that name.
    """
    # Each loads what it needs and no more: its memory is its own.
    if name == "floor" and results is not None:
        from benchmarks.match import floor

        return partial(floor.run, inputs, out, floor.held(results))
    if name == "engine":
        from benchmarks.match import engine

        return partial(engine.run, inputs, out)
    if name in ("sql", "sql-at-once"):
        from benchmarks.match import sql_script

        return partial(sql_script.run, inputs, out, at_once=name == "sql-at-once")
    raise SystemExit(f"no contender {name!r}; there are floor, engine, sql, sql-at-once")


def measured(run: Callable[[], None]) -> dict[str, float]:
    """Seconds on the clock and of the processor, and the peak of this process in MB."""
    began, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    run()
    seconds, now = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
    return {
        "seconds": seconds,
        "user": now.ru_utime - used.ru_utime,
        "system": now.ru_stime - used.ru_stime,
        "peak_mb": now.ru_maxrss / 1024,
    }


if __name__ == "__main__":
    chosen, inputs, out, *more = sys.argv[1:]
    run = prepared(chosen, Path(inputs), Path(out), Path(more[0]) if more else None)
    print(json.dumps(measured(run)))
