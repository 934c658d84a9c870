"""What credits that say what they correct leave of what was invoiced up to each line.

Belongs here: running figures of the order lines on which such a credit takes back another line than
the newest. Not here: all others (quantity_checks.py), allocation (allocate.py).

A credit releases the lines that it gives back: those it names, newest first, and what it credits
beyond them of what was billed last, as allocation has it. Each of these lines stands at its own
figures less its share of the credit, though that came later. Only the few order lines concerned are
walked through line by line.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

import polars as pl

from finsync_dagster.matching.allocation.claims import Claims
from finsync_dagster.matching.figures.sequence import MIRRORED, not_given_back, running_total
from finsync_dagster.money import AMOUNT, AMOUNT_SCALE, from_scaled, to_scaled


def with_named_credits(priced: pl.DataFrame, claims: Claims) -> pl.DataFrame:
    """``priced_lines`` with ``invoiced`` and ``invoiced_net`` as named credits leave them.

    Rows keep their order.
    """
    named = _named(priced, claims)
    if not named:
        return priced
    events = pl.Series(list(named), dtype=pl.Int64)
    mine = priced.filter(pl.col("event_no").is_in(events.implode())).select("link_id").unique()
    rows = priced.filter(~pl.col(MIRRORED)).join(mine, on="link_id", how="semi")
    rows = rows.sort("link_id", "event_no").select(
        "link_id",
        "event_no",
        pl.col("counted_units").fill_null(0),
        net=to_scaled(pl.col("counted_net"), AMOUNT_SCALE),
    )
    left = pl.DataFrame(
        [
            row
            for _, lines in groupby(rows.iter_rows(), itemgetter(0))
            for row in _left(lines, named)
        ],
        schema={
            "event_no": pl.Int64,
            "link_id": pl.String,
            "standing": pl.Int64,
            "net": pl.Int128,
        },
        orient="row",
    )
    left = left.with_columns(
        invoiced=running_total(pl.col("standing"), "link_id"),
        invoiced_net=from_scaled(running_total(pl.col("net"), "link_id"), AMOUNT_SCALE),
    )
    left = left.select(
        "event_no",
        "invoiced",
        not_given_back("invoiced_net", "link_id").cast(AMOUNT),
    )
    found = priced.join(left, on="event_no", how="left", maintain_order="left", suffix="_left")
    # A price correction bills no quantity.
    billed = pl.when(pl.col("invoiced").is_not_null())
    return found.with_columns(
        invoiced=billed.then(pl.coalesce("invoiced_left", "invoiced")),
        invoiced_net=pl.coalesce("invoiced_net_left", "invoiced_net"),
    ).drop("invoiced_left", "invoiced_net_left")


@dataclass(slots=True)
class _Line:
    """A line of an order line: what stands of its quantity, and of its net."""

    event: int
    standing: int
    net: int


def _left(
    rows: Iterable[tuple[str, int, int, int]], named: Mapping[int, Sequence[set[int]]]
) -> Iterator[tuple[int, str, int, int]]:
    """(event, order line, quantity, net) that stand of each line once all credits are given.

    The net of a credit goes with the quantity it gives back where it names what it corrects and
    takes back more than the newest line; else it counts in its own place.
    """
    lines: list[_Line] = []
    link = ""
    for order_line, event, units, net in rows:
        link = order_line
        line = _Line(event, max(units, 0), net)
        if units < 0:
            newest = next((each for each in reversed(lines) if each.standing), None)
            taken = _take_back(lines, -units, named.get(event, ()))
            if event in named and any(each is not newest for each, _ in taken):
                _share(net, taken)
                line.net = 0
        lines.append(line)
    for line in lines:
        yield line.event, link, line.standing, line.net


def _take_back(
    lines: Sequence[_Line], units: int, named: Sequence[set[int]]
) -> list[tuple[_Line, int]]:
    """The lines a credit gives back, with the quantity of each, in that order."""
    newest_first = [line for line in reversed(lines) if line.standing]
    taken: dict[int, tuple[_Line, int]] = {}
    for wanted in (*named, {line.event for line in newest_first}):
        for line in newest_first:
            back = min(units, line.standing) if line.event in wanted else 0
            if back:
                line.standing -= back
                units -= back
                before = taken[line.event][1] if line.event in taken else 0
                taken[line.event] = line, before + back
    return list(taken.values())


def _share(net: int, taken: Sequence[tuple[_Line, int]]) -> None:
    """The net of a credit off the lines it gives back, by quantity; the last bears the rest."""
    whole, rest = sum(units for _, units in taken), net
    for line, units in taken[:-1]:
        # Half up, away from zero.
        part = (2 * abs(net) * units + whole) // (2 * whole) * (-1 if net < 0 else 1)
        line.net += part
        rest -= part
    taken[-1][0].net += rest


def _named(priced: pl.DataFrame, claims: Claims) -> dict[int, list[set[int]]]:
    """Per credit that takes back other than the newest line, its event: the events of the lines it
    names, and of those that name the receipt it names."""
    credited = claims.credited.join(
        claims.confirmed.to_frame("invoice_line_id"), on="invoice_line_id", how="anti"
    )
    numbers = priced.select("invoice_line_id", "event_no")
    by_line = credited.join(numbers, on="invoice_line_id").join(
        numbers.select(target="invoice_line_id", _target="event_no"), on="target"
    )
    found: dict[int, list[set[int]]] = defaultdict(lambda: [set(), set()])
    for event, target in by_line.select("event_no", "_target").iter_rows():
        found[event][0].add(target)
    units = priced.select("event_no", "units")
    slots = claims.slots.join(units, on="event_no")
    back = slots.filter(pl.col("units") < 0)
    others = slots.filter(pl.col("units") > 0).select("slot", _target="event_no")
    by_receipt = back.join(others, on="slot").filter(pl.col("_target") < pl.col("event_no"))
    for event, target in by_receipt.select("event_no", "_target").iter_rows():
        found[event][1].add(target)
    return dict(found)
