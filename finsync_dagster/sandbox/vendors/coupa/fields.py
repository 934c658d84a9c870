"""The properties of Coupa's objects: their names, in their order, and what kind each is.

Belongs here: reading ``fields.tsv`` (facts of release 39) and asking it. Not here: values
(documents/), how they are written (written.py, typed_xml.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Field:
    """One property. ``kind`` is integer, string, boolean, datetime, date, float, decimal, object,
    list or any; ``of`` is the decimals' scale, or the name of the object it holds, else empty.
    """

    name: str
    kind: str
    of: str = ""


@cache
def tables() -> dict[str, dict[str, Field]]:
    """Every object's properties, by the object's name."""
    found: dict[str, dict[str, Field]] = {}
    text = files(__package__).joinpath("fields.tsv").read_text(encoding="utf-8")
    for line in text.splitlines()[1:]:
        schema, name, kind = line.split("\t")
        kind, _, of = kind.partition(":")
        found.setdefault(schema, {})[name] = Field(name, kind, of)
    return found


def fields_of(schema: str) -> dict[str, Field]:
    """An object's properties by name; empty for one that is only ever null or an empty list."""
    return tables().get(schema, {})


@cache
def _blank(schema: str) -> dict[str, object]:
    return {name: [] if f.kind == "list" else None for name, f in fields_of(schema).items()}


def blank(schema: str) -> dict[str, object]:
    """A new object with every property, all null and every list empty."""
    found = _blank(schema).copy()
    for name, value in found.items():
        if value == []:
            found[name] = []
    return found


def underscored(name: str) -> str:
    """A property's name as filters write it: ``po-number`` is ``po_number``."""
    return name.replace("-", "_")


def dashed(name: str) -> str:
    """A property's name as objects write it."""
    return name.replace("_", "-")


def attribute_exists(schema: str, path: str) -> bool:
    """Whether an object has an attribute, written as filters do: ``supplier.payment_term.code``.

    Of what an object here never fills (a contract, an attachment), every attribute counts.
    """
    names = path.split(".")
    for place, name in enumerate(names, start=1):
        known = {underscored(each): field for each, field in fields_of(schema).items()}
        if not known:
            return True
        if name not in known:
            return False
        if known[name].kind not in ("object", "list"):
            return place == len(names)
        schema = known[name].of
    return True
