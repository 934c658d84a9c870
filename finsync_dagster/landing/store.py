"""Files under one root URL that appear whole or not at all, and are never overwritten.

Belongs here: the storage's ways. Not here: what the files hold.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

import fsspec
from fsspec.implementations.local import LocalFileSystem

from finsync_dagster.landing.errors import LandingError

_ASIDE = ".writing"


class Store:
    """Write-once files at ``root_url`` (file:///…, memory://…, or any store fsspec knows).

    Paths are relative, with slashes. On a local disk a file is written aside, flushed to the disk
    and moved into place; object stores make an object appear whole by themselves. What is deleted
    was an index, which can be made again, the claim to a number that is used, or notes about an
    extract that has ended.
    """

    def __init__(self, root_url: str) -> None:
        self._files, root = fsspec.core.url_to_fs(root_url)
        self._root = str(root).rstrip("/")

    def exists(self, path: str) -> bool:
        """Whether there is such a file."""
        return bool(self._files.exists(self._full(path)))

    def size(self, path: str) -> int:
        """Bytes the file takes in the store; 0 if there is none."""
        full = self._full(path)
        return int(self._files.size(full)) if self._files.exists(full) else 0

    def read(self, path: str) -> bytes:
        """The file's bytes.

        Raises:
            LandingError: there is no such file.
        """
        try:
            return bytes(self._files.cat_file(self._full(path)))
        except FileNotFoundError:
            raise LandingError(
                f"{path}: missing from the landing; restore it from a backup"
            ) from None

    def write_once(self, path: str, content: bytes) -> bool:
        """Writes a new file; False, with nothing written, if there already is one."""
        full = self._full(path)
        if self._files.exists(full):
            return False
        if isinstance(self._files, LocalFileSystem):
            return _write_local(Path(full), content)
        try:
            # Of two writers only the first may succeed, where the store can tell.
            self._files.pipe_file(full, content, mode="create")
        except FileExistsError:
            return False
        return True

    def remove(self, path: str) -> None:
        """Deletes a file; nothing if there is none."""
        full = self._full(path)
        try:
            self._files.rm_file(full)
        except FileNotFoundError:
            return

    def remove_folder(self, folder: str) -> None:
        """Deletes an empty folder, where the store has folders; nothing if it is not empty.

        What killed processes were writing there does not count.
        """
        if isinstance(self._files, LocalFileSystem):
            with contextlib.suppress(OSError):
                for aside in Path(self._full(folder)).glob(f".*{_ASIDE}"):
                    aside.unlink()
                os.rmdir(self._full(folder))

    def names(self, folder: str) -> list[str]:
        """Names of the entries of a folder, in order; none if there is no such folder."""
        full = self._full(folder)
        # An object store may remember an older listing.
        self._files.invalidate_cache(full)
        if not self._files.exists(full):
            return []
        entries = self._files.ls(full, detail=False)
        names = (str(entry).rstrip("/").rsplit("/", 1)[-1] for entry in entries)
        # A hidden name: a file that a killed process was writing.
        return sorted(name for name in names if not name.startswith("."))

    def _full(self, path: str) -> str:
        return f"{self._root}/{path}"


def _appear(aside: Path, target: Path) -> None:
    try:
        # A link, unlike a rename, fails if another process was faster.
        os.link(aside, target)
    except FileExistsError:
        raise
    except OSError:
        # Some network shares know no links.
        os.replace(aside, target)


def _write_local(target: Path, content: bytes) -> bool:
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.name}.{secrets.token_hex(8)}{_ASIDE}")
    try:
        with aside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _appear(aside, target)
    except FileExistsError:
        return False
    finally:
        aside.unlink(missing_ok=True)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return True
