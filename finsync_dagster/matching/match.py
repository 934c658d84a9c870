"""Matching the documents of one legal entity: orders, receipts, invoices.

Belongs here: the order of the steps, and the value they return. Not here: any rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.landscape.model import Policy
from finsync_dagster.matching import tables
from finsync_dagster.matching.allocation.allocate import allocate, sequence
from finsync_dagster.matching.allocation.by_event import event_totals
from finsync_dagster.matching.allocation.claims import REFERENCES, claims
from finsync_dagster.matching.allocation.exchange import with_exchange
from finsync_dagster.matching.allocation.invariants import require_consistent
from finsync_dagster.matching.allocation.named_credits import with_named_credits
from finsync_dagster.matching.allocation.receipt_specific import waiting_lines, with_own_receipts
from finsync_dagster.matching.allocation.valuation import FACTS, value_stretches
from finsync_dagster.matching.checks.document_checks import document_checks
from finsync_dagster.matching.checks.families import (
    ALL_CHECKS,
    compare_families,
    tell_families,
)
from finsync_dagster.matching.checks.line_arithmetic import other_lines_arithmetic
from finsync_dagster.matching.checks.quantity_checks import priced_lines, quantity_checks
from finsync_dagster.matching.checks.small_differences import (
    settled,
    with_small_differences,
)
from finsync_dagster.matching.checks.tax import tax_checks
from finsync_dagster.matching.checks.value_billing import (
    proven_stretches,
    value_checks,
    value_lines,
)
from finsync_dagster.matching.checks.whole_invoices import whole_invoices
from finsync_dagster.matching.compared import Compared
from finsync_dagster.matching.figures import positions
from finsync_dagster.matching.figures.exact import to_qty
from finsync_dagster.matching.figures.positions import LINE_POS, RECEIPT_POS
from finsync_dagster.matching.figures.sequence import in_order_of
from finsync_dagster.matching.linking.billing import (
    QUANTITY,
    billed_lines,
    live_invoices,
    only_comparable,
    with_corrected_amounts,
)
from finsync_dagster.matching.linking.duplicates import copy_notes, exact_copies, lines_of
from finsync_dagster.matching.linking.gates import blocking, comparable, gates
from finsync_dagster.matching.ordering.charges import billed_charges
from finsync_dagster.matching.ordering.order_status import delivery_checks, order_line_status
from finsync_dagster.matching.ordering.orders import OrderBook, order_book
from finsync_dagster.matching.outcomes import (
    breaches,
    decide_nothing,
    decide_quantities,
    decide_values,
)
from finsync_dagster.matching.policy.lines import under_policy
from finsync_dagster.matching.policy.subjects import DocumentSubjects
from finsync_dagster.matching.results import invoice_results, line_results
from finsync_dagster.matching.telling.below_notes import below_notes
from finsync_dagster.matching.telling.delivery_notes import delivery_notes
from finsync_dagster.matching.telling.document_notes import document_notes
from finsync_dagster.matching.telling.gate_notes import gate_notes
from finsync_dagster.matching.telling.line_notes import line_notes
from finsync_dagster.matching.telling.notes import Said, findings_of, noted_all
from finsync_dagster.matching.telling.order_notes import order_notes
from finsync_dagster.matching.telling.value_notes import value_notes
from finsync_dagster.matching.tolerance import Limits
from finsync_dagster.schema import TableSpec

_EVENT = (
    "invoice_line_id",
    "po_line_id",
    LINE_POS,
    "event_no",
    "units",
    "net_amount",
    "invoice_id",
    *REFERENCES,
)
# What of that is on the lines, and what valuing the allocations reads of them.
_BY_LINE = tuple(
    dict.fromkeys(
        (
            "billing",
            "link_id",
            "receipt_basis",
            *(name for name in _EVENT if name not in ("po_line_id", "specific")),
            *FACTS,
        )
    )
)
_STRETCH = (
    "invoice_id",
    "invoice_line_id",
    "po_id",
    "po_line_id",
    LINE_POS,
    "receipt_line_id",
    RECEIPT_POS,
    "event_no",
    "qty",
    "ccy",
    "amount_at_po_price",
    "price_variance",
    "rounding",
    "method",
)


@dataclass(frozen=True)
class MatchResult:
    """What matching found, each frame a declared table sorted by its key."""

    allocations: pl.DataFrame
    check_results: pl.DataFrame
    invoice_line_results: pl.DataFrame
    invoice_results: pl.DataFrame
    order_line_status: pl.DataFrame
    receipt_status: pl.DataFrame
    findings: pl.DataFrame


def match(docs: Documents, policy: Policy, as_of: date, entity_id: str) -> MatchResult:
    """Compares orders, receipts and invoices of one entity as they stood on a day.

    A pure function: the order of rows changes nothing, and no clock is read. Every check is made,
    whether or not another failed.

    Args:
        docs: the entity's documents; those dated after ``as_of`` are left out.
        policy: tolerances, and how lines are matched.
        as_of: the day.
        entity_id: the entity; written on every row.

    Raises:
        KeyError: the policy lacks a row for a check.
        PolicyError: two of its rules are about the same document.
        PrecisionError: a figure is too large to be computed exactly.
        AllocationError: an invariant does not hold; a defect of finsync.
    """
    limits = Limits.of(policy, entity_id, ALL_CHECKS)
    docs = under_policy(docs.until(as_of), policy, entity_id)
    compared = _compare(docs)
    limits = limits.about(DocumentSubjects(docs, policy, compared.lines))
    checks = _checks(compared, limits)
    line_outcomes, invoice_outcomes, notes = _outcomes(compared, checks)
    run = _Run(entity_id, as_of, policy.label)
    book, stretches = compared.book, compared.stretches
    return MatchResult(
        allocations=run.table(tables.ALLOCATIONS, _numbered(stretches)),
        check_results=run.table(tables.CHECK_RESULTS, checks),
        invoice_line_results=run.table(tables.INVOICE_LINE_RESULTS, line_outcomes),
        invoice_results=run.table(tables.INVOICE_RESULTS, invoice_outcomes),
        order_line_status=run.table(tables.ORDER_LINE_STATUS, compared.status),
        receipt_status=run.table(tables.RECEIPT_STATUS, _receipt_status(book, stretches)),
        findings=findings_of(notes.drop_nulls("reason_code"), entity_id),
    )


def _compare(docs: Documents) -> Compared:
    book = order_book(docs)
    invoices = live_invoices(docs)
    lines = billed_lines(docs, book, invoices)
    copies = exact_copies(invoices, docs)
    failed, copied = gates(lines, docs), lines_of(copies, lines)
    kept = comparable(lines, pl.concat([failed, copied]))
    lines = with_corrected_amounts(lines, kept)
    compared = only_comparable(lines, kept)
    by_line = compared.select(*_BY_LINE).filter(pl.col("billing") == QUANTITY)
    by_line = by_line.with_columns(
        po_line_id="link_id", specific=pl.col("receipt_basis") == "receipt_specific"
    )
    events = sequence(by_line.select(_EVENT))
    claimed = claims(events, book.receipts)
    allocated = allocate(events, book.receipts, claimed)
    by_quantity = value_stretches(allocated, events, by_line)
    valued = value_lines(compared, book.lines)
    by_total = proven_stretches(valued, book.lines, book.receipts)
    stretches = pl.concat([by_quantity.select(_STRETCH), by_total.select(_STRETCH)])
    stretches = with_exchange(stretches, lines, book.receipts, docs.functional_rates)
    totals = event_totals(stretches)
    require_consistent(stretches, events, book.receipts)
    return Compared(
        docs=docs,
        book=book,
        invoices=invoices,
        lines=lines,
        failed=failed,
        copies=copies,
        copied=copied,
        charges=billed_charges(docs, book, invoices, lines, copies.select("invoice_id")),
        stretches=stretches,
        totals=totals,
        priced=with_own_receipts(
            with_named_credits(priced_lines(compared, events), claimed),
            waiting_lines(stretches, events, book.receipts, claimed),
        ),
        valued=valued,
        status=order_line_status(book, stretches),
    )


def _checks(c: Compared, limits: Limits) -> pl.DataFrame:
    whole = whole_invoices(c)
    comparisons = [
        *quantity_checks(c.priced),
        other_lines_arithmetic(c.lines, c.priced, c.copied),
        *value_checks(c.valued),
        *document_checks(whole, limits.document_rounding),
        *tax_checks(whole, c.valued, c.book.lines, limits.tax_rounding),
        *delivery_checks(c.status),
        *compare_families(c, limits),
    ]
    return settled(c, limits.judged(comparisons), limits)


def _outcomes(c: Compared, checks: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Results of lines and of invoices, and everything there is to say."""
    broken = breaches(checks)
    values = decide_values(c.valued, broken)
    decided = [
        with_small_differences(frame, checks)
        for frame in (
            decide_quantities(c.priced, broken, c.totals),
            values,
            decide_nothing(c.lines, c.charges, broken),
        )
    ]
    notes = _notes(c, checks, values)
    blocked = blocking(c.failed)
    lines = line_results(c.lines, decided, blocked, c.copied, c.stretches, c.totals, notes)
    invoices = invoice_results(c.invoices, lines, checks, c.copies, notes)
    return lines, invoices, notes


