"""Allocation by what lines name, against a slow, obvious loop over single units."""

from dataclasses import dataclass, field

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from finsync_dagster.matching.allocation.allocate import allocate, sequence
from finsync_dagster.matching.allocation.claims import claims
from finsync_dagster.matching.allocation.invariants import require_quantities
from finsync_dagster.matching.figures.positions import LINE_POS, RECEIPT_POS, numbered
from finsync_dagster.matching.figures.sequence import running_total


@dataclass
class Unit:
    event: int
    receipt: int | None
    standing: bool = True


@dataclass
class Loop:
    """One order line, one unit at a time."""

    left: list[int]
    units: list[Unit] = field(default_factory=list)
    found: dict[tuple[int, int | None], int] = field(default_factory=dict)
    only: dict[int, list[int]] = field(default_factory=dict)

    def receipt_for(self, event: int, named: list[int]) -> int | None:
        places = named + ([] if event in self.only else list(range(len(self.left))))
        return next((r for r in places if self.left[r]), None)

    def add(self, event: int, receipt: int | None, by: int) -> None:
        self.found[event, receipt] = self.found.get((event, receipt), 0) + by
        if receipt is not None:
            self.left[receipt] -= by

    def bill(self, event: int, qty: int, named: list[int], specific: bool) -> None:
        if specific:
            self.only[event] = named
        for _ in range(qty):
            receipt = self.receipt_for(event, named)
            self.add(event, receipt, 1)
            self.units.append(Unit(event, receipt))

    def credit(self, event: int, qty: int, targets: list[int], named: list[int]) -> None:
        for _ in range(qty):
            standing = [u for u in reversed(self.units) if u.standing]
            choice = (
                [u for u in standing if u.event in targets]
                + [u for u in standing if u.receipt in named]
                + standing
            )
            if not choice:
                return
            choice[0].standing = False
            self.add(event, choice[0].receipt, -1)
        for unit in [u for u in self.units if u.standing and u.receipt is None]:
            receipt = self.receipt_for(unit.event, self.only.get(unit.event, []))
            if receipt is not None:
                self.add(unit.event, None, -1)
                self.add(unit.event, receipt, 1)
                unit.standing = False
                self.units.append(Unit(unit.event, receipt))


# An event: quantity, the receipt it names, the event it corrects.
EVENTS = st.lists(
    st.tuples(
        st.integers(-5, 7).filter(bool),
        st.none() | st.integers(0, 3),
        st.none() | st.integers(0, 5),
    ),
    max_size=7,
)
RECEIPTS = st.lists(st.tuples(st.integers(0, 6), st.sampled_from(["n1", "n2"])), max_size=4)


def shelf(line: str, receipts: list[tuple[int, str]]) -> pl.DataFrame:
    schema = {"receipt_line_id": pl.String, "available": pl.Int64, "delivery_note": pl.String}
    rows = [(f"{line}{n}", qty, note) for n, (qty, note) in enumerate(receipts)]
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        po_line_id=pl.lit(line),
        line_pos=pl.lit(ord(line), dtype=pl.Int64),
        receipt_no="receipt_line_id",
        line_no=pl.lit("1"),
    )
    end = running_total(pl.col("available"), "po_line_id")
    return frame.with_columns(end=end, start=end - pl.col("available"))


Drawn = tuple[list[tuple[int, str]], list[tuple[int, int | None, int | None]], bool, bool]
"""Receipts and events of one order line, whether it is billed receipt by receipt, and whether its
lines name delivery notes."""

_TEXT = (
    "receipt_no_ref",
    "receipt_line_ref",
    "orig_invoice_line_id",
    "corrects_invoice_id",
    "invoice_line_id",
    "invoice_id",
    "po_line_id",
)


def bills(drawn: dict[str, Drawn]) -> pl.DataFrame:
    rows = []
    for line, (_, events, specific, by_note) in drawn.items():
        for n, (qty, named, target) in enumerate(events):
            names = "" if named is None else f"n{named % 2 + 1}" if by_note else f"{line}{named}"
            rows.append(
                {
                    "invoice_line_id": f"{line}{n}",
                    "invoice_id": f"{line}{n}",
                    "po_line_id": line,
                    "line_pos": ord(line),
                    "event_no": len(rows),
                    "units": qty,
                    "receipt_no_ref": names or None,
                    "receipt_line_ref": None,
                    "orig_invoice_line_id": None if target is None else f"{line}{target}",
                    "corrects_invoice_id": None,
                    "specific": specific,
                }
            )
    types = {LINE_POS: pl.Int64, "event_no": pl.Int64, "units": pl.Int64, "specific": pl.Boolean}
    return pl.DataFrame(rows, schema={**dict.fromkeys(_TEXT, pl.String), **types})


def by_hand(drawn: Drawn) -> dict[tuple[int, int | None], int]:
    receipts, events, specific, by_note = drawn
    loop = Loop([qty for qty, _ in receipts])
    for n, (qty, named, target) in enumerate(events):
        places = []
        if named is not None and by_note:
            places = [i for i, (_, note) in enumerate(receipts) if note == f"n{named % 2 + 1}"]
        elif named is not None and named < len(receipts):
            places = [named]
        if qty > 0:
            loop.bill(n, qty, places, specific)
        else:
            loop.credit(n, -qty, [] if target is None else [target], places)
    return {key: qty for key, qty in loop.found.items() if qty}


LINE = st.tuples(RECEIPTS, EVENTS, st.booleans(), st.booleans())


@settings(max_examples=150, deadline=None)
@given(st.fixed_dictionaries({"a": LINE, "b": LINE, "c": LINE}))
def test_what_lines_name_equals_the_loop_over_units(drawn: dict[str, Drawn]) -> None:
    shelves = numbered(
        pl.concat([shelf(line, receipts) for line, (receipts, *_) in drawn.items()]), RECEIPT_POS
    )
    events = sequence(bills(drawn))
    found = allocate(events, shelves, claims(events, shelves)).with_columns(
        qty=(pl.col("high") - pl.col("low")) * pl.col("sign")
    )
    require_quantities(found, events, shelves)
    got: dict[str, dict[tuple[int, int | None], int]] = {line: {} for line in drawn}
    for line, receipt, qty in found.select("invoice_line_id", "receipt_line_id", "qty").rows():
        of_line, key = got[line[0]], (int(line[1:]), None if receipt is None else int(receipt[1:]))
        of_line[key] = of_line.get(key, 0) + qty
    assert got == {line: by_hand(each) for line, each in drawn.items()}


def test_parts_of_an_event_lie_one_after_another_in_its_place() -> None:
    """What valuation relies on, also where lines compete for receipts."""
    drawn: Drawn = (
        [(5, "n1"), (5, "n2")],
        [(3, 1, None), (6, None, None), (-4, 0, 0)],
        False,
        False,
    )
    events = sequence(bills({"a": drawn}))
    shelves = numbered(shelf("a", drawn[0]), RECEIPT_POS)
    found = allocate(events, shelves, claims(events, shelves))
    place = found.group_by("event_no", maintain_order=True).agg(
        pl.col("low").min(), pl.col("high").max(), size=(pl.col("high") - pl.col("low")).sum()
    )
    assert place.rows() == [(0, 0, 3, 3), (1, 3, 9, 6), (2, 5, 9, 4)]
