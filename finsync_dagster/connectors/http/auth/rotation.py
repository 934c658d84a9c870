"""Refresh tokens that a server gives instead of the one before.

Belongs here: where the newest one is kept, and that two processes never use the same one. Not here:
asking for it (auth/token.py).

Where a refresh token may be used once only, the one in the environment is worthless after the first
use, and whoever loses its successor must have access granted anew. So the successor is kept on
disk, encrypted with a key made of the token and the client secret in the environment: the file
alone tells nothing, and a newly granted token makes it void.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Protocol

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from filelock import FileLock

from finsync_dagster.connectors.http.auth.vault import NotPickled


class Rotation(Protocol):
    """Keeps the refresh token that was given last."""

    def turn(self) -> AbstractContextManager[None]:
        """While it lasts, nobody else uses or replaces the token."""

    def read(self) -> str | None:
        """The token given last; None if none was."""

    def write(self, token: str) -> None:
        """Keep it."""


class InMemory(NotPickled):
    """Keeps it as long as this process lives: enough where a token may be used again."""

    def __init__(self) -> None:
        self._token: str | None = None

    def turn(self) -> AbstractContextManager[None]:
        """Logins take turns already."""
        return nullcontext()

    def read(self) -> str | None:
        """The token given last."""
        return self._token

    def write(self, token: str) -> None:
        """Keep it."""
        self._token = token


class OnDisk(NotPickled):
    """Keeps it encrypted in ``folder``, for every process of this machine.

    ``given`` is the refresh token in the environment, ``secret`` the client's, if it has one.
    """

    def __init__(self, folder: Path, system: str, given: str, secret: str) -> None:
        self._file = folder / f"{system}.token"
        self._lock = folder / f"{system}.lock"
        self._cipher = Fernet(_key(system, given, secret))

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Waits until no other process of this machine asks for a token of this system."""
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(self._lock):
            yield

    def read(self) -> str | None:
        """The token given last; None if another one was granted since."""
        with suppress(FileNotFoundError, InvalidToken):
            return self._cipher.decrypt(self._file.read_bytes()).decode()
        return None

    def write(self, token: str) -> None:
        """Keep it, safe from a power cut; its predecessor is void by now."""
        aside = self._file.with_suffix(".new")
        aside.unlink(missing_ok=True)
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(self._cipher.encrypt(token.encode()))
            file.flush()
            os.fsync(file.fileno())
        aside.replace(self._file)


def _key(system: str, given: str, secret: str) -> bytes:
    derive = HKDF(SHA256(), 32, salt=None, info=f"finsync refresh token {system}".encode())
    made = derive.derive(f"{len(given)}:{given}{secret}".encode(errors="surrogateescape"))
    return base64.urlsafe_b64encode(made)
