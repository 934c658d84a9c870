"""What each reason code means: severity, owner, deadline, kind of cause.

Belongs here: the shape and reading of reasons.yaml. Not here: the values themselves.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

_FILE = Path(__file__).parent / "reasons.yaml"


class Reason(BaseModel):
    """One reason code. ``sla_hours`` are working hours of the entity's calendar."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    severity: Literal["LOW", "MEDIUM", "HIGH", "CRITICAL"]
    owner: str
    sla_hours: Annotated[int, Field(gt=0)]
    triage: Literal["transient", "mapping", "policy", "upstream_data"]


class UnknownReasonError(KeyError):
    """A finding bears a reason code that reasons.yaml does not list."""


@cache
def load_reasons() -> dict[str, Reason]:
    """Reason code → reason."""
    return TypeAdapter(dict[str, Reason]).validate_python(
        yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    )
