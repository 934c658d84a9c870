"""Order lines on which what is named competes with what is not: walked through event by event.

Belongs here: the few order lines of which running totals cannot tell what bills what, because one
invoice line names a receipt and another does not, or a receipt has less than is named, or a credit
takes back an older line than the newest. What an event gets depends on all before it. Not here: all
others (allocate.py).

Per order line, in the order of events: an invoice line takes of the receipts it names, then of the
oldest that have something left; what is not there waits. A credit takes back from the lines it
names the newest part first, then of what was allocated last; the receipts so freed go to what
waited longest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

import polars as pl

from finsync_dagster.matching.allocation.claims import Claims
from finsync_dagster.matching.figures.positions import LINE_POS, RECEIPT_POS
from finsync_dagster.matching.figures.sequence import running_total

EXPLICIT = "explicit"
FIFO = "fifo"
LIFO_CREDIT = "lifo_credit"

_NOTHING = -1


@dataclass(slots=True)
class Part:
    """A part of an event, allocated to one receipt (``_NOTHING``: to none)."""

    event: int
    receipt: int
    qty: int
    """Negative where it takes back."""
    method: str
    standing: int = 0
    """What no credit has taken back of it yet."""


@dataclass(slots=True)
class Shelf:
    """The receipts of one order line, what is left of each, and what was allocated."""

    left: list[int]
    parts: list[Part] = field(default_factory=list)
    """In the order of allocation."""
    only: dict[int, Sequence[int]] = field(default_factory=dict)
    """Events that may bill no receipts but these."""
    first: int = 0
    """No receipt before this one has anything left."""

    def bill(self, event: int, units: int, named: Sequence[int], *, specific: bool) -> None:
        """Allocates an invoice line; what no receipt has waits."""
        if specific:
            self.only[event] = named
        units -= self._take_each(event, units, named, EXPLICIT)
        if not specific:
            units -= self._take_each(event, units, self._oldest(), FIFO)
        if units:
            self.parts.append(Part(event, _NOTHING, units, FIFO, units))

    def credit(self, event: int, units: int, targets: Sequence[int], named: Sequence[int]) -> None:
        """Takes back from the events and receipts named, then what was allocated last."""
        standing = [part for part in reversed(self.parts) if part.standing]
        for part in (p for p in standing if p.event in targets):
            units -= self._take_back(event, part, units, EXPLICIT)
        for part in (p for p in standing if p.receipt in named):
            units -= self._take_back(event, part, units, EXPLICIT)
        for part in standing:
            units -= self._take_back(event, part, units, LIFO_CREDIT)
        self._serve_waiting()

    def _take_each(self, event: int, units: int, receipts: Iterable[int], method: str) -> int:
        wanted = units
        for receipt in receipts:
            if not units:
                break
            took = min(units, self.left[receipt])
            if took:
                self.left[receipt] -= took
                units -= took
                self.parts.append(Part(event, receipt, took, method, took))
        return wanted - units

    def _oldest(self) -> range:
        while self.first < len(self.left) and not self.left[self.first]:
            self.first += 1
        return range(self.first, len(self.left))

    def _take_back(self, event: int, part: Part, units: int, method: str) -> int:
        back = min(units, part.standing)
        if back:
            part.standing -= back
            self.parts.append(Part(event, part.receipt, -back, method))
            if part.receipt != _NOTHING:
                self.left[part.receipt] += back
                self.first = min(self.first, part.receipt)
        return back

    def _serve_waiting(self) -> None:
        for part in [p for p in self.parts if p.receipt == _NOTHING and p.standing]:
            own = self.only.get(part.event)
            receipts, method = (self._oldest(), FIFO) if own is None else (own, EXPLICIT)
            took = self._take_each(part.event, part.standing, receipts, method)
            part.qty -= took
            part.standing -= took


def walked(events: pl.DataFrame, receipts: pl.DataFrame, claims: Claims) -> pl.DataFrame:
    """The stretches of these events, as ``allocate`` has them, with ``_row`` and ``_part``.

    ``events`` are all those of their order lines, in order, ``receipts`` those with something
    available, in order.
    """
    mine = receipts.join(events.select("po_line_id").unique(), on="po_line_id", how="semi")
    mine = mine.sort("po_line_id", "start").with_row_index("_receipt")
    shelves = {
        line: (numbers[0], available)
        for line, numbers, available in mine.group_by("po_line_id")
        .agg("_receipt", "available")
        .iter_rows()
    }
    named = _lists(
        claims.slots.join(claims.named, on="slot").join(mine, on="receipt_line_id"),
        "event_no",
        "_receipt",
    )
    at = events.select(target="invoice_line_id", _at="_row")
    targets = _lists(claims.credited.join(at, on="target"), "invoice_line_id", "_at")
    columns = ("po_line_id", "_row", "event_no", "invoice_line_id", "units", "specific")
    parts: tuple[list[int], list[int | None], list[int], list[str]] = ([], [], [], [])
    for line, rows in groupby(events.select(columns).iter_rows(), key=itemgetter(0)):
        origin, available = shelves.get(line, (0, []))
        shelf = Shelf(list(available))
        for _, row, event, invoice_line, units, specific in rows:
            own = [receipt - origin for receipt in named.get(event, ())]
            if units < 0:
                shelf.credit(row, -units, targets.get(invoice_line, ()), own)
            else:
                shelf.bill(row, units, own, specific=specific)
        for part in shelf.parts:
            if part.qty:
                parts[0].append(part.event)
                parts[1].append(None if part.receipt == _NOTHING else part.receipt + origin)
                parts[2].append(part.qty)
                parts[3].append(part.method)
    schema = {"_row": pl.UInt32, "_receipt": pl.UInt32, "qty": pl.Int64, "method": pl.String}
    return _stretches(pl.DataFrame(parts, schema=schema), events, mine)


def _lists(frame: pl.DataFrame, key: str, column: str) -> Mapping[Any, Sequence[int]]:
    """Per key the sorted values of a column."""
    grouped = frame.group_by(key).agg(pl.col(column).sort())
    return dict(grouped.select(key, column).iter_rows())


def _stretches(parts: pl.DataFrame, events: pl.DataFrame, receipts: pl.DataFrame) -> pl.DataFrame:
    """The parts laid one after another in the place that their event has in its order line."""
    rows = parts.with_row_index("_part")
    waits = pl.col("_receipt").is_null() & (pl.col("qty") > 0)
    rows = rows.sort("_row", waits, "_part").with_columns(pl.col("qty").abs().alias("_size"))
    upto = running_total(pl.col("_size"), "_row")
    names = receipts.select("_receipt", "receipt_line_id", RECEIPT_POS)
    facts = events.select("_row", "invoice_line_id", "po_line_id", LINE_POS, "event_no", "before")
    rows = (
        rows.with_columns(_from=upto - pl.col("_size"), _to=upto)
        .join(names, on="_receipt", how="left", maintain_order="left")
        .join(facts, on="_row", how="left", maintain_order="left")
    )
    back = pl.col("qty") < 0
    return rows.with_columns(
        low=pl.when(back)
        .then(pl.col("before") - pl.col("_to"))
        .otherwise(pl.col("before") + pl.col("_from")),
        high=pl.when(back)
        .then(pl.col("before") - pl.col("_from"))
        .otherwise(pl.col("before") + pl.col("_to")),
        sign=pl.when(back).then(-1).otherwise(1),
        _part=pl.col("_from"),
    )
