"""The company as it was last read, kept for as long as none of its files changes.

Belongs here: noticing that a file of the landscape or of a connector is another one than before.
Not here: reading and checking them (company.py). Every step of a run opens its own workshop, and
reading some thousand expressions anew would cost more than most steps do.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from finsync_dagster.canonical.mapping import SystemMappings
from finsync_dagster.connectors.likeness import CONNECTORS as SHIPPED
from finsync_dagster.connectors.model import SystemSpec
from finsync_dagster.landscape.load import CONNECTORS, LandscapeTree
from finsync_dagster.landscape.model import Landscape
from finsync_dagster.orchestration.company import read_company

Stamp = tuple[tuple[str, int, int], ...]
"""Path, time of change in nanoseconds and size of every file that was read."""


@dataclass
class KnownCompany:
    """A landscape, and what was made of its systems so far, by name."""

    source: LandscapeTree
    landscape: Landscape
    specs: dict[str, SystemSpec] = field(default_factory=dict)
    mappings: dict[str, SystemMappings] = field(default_factory=dict)


_kept: dict[Path, tuple[Stamp, KnownCompany]] = {}
_one_at_a_time = threading.Lock()


def known_company(path: Path) -> KnownCompany:
    """The company of a landscape, read anew if any of its files has changed.

    Raises:
        LandscapeError: with everything that is wrong in it.
    """
    with _one_at_a_time:
        now = stamp(path)
        held = _kept.get(path)
        if held is None or held[0] != now:
            held = (now, KnownCompany(*read_company(path)))
            _kept.clear()
            _kept[path] = held
        return held[1]


def stamp(path: Path) -> Stamp:
    """What the files that a landscape consists of look like from outside."""
    found = ((str(f), f.stat()) for f in sorted(_files(path)))
    return tuple((name, s.st_mtime_ns, s.st_size) for name, s in found)


def _files(path: Path) -> Iterator[Path]:
    yield from _yaml_below(SHIPPED)
    if path.is_dir():
        yield from _yaml_below(path)
    elif path.exists():
        yield path
        yield from _yaml_below(path.parent / CONNECTORS)


def _yaml_below(folder: Path) -> Iterator[Path]:
    for suffix in ("*.yaml", "*.yml"):
        yield from folder.rglob(suffix)
