"""The pairs of duplicates found in a ledger."""

from __future__ import annotations

from tests.matching.ledger import Ledger
from tests.reconciliation.support import reconciled


def found(ledger: Ledger) -> list[tuple[str, ...]]:
    """(later, earlier, reason) of every pair, sorted."""
    pairs = reconciled(ledger).duplicates
    return pairs.select("invoice_id", "earlier_invoice_id", "reason_code").rows()


def rules(ledger: Ledger) -> list[tuple[str, ...]]:
    """(later, earlier, rule) of every pair, sorted."""
    pairs = reconciled(ledger).duplicates
    return pairs.select("invoice_id", "earlier_invoice_id", "rule").rows()
