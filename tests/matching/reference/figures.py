"""What each quantity line is compared with: quantities, prices, totals.

Belongs here: expected and actual of every check of a line and of a document. Not here: what
follows from a breach (verdict.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tests.matching.reference.exact import PRICE_PLACES, VALUE_PLACES, coin, exact, half_up
from tests.matching.reference.limits import Comparison, compare
from tests.matching.reference.paper import Bill, OrderLine, Row
from tests.matching.reference.shelf import Shelf, surviving

Policy = Mapping[str, Mapping[str, Any]]


def stated_price(bill: Bill) -> Fraction | None:
    """The price of one order unit that the line states, if it states one."""
    assert bill.line is not None
    assert bill.qty is not None
    if bill.row["unit_price"] is None:
        return None
    per = exact(bill.row["unit_price"]) / exact(bill.row["price_unit"] or 1)
    return per * exact(bill.row["qty"]) / bill.qty if bill.qty else per


def price_of(net: Fraction, qty: Fraction, line: OrderLine) -> Fraction:
    """What a net amounts to per unit: the order's price, if it is that price rounded."""
    if net == coin(qty * line.price, line.ccy):
        return line.price
    return net / qty


@dataclass(frozen=True)
class Counted:
    """What a bill counts for: of a credit beyond what was invoiced only the part that is not."""

    bill: Bill
    qty: Fraction
    net: Fraction


def counted(bills: Sequence[Bill], too_much: Mapping[str, Fraction]) -> list[Counted]:
    """Every bill of an order line with the quantity and the net that count."""
    found, total = [], Fraction(0)
    for bill in bills:
        qty, net = bill.qty or Fraction(0), bill.net
        if bill.key in too_much and qty:
            within = qty + too_much[bill.key]
            net, qty = half_up(net * within / qty, VALUE_PLACES), within
        net = max(net, -total)
        total += net
        found.append(Counted(bill, qty, net))
    return found


def prices(line: OrderLine, bills: Sequence[Counted]) -> dict[str, Fraction]:
    """Per line billed its price per order unit. Credits and debits without a quantity change the
    price of all: the nets of all lines over the quantity of all."""
    corrected = any(one.bill.qty is None for one in bills)
    net, qty = (sum((getattr(one, x) for one in bills), Fraction(0)) for x in ("net", "qty"))
    worth = sum((coin(one.qty * line.price, line.ccy) for one in bills), Fraction(0))
    found = {}
    for bill in (one.bill for one in bills):
        if corrected:
            if qty > 0:  # where everything was credited, nothing is left that has a price
                found[bill.key] = line.price if net == worth else net / qty
        elif bill.qty is not None:
            stated = stated_price(bill)
            found[bill.key] = price_of(bill.net, bill.qty, line) if stated is None else stated
    return found


def nets_to_date(bills: Sequence[Counted], shelf: Shelf) -> dict[str, Fraction]:
    """Per bill the net billed up to it, less what later credits gave back.

    A credit that names what it corrects, and gives back more than the newest bill, takes its net
    off the bills it gives back, by quantity; any other counts in its own place."""
    net = {one.bill.key: one.net for one in bills}
    for one in bills:
        given = _given_back(one.bill, shelf)
        before = [b.bill.key for b in bills if b.bill.event < one.bill.event]
        if not _names_a_bill(one.bill, bills) or set(given) <= _newest(before, given, shelf, one):
            continue
        whole, rest = sum(given.values(), Fraction(0)), one.net
        for key, qty in list(given.items())[:-1]:
            part = half_up(one.net * qty / whole, VALUE_PLACES)
            net[key], rest = net[key] + part, rest - part
        net[list(given)[-1]] += rest
        net[one.bill.key] = Fraction(0)
    running, total = [], Fraction(0)
    for one in bills:
        total += net[one.bill.key]
        running.append(half_up(total, VALUE_PLACES))
    return {one.bill.key: min(running[n:]) for n, one in enumerate(bills)}


def _given_back(credit: Bill, shelf: Shelf) -> dict[str, Fraction]:
    """Per bill what a credit gave back of it, in that order."""
    given: dict[str, Fraction] = {}
    for by, piece in shelf.credited:
        if by is credit:
            given[piece.bill.key] = given.get(piece.bill.key, Fraction(0)) + piece.qty
    return given


def _names_a_bill(credit: Bill, bills: Sequence[Counted]) -> bool:
    line, invoice = credit.row["orig_invoice_line_id"], credit.invoice["corrects_invoice_id"]
    billed = [one.bill for one in bills if one.bill.qty is not None and one.bill.qty > 0]
    if not (credit.qty is not None and credit.qty < 0):
        return False
    return any(b.key == line or b.invoice["invoice_id"] == invoice for b in billed)


def _newest(
    before: Sequence[str], given: Mapping[str, Fraction], shelf: Shelf, credit: Counted
) -> set[str]:
    """The newest bill of which anything stood when the credit came."""
    order = {one: n for n, one in enumerate(before)}
    gone_later = {by.key: by.event for by, _ in shelf.credited}
    standing = {p.bill.key for p in shelf.pieces if p.alive}
    for by, piece in shelf.credited:
        if gone_later[by.key] >= credit.bill.event:
            standing.add(piece.bill.key)
    known = [key for key in standing if key in order]
    return {max(known, key=lambda key: order[key])} if known else set()


