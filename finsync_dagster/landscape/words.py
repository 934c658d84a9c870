"""The kinds of values that the landscape's vocabulary is made of.

Belongs here: names, currencies, exact figures, days, periods. Not here: what they are used for
(model.py, system_model.py, service_model.py).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from finsync_dagster.landscape.cron import require_cron
from finsync_dagster.landscape.explain import choices


def _exact(value: object) -> object:
    # YAML reads 0.1 as a binary float. A limit in money must be written in quotes.
    if isinstance(value, float):
        raise ValueError(f'write this number in quotes, so that it is read exactly: "{value}"')
    return value


def _known_timezone(name: str) -> str:
    known = available_timezones()
    if name not in known:
        near = choices(sorted(known), name).partition("valid choices")[0]
        raise ValueError(
            f"{name!r} is no time zone; {near}write a name of the tz database, such as "
            "Europe/Berlin"
        )
    return name


Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$", examples=["acme_us"])]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", examples=["EUR"])]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$", examples=["DE"])]
Variable = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$", examples=["SAP_URL"])]
SecretRef = Annotated[str, Field(pattern=r"^env:[A-Z][A-Z0-9_]*$", examples=["env:SAP_PASSWORD"])]
"""A secret, named by the environment variable that holds it."""
Exact = Annotated[Decimal, BeforeValidator(_exact)]
Timezone = Annotated[str, AfterValidator(_known_timezone)]
Cron = Annotated[str, AfterValidator(require_cron), Field(examples=["0 7-19/2 * * 1-5"])]


class Strict(BaseModel):
    """An unknown key is an error: a misspelt tolerance must not be ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Period(Strict):
    """Days from the first to the last, both included; open where no day is given."""

    from_: Annotated[date | None, Field(alias="from")] = None
    """First day; every day before ``until`` if it is left out."""
    until: date | None = None
    """Last day; for good if it is left out."""

    @model_validator(mode="after")
    def _in_order(self) -> Period:
        if self.from_ and self.until and self.from_ > self.until:
            raise ValueError(f"from {self.from_} is after until {self.until}")
        return self

    def covers(self, day: date) -> bool:
        """Does the day belong to the period?"""
        return self.first <= day <= self.last

    @property
    def first(self) -> date:
        """First day; the beginning of time if open."""
        return self.from_ or date.min

    @property
    def last(self) -> date:
        """Last day; the end of time if open."""
        return self.until or date.max

    @property
    def words(self) -> str:
        """``from 2026-01-01 until 2026-12-31``; ``always`` if it is open on both sides."""
        begin = [f"from {self.from_}"] if self.from_ else []
        end = [f"until {self.until}"] if self.until else []
        return " ".join([*begin, *end]) or "always"
