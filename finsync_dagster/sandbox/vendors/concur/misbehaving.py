"""Records that are not what the field table says.

Belongs here: what the faults of a plan do to Concur's records. Not here: pages, errors.
"""

from __future__ import annotations

from finsync_dagster.sandbox.vendors.concur.fields import Object
from finsync_dagster.sandbox.vendors.plan import Fault

NEW_FIELD = "SustainabilityScore"


def with_new_field(record: Object, fault: Fault) -> Object:
    """The record with a property nobody has heard of."""
    return record | {fault.field or NEW_FIELD: "0.75"}


def with_changed_type(record: Object, fault: Fault) -> Object:
    """The record with a number that is a text; the named one, or every one it has."""
    return {
        name: str(value) if type(value) in (int, float) and fault.field in (None, name) else value
        for name, value in record.items()
    }