def checks_of_order_line(
    line: OrderLine, bills: Sequence[Bill], shelf: Shelf, policy: Policy
) -> list[Comparison]:
    """All comparisons of what is billed on one order line by quantity. A credit only takes back,
    and is judged by none of them."""
    quantity = surviving(shelf, [b for b in bills if b.qty is not None])
    counting = counted(bills, shelf.too_much)
    price, net = prices(line, counting), nets_to_date(counting, shelf)
    received = sum((receipt.left for receipt in line.receipts), Fraction(0))
    found, billed = [], Fraction(0)
    for bill in bills:
        if bill.is_credit:
            continue
        figures = []
        if bill.qty is not None:
            if line.three_way:
                basis = "accepted" if line.row["match_type"] == "4w" else "received"
                figures.append(("QTY_RECEIVED", basis, received, quantity[bill.key]))
            billed = quantity[bill.key]
            figures.append(("QTY_ORDERED", "ordered", _may_bill(line, billed), billed))
        if bill.key in price:
            agreed, asked = (half_up(p, PRICE_PLACES) for p in (line.price, price[bill.key]))
            figures.append(("PRICE_UNIT", "price", agreed, asked))
        share = _may_bill(line, billed) / line.ordered
        ordered = coin(exact(line.row["net_amount"]) * share, line.ccy)
        figures.append(("LINE_TOTAL", "ordered", ordered, net[bill.key]))
        found += [compare(bill.key, c, b, e, a, policy[c]) for c, b, e, a in figures]
    return found


def _may_bill(line: OrderLine, billed: Fraction) -> Fraction:
    """What is ordered, and of more than that what the order line agrees may be delivered."""
    agreed = exact(line.row["over_delivery_pct"] or 0)
    most = Fraction(line.ordered * (1 + agreed / 100) * 10**6 // 1, 10**6)
    return max(line.ordered, billed if line.row["unlimited_over"] else min(billed, most))


def arithmetic_of_line(bill: Bill, policy: Policy) -> list[Comparison]:
    """Quantity times own price, rounded, against the net of the line."""
    if bill.row["qty"] is None or bill.row["unit_price"] is None:
        return []
    per = exact(bill.row["price_unit"] or 1)
    product = exact(bill.row["qty"]) * exact(bill.row["unit_price"]) / per
    ccy = bill.invoice["ccy"]
    limits = policy["DOC_ARITHMETIC"]
    return [
        compare(bill.key, "DOC_ARITHMETIC", "line", coin(product, ccy), bill.net, limits),
    ]


def checks_of_invoice(invoice: Row, bills: Sequence[Bill], policy: Policy) -> list[Comparison]:
    """Does the document add up, and is its tax what its order lines ask for?"""
    key, limits = str(invoice["invoice_id"]), policy["DOC_ARITHMETIC"]
    net, tax, charges, gross = (exact(invoice[c]) for c in ("net", "tax", "charges", "gross"))
    lines = sum((b.net for b in bills if b.row["type"] != "tax"), Fraction(0))
    found = [
        compare(key, "DOC_ARITHMETIC", "lines", lines, net, limits),
        compare(key, "DOC_ARITHMETIC", "gross", net + tax + charges, gross, limits),
    ]
    goods = [b for b in bills if b.row["type"] == "item"]
    taxes = [_tax(b) for b in goods]
    plain = charges == 0 and len(goods) == len(bills)
    if goods and plain and None not in taxes:
        due = sum((t for t in taxes if t is not None), Fraction(0))
        found.append(compare(key, "TAX_TOTAL", "tax", due, tax, policy["TAX_TOTAL"]))
    return found


def _tax(bill: Bill) -> Fraction | None:
    """Tax at the rate of the order line billed; none where nothing is compared with the order."""
    if bill.tax_due is not None:
        return bill.tax_due
    if bill.line is None or bill.qty is None or bill.line.row["match_type"] == "none":
        return None
    rate = bill.line.row["tax_rate"]
    return None if rate is None else coin(bill.net * exact(rate) / 100, bill.invoice["ccy"])


def checks_of_delivery(line: OrderLine, policy: Policy) -> list[Comparison]:
    """Too much or too little delivered, beyond what the order line itself tolerates; only where
    receipts are expected at all."""
    if line.cancelled or not line.three_way:
        return []
    received = sum((r.received for r in line.receipts), Fraction(0))
    more = exact(line.row["over_delivery_pct"] or 0)
    less = exact(line.row["under_delivery_pct"] or 0)
    if received > line.ordered * (1 + more / 100) and not line.row["unlimited_over"]:
        check = "OVER_DELIVERY"
    elif received < line.ordered * (1 - less / 100) and line.row["delivery_complete"]:
        check = "UNDER_DELIVERY"
    else:
        return []
    return [compare(line.key, check, "ordered", line.ordered, received, policy[check])]
