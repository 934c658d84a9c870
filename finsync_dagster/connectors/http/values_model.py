"""How a server spells values: tagged objects, words for null, epoch dates.

Belongs here: these words of the YAML. Not here: applying them (records.py).
"""

from __future__ import annotations

import string
from typing import Annotated, Literal

from pydantic import Field, field_validator

from finsync_dagster.connectors.object_model import Strict


class Tagged(Strict):
    """Values that come as objects telling their type: ``{"__class__": "Decimal", "decimal": "1"}``.

    ``forms``: type → how its value is spelled from the object's other fields, in braces, with a
    width where needed: ``"{year:0>4}-{month:0>2}-{day:0>2}"``. A field that is missing is 0.
    """

    field: Annotated[str, Field(min_length=1)]
    forms: dict[str, str]

    @field_validator("forms")
    @classmethod
    def _plain(cls, forms: dict[str, str]) -> dict[str, str]:
        for name, form in forms.items():
            try:
                fields = [f for _, f, _, _ in string.Formatter().parse(form) if f is not None]
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None
            if any(not f.isidentifier() for f in fields):
                raise ValueError(f"{name}: write only names of fields in braces: {form}")
        return forms


class Values(Strict):
    """How values are spelled."""

    tagged: Tagged | None = None
    nulls: tuple[str | Literal[False], ...] = ()
    """Values that stand for no value: ``""``, ``false``, ``"0001-01-01"``."""
    epoch_dates: bool = False
    """Moments are written as ``/Date(milliseconds)/``; they are landed as ISO 8601 in UTC."""
