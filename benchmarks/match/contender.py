"""One contender's run in a process of its own, so that its peak memory is its own.

Belongs here: what is measured of a run. Not here: in which order runs are made (__main__.py).

    python -m benchmarks.match.contender engine|floor|sql INPUTS OUT [RESULTS]
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.match import engine, floor


def _prepared(name: str, inputs: Path, out: Path, results: Path | None) -> Callable[[], None]:
    if name == "engine":
        return partial(engine.run, inputs, out)
    if name == "floor" and results is not None:
        return partial(floor.run, inputs, out, floor.held(results))
    raise SystemExit(f"no contender {name!r}")


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
    chosen, *paths = sys.argv[1:]
    folders = [Path(p) for p in paths]
    ready = _prepared(chosen, folders[0], folders[1], folders[2] if len(folders) > 2 else None)
    print(json.dumps(measured(ready)))
