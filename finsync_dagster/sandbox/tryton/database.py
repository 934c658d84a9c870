"""The seeded database: built once, copied for whoever works with it.

Belongs here: SQLite files and when they are made anew. Not here: what is in them (inside/).

Kept beside the environment: ``<digest>.sqlite`` is never served, ``<digest>/p2p.sqlite`` is the
copy of the demo, which keeps what people change in it.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from finsync_dagster.sandbox.tryton.errors import TrytonError
from finsync_dagster.sandbox.tryton.install import LOCK, folder, without_credentials
from finsync_dagster.sandbox.tryton.locking import alone

DATABASE = "p2p"
PACKAGE = Path(__file__).parent
_MODULES = ("purchase", "account_invoice_stock", "account_payment", "purchase_request")
# The parts of inside/ that make no difference to what is seeded.
_NOT_SEED = {"serve.py"}


def digest() -> str:
    """What the database is made of: Tryton's versions and the scripts that seed it."""
    made_of = hashlib.sha256(LOCK.read_bytes())
    for script in sorted(PACKAGE.glob("inside/*.py")):
        if script.name not in _NOT_SEED:
            made_of.update(f"\0{script.name}\0".encode() + script.read_bytes())
    return made_of.hexdigest()[:16]


def build(home: Path, python: Path, progress: Callable[[str], None] = lambda _: None) -> Path:
    """The seeded database under ``home``; nothing to do if it is there.

    Raises:
        TrytonError: Tryton could not make it; with what it said.
    """
    whole = folder(home) / f"{digest()}.sqlite"
    with alone(folder(home) / "build.lock") as lock:
        if not whole.is_file():
            progress("building the Tryton database, once, a minute or two")
            aside = folder(home) / "building"
            shutil.rmtree(aside, ignore_errors=True)
            aside.mkdir(mode=0o700)
            _fill(aside, python, lock)
            os.replace(aside / f"{DATABASE}.sqlite", whole)
            shutil.rmtree(aside)
    return whole


def working_copy(home: Path) -> Path:
    """The folder of the demo's own copy; it may not be there yet."""
    return folder(home) / digest()


def has_copy(place: Path) -> bool:
    """Whether a copy lies in a folder."""
    return (place / f"{DATABASE}.sqlite").is_file()


def copy(whole: Path, place: Path) -> None:
    """Lay a fresh copy into a folder that nobody serves; what was there under that name is gone."""
    for suffix in ("", "-wal", "-shm"):
        (place / f"{DATABASE}.sqlite{suffix}").unlink(missing_ok=True)
    aside = place / f"{DATABASE}.{os.getpid()}.copying"
    shutil.copyfile(whole, aside)
    os.replace(aside, place / f"{DATABASE}.sqlite")


def environment(place: Path) -> dict[str, str]:
    """The variables of a process of Tryton's: the database, and nothing of ours or the user's."""
    passed = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return passed | {
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(PACKAGE),
        "PYTHONNOUSERSITE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "TRYTOND_DATABASE_URI": "sqlite://",
        "TRYTOND_DATABASE__PATH": str(place),
    }


def _fill(place: Path, python: Path, lock: int) -> None:
    file = place / f"{DATABASE}.sqlite"
    file.touch()
    admin = (str(python.parent / "trytond-admin"), "-d", DATABASE, "--activate-dependencies")
    # -l de: the German chart of accounts comes with the language. The password is known to nobody;
    # the server sets its own.
    options = ("-u", *_MODULES, "-l", "de", "--email", "admin@example.com")
    password = secrets.token_urlsafe(32)
    _run(place, (*admin, *options), lock, password, TRYTONPASSFILE="/dev/stdin")
    _run(place, (str(python), "-m", "inside.seed"), lock)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("VACUUM")
        connection.execute("PRAGMA journal_mode = DELETE")


def _run(place: Path, command: tuple[str, ...], lock: int, told: str = "", **more: str) -> None:
    done = subprocess.run(  # noqa: S603 - Tryton's own Python, our own arguments
        command,
        check=False,
        env=environment(place) | more,
        input=told,
        pass_fds=(lock,),
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        said = "\n".join((done.stderr or done.stdout).strip().splitlines()[-8:])
        raise TrytonError(
            f"the Tryton database cannot be built (free disk and {place.parent} being writable "
            f"are what it needs):\n{without_credentials(said)}"
        )
