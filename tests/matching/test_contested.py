"""Allocation by what lines name, against a slow, obvious loop over single units."""

from dataclasses import dataclass, field

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from finsync_dagster.matching.allocate import allocate, sequence
from finsync_dagster.matching.claims import claims
from finsync_dagster.matching.invariants import require_quantities
from finsync_dagster.matching.sequence import running_total


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


def shelf(receipts: list[tuple[int, str]]) -> pl.DataFrame:
    schema = {"receipt_line_id": pl.String, "available": pl.Int64, "delivery_note": pl.String}
    rows = [(f"{n}", qty, note) for n, (qty, note) in enumerate(receipts)]
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        po_line_id=pl.lit("a"), receipt_no="receipt_line_id", line_no=pl.lit("1")
    )
    end = running_total(pl.col("available"), "po_line_id")
    return frame.with_columns(end=end, start=end - pl.col("available"))


def bills(
    events: list[tuple[int, int | None, int | None]], specific: bool, by_note: bool
) -> pl.DataFrame:
    rows = [
        {
            "invoice_line_id": f"{n}",
            "invoice_id": f"{n}",
            "po_line_id": "a",
            "event_no": n,
            "units": qty,
            "receipt_no_ref": None
            if named is None
            else f"n{named % 2 + 1}"
            if by_note
            else str(named),
            "receipt_line_ref": None,
            "orig_invoice_line_id": None if target is None else str(target),
            "corrects_invoice_id": None,
            "specific": specific,
        }
        for n, (qty, named, target) in enumerate(events)
    ]
    text = dict.fromkeys(
        (
            "receipt_no_ref",
            "receipt_line_ref",
            "orig_invoice_line_id",
            "corrects_invoice_id",
            "invoice_line_id",
            "invoice_id",
            "po_line_id",
        ),
        pl.String,
    )
    types = {**text, "event_no": pl.Int64, "units": pl.Int64, "specific": pl.Boolean}
    return pl.DataFrame(rows, schema=types)


@settings(max_examples=300, deadline=None)
@given(RECEIPTS, EVENTS, st.booleans(), st.booleans())
def test_what_lines_name_equals_the_loop_over_units(
    receipts: list[tuple[int, str]],
    events: list[tuple[int, int | None, int | None]],
    specific: bool,
    by_note: bool,
) -> None:
    frame, rows = shelf(receipts), sequence(bills(events, specific, by_note))
    found = claims(rows, frame)
    got_rows = allocate(rows, frame, found).with_columns(
        qty=(pl.col("high") - pl.col("low")) * pl.col("sign")
    )
    require_quantities(got_rows, rows, frame)
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
    got: dict[tuple[int, int | None], int] = {}
    for line, receipt, qty in got_rows.select("invoice_line_id", "receipt_line_id", "qty").rows():
        key = (int(line), None if receipt is None else int(receipt))
        got[key] = got.get(key, 0) + qty
    assert got == {key: qty for key, qty in loop.found.items() if qty}
