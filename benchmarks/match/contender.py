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

from benchmarks.match import engine, floor, sql_script


def prepared(name: str, inputs: Path, out: Path, results: Path | None) -> Callable[[], None]:
    """What is to be measured; the floor's results are read here, before the clock starts.

    Raises:
        SystemExit: no contender has that name.
    """
    if name == "floor" and results is not None:
        return partial(floor.run, inputs, out, floor.held(results))
    contenders: dict[str, Callable[[], None]] = {
        "engine": partial(engine.run, inputs, out),
        "sql": partial(sql_script.run, inputs, out),
        "sql-at-once": partial(sql_script.run, inputs, out, at_once=True),
    }
    if name not in contenders:
        raise SystemExit(f"no contender {name!r}; there are floor, {', '.join(contenders)}")
    return contenders[name]


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
