"""Reconciling the documents of one legal entity after they were matched.

Belongs here: the steps, and the value they return. Not here: any rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.landscape.model import Domain, Policy
from finsync_dagster.matching.linking.duplicates import DUP_EXACT
from finsync_dagster.matching.match import MatchResult
from finsync_dagster.matching.policy.lines import under_policy
from finsync_dagster.matching.policy.subjects import DocumentSubjects
from finsync_dagster.matching.telling.notes import Note, as_findings
from finsync_dagster.matching.tolerance import Limits
from finsync_dagster.reconciliation import tables
from finsync_dagster.reconciliation.actions import ACTIONS
from finsync_dagster.reconciliation.bank_changes import bank_change_notes
from finsync_dagster.reconciliation.cutoff import cutoff_notes
from finsync_dagster.reconciliation.duplicates.find import duplicates
from finsync_dagster.reconciliation.duplicates.notes import duplicate_notes
from finsync_dagster.reconciliation.duties import duty_notes
from finsync_dagster.reconciliation.gr_ir import gr_ir, gr_ir_notes
from finsync_dagster.reconciliation.order_copies import order_copy_notes
from finsync_dagster.reconciliation.order_totals import (
    ORDER_TOTAL,
    order_total_notes,
    order_totals,
)
from finsync_dagster.reconciliation.payment_controls import (
    copies_paid,
    paid_again,
    paid_on_account,
    paid_while_blocked,
)
from finsync_dagster.reconciliation.payments import (
    OPEN_BALANCE,
    balance_notes,
    overpaid_notes,
    payables,
    payment_applications,
    payment_notes,
    refused_statements,
)
from finsync_dagster.reconciliation.requisitions import requisition_notes
from finsync_dagster.reconciliation.suppliers import supplier_duplicates, supplier_notes
from finsync_dagster.schema import TableSpec


@dataclass(frozen=True)
class ReconciliationResult:
    """What reconciliation found, each frame a declared table sorted by its key."""

    order_totals: pl.DataFrame
    gr_ir: pl.DataFrame
    payables: pl.DataFrame
    payment_applications: pl.DataFrame
    duplicates: pl.DataFrame
    findings: pl.DataFrame


def reconcile(
    docs: Documents,
    match: MatchResult,
    policy: Policy,
    as_of: date,
    entity_id: str,
    domains: set[Domain],
    stated_is_current: bool,
) -> ReconciliationResult:
    """Compares what systems state with what the documents add up to, as of a day.

    Args:
        docs: the entity's documents; those dated after ``as_of`` are left out.
        match: what matching made of the same documents on the same day.
        policy: tolerances; ORDER_TOTAL and OPEN_BALANCE must be there.
        as_of: the day.
        entity_id: the entity; written on every row.
        domains: what the entity has systems for.
        stated_is_current: whether balances that sources state (always today's) are those of
            ``as_of``; only then are they compared.

    Raises:
        KeyError: the policy lacks a row for a check.
        GrIrError: GR/IR does not add up; a defect of finsync.
    """
    limits = Limits.of(policy, entity_id, (ORDER_TOTAL, OPEN_BALANCE))
    docs = under_policy(docs.until(as_of), policy, entity_id)
    limits = limits.about(DocumentSubjects(docs, policy))
    totals = order_totals(docs, limits)
    balances = gr_ir(docs, match, as_of, domains)
    open_items = payables(docs, limits, as_of, domains, stated_is_current)
    applications = payment_applications(docs, limits, stated_is_current)
    pairs = duplicates(docs, match)
    notes = [
        *order_total_notes(totals),
        *gr_ir_notes(balances, entity_id, as_of),
        *cutoff_notes(docs),
        *_payment_notes(docs, open_items, applications, pairs),
        *duplicate_notes(pairs),
        *supplier_notes(supplier_duplicates(docs)),
        *bank_change_notes(docs),
        *duty_notes(docs),
        *order_copy_notes(docs, as_of),
        *requisition_notes(docs, as_of),
    ]

    def table(spec: TableSpec, frame: pl.DataFrame) -> pl.DataFrame:
        named = frame.with_columns(
            entity_id=pl.lit(entity_id),
            as_of=pl.lit(as_of),
            policy_version=pl.lit(policy.label),
        )
        return spec.conform(named).sort(spec.key)

    return ReconciliationResult(
        order_totals=table(tables.ORDER_TOTALS, totals),
        gr_ir=table(tables.GR_IR, balances),
        payables=table(tables.PAYABLES, open_items),
        payment_applications=table(tables.PAYMENT_APPLICATIONS, applications),
        duplicates=table(tables.DUPLICATES, pairs),
        findings=as_findings(notes, entity_id, ACTIONS),
    )


def _payment_notes(
    docs: Documents, open_items: pl.DataFrame, applications: pl.DataFrame, pairs: pl.DataFrame
) -> list[Note]:
    """What there is to say about payments; an excess of which the cause is told is told once."""
    again = paid_again(docs, open_items)
    on_account = paid_on_account(docs, open_items, applications)
    copies = pairs.filter(pl.col("reason_code") == DUP_EXACT)
    excess = ~pl.col("invoice_id").is_in(sorted(again.invoices))
    unknown = ~pl.col("payment_id").is_in(sorted(on_account.payments))
    return [
        *again.notes,
        *on_account.notes,
        *copies_paid(open_items, copies),
        *paid_while_blocked(docs, open_items),
        *overpaid_notes(open_items.filter(excess)),
        *balance_notes(open_items),
        *payment_notes(applications.filter(unknown), refused_statements(docs)),
    ]
