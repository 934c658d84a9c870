"""The plan of what is to go wrong while the vendors' stand-ins answer.

Belongs here: what a plan file may say, and the sentences when it is wrong. Not here: deciding when
a fault strikes (faults.py), or what it does (server.py, each vendor).
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

# Of the line: applied by the server, whoever answers.
LineKind = Literal[
    "throttled", "server_error", "cut", "slow", "wrong_length", "bad_json", "html_page"
]
# Applied by a vendor, in its own way.
VendorKind = Literal[
    "small_page",
    "repeated_page",
    "expired_token",
    "error_in_200",
    "new_field",
    "changed_type",
    "throttled_as_400",
]
KINDS: tuple[str, ...] = (*get_args(LineKind), *get_args(VendorKind))

# After these the request got no usable answer; it is asked again.
RUINOUS: frozenset[str] = frozenset(KINDS) - {
    "slow",
    "small_page",
    "repeated_page",
    "new_field",
    "changed_type",
}

_WORDS_OF: dict[str, frozenset[str]] = {
    "throttled": frozenset({"status", "retry_after", "seconds", "body"}),
    "server_error": frozenset({"status", "retry_after", "seconds", "body"}),
    "cut": frozenset({"where"}),
    "slow": frozenset({"seconds"}),
    "wrong_length": frozenset({"says"}),
    "small_page": frozenset({"records"}),
    "repeated_page": frozenset({"records"}),
    "new_field": frozenset({"field"}),
    "changed_type": frozenset({"field"}),
}
_ALWAYS = frozenset({"kind", "rate", "systems", "objects", "after", "at_most"})


class PlanError(ValueError):
    """A plan cannot be used; the message says where in it, and what it may say there."""


class Fault(BaseModel):
    """One line of the plan: what goes wrong, how often, where.

    ``rate`` is the share of requests from 0 to 1; ``systems`` and ``objects`` (words of the path or
    of what is posted) narrow it down; the first ``after`` requests it would see are spared; not
    more than ``at_most`` failures in a row for one and the same request.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal[LineKind, VendorKind]
    rate: Annotated[Decimal, Field(ge=0, le=1)]
    systems: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    after: Annotated[int, Field(ge=0)] = 0
    at_most: Annotated[int, Field(ge=1, le=1000)] = 2
    status: Annotated[int, Field(ge=400, le=599)] | None = None
    retry_after: Literal["seconds", "date", "none"] = "seconds"
    seconds: Annotated[Decimal, Field(ge=0, le=600)] = Decimal(1)
    body: Literal["vendor", "html"] = "vendor"
    where: Literal["headers", "body", "character"] = "body"
    says: Literal["more", "less"] = "more"
    records: Annotated[int, Field(ge=1, le=100_000)] | None = None
    field: str | None = None

    @model_validator(mode="after")
    def _only_its_own_words(self) -> Self:
        allowed = _WORDS_OF.get(self.kind, frozenset())
        if foreign := self.model_fields_set - _ALWAYS - allowed:
            known = ", ".join(sorted(allowed)) or "no words of its own"
            raise ValueError(f"{self.kind} has no {sorted(foreign)[0]}; it has: {known}")
        return self


class Plan(BaseModel):
    """A whole plan. The same seed and the same requests give the same faults."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int = 0
    faults: tuple[Fault, ...] = ()


def read_plan(path: Path) -> Plan:
    """The plan in a YAML file.

    Raises:
        PlanError: the file cannot be read, or says what a plan cannot say.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise PlanError(f"the fault plan {path} cannot be read: {reason}") from error
    return parse_plan(text, str(path))


def parse_plan(text: str, name: str = "the fault plan") -> Plan:
    """The plan in a YAML text (JSON is YAML too); ``name`` is what errors call it.

    Raises:
        PlanError: it is no YAML, or says what a plan cannot say.
    """
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise PlanError(f"{name} is no YAML: {getattr(error, 'problem', None) or error}") from error
    if value is None:
        return Plan()
    if not isinstance(value, dict):
        raise PlanError(f"{name} must be a mapping with the words seed and faults")
    try:
        return Plan.model_validate(value)
    except ValidationError as error:
        raise PlanError(f"{name}: {_sentence(error.errors()[0])}") from error


def _sentence(problem: Any) -> str:
    place = ""
    for part in problem["loc"]:
        place += f"[{part + 1}]" if isinstance(part, int) else f"{'.' if place else ''}{part}"
    wrong = problem["input"]
    if problem["type"] == "missing":
        return f"{place} is missing"
    if problem["type"] == "extra_forbidden":
        return f"there is no word {place}"
    if problem["type"] == "literal_error":
        return f"{place}: {wrong!r} is none of {problem['ctx']['expected']}"
    if problem["type"] == "value_error":
        return f"{place}: {problem['ctx']['error']}"
    return f"{place}: {wrong!r} cannot be it ({problem['msg']})"


def check_systems(plan: Plan, known: tuple[str, ...], name: str = "the fault plan") -> None:
    """Refuse a plan for systems that are not there: it would strike nothing, silently.

    Raises:
        PlanError: naming the system.
    """
    for number, fault in enumerate(plan.faults, start=1):
        for system in fault.systems:
            if system not in known:
                raise PlanError(
                    f"{name}: faults[{number}].systems: there is no {system}; "
                    f"there are: {', '.join(known)}"
                )
