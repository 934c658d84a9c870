"""How far a report has come at a moment.

Belongs here: SQL for its statuses, dates and last change, seen from a view's moment. Not here: what
else a report says (reports.py).

A report the world knows to be paid was, earlier, approved and not paid, before that submitted, and
before that a draft.
"""

from __future__ import annotations

from finsync_dagster.sandbox.vendors.view import View


def reached(view: View, column: str) -> str:
    """The moment of a step of report ``r``, null if it has not come yet."""
    return f"CASE WHEN {view.there('r', column)} THEN r.{column} END"


def approval_status(view: View) -> str:
    """The approval status of report ``r``."""
    return (
        f"CASE WHEN {reached(view, 'submitted_at')} IS NULL THEN 'A_NOTF' "
        f"WHEN r.approval_status = 'A_APPR' AND {reached(view, 'approved_at')} IS NULL "
        "THEN 'A_PEND' ELSE r.approval_status END"
    )


def payment_status(view: View) -> str:
    """The payment status of report ``r``."""
    return (
        f"CASE WHEN {reached(view, 'approved_at')} IS NULL THEN 'P_NOTP' "
        f"WHEN r.payment_status = 'P_PAID' AND {reached(view, 'paid_at')} IS NULL "
        "THEN 'P_PROC' ELSE r.payment_status END"
    )


def last_modified(view: View) -> str:
    """The last change of report ``r``."""
    if view.until is None:
        return "r.changed_at"
    steps = ", ".join(reached(view, each) for each in ("submitted_at", "approved_at", "paid_at"))
    return (
        f"CASE WHEN {view.there('r', 'changed_at')} THEN r.changed_at "
        f"ELSE greatest(r.created_at, {steps}) END"
    )
