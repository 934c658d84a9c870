"""The whole comparison, in the order of the rules: link, gates, allocate, check, decide.

Belongs here: outcome, payable amount and reason codes per line and per invoice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from tests.matching.reference import by_amount, figures, links, shelf
from tests.matching.reference.exact import VALUE_PLACES, half_up
from tests.matching.reference.limits import Comparison
from tests.matching.reference.paper import Bill, OrderLine, Papers, read

OUTCOMES = [
    "NOT_REQUIRED",
    "MATCHED",
    "MATCHED_WITHIN_TOLERANCE",
    "PENDING_RECEIPT",
    "PARTIALLY_MATCHED",
    "NO_PO",
    "BLOCKED",
]
OVER = {
    "QTY_ORDERED": "QTY_OVER_ORDERED",
    "PRICE_UNIT": "PRICE_OVER",
    "LINE_TOTAL": "LINE_TOTAL_EXCEEDED",
    "DOC_ARITHMETIC": "DOC_NOT_BALANCED",
    "TAX_TOTAL": "TAX_OVER",
    "OVER_DELIVERY": "OVER_DELIVERY",
}
UNDER = {
    "PRICE_UNIT": "PRICE_UNDER",
    "DOC_ARITHMETIC": "DOC_NOT_BALANCED",
    "TAX_TOTAL": "TAX_UNDER",
    "UNDER_DELIVERY": "UNDER_DELIVERY",
}


@dataclass
class Verdict:
    """What became of everything."""

    allocations: dict[tuple[str, str | None], tuple[Fraction, Fraction | None]] = field(
        default_factory=dict
    )
    """(line, receipt) to quantity and value at the order's price; no value where lines name what
    they bill or take back, since how their values are rounded depends on where they are laid."""
    comparisons: list[Comparison] = field(default_factory=list)
    outcomes: dict[str, str] = field(default_factory=dict)
    payable: dict[str, Fraction] = field(default_factory=dict)
    invoices: dict[str, tuple[str, Fraction]] = field(default_factory=dict)
    reasons: set[tuple[str, str]] = field(default_factory=set)
    """(reason code, subject)."""


def judge(rows: Mapping[str, list[dict[str, Any]]], policy: figures.Policy, as_of: date) -> Verdict:
    """Every live document of a ledger, judged."""
    papers, verdict = read(rows, as_of), Verdict()
    for line in papers.order_lines.values():
        shelf.put_on(line)
        _order_line_alone(line, policy, verdict)
    for bill in papers.bills:
        if not links.needs_no_order(bill):
            links.link(bill, papers)
    by_amount.find_corrections(papers.bills)
    for line in papers.order_lines.values():
        _order_line(line, papers.bills, policy, verdict)
    for po_id in papers.orders:
        _amounts(po_id, papers, policy, verdict)
    for bill in papers.bills:
        _gated(bill, policy, verdict)
    for invoice in papers.invoices:
        own = [b for b in papers.bills if b.invoice is invoice]
        _invoice(str(invoice["invoice_id"]), own, policy, verdict)
    return verdict


def _order_line_alone(line: OrderLine, policy: figures.Policy, verdict: Verdict) -> None:
    for c in figures.checks_of_delivery(line, policy):
        verdict.comparisons.append(c)
        if not c.passed:
            verdict.reasons.add((c.check, line.key))
    if any(receipt.rejected > 0 for receipt in line.receipts):
        verdict.reasons.add(("QTY_NOT_ACCEPTED", line.key))
    kept = sum((r.received for r in line.receipts), Fraction(0))
    if kept > 0 and line.order["status_canon"] in links.UNAPPROVED:
        verdict.reasons.add(("PO_NOT_APPROVED", str(line.order["po_id"])))


def _order_line(
    line: OrderLine, bills: Sequence[Bill], policy: figures.Policy, verdict: Verdict
) -> None:
    own = [b for b in bills if b.line is line and links.takes_part(b)]
    own.sort(key=lambda b: b.event)
    if line.row["match_type"] == "none":
        for bill in own:
            verdict.outcomes[bill.key], verdict.payable[bill.key] = "NOT_REQUIRED", bill.net
            _arithmetic(bill, policy, verdict)
        return
    own = [b for b in own if not by_amount.bills_amount(b)]
    on_shelf = shelf.take_off(line, [b for b in own if b.qty is not None])
    _allocations(line, on_shelf, verdict)
    found = figures.checks_of_order_line(line, own, on_shelf, policy)
    found += [c for bill in own for c in figures.arithmetic_of_line(bill, policy)]
    for one in figures.counted(own, on_shelf.too_much):
        if one.net != one.bill.net:
            on_shelf.too_much.setdefault(one.bill.key, Fraction(0))
    verdict.comparisons += found
    for bill in own:
        _decide(bill, line, on_shelf, [c for c in found if c.subject == bill.key], verdict)


def _amounts(po_id: str, papers: Papers, policy: figures.Policy, verdict: Verdict) -> None:
    """What is billed by amount, on an order or on single lines of it."""
    lines = [x for x in papers.order_lines.values() if x.row["po_id"] == po_id]
    matched = any(line.row["match_type"] != "none" for line in lines)
    own = [b for b in papers.bills if b.order and b.order["po_id"] == po_id]
    own = [b for b in own if links.takes_part(b) and not _unmatched(b)]
    own.sort(key=lambda b: b.event)
    if not matched:
        for bill in own:
            verdict.outcomes[bill.key], verdict.payable[bill.key] = "NOT_REQUIRED", bill.net
            _arithmetic(bill, policy, verdict)
        return
    for group in by_amount.groups(lines, own):
        for one in by_amount.decide(group, policy):
            key = one.bill.key
            free = one.outcome.startswith("MATCHED")
            verdict.outcomes[key] = one.outcome
            verdict.payable[key] = one.bill.net if free else Fraction(0)
            verdict.comparisons += one.comparisons
            of = str(one.bill.invoice["invoice_id"])
            verdict.reasons |= {(code, of) for code in one.reasons}
            _arithmetic(one.bill, policy, verdict)
            if one.proven:
                one.bill.tax_due = by_amount.tax_of(group)
                _everything(key, group, verdict)


def _unmatched(bill: Bill) -> bool:
    return bill.line is not None and bill.line.row["match_type"] == "none"


def _everything(key: str, group: by_amount.Group, verdict: Verdict) -> None:
    """All that was received is billed by one line."""
    for line in group.lines:
        low = Fraction(0)
        for receipt in line.receipts:
            high = low + receipt.left
            value = half_up(high * line.price, VALUE_PLACES)
            value -= half_up(low * line.price, VALUE_PLACES)
            if receipt.left > 0:
                verdict.allocations[key, receipt.key] = receipt.left, value
            low = high


def _allocations(line: OrderLine, on_shelf: shelf.Shelf, verdict: Verdict) -> None:
    words = ("receipt_no_ref", "orig_invoice_line_id")
    named = any(p.bill.row[word] is not None for p in on_shelf.pieces for word in words)
    named |= any(bill.row[word] is not None for bill, _ in on_shelf.credited for word in words)
    signed = [(p.bill, p, 1) for p in on_shelf.pieces]
    signed += [(bill, p, -1) for bill, p in on_shelf.credited]
    for bill, piece, sign in signed:
        receipt = piece.receipt.key if piece.receipt else None
        value = half_up(piece.high * line.price, VALUE_PLACES)
        value -= half_up(piece.low * line.price, VALUE_PLACES)
        qty, amount = verdict.allocations.get((bill.key, receipt), (Fraction(0), Fraction(0)))
        worth = None if named or amount is None else amount + sign * value
        verdict.allocations[bill.key, receipt] = qty + sign * piece.qty, worth


def _decide(
    bill: Bill,
    line: OrderLine,
    on_shelf: shelf.Shelf,
    found: Sequence[Comparison],
    verdict: Verdict,
) -> None:
    """Outcome, payable amount and reasons of a line from its comparisons."""
    covered = _covered(bill, on_shelf)
    broken = {c.check for c in found if c.effect == "block"}
    for c in found:
        if c.check != "QTY_RECEIVED" and not c.passed:
            code = (OVER if c.actual > c.expected else UNDER).get(c.check)
            if code:
                verdict.reasons.add((code, bill.key))
        elif c.effect == "block":
            verdict.reasons.add((_not_received(line, c), bill.key))
    outcome, payable = _outcome(bill, line, covered, broken, found)
    if bill.key in on_shelf.too_much:
        verdict.reasons.add(("CREDIT_EXCEEDS_INVOICED", bill.key))
        outcome, payable = "BLOCKED", Fraction(0)
    verdict.outcomes[bill.key], verdict.payable[bill.key] = outcome, payable


def _covered(bill: Bill, on_shelf: shelf.Shelf) -> Fraction:
    pieces = (p.qty for p in on_shelf.pieces if p.bill is bill and p.receipt is not None)
    return sum(pieces, Fraction(0))


def _not_received(line: OrderLine, c: Comparison) -> str:
    """Nothing came, inspection kept what came, or more is billed than came."""
    received = sum((r.received for r in line.receipts), Fraction(0))
    if received <= 0:
        return "RECEIPT_MISSING"
    return "QTY_NOT_ACCEPTED" if c.actual <= received else "QTY_OVER_RECEIVED"


def _outcome(
    bill: Bill,
    line: OrderLine,
    covered: Fraction,
    broken: set[str],
    found: Sequence[Comparison],
) -> tuple[str, Fraction]:
    if broken - {"QTY_RECEIVED"}:
        return "BLOCKED", Fraction(0)
    if broken:
        if covered > 0 and bill.qty:
            return "PARTIALLY_MATCHED", half_up(bill.net * covered / bill.qty, VALUE_PLACES)
        nothing = sum((r.received for r in line.receipts), Fraction(0)) <= 0
        return "PENDING_RECEIPT" if nothing else "BLOCKED", Fraction(0)
    # Less billed than received or ordered is no variance; a lower price is, or a line that does not
    # add up.
    both_ways = ("PRICE_UNIT", "DOC_ARITHMETIC")
    varies = any(c.actual > c.expected or c.check in both_ways for c in found if c.differs)
    return "MATCHED_WITHIN_TOLERANCE" if varies else "MATCHED", bill.net


def _arithmetic(bill: Bill, policy: figures.Policy, verdict: Verdict) -> None:
    """Of a line that is compared with no order line: does it add up?"""
    for c in figures.arithmetic_of_line(bill, policy):
        verdict.comparisons.append(c)
        if not c.passed:
            verdict.reasons.add(("DOC_NOT_BALANCED", bill.key))
            # Which receipts it bills is no question while it is not clear what it bills.
            verdict.reasons.discard(("LINK_AMBIGUOUS", str(bill.invoice["invoice_id"])))
            verdict.outcomes[bill.key], verdict.payable[bill.key] = "BLOCKED", Fraction(0)


def _gated(bill: Bill, policy: figures.Policy, verdict: Verdict) -> None:
    """Gates stand above the figures."""
    if links.needs_no_order(bill):
        verdict.outcomes[bill.key], verdict.payable[bill.key] = "NOT_REQUIRED", Fraction(0)
        return
    failed = links.gates(bill)
    if not links.takes_part(bill):
        _arithmetic(bill, policy, verdict)
    for code in failed:
        of_line = code in links.OF_THE_LINE
        verdict.reasons.add((code, bill.key if of_line else str(bill.invoice["invoice_id"])))
    if failed:
        without = failed[0] in ("INV_NO_PO", "CREDIT_UNLINKED")
        verdict.outcomes[bill.key] = "NO_PO" if without else "BLOCKED"
        verdict.payable[bill.key] = Fraction(0)
    if links.after_the_fact(bill):
        verdict.reasons.add(("PO_AFTER_INVOICE", str(bill.invoice["invoice_id"])))


def _invoice(invoice: str, bills: Sequence[Bill], policy: figures.Policy, verdict: Verdict) -> None:
    """The worst outcome of its lines; nothing is payable of a document that does not add up."""
    found = figures.checks_of_invoice(bills[0].invoice, bills, policy) if bills else []
    verdict.comparisons += found
    for c in found:
        if not c.passed:
            code = (OVER if c.actual > c.expected else UNDER)[c.check]
            verdict.reasons.add((code, c.subject))
    worst = max((verdict.outcomes[b.key] for b in bills), key=OUTCOMES.index, default="BLOCKED")
    payable = sum((verdict.payable[b.key] for b in bills), Fraction(0))
    if any(c.effect == "block" for c in found) or not bills:
        worst, payable = "BLOCKED", Fraction(0)
    elif worst in ("NOT_REQUIRED", "MATCHED") and any(c.differs for c in found):
        worst = "MATCHED_WITHIN_TOLERANCE"
    verdict.invoices[invoice] = worst, payable
