"""What a landscape says about duties: who is the authority, who acts, how old is too old.

Belongs here: Pydantic models of ``authority``, ``sla`` and ``freshness``. Not here: applying them
(canonical/authority.py, exceptions/).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, model_validator

from finsync_dagster.landscape.system_model import Domain
from finsync_dagster.landscape.words import Name, Period, Strict

Hours = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,3}h$", examples=["24h"])]


class Authority(Period):
    """The system of record of a legal entity for some domains, for a time."""

    entity: Name
    domain: Domain | None = None
    """One domain, or ``domains`` for several."""
    domains: tuple[Domain, ...] = ()
    system: Name

    @model_validator(mode="after")
    def _names_a_domain(self) -> Authority:
        if bool(self.domain) == bool(self.domains):
            raise ValueError("write either domain or domains")
        idle = [d for d in self.all_domains if not d.compared]
        if idle:
            raise ValueError(
                f"{', '.join(idle)} is not compared between systems, so that a system of record "
                "would change nothing"
            )
        return self

    @property
    def all_domains(self) -> tuple[Domain, ...]:
        """The domain or domains."""
        return (self.domain,) if self.domain else self.domains


class ReasonRule(Strict):
    """What differs from the general rule for a reason code; what is left out stays as it is."""

    owner: str | None = None
    severity: Literal["LOW", "MEDIUM", "HIGH", "CRITICAL"] | None = None
    sla_hours: Annotated[int, Field(gt=0, description="working hours")] | None = None


class Sla(Strict):
    """Who deals with what, and until when, where the company decides otherwise."""

    reasons: dict[str, ReasonRule] = Field(default_factory=dict)
    """Reason code → what differs for the whole group."""
    entities: dict[Name, dict[str, ReasonRule]] = Field(default_factory=dict)
    """Legal entity → reason code → what differs there, before what holds for the group."""

    def rules(self, entity_id: str) -> list[dict[str, ReasonRule]]:
        """Rules in force for the entity, the most general first."""
        return [self.reasons, self.entities.get(entity_id, {})]


class Freshness(Strict):
    """How old the data of an object may be, by its refresh class."""

    reference: Hours = "24h"
    transactional: Hours = "6h"
    close_critical: Hours = "2h"

    def max_age(self, refresh: str) -> timedelta:
        """The age from which an object of the class is stale.

        Raises:
            KeyError: there is no such refresh class.
        """
        return timedelta(hours=int(self.model_dump()[refresh].removesuffix("h")))
