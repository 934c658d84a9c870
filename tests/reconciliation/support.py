"""Matching and reconciling a ledger in one call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from finsync_dagster.landscape.model import Domain
from finsync_dagster.matching.match import match
from finsync_dagster.reconciliation.reconcile import ReconciliationResult, reconcile
from tests.matching.ledger import AS_OF, ENTITY, Ledger, policy

ALL = set(Domain)


def reconciled(
    ledger: Ledger,
    as_of: date = AS_OF,
    domains: set[Domain] | None = None,
    stated_is_current: bool = True,
    **looser: Mapping[str, Any],
) -> ReconciliationResult:
    docs, limits = ledger.documents(), policy(**looser)
    return reconcile(
        docs,
        match(docs, limits, as_of, ENTITY),
        limits,
        as_of,
        ENTITY,
        ALL if domains is None else domains,
        stated_is_current=stated_is_current,
    )
