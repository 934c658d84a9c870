"""What each reason code means: severity, owner, deadline, kind of cause.

Belongs here: the shape and reading of reasons.yaml. Not here: the values themselves.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from finsync_dagster.landscape.service_model import Sla

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
    """A finding, or the landscape, names a reason code that reasons.yaml does not list."""


@cache
def load_reasons() -> dict[str, Reason]:
    """Reason code → reason."""
    return TypeAdapter(dict[str, Reason]).validate_python(
        yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    )


def reasons_in_force(sla: Sla, entity_id: str) -> dict[str, Reason]:
    """Reason code → reason, as the landscape has it for the entity.

    Raises:
        UnknownReasonError: the landscape names a reason code that there is none of.
    """
    reasons = dict(load_reasons())
    for rules in sla.rules(entity_id):
        for code, rule in rules.items():
            if code not in reasons:
                raise UnknownReasonError(f"sla: there is no reason {code}; see docs/exceptions.md")
            changes = rule.model_dump(exclude_none=True)
            reasons[code] = reasons[code].model_copy(update=changes)
    return reasons
