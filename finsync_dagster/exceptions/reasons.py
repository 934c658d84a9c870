"""What each reason code means: severity, owner, deadline, kind of cause.

Belongs here: the shape and reading of reasons.yaml. Not here: the values themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from finsync_dagster.landscape.explain import Problem, choices, problem
from finsync_dagster.landscape.service_model import Sla
from finsync_dagster.landscape.tree import Node

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


def reasons_in_force(sla: Sla, entity_id: str) -> dict[str, Reason]:
    """Reason code → reason, as the landscape has it for the entity.

    Raises:
        KeyError: a reason code that there is none of; ``reason_problems`` says where it is.
    """
    reasons = dict(load_reasons())
    for rules in sla.rules(entity_id):
        for code, rule in rules.items():
            changes = rule.model_dump(exclude_none=True)
            reasons[code] = reasons[code].model_copy(update=changes)
    return reasons


def reason_problems(landscape: Node) -> Iterator[Problem]:
    """Reason codes under a landscape's ``sla`` that there are none of."""
    groups: list[tuple[str, ...]] = [("sla", "reasons")]
    groups += [("sla", "entities", entity) for entity in landscape.under("sla", "entities")]
    for loc in groups:
        for code in landscape.under(*loc):
            if code not in load_reasons():
                said = f"there is no reason code {code}; {choices(load_reasons(), code)}"
                yield problem(landscape, (*loc, code), said)
