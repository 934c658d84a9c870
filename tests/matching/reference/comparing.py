"""The engine's tables and the reference's verdict, field by field.

Belongs here: what is compared. Not here: which of the two is right.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from finsync_dagster.matching.match import MatchResult
from tests.matching.reference.exact import decimal
from tests.matching.reference.matcher import Verdict

CHECKS = [
    "QTY_RECEIVED",
    "QTY_ORDERED",
    "PRICE_UNIT",
    "LINE_TOTAL",
    "DOC_ARITHMETIC",
    "TAX_TOTAL",
    "OVER_DELIVERY",
    "UNDER_DELIVERY",
]


REASONS = [
    "CREDIT_EXCEEDS_INVOICED",
    "CREDIT_UNLINKED",
    "CURRENCY_MISMATCH",
    "DOC_NOT_BALANCED",
    "INV_NO_PO",
    "LIMIT_EXCEEDED",
    "LIMIT_EXPIRED",
    "LINE_TOTAL_EXCEEDED",
    "LINK_AMBIGUOUS",
    "LINK_MISSING",
    "OVER_DELIVERY",
    "PO_AFTER_INVOICE",
    "PO_CANCELLED",
    "PO_NOT_APPROVED",
    "PO_NOT_FOUND",
    "PRICE_OVER",
    "PRICE_UNDER",
    "QTY_NOT_ACCEPTED",
    "QTY_OVER_ORDERED",
    "QTY_OVER_RECEIVED",
    "RECEIPT_MISSING",
    "SUPPLIER_MISMATCH",
    "TAX_OVER",
    "TAX_UNDER",
    "UNDER_DELIVERY",
    "UOM_CONVERSION_MISSING",
]
"""Reason codes that the reference decides. The others are tested where their rule is."""


def differences(result: MatchResult, verdict: Verdict) -> list[str]:
    """One sentence per field in which the two differ."""
    pairs: dict[str, tuple[dict[Any, Any], dict[Any, Any]]] = {
        "allocation": (_allocations(result, verdict), _expected_allocations(verdict)),
        "line": (_lines(result), _expected_lines(verdict)),
        "invoice": (_invoices(result), _expected_invoices(verdict)),
        "check": (_checks(result), _expected_checks(verdict)),
        "reason": (_reasons(result), dict.fromkeys(verdict.reasons, True)),
    }
    return [
        f"{what} {key}: engine {left.get(key)}, reference {right.get(key)}"
        for what, (left, right) in pairs.items()
        for key in sorted({*left, *right}, key=str)
        if left.get(key) != right.get(key)
    ]


def _allocations(result: MatchResult, verdict: Verdict) -> dict[Any, Any]:
    whole = result.allocations.group_by("invoice_line_id", "receipt_line_id").agg(
        pl.col("qty").sum(), pl.col("amount_at_po_price").sum()
    )
    unvalued = {key for key, (_, amount) in verdict.allocations.items() if amount is None}
    return {
        (line, receipt): (qty, None if (line, receipt) in unvalued else amount)
        for line, receipt, qty, amount in whole.iter_rows()
    }


def _expected_allocations(verdict: Verdict) -> dict[Any, Any]:
    return {
        key: (decimal(qty, 6), None if amount is None else decimal(amount, 4))
        for key, (qty, amount) in verdict.allocations.items()
    }


def _lines(result: MatchResult) -> dict[Any, Any]:
    rows = result.invoice_line_results.select("invoice_line_id", "outcome", "payable_amount")
    return {line: (outcome, payable) for line, outcome, payable in rows.iter_rows()}


def _expected_lines(verdict: Verdict) -> dict[Any, Any]:
    return {
        line: (outcome, decimal(verdict.payable[line], 4))
        for line, outcome in verdict.outcomes.items()
    }


def _invoices(result: MatchResult) -> dict[Any, Any]:
    rows = result.invoice_results.select("invoice_id", "outcome", "payable_amount")
    return {invoice: (outcome, payable) for invoice, outcome, payable in rows.iter_rows()}


def _expected_invoices(verdict: Verdict) -> dict[Any, Any]:
    return {
        invoice: (outcome, decimal(payable, 4))
        for invoice, (outcome, payable) in verdict.invoices.items()
    }


def _checks(result: MatchResult) -> dict[Any, Any]:
    rows = result.check_results.filter(pl.col("check").is_in(CHECKS)).select(
        "subject_id", "check", "basis", "expected", "actual", "passed", "limit_binding", "effect"
    )
    return {_key(*row[:3]): row[3:] for row in rows.iter_rows() if row[6] != "none"}


def _key(subject: str, check: str, basis: str) -> tuple[str, ...]:
    """Of some checks one subject has several comparisons."""
    several = check in ("DOC_ARITHMETIC", "LINE_TOTAL")
    return (subject, check, basis) if several else (subject, check)


def _expected_checks(verdict: Verdict) -> dict[Any, Any]:
    return {
        _key(c.subject, c.check, c.basis): (
            decimal(c.expected),
            decimal(c.actual),
            c.passed,
            c.limit,
            c.effect,
        )
        for c in verdict.comparisons
        if c.differs and c.limit != "none"
    }


def _reasons(result: MatchResult) -> dict[Any, Any]:
    known = result.findings.filter(pl.col("reason_code").is_in(REASONS))
    rows = known.select("reason_code", "subject_id").iter_rows()
    return dict.fromkeys(rows, True)
