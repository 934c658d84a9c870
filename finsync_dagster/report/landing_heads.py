"""The newest manifest of every object, kept in a file outside the landing.

Belongs here: reading and writing that file. Not here: what it proves (landing/verify.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from finsync_dagster.landing.errors import LandingError
from finsync_dagster.landing.manifest import Sha256
from finsync_dagster.landing.verify import Heads

_HEADS: TypeAdapter[dict[str, tuple[int, str]]] = TypeAdapter(
    dict[str, tuple[Annotated[int, Field(ge=1)], Sha256]]
)


def read_heads(path: Path) -> Heads:
    """The heads in the file.

    Raises:
        LandingError: it cannot be read, or holds something else.
    """
    try:
        return _HEADS.validate_json(path.read_bytes())
    except OSError as error:
        raise LandingError(f"{path}: cannot be read ({error.strerror})") from error
    except ValidationError:
        raise LandingError(
            f"{path}: holds no heads; write such a file with finsync landing verify --write-heads"
        ) from None


def write_heads(path: Path, heads: Heads) -> None:
    """Write the file anew.

    Raises:
        LandingError: it cannot be written.
    """
    try:
        path.write_bytes(_HEADS.dump_json(dict(heads), indent=1) + b"\n")
    except OSError as error:
        raise LandingError(f"{path}: cannot be written ({error.strerror})") from error
