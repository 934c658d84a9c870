"""The landscape's vocabulary, validated: what a YAML file may say and what it means.

Belongs here: Pydantic models of the company. Not here: systems (system_model.py), duties
(service_model.py), the policy (policy_model.py), reading files and reporting their errors
(load.py, explain.py), nor names that refer to other names (references.py).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from finsync_dagster.landscape.policy_model import Policy, Tolerance
from finsync_dagster.landscape.service_model import Authority, Freshness, Sla
from finsync_dagster.landscape.system_model import Connection, Domain, System
from finsync_dagster.landscape.words import (
    Country,
    Cron,
    Currency,
    Exact,
    Name,
    Strict,
    Timezone,
)

__all__ = [
    "Calendar",
    "Connection",
    "Domain",
    "Landscape",
    "LegalEntity",
    "Policy",
    "System",
    "Tolerance",
]


class Calendar(Strict):
    """Working time, on which the SLA clock of exceptions runs."""

    timezone: Timezone = "UTC"
    opens: Annotated[int, Field(ge=0, le=23, description="hour of the day")] = 9
    closes: Annotated[int, Field(ge=1, le=24, description="hour of the day")] = 17
    weekdays: tuple[Annotated[int, Field(ge=1, le=7, description="1 is Monday")], ...] = (
        1,
        2,
        3,
        4,
        5,
    )
    holidays: tuple[date, ...] = ()
    """Days on which nobody works, whatever weekday they are."""

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Calendar:
        if self.opens >= self.closes or not self.weekdays:
            raise ValueError("a calendar must open before it closes, on at least one weekday")
        return self

    def works_on(self, day: date) -> bool:
        """Is it a working day?"""
        return day.isoweekday() in self.weekdays and day not in self.holidays


class LegalEntity(Strict):
    """A company of the group."""

    name: str
    country: Country
    functional_currency: Currency
    owner: str
    materiality: Annotated[Exact, Field(gt=0)]
    """Amount at risk, in functional currency, from which an exception is one step more severe."""
    calendar: Calendar = Calendar()


def _several(policy: object) -> object:
    return policy if isinstance(policy, list | tuple) else (policy,)


PolicyVersions = Annotated[tuple[Policy, ...], BeforeValidator(_several), Field(min_length=1)]
"""One policy, or a list of its versions."""


class Landscape(Strict):
    """A company, as the pipeline sees it."""

    company: str
    group_currency: Currency
    legal_entities: dict[Name, LegalEntity]
    systems: dict[Name, System]
    policies: Annotated[PolicyVersions, Field(alias="policy")]
    """How strictly documents are compared: one policy, or a list of its versions."""
    authority: tuple[Authority, ...] = ()
    """Systems of record. Where a day is not covered, every system with the domain counts."""
    code_maps: dict[str, dict[str, str]] = Field(default_factory=dict)
    """Map → source code → canonical code, for every system that uses a map of that name."""
    sla: Sla = Sla()
    freshness: Freshness = Freshness()
    intraday_cron: Cron = "0 7-19/2 * * 1-5"
    """When the scheduled reconciliation runs (five fields, in ``intraday_timezone``)."""
    intraday_timezone: Timezone = "UTC"

    @property
    def policy(self) -> Policy:
        """The version planned last; which one is in force on a day: policy_versions.py."""
        return max(self.policies, key=lambda policy: policy.in_force_from or date.min)

    def systems_of(self, entity_id: str) -> dict[str, System]:
        """Systems that hold records of the entity, in force or not."""
        return {n: s for n, s in self.systems.items() if entity_id in s.entities}

    def systems_asked(self, entity_id: str, day: date) -> dict[str, System]:
        """Systems that are in force for the entity on that day."""
        return {n: s for n, s in self.systems_of(entity_id).items() if s.asked_on(entity_id, day)}

    def reference_systems(self) -> dict[str, System]:
        """Systems that serve the whole group, such as exchange rates."""
        return {n: s for n, s in self.systems.items() if not s.entities}

    def domains_of(self, entity_id: str) -> set[Domain]:
        """Domains for which the entity has a system; what is missing cannot be reconciled."""
        return {d for s in self.systems_of(entity_id).values() for d in s.domains}

    def authorities(self, entity_id: str, domain: Domain) -> list[Authority]:
        """Systems of record of the entity for the domain, in order of time."""
        rows = [a for a in self.authority if a.entity == entity_id and domain in a.all_domains]
        return sorted(rows, key=lambda a: a.first)

    def max_age(self, refresh: str) -> timedelta:
        """The age from which data of an object with this refresh class is stale.

        Raises:
            KeyError: there is no such refresh class.
        """
        return self.freshness.max_age(refresh)
