"""Why an invoice was matched as it was: everything that was compared, and who says so.

Belongs here: the shape of an explanation. Not here: how it is put together (explaining.py), the
figures of a check in words (comparisons.py), printing (report/explain.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Source:
    """Who says so: a document of a system, as its people know it and as it was read."""

    what: str
    """invoice, invoice line, order, order line, receipt, posting, payment."""
    number: str
    system: str
    object: str
    key: str


@dataclass(frozen=True)
class Comparison:
    """A check that was made, its figures with their units."""

    check: str
    expected: str
    """``10 EA received``."""
    actual: str
    difference: str
    """``2 EA (20 %) above``; ``agrees`` where there is none."""
    limit: str
    """The limit that decided, and which rule of the policy states it; empty where none had to."""
    effect: str
    """none, warn, block."""


@dataclass(frozen=True)
class Consumed:
    """A part of the line that bills a receipt; without ``source``: nothing was received for it."""

    quantity: Decimal
    uom: str
    amount: Decimal
    """At the order's price."""
    method: str
    posted: date | None
    source: Source | None


@dataclass(frozen=True)
class Variances:
    """The net of the line, taken apart; exchange in functional currency."""

    at_order_price: Decimal
    price: Decimal
    rounding: Decimal
    beyond: Decimal
    """What a credit takes back beyond what was billed: it credits nothing."""
    exchange: Decimal | None
    functional_ccy: str


@dataclass(frozen=True)
class Problem:
    """An open exception about the document or one of its lines."""

    reason_code: str
    severity: str
    state: str
    owner: str
    due: date
    amount: Decimal
    ccy: str
    message: str
    action: str


@dataclass(frozen=True)
class LineExplained:
    """One line of an invoice."""

    line_no: str
    invoice_line_id: str
    type: str
    outcome: str
    """Empty where nothing was matched."""
    reason: str
    release: str
    billed: str
    ordered: str
    """Empty where no order line was found."""
    due: Decimal | None
    """What the order lets the line bill."""
    net: Decimal
    payable: Decimal
    comparisons: tuple[Comparison, ...]
    uncompared: str
    """Why nothing was compared; empty if something was."""
    consumed: tuple[Consumed, ...]
    other_receipts: tuple[Consumed, ...]
    """Receipts of the order line that this line does not bill; quantity: what can be billed."""
    variances: Variances | None
    problems: tuple[Problem, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Payment:
    """Money that settles the invoice."""

    amount: Decimal
    ccy: str
    paid: date
    method: str
    """How it is known: as the source states it, or by inference."""
    source: Source


@dataclass(frozen=True)
class InvoiceExplained:
    """An invoice, its lines, and everything about it as a whole."""

    entity_id: str
    number: str
    invoice_id: str
    kind: str
    status: str
    supplier: str
    invoice_date: date
    posting_date: date | None
    ccy: str
    net: Decimal
    tax: Decimal | None
    gross: Decimal
    payable: Decimal | None
    """None where the invoice was not matched."""
    outcome: str
    reason: str
    release: str
    as_of: date | None
    policy: str
    comparisons: tuple[Comparison, ...]
    problems: tuple[Problem, ...]
    lines: tuple[LineExplained, ...]
    payments: tuple[Payment, ...]
    sources: tuple[Source, ...]
