"""Is the process that began something still there?

Belongs here: that one question about this machine. Not here: what follows from the answer.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

# Clocks are set by fractions of a second; a number is not given out again that quickly.
_TOLERANCE = timedelta(seconds=5)


def is_running(pid: int, since: datetime) -> bool:
    """Does the process with this number exist, and did it exist at ``since`` already?

    Numbers are given out again: after a restart of a container even to the very process that asks.
    A process that began after ``since`` is another one. Where the system does not tell when a
    process began (no /proc), its existence has to do.
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it exists, and belongs to someone else
    began = _began(pid)
    return began is None or began <= since + _TOLERANCE


def _began(pid: int) -> datetime | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
        boot = Path("/proc/stat").read_text()
    except OSError:
        return None
    # The name in parentheses may hold spaces; starttime is the 20th field after it.
    ticks = int(stat.rpartition(")")[2].split()[19])
    booted = next(int(line.split()[1]) for line in boot.splitlines() if line.startswith("btime "))
    return datetime.fromtimestamp(booted + ticks / os.sysconf("SC_CLK_TCK"), UTC)