def _notes(c: Compared, checks: pl.DataFrame, values: pl.DataFrame) -> pl.DataFrame:
    failed = checks.filter(~pl.col("passed"))
    of_gates = gate_notes(c.lines, c.failed, c.docs)
    of_values = value_notes(values)
    of_documents = document_notes(c.invoices, c.lines, failed)
    of_orders = [Said(note) for note in order_notes(c)]
    families = [*tell_families(c, failed), *below_notes(c, failed)]
    return pl.concat(
        [
            copy_notes(c.copies, c.lines),
            of_gates,
            line_notes(c.priced, c.lines, failed),
            delivery_notes(c.status, failed),
            noted_all([*of_values, *of_documents, *families, *of_orders]),
        ]
    )


@dataclass(frozen=True)
class _Run:
    entity_id: str
    as_of: date
    policy_version: str

    def table(self, spec: TableSpec, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame as the declared table, with the columns that name the run.

        Rows keep their order, which follows from the documents alone.
        """
        named = frame.with_columns(
            entity_id=pl.lit(self.entity_id),
            as_of=pl.lit(self.as_of),
            policy_version=pl.lit(self.policy_version),
        )
        return spec.conform(named)


def _numbered(stretches: pl.DataFrame) -> pl.DataFrame:
    """Adds ``sequence_no`` per order line and the stored quantity."""
    # A total may bill order lines that quantities bill, too; a stable sort keeps each in order.
    rows = in_order_of(stretches, LINE_POS, "event_no")
    begins = pl.col(LINE_POS).ne_missing(pl.col(LINE_POS).shift())
    place = pl.int_range(pl.len(), dtype=pl.Int64)
    return rows.with_columns(
        qty=to_qty("qty"),
        sequence_no=place - pl.when(begins).then(place).forward_fill() + 1,
    )


def _receipt_status(book: OrderBook, stretches: pl.DataFrame) -> pl.DataFrame:
    billed = positions.totals(stretches, RECEIPT_POS, book.receipts.height, "qty")["qty"].abs()
    rows = book.receipts.with_columns(_billed=billed)
    return rows.with_columns(qty_available=to_qty("available"), qty_invoiced=to_qty("_billed"))
