"""What a landscape says about a source system: where it is, since when, and what differs in it.

Belongs here: Pydantic models of ``systems``. Not here: the words of an object or a mapping, which
are those of connectors/ and canonical/ and are checked there when the layers are put together.
"""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from finsync_dagster.landscape.words import Name, Period, SecretRef, Strict, Variable

_PASSWORD = re.compile(r"//[^/@\s]*:[^/@\s]+@|[?&;](password|passwd|pwd|token|secret)=", re.I)


def _no_password(url: str | None) -> str | None:
    if url and _PASSWORD.search(url):
        raise ValueError(
            "this address holds a password: name it, do not write it; leave default out and set "
            "the variable of url_env to the address"
        )
    return url


class Domain(StrEnum):
    """What a system can be the system of record for."""

    SUPPLIERS = "suppliers"
    ITEMS = "items"
    PURCHASE_ORDERS = "purchase_orders"
    RECEIPTS = "receipts"
    INVOICES = "invoices"
    PAYMENTS = "payments"
    FX_RATES = "fx_rates"
    REQUISITIONS = "requisitions"
    APPROVALS = "approvals"
    EXPENSES = "expenses"
    LEDGER = "ledger"

    @property
    def compared(self) -> bool:
        """Are its documents compared, so that one of two systems has to be right?"""
        return self not in (
            Domain.FX_RATES,
            Domain.REQUISITIONS,
            Domain.APPROVALS,
            Domain.EXPENSES,
            Domain.LEDGER,
        )


class Connection(Strict):
    """Where a system is. The address may hold a password, so it is named, never written."""

    url_env: Variable
    """Environment variable that holds the address."""
    default: Annotated[str | None, AfterValidator(_no_password)] = None
    """Used when the variable is unset; ``{home}`` and ``{project}`` are replaced."""
    secrets: dict[Name, SecretRef] = Field(default_factory=dict)
    """Secrets that are not part of the address, each as ``env:VARIABLE``."""

    @property
    def variables(self) -> tuple[str, ...]:
        """Every environment variable it names."""
        return (self.url_env, *(ref.removeprefix("env:") for ref in self.secrets.values()))


class InForce(Period):
    """When a system is asked for data. Outside of it nothing is extracted; its data stays."""

    entities: dict[Name, Period] = Field(default_factory=dict)
    """Legal entities for which another period holds."""

    def period(self, entity_id: str) -> Period:
        """The period that holds for the entity."""
        return self.entities.get(entity_id, self)


class Overrides(Strict):
    """What is different in this system from what its connector says."""

    objects: dict[Name, dict[str, Any]] = Field(default_factory=dict)
    """Object → fields that replace the connector's; a new name adds an object."""
    mappings: tuple[dict[str, Any], ...] = ()
    """Mappings by table and object: keys given replace the connector's, columns one by one."""
    code_maps: dict[str, dict[str, str]] = Field(default_factory=dict)
    """Map → source code → canonical code, put over the connector's code by code."""


class System(Strict):
    """One source system."""

    connector: Name
    """Folder, under connectors/ beside the landscape or shipped, with its objects and mappings."""
    connection: Connection
    entities: tuple[Name, ...] = ()
    """Legal entities whose records it holds; none for reference data of the whole group."""
    domains: tuple[Domain, ...]
    owner: str
    in_force: InForce | None = None
    overrides: Overrides = Overrides()

    @model_validator(mode="after")
    def _in_force_for_someone(self) -> System:
        if self.in_force and not self.entities:
            raise ValueError(
                "in_force is for systems of legal entities; one that serves the whole group is "
                "asked until it is taken out of the landscape"
            )
        return self

    def asked_on(self, entity_id: str, day: date) -> bool:
        """Is it in force for the entity on that day, so that it is asked for data?"""
        return self.in_force is None or self.in_force.period(entity_id).covers(day)
