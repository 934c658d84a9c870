"""Receipts as goods on a shelf, invoices as what takes them off.

Belongs here: returns, first in first out, credits that put back, one loop each. Not here: money.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from tests.matching.reference.paper import Bill, OrderLine, Receipt


@dataclass
class Piece:
    """A quantity of one bill, standing against one receipt or none; ``low`` to ``high`` is its
    place in all that is billed on the order line. ``back`` of it was credited later."""

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
    """Receipts in the order of events; a return takes the newest goods before it, and what is not
    there yet is owed by the next receipt."""
    owed = Fraction(0)
    for number, receipt in enumerate(line.receipts):
        receipt.left = max(receipt.counted, Fraction(0))
        paid = min(owed, receipt.left)
        receipt.left, owed = receipt.left - paid, owed - paid
        missing = -min(receipt.counted, Fraction(0))
        for earlier in reversed(line.receipts[:number]):
            taken = min(missing, earlier.left)
            earlier.left, missing = earlier.left - taken, missing - taken
        owed += missing


def take_off(line: OrderLine, bills: Sequence[Bill]) -> Shelf:
    """The bills of an order line in the order of events, each against the oldest goods left."""
    shelf = Shelf()
    free = {receipt.key: receipt.left for receipt in line.receipts}
    for bill in bills:
        assert bill.qty is not None
        if bill.qty >= 0:
            _bill(shelf, line, bill, bill.qty, free)
        else:
            _credit(shelf, bill, -bill.qty, free)
    return shelf


def _bill(
    shelf: Shelf, line: OrderLine, bill: Bill, wanted: Fraction, free: dict[str, Fraction]
) -> None:
    place = sum((p.qty for p in shelf.pieces if p.alive), Fraction(0))
    for receipt in line.receipts:
        taken = min(wanted, free[receipt.key])
        if taken > 0:
            shelf.pieces.append(Piece(bill, receipt, taken, place))
            free[receipt.key] -= taken
            wanted, place = wanted - taken, place + taken
    if wanted > 0:
        shelf.pieces.append(Piece(bill, None, wanted, place))


def _credit(shelf: Shelf, bill: Bill, back: Fraction, free: dict[str, Fraction]) -> None:
    alive = [p for p in shelf.pieces if p.alive]
    while back > 0 and alive:
        piece = alive.pop()
        given = min(back, piece.qty)
        if given < piece.qty:  # the newer part goes, the older one stays
            stays = piece.qty - given
            rest = Piece(piece.bill, piece.receipt, given, piece.low + stays)
            piece.qty = stays
            shelf.pieces.append(rest)
            piece = rest
        piece.alive = False
        if piece.receipt is not None:
            free[piece.receipt.key] += given
        shelf.credited.append((bill, piece))
        back -= given
    if back > 0:
        shelf.too_much[bill.key] = back


def surviving(shelf: Shelf, bills: Sequence[Bill]) -> dict[str, Fraction]:
    """Per bill the quantity billed up to it, less what later credits gave back."""
    total, found = Fraction(0), {}
    for bill in bills:
        own = (p.qty for p in shelf.pieces if p.alive and p.bill.key == bill.key)
        total += sum(own, Fraction(0))
        found[bill.key] = total
    return found
