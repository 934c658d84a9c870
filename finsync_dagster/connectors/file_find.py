"""The files of an object: which there are, in order, and the words for their errors.

Belongs here: the folder, on a disk or anything else fsspec opens. Not here: what is in a file.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any, cast
from urllib.parse import unquote, urlsplit

import fsspec
from fsspec.implementations.local import LocalFileSystem
from fsspec.utils import glob_translate

from finsync_dagster.connectors.errors import SourceError, name_list
from finsync_dagster.connectors.file_model import FileObject

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Problems:
    """System and object, to speak of in errors."""

    system: str
    object: str

    def error(
        self, file: str, line: int | None, what: str, remedy: str, transient: bool = False
    ) -> SourceError:
        """The error of a file, with its line if it has one."""
        place = file if line is None else f"{file} line {line}"
        return SourceError(self.system, self.object, f"{place}: {what}", remedy, transient)


@dataclass(frozen=True)
class FoundFile:
    """A file of the folder; ``name`` is its path inside the folder."""

    name: str
    path: str
    folder: Any
    problems: Problems

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """The file's bytes; those of a .gz file unpacked.

        Raises:
            SourceError: it cannot be opened or read.
        """
        try:
            with self.folder.open(self.path, "rb") as packed:
                unpacked = gzip.GzipFile(fileobj=packed) if self.name.endswith(".gz") else packed
                yield cast(IO[bytes], unpacked)
        except (OSError, EOFError, zlib.error) as error:
            reason = getattr(error, "strerror", None) or "it is not what its name says"
            raise self.problems.error(
                self.name, None, f"cannot be read ({reason})", "Check its rights", transient=True
            ) from None

    def sha256(self) -> str:
        """SHA-256 of the bytes that ``open`` gives."""
        digest = hashlib.sha256()
        with self.open() as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
        return digest.hexdigest()

    def error(self, line: int | None, what: str, remedy: str) -> SourceError:
        """The error of this file, with its line if it has one."""
        return self.problems.error(self.name, line, what, remedy)


def find(system: str, url: str, object_name: str, spec: FileObject) -> list[FoundFile]:
    """The files of an object, in the order in which they are read.

    Files whose names begin with a dot or ~$ are not looked at: they are leftovers of programs.

    Raises:
        SourceError: no such folder or file, or a file that leads out of the folder.
    """
    problems = Problems(system, object_name)
    folder, root = _folder(problems, url)
    there = _listing(folder, root, spec)
    named = [name for name in sorted(there) if any(fits(name, glob) for glob in spec.glob)]
    if not named:
        raise SourceError(
            system,
            object_name,
            f"no file {' or '.join(spec.glob)} in {_shown(url)}; there are: {name_list(there)}",
            "Deliver the file, or correct glob in the connector's system.yaml",
        )
    if spec.order == "modified":
        named.sort(key=lambda name: folder.modified(there[name]))
    if spec.delivery == "latest":
        named = named[-1:]
    files = [FoundFile(name, there[name], folder, problems) for name in named]
    if isinstance(folder, LocalFileSystem):
        _check_inside(root, files)
    return files


def _folder(problems: Problems, url: str) -> tuple[Any, str]:
    scheme = urlsplit(url).scheme
    if not scheme:
        raise SourceError(
            problems.system,
            "",
            "its address is not the URL of a folder",
            "Write file:///absolute/folder",
        )
    try:
        folder, root = fsspec.core.url_to_fs(_unquoted(url))
        exists = bool(folder.isdir(root))
    except ImportError as error:
        raise SourceError(
            problems.system,
            "",
            f"{scheme}:// folders need a package that is not installed ({error.name or error})",
            "Install it, or mount the folder and write file:///absolute/folder",
        ) from None
    except Exception as error:  # Whatever a file system raises; its text may hold secrets.
        raise SourceError(
            problems.system,
            problems.object,
            f"{_shown(url)} cannot be reached ({type(error).__name__})",
            "Check the address, the network and the login",
            transient=True,
        ) from None
    if not exists:
        raise SourceError(
            problems.system,
            problems.object,
            f"there is no folder {_shown(url)}",
            "Correct the address, or check that the share is mounted",
        )
    return folder, str(root).rstrip("/")


def _listing(folder: Any, root: str, spec: FileObject) -> dict[str, str]:
    """Name inside the folder → path, no deeper than some glob reaches."""
    depth = None
    if not any("**" in glob for glob in spec.glob):
        depth = max(glob.count("/") for glob in spec.glob) + 1
    folder.invalidate_cache()
    names: dict[str, str] = {}
    for path in folder.find(root, maxdepth=depth):
        name = str(path)[len(root) :].lstrip("/")
        if not name.rpartition("/")[2].startswith((".", "~$")):
            names[name] = str(path)
    return names


def _check_inside(root: str, files: list[FoundFile]) -> None:
    real = os.path.realpath(root)
    for file in files:
        if os.path.commonpath([real, os.path.realpath(file.path)]) != real:
            raise file.error(
                None, "is a link that leads out of the folder", "Put the file itself there"
            )


def _unquoted(url: str) -> str:
    return unquote(url) if url.startswith("file:") else url


def _shown(url: str) -> str:
    """The address without what may be secret in it."""
    parts = urlsplit(_unquoted(url))
    host = f"{parts.scheme}://{parts.hostname}" if parts.hostname else ""
    return f"{host}{parts.path}"


def fits(name: str, glob: str) -> bool:
    """Does a name inside the folder fit the glob? ``**`` stands for any folders, or none."""
    return re.match(glob_translate(glob), name) is not None
