"""How a system says that something went wrong, where it does so in a way of its own.

Belongs here: the words under ``errors``. Not here: reading an error (faults/fault.py), and the ways
that are known anyway, for which nothing has to be declared (faults/in_json.py,
faults/in_markup.py).
"""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator, Field

from finsync_dagster.connectors.errors import FaultKind
from finsync_dagster.connectors.http.paths import Path
from finsync_dagster.connectors.object_model import Strict


def _as_paths(written: Any) -> Any:
    several = isinstance(written, list | tuple) and any(
        isinstance(part, list | tuple) for part in written
    )
    return written if several else (written,)


def _as_texts(written: Any) -> Any:
    parts = written if isinstance(written, list | tuple) else [written]
    spelled = {None: "null", True: "true", False: "false"}
    return [spelled[p] if p is None or isinstance(p, bool) else str(p) for p in parts]


Paths: TypeAlias = Annotated[tuple[Path, ...], BeforeValidator(_as_paths)]
"""In YAML a path, or a list of paths: ``[error, text]`` is one, ``[[error], [fault]]`` are two."""


class Sign(Strict):
    """A value that tells something by what it is: ``{path: status, is: [NOK, error]}``."""

    path: Path
    is_: Annotated[tuple[str, ...], BeforeValidator(_as_texts)] = Field(alias="is", min_length=1)
    """As text: ``true``, ``0``, ``NOK``. Case and blanks around it do not matter."""


class Errors(Strict):
    """A system's own way to report errors."""

    found_at: Paths = ()
    """Where a value means an error, with status 200 as well. Null, false, 0 and what is empty are
    no values here."""
    when: tuple[Sign, ...] = ()
    """Values that mean an error, with status 200 as well."""
    unless: tuple[Sign, ...] = ()
    """Values that mean that an answer of status 2xx is none, whatever else it says."""
    code: Paths = ()
    """Where the vendor's code for the error is."""
    text: Paths = ()
    """Where its sentence is. What several paths say is put together."""
    kinds: dict[str, FaultKind] = Field(default_factory=dict)
    """Vendor's code → who can do something about it."""
    statuses: dict[Annotated[int, Field(ge=100, le=599)], FaultKind] = Field(default_factory=dict)
    """HTTP status → who can do something about it, where the server means something else by it than
    most: one that answers an unknown field with 500, one that throttles with 400."""
