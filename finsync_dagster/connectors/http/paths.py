"""Where a value lies in an answer: a field's name, or the names from the outside in.

Belongs here: following a path. Not here: which paths there are (model.py).

A name is taken as it is, dots and all (``"@odata.nextLink"`` is one name). In a list, a whole
number is a place, counted from 0 (``[error, 0]``).
"""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator, Field

from finsync_dagster.connectors.http.exact_json import Json

_MISSING: Any = object()


def _as_steps(written: Any) -> Any:
    return (written,) if isinstance(written, str | int) else written


Step: TypeAlias = Annotated[int, Field(strict=True)] | Annotated[str, Field(min_length=1)]
Path: TypeAlias = Annotated[tuple[Step, ...], BeforeValidator(_as_steps)]
"""In YAML: ``items``, ``[d, results]``, ``[]`` for the answer itself."""


def pick(value: Json, path: Path, missing: Json = None) -> Json:
    """What lies at the path; ``missing`` if there is nothing."""
    for step in path:
        value = _within(value, step)
        if value is _MISSING:
            return missing
    return value


def shown(path: Path) -> str:
    """The path for messages: ``d / results``."""
    return " / ".join(str(step) for step in path) or "the answer itself"


def _within(value: Json, step: str | int) -> Json:
    if isinstance(step, int):
        inside = isinstance(value, list) and -len(value) <= step < len(value)
        return value[step] if inside else _MISSING
    return value.get(step, _MISSING) if isinstance(value, dict) else _MISSING
