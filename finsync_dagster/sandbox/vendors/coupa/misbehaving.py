"""Records that are not what the field table says: a new property, a number for a text.

Belongs here: what the faults of a plan do to Coupa's records. Not here: pages (listing.py), tokens
and errors (api.py).
"""

from __future__ import annotations

import re
from typing import Any

from finsync_dagster.sandbox.vendors.coupa.fields import fields_of
from finsync_dagster.sandbox.vendors.plan import Fault

_NUMBER = re.compile(rb'"\\u0001(-?[0-9.]+)"')
NEW_FIELD = "sustainability-score"


def with_new_field(record: dict[str, Any], fault: Fault) -> dict[str, Any]:
    """The record with a property nobody has heard of."""
    return record | {fault.field or NEW_FIELD: "0.75"}


def with_changed_type(record: dict[str, Any], schema: str, fault: Fault) -> dict[str, Any]:
    """The record with a decimal that is a JSON number; the named property, or every one it has."""
    found = dict(record)
    for name, field in fields_of(schema).items():
        if field.kind == "decimal" and fault.field in (None, name) and found.get(name) is not None:
            found[name] = f"\x01{found[name]}"
    return found


def numbers_bared(body: bytes) -> bytes:
    """A JSON body in which what ``with_changed_type`` marked has no quotes, digit for digit."""
    return _NUMBER.sub(rb"\1", body)
