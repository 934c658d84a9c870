"""The landscape's vocabulary, validated: what a YAML file may say and what it means.

Belongs here: Pydantic models. Not here: reading files and reporting their errors (load.py).
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


def _exact(value: object) -> object:
    # YAML reads 0.1 as a binary float. A limit in money must be written in quotes.
    if isinstance(value, float):
        raise ValueError("write this number in quotes, so that it is read exactly")
    return value


Exact = Annotated[Decimal, BeforeValidator(_exact)]


class Strict(BaseModel):
    """An unknown key is an error: a misspelt tolerance must not be ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Domain(StrEnum):
    """What a system can be the system of record for."""

    SUPPLIERS = "suppliers"
    ITEMS = "items"
    PURCHASE_ORDERS = "purchase_orders"
    RECEIPTS = "receipts"
    INVOICES = "invoices"
    PAYMENTS = "payments"
    FX_RATES = "fx_rates"


class Calendar(Strict):
    """Working time, on which the SLA clock of exceptions runs."""

    timezone: str = "UTC"
    opens: Annotated[int, Field(ge=0, le=23, description="hour of the day")] = 9
    closes: Annotated[int, Field(ge=1, le=24, description="hour of the day")] = 17
    weekdays: tuple[Annotated[int, Field(ge=1, le=7)], ...] = (1, 2, 3, 4, 5)

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Calendar:
        if self.opens >= self.closes or not self.weekdays:
            raise ValueError("a calendar must open before it closes, on at least one weekday")
        return self


class LegalEntity(Strict):
    """A company of the group."""

    name: str
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    functional_currency: Currency
    owner: str
    materiality: Annotated[Exact, Field(gt=0)]
    """Amount at risk, in functional currency, from which an exception is one step more severe."""
    calendar: Calendar = Calendar()


class Connection(Strict):
    """Where a system is. The address may hold a password, so it is named, never written."""

    url_env: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
    default: str | None = None
    """Used when the variable is unset; ``{home}`` and ``{project}`` are replaced."""


class System(Strict):
    """One source system."""

    connector: Name
    """Folder under connectors/ that describes its objects and mappings."""
    connection: Connection
    entities: tuple[Name, ...] = ()
    """Legal entities whose records it holds; none for reference data of the whole group."""
    domains: tuple[Domain, ...]
    owner: str


class Tolerance(Strict):
    """Limits of one check. null: not checked. "0": no variance. Boundaries are inclusive."""

    lower_abs: Exact | None = None
    lower_pct: Exact | None = None
    upper_abs: Exact | None = None
    upper_pct: Exact | None = None
    combine: Literal["ALL", "ANY"] = "ALL"
    """ALL: every stated limit must hold. ANY: one is enough."""


class Policy(Strict):
    """How strictly documents are compared. Every check needs a row: a missing one fails the run."""

    version: str
    tolerances: dict[str, Tolerance]
    entity_tolerances: dict[Name, dict[str, Tolerance]] = {}

    def tolerance(self, check: str, entity_id: str) -> Tolerance:
        """The limits in force, the entity's own before the default.

        Raises:
            KeyError: no row for this check: fails closed, since a check without limits would
                pass everything without anyone having decided so.
        """
        own = self.entity_tolerances.get(entity_id, {})
        found = own.get(check) or self.tolerances.get(check)
        if found is None:
            raise KeyError(
                f"tolerances: no limits for check {check} (entity {entity_id}); add them to the "
                f"landscape under policy.tolerances.{check}"
            )
        return found


class Landscape(Strict):
    """A company, as the pipeline sees it."""

    company: str
    group_currency: Currency
    legal_entities: dict[Name, LegalEntity]
    systems: dict[Name, System]
    policy: Policy
    intraday_cron: str = "0 7-19/2 * * 1-5"
    """When the scheduled reconciliation runs (five fields, in ``intraday_timezone``)."""
    intraday_timezone: str = "UTC"

    @model_validator(mode="after")
    def _references_exist(self) -> Landscape:
        known = set(self.legal_entities)
        for name, system in self.systems.items():
            unknown = set(system.entities) - known
            if unknown:
                raise ValueError(
                    f"systems.{name}.entities: {', '.join(sorted(unknown))} is not among "
                    f"legal_entities ({', '.join(sorted(known))})"
                )
        unknown = set(self.policy.entity_tolerances) - known
        if unknown:
            raise ValueError(f"policy.entity_tolerances: unknown entity {sorted(unknown)}")
        return self

    def systems_of(self, entity_id: str) -> dict[str, System]:
        """Systems that hold records of the entity."""
        return {n: s for n, s in self.systems.items() if entity_id in s.entities}

    def reference_systems(self) -> dict[str, System]:
        """Systems that serve the whole group, such as exchange rates."""
        return {n: s for n, s in self.systems.items() if not s.entities}

    def domains_of(self, entity_id: str) -> set[Domain]:
        """Domains for which the entity has a system; what is missing cannot be reconciled."""
        return {d for s in self.systems_of(entity_id).values() for d in s.domains}
