"""Lines that bill an amount: compared in total with what was received and what was ordered.

Belongs here: what such a line stands against, the proof, outcome and reasons. Not here: lines with
a quantity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from tests.matching.reference.exact import coin, exact
from tests.matching.reference.figures import Policy, arithmetic_of_line
from tests.matching.reference.limits import Comparison, compare
from tests.matching.reference.links import takes_part
from tests.matching.reference.paper import Bill, OrderLine

CORRECTIONS = ("credit_value", "debit_value")


def bills_amount(bill: Bill) -> bool:
    """Its figures are an amount: no quantity, or an order line that is compared by amount."""
    if bill.line is None or not bill.line.by_quantity:
        return True
    return bill.qty is None and not bill.corrects_price


def find_corrections(bills: Sequence[Bill]) -> None:
    """Marks the credits and debits without a quantity that change a price: those of order lines
    of which a quantity is billed. The others take back, or add, an amount."""
    priced = [b.line for b in bills if b.qty is not None and takes_part(b)]
    for bill in bills:
        if bill.line is not None and bill.invoice["kind"] in CORRECTIONS:
            bill.corrects_price = any(line is bill.line for line in priced)


@dataclass
class Group:
    """What amounts are billed on: an order as a whole, or one line of it."""

    lines: list[OrderLine]
    bills: list[Bill]
    """All that is billed on it, also by quantity, in the order of events."""

    @property
    def needs_receipt(self) -> bool:
        """At least one of its lines is compared with receipts."""
        return any(line.three_way for line in self.lines)

    @property
    def received(self) -> Fraction:
        """What came, at the order's price, rounded per order line."""
        return sum((_received(line) for line in self.lines), Fraction(0))

    @property
    def ordered(self) -> Fraction:
        """What was ordered, or the limit."""
        return sum((_ordered(line) for line in self.lines), Fraction(0))

    @property
    def due(self) -> Fraction:
        """What may be billed: received, where receipts are expected, else ordered."""
        each = (_received(x) if x.three_way else _ordered(x) for x in self.lines)
        return sum(each, Fraction(0))


def _left(line: OrderLine) -> Fraction:
    """What may be billed of what came; nothing where no invoice is expected."""
    if line.row["match_type"] == "none":
        return Fraction(0)
    return sum((receipt.left for receipt in line.receipts), Fraction(0))


def _received(line: OrderLine) -> Fraction:
    return coin(_left(line) * line.price, line.ccy)


def _ordered(line: OrderLine) -> Fraction:
    if line.cancelled:
        return Fraction(0)
    limit = line.row["limit_amount"] if line.row["match_type"] == "limit" else None
    return coin(exact(line.row["net_amount"] if limit is None else limit), line.ccy)


def groups(lines: Sequence[OrderLine], bills: Sequence[Bill]) -> list[Group]:
    """The groups of one order. If a line bills the order as a whole, all are billed on that."""
    if not any(bills_amount(b) for b in bills):
        return []
    if any(bills_amount(b) and b.line is None for b in bills):
        return [Group(list(lines), list(bills))]
    found = [Group([line], [b for b in bills if b.line is line]) for line in lines]
    return [group for group in found if any(bills_amount(b) for b in group.bills)]


@dataclass
class Decided:
    """What became of one line that bills an amount."""

    bill: Bill
    comparisons: list[Comparison]
    outcome: str
    proven: bool
    reasons: list[str]


def decide(group: Group, policy: Policy) -> list[Decided]:
    """Every line of a group that bills an amount."""
    totals, total = [], Fraction(0)
    for bill in group.bills:
        total += bill.net
        totals.append(total)
    return [
        _decide(group, bill, totals[n] - bill.net, min(totals[n:]), policy)
        for n, bill in enumerate(group.bills)
        if bills_amount(bill)
    ]


def _decide(
    group: Group, bill: Bill, before: Fraction, to_date: Fraction, policy: Policy
) -> Decided:
    if bill.is_credit:
        excess = before + bill.net < 0
        codes = ["CREDIT_EXCEEDS_INVOICED"] if excess else []
        return Decided(bill, [], "BLOCKED" if excess else "MATCHED", False, codes)
    limits = policy["LINE_TOTAL"]
    ordered = compare(bill.key, "LINE_TOTAL", "ordered", group.ordered, to_date, limits)
    received = compare(bill.key, "LINE_TOTAL", "received", group.due, to_date, limits)
    checks = [received, ordered] if group.needs_receipt else [ordered]
    alone, came = len(group.bills) == 1, any(_left(line) > 0 for line in group.lines)
    outcome, codes = _outcome(group, checks, before, alone and bill.net == group.due, alone, came)
    exact_net = alone and bill.net == group.due
    # A line that does not add up varies, though within the limits.
    untidy = any(c.differs for c in arithmetic_of_line(bill, policy))
    if outcome == "MATCHED" and untidy and not group.needs_receipt and not exact_net:
        outcome = "MATCHED_WITHIN_TOLERANCE"
    proven = alone and came and bill.net == group.received
    return Decided(bill, checks, outcome, proven, codes)


def _outcome(
    group: Group, checks: list[Comparison], before: Fraction, equal: bool, alone: bool, came: bool
) -> tuple[str, list[str]]:
    ordered, received = checks[-1], checks[0]
    limited = all(line.row["match_type"] == "limit" for line in group.lines)
    too_much = ["LIMIT_EXCEEDED" if limited else "LINE_TOTAL_EXCEEDED"]
    missing = ["RECEIPT_MISSING"] if received.effect == "block" else []
    pending = group.needs_receipt and not came
    if ordered.effect == "block":
        return "BLOCKED", too_much + (missing if pending else [])
    if pending:
        return "PENDING_RECEIPT", missing
    if equal:
        return "MATCHED", []
    if not group.needs_receipt:
        varies = any(c.actual > c.expected for c in checks)
        return "MATCHED_WITHIN_TOLERANCE" if varies else "MATCHED", []
    return _against_receipts(received, before < group.due, alone, too_much)


def _against_receipts(
    received: Comparison, room: bool, alone: bool, too_much: list[str]
) -> tuple[str, list[str]]:
    if received.effect == "block":
        return "PARTIALLY_MATCHED" if room else "BLOCKED", too_much
    if alone and received.passed and received.limit != "none" and received.differs:
        return "MATCHED_WITHIN_TOLERANCE", []
    return "PARTIALLY_MATCHED", ["LINK_AMBIGUOUS"]


def tax_of(group: Group) -> Fraction | None:
    """The tax of all that was received; none if an order line that came states no rate."""
    came = [line for line in group.lines if _left(line) > 0]
    if any(line.row["tax_rate"] is None for line in came):
        return None
    taxes = (coin(_received(x) * exact(x.row["tax_rate"]) / 100, x.ccy) for x in came)
    return sum(taxes, Fraction(0))
