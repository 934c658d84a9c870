"""A page: records as lines of JSON, compressed, named after the hash of its content.

Belongs here: the format. Not here: where pages lie (store.py) or which belong together
(manifest.py).

One JSON object per record, fields in the source's order, every value text or null, UTF-8, a line
end after each. The name is the SHA-256 of these bytes before compression, so equal records make
equal pages, whenever and however often they are received.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl
import zstandard

from finsync_dagster.landing.errors import LandingError

_LEVEL = 6


def encode(columns: Sequence[str], rows: Iterable[Sequence[str | None]]) -> bytes:
    """The page's bytes before compression."""
    dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    lines = [dump(dict(zip(columns, row, strict=True))) for row in rows]
    return "".join(f"{line}\n" for line in lines).encode()


def digest(content: bytes) -> str:
    """The name of content: its SHA-256 in hexadecimals."""
    return hashlib.sha256(content).hexdigest()


def path_of(sha256: str) -> str:
    """Where the page lies under the landing's root."""
    return f"pages/{sha256[:2]}/{sha256}.ndjson.zst"


def compress(content: bytes) -> bytes:
    """The page as it is stored."""
    return zstandard.ZstdCompressor(level=_LEVEL).compress(content)


def decompress(sha256: str, stored: bytes) -> bytes:
    """The page's bytes before compression.

    Raises:
        LandingError: they are not those that ``sha256`` names.
    """
    try:
        content = zstandard.ZstdDecompressor().decompress(stored)
    except zstandard.ZstdError:
        content = None
    if content is None or digest(content) != sha256:
        raise LandingError(
            f"{path_of(sha256)}: its content was changed or damaged; restore it from a backup, or "
            "delete the file and take a full extract of the object"
        )
    return content


def records(content: bytes) -> list[dict[str, Any]]:
    """The page's records."""
    return [json.loads(line) for line in content.splitlines()]


def frame(content: bytes, columns: Sequence[str]) -> pl.DataFrame:
    """These fields of the page's records as text columns."""
    schema = dict.fromkeys(columns, pl.String)
    if not content:
        return pl.DataFrame(schema=schema)
    return pl.read_ndjson(content, schema=schema).select(columns)
