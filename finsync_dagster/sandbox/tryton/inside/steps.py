"""The words a purchase is told in: an order and what happens to it, day by day.

Belongs here: plain data, exact decimals as text. Not here: which purchases there are (plan.py,
cases.py) nor how Tryton is made to do it (orders.py, receipts.py, bills.py, payments.py).

``after`` is a number of days after the order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple


class Line(NamedTuple):
    """So much of a product, at its list price unless another one was agreed."""

    product: str
    quantity: str
    price: str = ""


@dataclass(frozen=True)
class Receive:
    """A share of what was ordered arrives; without a share, whatever is still to come.

    ``counted_singly``: the goods clerk counts pieces of what was ordered in packs of ten.
    """

    after: int
    share: str = ""
    counted_singly: bool = False


@dataclass(frozen=True)
class SendBack:
    """So much of the first line goes back to the supplier, who credits it a few days later."""

    after: int
    quantity: str
    credited_after: int


@dataclass(frozen=True)
class Bill:
    """The supplier's invoice is entered and posted: as Tryton drafted it, or as he wrote it.

    ``price`` and ``quantity`` are factors on the first line, ``freight`` and ``discount`` amounts
    that make lines of their own. ``booked`` is the day of the books where it differs from the
    invoice's own date (after it so many days). ``reference`` replaces the supplier's next number.
    """

    after: int
    price: str = "1"
    quantity: str = "1"
    freight: str = ""
    discount: str = ""
    booked: int = 0
    reference: str = ""


@dataclass(frozen=True)
class CancelBill:
    """The oldest open invoice is cancelled after posting."""

    after: int


@dataclass(frozen=True)
class Credit:
    """The oldest invoice is credited in full: ``open``, ``offset`` against it, or ``refunded``."""

    after: int
    how: str


@dataclass(frozen=True)
class Pay:
    """The oldest open invoice is paid, or a share of it; ``until`` is how far the payment gets.

    draft, submitted, approved, processing, succeeded, failed.
    """

    after: int
    share: str = ""
    until: str = "succeeded"


@dataclass(frozen=True)
class PayTogether:
    """All approved payments to the supplier leave in one payment run, and succeed."""

    after: int


@dataclass(frozen=True)
class Settle:
    """The bank statement settles the oldest invoice that is not: Tryton calls it paid."""

    after: int


@dataclass(frozen=True)
class Close:
    """What has not arrived is given up: the moves to come are cancelled and not asked for anew."""

    after: int


Step = Receive | SendBack | Bill | CancelBill | Credit | Pay | PayTogether | Settle | Close


@dataclass(frozen=True)
class Order:
    """A purchase. ``until``: draft, quotation, cancelled, or processing for a real order.

    ``method``: Tryton drafts the invoice from the ``order``, from the ``fulfillment`` (what was
    received), or on demand (``manual``). Without lines it is an invoice that nobody ordered,
    whose lines are in ``invoiced``.
    """

    supplier: str
    day: date
    lines: Sequence[Line]
    steps: Sequence[Step] = ()
    currency: str = "EUR"
    method: str = "order"
    until: str = "processing"
    invoiced: Sequence[Line] = ()
