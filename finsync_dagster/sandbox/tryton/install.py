"""Tryton's own virtual environment, from its own lock file.

Belongs here: making it once and knowing that it is whole. Not here: what runs in it.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

from finsync_dagster.sandbox.tryton.errors import TrytonError
from finsync_dagster.sandbox.tryton.locking import alone

LOCK = Path(__file__).parent / "requirements.lock"
# Made last: an environment without it is a broken attempt.
_WHOLE = "installed"


def folder(home: Path) -> Path:
    """Where everything of the sandbox's Tryton lies under FINSYNC_HOME."""
    return home / "sandbox" / "tryton"


def digest() -> str:
    """What the environment is made of: the lock file, this Python, this kind of machine."""
    parts = [LOCK.read_bytes(), sys.version.encode(), sysconfig.get_platform().encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def install(home: Path, progress: Callable[[str], None] = lambda _: None) -> Path:
    """The Python of Tryton's environment under ``home``; nothing to do if it is there.

    Raises:
        TrytonError: pip could not install what the lock file lists; with what pip said.
    """
    place = folder(home) / f"env-{digest()}"
    with alone(folder(home) / "install.lock") as lock:
        if not (place / _WHOLE).is_file():
            progress("installing Tryton in an environment of its own, once, about 20 seconds")
            shutil.rmtree(place, ignore_errors=True)
            _make(place, lock)
            (place / _WHOLE).touch()
    return place / "bin" / "python"


def _make(place: Path, lock: int) -> None:
    venv = (sys.executable, "-m", "venv", str(place))
    _run("an environment for Tryton cannot be made", venv, lock)
    pip = (str(place / "bin" / "python"), "-m", "pip", "install", "-q", "--no-input")
    _run(
        "Tryton cannot be installed; pip needs a package index that has what "
        f"{LOCK.name} lists (PIP_INDEX_URL names it)",
        (*pip, "--disable-pip-version-check", "--require-hashes", "-r", str(LOCK)),
        lock,
    )


def _run(failure: str, command: tuple[str, ...], lock: int) -> None:
    done = subprocess.run(  # noqa: S603 - our own Python, our own arguments
        command,
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        pass_fds=(lock,),
    )
    if done.returncode != 0:
        said = "\n".join((done.stderr or done.stdout).strip().splitlines()[-8:])
        raise TrytonError(f"{failure}:\n{without_credentials(said)}")


def without_credentials(text: str) -> str:
    """The text without the user and password of the addresses in it."""
    return re.sub(r"//[^/@\s]+@", "//***@", text)
