"""Which order line an invoice line bills, and what keeps it from being compared.

Belongs here: the search by what the line names, gates. Not here: quantities and money.
"""

from __future__ import annotations

from tests.matching.reference.exact import PRICE_PLACES, coin, exact, half_up
from tests.matching.reference.paper import (
    UNAPPROVED,
    Bill,
    OrderLine,
    Papers,
    Row,
    in_order_units,
)

OF_THE_LINE = ("LINK_MISSING", "LINK_AMBIGUOUS", "UOM_CONVERSION_MISSING")
"""Reasons told of the invoice line; the others are told of the invoice, once."""

NOT_COMPARED = ("charge", "tax", "rounding", "text")


def needs_no_order(bill: Bill) -> bool:
    """Charges, taxes and prepayments are compared with no order."""
    return bill.row["type"] in NOT_COMPARED or bill.invoice["kind"] == "prepayment"


def link(bill: Bill, papers: Papers) -> None:
    """Finds order and order line of a bill, or the reason why there is none."""
    bill.order, bill.problem = _order(bill, papers)
    if bill.problem or bill.order is None:
        return
    own = [x for x in papers.order_lines.values() if x.row["po_id"] == bill.order["po_id"]]
    bill.line, bill.problem = _line(bill, papers, own)
    if bill.line is None and all(line.row["match_type"] == "none" for line in own):
        bill.problem = None  # nothing of the order is compared with a line
    if bill.line is not None and bill.line.row["match_type"] == "none":
        return
    if bill.line is None or bill.row["qty"] is None or not bill.line.by_quantity:
        return
    bill.qty = in_order_units(bill, bill.line)
    if bill.qty is None:
        bill.problem = "UOM_CONVERSION_MISSING"


def _order(bill: Bill, papers: Papers) -> tuple[Row | None, str | None]:
    named_line = papers.order_lines.get(bill.row["po_line_id"] or "")
    if bill.row["po_id"] in papers.orders:
        return papers.orders[bill.row["po_id"]], None
    if named_line is not None:
        return named_line.order, None
    if bill.row["po_id"] is not None:
        return None, "PO_NOT_FOUND"
    number = bill.row["po_number_ref"]
    if number is None:
        return None, "CREDIT_UNLINKED" if bill.is_credit else "INV_NO_PO"
    candidates = [o for o in papers.orders.values() if o["po_number"] == number]
    if len(candidates) == 1:
        return candidates[0], None
    return None, "LINK_AMBIGUOUS" if candidates else "PO_NOT_FOUND"


def _line(bill: Bill, papers: Papers, own: list[OrderLine]) -> tuple[OrderLine | None, str | None]:
    named = bill.row["po_line_id"]
    if named is not None:
        line = papers.order_lines.get(named)
        if line is None:
            return None, "LINK_MISSING"
        return (line, None) if line in own else (None, "LINK_AMBIGUOUS")
    number = bill.row["po_line_ref"]
    if number is not None:
        fits = [x for x in own if _same_number(x, number)]
    else:
        fits = _by_item_and_price(bill, own)
    if len(fits) == 1:
        return fits[0], None
    if bill.row["qty"] is None and number is None:
        return None, None  # it bills the order as a whole
    return None, "LINK_AMBIGUOUS" if fits else "LINK_MISSING"


def _same_number(line: OrderLine, number: str) -> bool:
    return str(line.row["line_no"]).strip().lstrip("0") == number.strip().lstrip("0")


def _by_item_and_price(bill: Bill, own: list[OrderLine]) -> list[OrderLine]:
    """The lines with its item; if they are several, those at its price. If none has its item, the
    only line of the order, or those at its price, unless they name another item."""
    item = bill.row["item_id"]
    with_item = [x for x in own if item is not None and x.row["item_id"] == item]
    if with_item:
        at_price = [x for x in with_item if _at_price(bill, x)]
        return at_price if len(at_price) == 1 else with_item
    free = [x for x in own if item is None or x.row["item_id"] is None]
    if len(own) == 1:
        return free
    return [x for x in free if _at_price(bill, x)]


def _at_price(bill: Bill, line: OrderLine) -> bool:
    if bill.row["qty"] is None:
        return False
    if bill.row["uom"] not in (None, line.row["uom_order"]) or bill.invoice["ccy"] != line.ccy:
        return False
    if bill.row["unit_price"] is None:
        return abs(bill.net) == coin(abs(exact(bill.row["qty"])) * line.price, line.ccy)
    price = exact(bill.row["unit_price"]) / exact(bill.row["price_unit"] or 1)
    return half_up(price, PRICE_PLACES) == half_up(line.price, PRICE_PLACES)


def gates(bill: Bill) -> list[str]:
    """Conditions of a linked line that block it, whatever its figures say."""
    failed = [bill.problem] if bill.problem else []
    if bill.order is None:
        return failed
    if bill.invoice["supplier_src_id"] != bill.order["supplier_src_id"]:
        failed.append("SUPPLIER_MISMATCH")
    if bill.invoice["ccy"] != bill.order["ccy"]:
        failed.append("CURRENCY_MISMATCH")
    if bill.order["status_canon"] in UNAPPROVED:
        failed.append("PO_NOT_APPROVED")
    cancelled = bill.line.cancelled if bill.line else bill.order["status_canon"] == "cancelled"
    if cancelled:
        failed.append("PO_CANCELLED")
    if bill.line and _outside_window(bill, bill.line):
        failed.append("LIMIT_EXPIRED")
    return failed


def _outside_window(bill: Bill, line: OrderLine) -> bool:
    if line.row["match_type"] != "limit":
        return False
    first, last = line.row["valid_from_date"], line.row["valid_to_date"]
    day = bill.invoice["invoice_date"]
    return bool((first and day < first) or (last and day > last))


def takes_part(bill: Bill) -> bool:
    """It keeps its place in the sequence: it is not another order's document."""
    return not {"SUPPLIER_MISMATCH", "CURRENCY_MISMATCH"} & set(gates(bill)) and not bill.problem


def after_the_fact(bill: Bill) -> bool:
    """The order was placed after its invoice: told, not blocked."""
    return bool(bill.order and bill.order["order_date"] > bill.invoice["invoice_date"])
