"""The faults of SAP's own kind, applied to a request.

Belongs here: what each of them changes of a page. Not here: when one strikes (vendors/faults.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from finsync_dagster.sandbox.vendors.faults import Faults
from finsync_dagster.sandbox.vendors.sap.edm import Property
from finsync_dagster.sandbox.vendors.sap.query import Shape
from finsync_dagster.sandbox.vendors.wire import Request

_SMALL_PAGE = 7
_REPEATED = 3
_NEW_FIELD = "YY1_SandboxField"


@dataclass(frozen=True)
class Strikes:
    """What goes wrong with one request; None and empty: nothing."""

    small_page: int | None = None
    repeated: int = 0
    error_in_200: bool = False
    new_field: str | None = None
    changed_type: bool = False
    changed_field: str | None = None

    def shape(self, shape: Shape) -> Shape:
        """The shape with the new field, if there is one."""
        if self.new_field is None or self.new_field in shape.entity_set.properties:
            return shape
        extra = Property(
            self.new_field, "String", False, True, 40, None, None, False, True, True, ""
        )
        return replace(shape, properties=(*shape.properties, extra))

    def retyped(self, shape: Shape) -> frozenset[str]:
        """The decimals that change their type: the one named, else the first."""
        if not self.changed_type:
            return frozenset()
        names = [prop.name for prop in shape.properties if prop.edm == "Decimal"]
        if self.changed_field is not None:
            names = [name for name in names if name == self.changed_field]
        return frozenset(names[:1])


def strikes(faults: Faults, request: Request, system: str) -> Strikes:
    """Which of them strike this request."""
    small = faults.strikes("small_page", request, system)
    repeated = faults.strikes("repeated_page", request, system)
    added = faults.strikes("new_field", request, system)
    changed = faults.strikes("changed_type", request, system)
    return Strikes(
        small_page=(small.records or _SMALL_PAGE) if small else None,
        repeated=(repeated.records or _REPEATED) if repeated else 0,
        error_in_200=faults.strikes("error_in_200", request, system) is not None,
        new_field=(added.field or _NEW_FIELD) if added else None,
        changed_type=changed is not None,
        changed_field=changed.field if changed else None,
    )
