"""A world: generated once, kept in a file, read by many at once.

Belongs here: which file it is, building it if it is not there, connections to it. Not here: its
tables (schema.py), its rows (generate.py).
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from threading import Lock

import duckdb
from filelock import FileLock

from finsync_dagster.sandbox.world.generate import generate

LARGEST_SCALE = 6000
"""About eleven million invoice lines."""

# What a build takes on disk, the file and what does not fit in memory.
_MEGABYTES = 50
_MEGABYTES_A_SCALE = 5


@dataclass(eq=False)
class World:
    """A generated world in a file that nobody writes to.

    ``until``, which may be set at any time, is the moment (UTC, naive) at which its readers stand;
    None: at its end. Who serves a world shows no document created after it, and of one changed
    after it ``created_at`` as its last change, so that a client that asks for changes meets it
    again when time has passed; nothing deleted after it is gone yet.
    """

    path: Path
    until: datetime | None = None
    _shared: list[duckdb.DuckDBPyConnection] = field(default_factory=list, repr=False)
    _opening: Lock = field(default_factory=Lock, repr=False)

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A read-only connection of the caller's own; any number, from any thread.

        Close it when done; the file stays open until ``close``.
        """
        with self._opening:
            if not self._shared:
                self._shared.append(duckdb.connect(str(self.path), read_only=True))
            return self._shared[0].cursor()

    def close(self) -> None:
        """Lets go of the file; connections handed out are closed with it."""
        with self._opening:
            while self._shared:
                self._shared.pop().close()


def open_world(
    home: Path,
    *,
    seed: int,
    scale: Decimal | int = 1,
    progress: Callable[[str], None] = lambda _: None,
) -> World:
    """The world of a seed and a scale: generated the first time, the same file ever after.

    ``scale`` 1 is about 3,500 documents; documents grow with it. A file that another version of
    the generator made for the same seed and scale is removed once the new one is there.

    Raises:
        ValueError: the scale is not above 0 or beyond what can be generated, the seed is negative,
            or there is too little room for it; the message says the way out.
    """
    if seed < 0:
        raise ValueError(f"a seed is 0 or more, not {seed}: give another --seed")
    if not 0 < Decimal(scale) <= LARGEST_SCALE:
        raise ValueError(
            f"a scale is above 0 and at most {LARGEST_SCALE}, not {scale}: give another --scale"
        )
    folder = home / "sandbox" / "world"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"seed{seed}-scale{_plain(scale)}-{generator_digest()}.duckdb"
    # Two processes that ask at once must not both generate, nor one read what the other half wrote.
    with FileLock(f"{path}.lock"):
        if not path.exists():
            aside = path.with_suffix(".part")
            for left in (aside, Path(f"{aside}.wal")):
                left.unlink(missing_ok=True)
            progress(f"generating the world of seed {seed}, scale {_plain(scale)}")
            _require_room(folder, Decimal(scale))
            _generate(aside, seed, Decimal(scale), progress)
            aside.rename(path)
            if _remove_former(folder, f"seed{seed}-scale{_plain(scale)}-", path.stem):
                progress(
                    "it replaces the world of an earlier version, and is another one: a pipeline"
                    " that has read the earlier one begins again in a new FINSYNC_HOME"
                )
    return World(path)


def _require_room(folder: Path, scale: Decimal) -> None:
    needed = int(_MEGABYTES + scale * _MEGABYTES_A_SCALE)
    free = shutil.disk_usage(folder).free // 1_000_000
    if free < needed:
        raise ValueError(
            f"a world of scale {_plain(scale)} needs about {needed} MB of disk while it is made,"
            f" and {folder} has {free}: make room, or give a smaller --scale"
        )


def _generate(path: Path, seed: int, scale: Decimal, progress: Callable[[str], None]) -> None:
    """Generates; what is left of one that could not be finished is removed."""
    try:
        generate(path, seed=seed, scale=scale, progress=progress)
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        path.unlink(missing_ok=True)
        Path(f"{path}.wal").unlink(missing_ok=True)
        reason = str(error).splitlines()[0]
        raise ValueError(
            f"the world of scale {_plain(scale)} could not be made: {reason}:"
            " make room in memory or on disk, or give a smaller --scale"
        ) from error


def _remove_former(folder: Path, prefix: str, current: str) -> bool:
    """Removes worlds of other generators, and what stand-ins made of them; whether any were."""
    former = [each for each in folder.glob(f"{prefix}*") if not each.name.startswith(current)]
    for each in former:
        # What is being built has a lock of its own and is left to its builder.
        if each.suffix in (".duckdb", ".lock", ".wal"):
            each.unlink(missing_ok=True)
    return any(each.suffix == ".duckdb" for each in former)


@cache
def generator_digest() -> str:
    """Twelve hex digits over the generator's source: another generator, another file.

    Of the source as it was when a process first asked: that is what it has loaded.
    """
    package = Path(__file__).parent
    digest = hashlib.sha256()
    for source in sorted(package.rglob("*.py")):
        digest.update(source.relative_to(package).as_posix().encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


def _plain(scale: Decimal | int) -> str:
    """1 and 1.0 and 1E0 are one scale."""
    text = format(Decimal(scale), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
