"""How the documents of the generated world look in S/4HANA's entity sets.

Belongs here: a SELECT per entity set, by subject, over the tables of the world (``world.``) and the
stages made of them (stages.py). Not here: making tables of them (store.py), wire formats.

Every column is a property of its set, ``_born``, ``_gone``, or the ``__since`` and ``__before`` of
a property (see store.py); a property that only one version of a service has is left out of the
other.
"""

from __future__ import annotations

from finsync_dagster.sandbox.vendors.sap.edm import V4_SERVICE, EntitySet, service
from finsync_dagster.sandbox.vendors.sap.projections import (
    business_partners,
    invoices,
    ledger,
    order_parts,
    orders,
    receipts,
    requisitions,
    stages,
)
from finsync_dagster.sandbox.vendors.sap.store import Store


def projections(
    store: Store, system: str, company_codes: tuple[str, ...], *, v4: bool = True
) -> list[tuple[EntitySet, str]]:
    """The SELECT of each entity set that the world has rows for; without ``v4``, of v2 only.

    Makes the stages they build upon, in ``store``.
    """
    for name, sql in stages.stages(system, company_codes).items():
        store.stage(name, sql)
    found: list[tuple[EntitySet, str]] = []
    for module in (
        business_partners,
        orders,
        order_parts,
        receipts,
        invoices,
        requisitions,
        ledger,
    ):
        for (service_name, set_name), sql in module.PROJECTIONS.items():
            if v4 or service_name != V4_SERVICE:
                found.append((service(service_name).sets[set_name], sql))
    return found
