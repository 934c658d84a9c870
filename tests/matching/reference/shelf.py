"""Receipts as goods on a shelf, invoices as what takes them off.

Belongs here: returns, first in first out, credits that put back, one loop each. Not here: money.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from tests.matching.reference.paper import Bill, OrderLine, Receipt


@dataclass(eq=False)
class Piece:
    """A quantity of one bill, standing against one receipt or none; ``low`` to ``high`` is its
    place in all that is billed on the order line; no longer ``alive`` where it was credited."""

    bill: Bill
    receipt: Receipt | None
    qty: Fraction
    low: Fraction
    alive: bool = True

    @property
    def high(self) -> Fraction:
        """Where it ends."""
        return self.low + self.qty


@dataclass
class Shelf:
    """What became of the receipts and the bills of one order line."""

    pieces: list[Piece] = field(default_factory=list)
    """Billed, in the order of events; those credited later are no longer alive."""
    credited: list[tuple[Bill, Piece]] = field(default_factory=list)
    """What each credit gave back, piece by piece."""
    too_much: dict[str, Fraction] = field(default_factory=dict)
    """Per credit the quantity that was never invoiced."""


def put_on(line: OrderLine) -> None:
    """What is left of each receipt. A reversal of a whole receipt and that receipt never were.
    What goes back leaves less of the receipt it names, then of the newest before it; what is not
    there yet is owed by the next receipt."""
    _drop_reversed(line.receipts)
    left = {receipt.key: receipt.counted for receipt in line.receipts}
    for taker in [r for r in line.receipts if r.counted > 0]:
        _take_from_named(taker, left, giver_sign=-1)
    for taker in [r for r in line.receipts if r.counted < 0]:
        _take_from_named(taker, left, giver_sign=1)
    owed = Fraction(0)
    for number, receipt in enumerate(line.receipts):
        receipt.left = max(left[receipt.key], Fraction(0))
        paid = min(owed, receipt.left)
        receipt.left, owed = receipt.left - paid, owed - paid
        missing = -min(left[receipt.key], Fraction(0))
        for earlier in reversed(line.receipts[:number]):
            taken = min(missing, earlier.left)
            earlier.left, missing = earlier.left - taken, missing - taken
        owed += missing


def _drop_reversed(receipts: Sequence[Receipt]) -> None:
    by_key = {receipt.key: receipt for receipt in receipts}
    pairs: dict[str, str] = {}
    for one in sorted(receipts, key=lambda r: (r.row["posting_date"], r.key)):
        named = by_key.get(one.row["reverses_id"] or "")
        whole = named is not None and named.received == -one.received
        if one.row["kind"] == "reversal" and whole and named and named.key not in pairs:
            pairs[named.key] = one.key
    for named_key, reversal in pairs.items():
        if reversal not in pairs:  # else it was itself taken back
            for key in (named_key, reversal):
                never = by_key[key]
                never.received = never.counted = never.rejected = Fraction(0)


def _take_from_named(taker: Receipt, left: dict[str, Fraction], giver_sign: int) -> None:
    """Both lose the same: what the receipt named has, at most what is asked."""
    named = taker.row["reverses_id"]
    if named in left and left[named] * giver_sign > 0:
        took = min(abs(left[taker.key]), abs(left[named]))
        left[named] -= took * giver_sign
        left[taker.key] += took * giver_sign


def take_off(line: OrderLine, bills: Sequence[Bill]) -> Shelf:
    """The bills of an order line in the order of events: each against the receipts it names, then
    against the oldest goods left."""
    shelf = Shelf()
    free = {receipt.key: receipt.left for receipt in line.receipts}
    for bill in bills:
        assert bill.qty is not None
        if bill.qty >= 0:
            _bill(shelf, line, bill, bill.qty, free)
        else:
            _credit(shelf, bill, -bill.qty, free)
            _serve_waiting(shelf, line, free)
    return shelf


def _names(bill: Bill, receipt: Receipt) -> bool:
    number, of_line = bill.row["receipt_no_ref"], bill.row["receipt_line_ref"]
    if number is None or receipt.row["receipt_no"] != number:
        return False
    return of_line is None or receipt.row["line_no"] == of_line


def _bill(
    shelf: Shelf, line: OrderLine, bill: Bill, wanted: Fraction, free: dict[str, Fraction]
) -> None:
    place = sum((p.qty for p in shelf.pieces if p.alive), Fraction(0))
    named = [receipt for receipt in line.receipts if _names(bill, receipt)]
    for receipt in [*named, *line.receipts]:
        taken = min(wanted, free[receipt.key])
        if taken > 0:
            shelf.pieces.append(Piece(bill, receipt, taken, place))
            free[receipt.key] -= taken
            wanted, place = wanted - taken, place + taken
    if wanted > 0:
        shelf.pieces.append(Piece(bill, None, wanted, place))


def _corrects(credit: Bill, piece: Piece) -> bool:
    """The credit names the line, or else its invoice."""
    line, invoice = credit.row["orig_invoice_line_id"], credit.invoice["corrects_invoice_id"]
    if line is not None:
        return bool(piece.bill.key == line)
    return invoice is not None and bool(piece.bill.invoice["invoice_id"] == invoice)


def _credit(shelf: Shelf, bill: Bill, back: Fraction, free: dict[str, Fraction]) -> None:
    """Takes back the newest part of what it corrects, then of all."""
    alive = [p for p in shelf.pieces if p.alive]
    newest_last = [*(p for p in alive if not _corrects(bill, p))]
    newest_last += [p for p in alive if _corrects(bill, p)]
    while back > 0 and newest_last:
        piece = newest_last.pop()
        given = min(back, piece.qty)
        if given < piece.qty:  # the newer part goes, the older one stays
            piece = _split(shelf, piece, piece.qty - given)
        piece.alive = False
        if piece.receipt is not None:
            free[piece.receipt.key] += given
        shelf.credited.append((bill, piece))
        back -= given
    if back > 0:
        shelf.too_much[bill.key] = back


def _split(shelf: Shelf, piece: Piece, stays: Fraction) -> Piece:
    """Shortens a piece and returns what was cut off its newer end."""
    rest = Piece(piece.bill, piece.receipt, piece.qty - stays, piece.low + stays)
    piece.qty = stays
    shelf.pieces.insert(shelf.pieces.index(piece) + 1, rest)
    return rest


def _serve_waiting(shelf: Shelf, line: OrderLine, free: dict[str, Fraction]) -> None:
    """Goods that a credit set free go to what waits longest."""
    for piece in [p for p in shelf.pieces if p.alive and p.receipt is None]:
        waiting = piece
        for receipt in line.receipts:
            taken = min(waiting.qty, free[receipt.key])
            if taken <= 0:
                continue
            rest = _split(shelf, waiting, taken) if taken < waiting.qty else None
            waiting.receipt = receipt
            free[receipt.key] -= taken
            if rest is None:
                break
            waiting = rest


def surviving(shelf: Shelf, bills: Sequence[Bill]) -> dict[str, Fraction]:
    """Per bill the quantity billed up to it, less what later credits gave back."""
    total, found = Fraction(0), {}
    for bill in bills:
        own = (p.qty for p in shelf.pieces if p.alive and p.bill.key == bill.key)
        total += sum(own, Fraction(0))
        found[bill.key] = total
    return found
