"""Nothing is lost: whatever is thrown at a system, every record is in exactly one place.

And it does not matter in how many runs it came: what is held after any history is what conforming
everything at once would have made of it.
"""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsync_dagster.canonical.conservation import conservation
from finsync_dagster.canonical.landed import LANDING_COLUMNS, Incoming
from tests.canonical.support import AT, RULES, extract, line, order
from tests.canonical.world import World

junk = st.sampled_from([None, "", "text", "1e400", "-5", "0.00001", "'", "1.0"])
orders = st.builds(
    lambda key, field, value, spoil: order(key, **({field: value} if spoil else {})),
    st.sampled_from(["1", "2", "3", "1.0", None]),
    st.sampled_from(["Kind", "OrderDate", "Status", "Net", "Changed"]),
    junk,
    st.booleans(),
)
lines = st.builds(
    lambda key, parent, field, value, spoil: line(key, parent, **({field: value} if spoil else {})),
    st.sampled_from(["11", "12", "13", "14", None]),
    st.sampled_from(["1", "2", "9"]),
    st.sampled_from(["Qty", "Unit", "Price", "Received"]),
    junk,
    st.booleans(),
)
batches = st.tuples(
    st.one_of(st.none(), st.lists(orders, max_size=5)),
    st.booleans(),
    st.one_of(st.none(), st.lists(lines, max_size=5)),
    st.booleans(),
)
histories = st.lists(batches, min_size=1, max_size=4)


class Landing:
    """What has been landed of an object: the newest full extract, and the changes after it."""

    def __init__(self, name: str) -> None:
        self.name, self.frames, self.extracts = name, [extract(name, [], "x0")], 0

    def take(self, records: list | None, full: bool) -> Incoming | None:
        """Land an extract; what a run receives of it."""
        if records is None:
            return None
        self.extracts += 1
        frame = extract(self.name, records, f"x{self.extracts}")
        # As in the connectors: a record without a key cannot be followed, so all are read again.
        full = full or frame[RULES[self.name].key[0]].null_count() > 0
        if full:
            self.frames = []
        self.frames.append(frame)
        return Incoming(fields(frame), [frame], everything=full)

    def everything(self) -> Incoming:
        """All that counts of what was landed."""
        return Incoming(fields(self.frames[0]), self.frames, everything=True)


def fields(frame: pl.DataFrame) -> tuple[str, ...]:
    return tuple(c for c in frame.columns if c not in LANDING_COLUMNS)


@pytest.mark.slow
@given(histories)
@settings(max_examples=8, deadline=None)
def test_every_history_ends_where_one_look_at_everything_would(history: list) -> None:
    ends_where_one_look_would(history)


@pytest.mark.long
@given(histories)
@settings(max_examples=60, deadline=None)
def test_many_histories_do(history: list) -> None:
    """Long: the same as before of more histories; each of them conforms several times over."""
    ends_where_one_look_would(history)


def ends_where_one_look_would(history: list) -> None:
    step_by_step = World()
    landings = {name: Landing(name) for name in RULES}
    step_by_step.run(**{name: landed.everything() for name, landed in landings.items()})
    for some_orders, orders_full, some_lines, lines_full in history:
        came = {
            "orders": landings["orders"].take(some_orders, orders_full),
            "order_lines": landings["order_lines"].take(some_lines, lines_full),
        }
        done = step_by_step.run(**came)
        counts = step_by_step.counts
        assert counts.height == 2 + 3
        assert counts["holds"].all(), counts
        records = counts.filter(pl.col("measure") == "records").to_dicts()
        received = {r["source_object"]: int(r["received"]) for r in records}
        given_rows = {"orders": some_orders or [], "order_lines": some_lines or []}
        assert received == {name: len(rows) for name, rows in given_rows.items()}

        at_once = World()
        other = at_once.run(**{name: landed.everything() for name, landed in landings.items()})
        assert at_once.counts["holds"].all(), at_once.counts
        assert step_by_step.content() == at_once.content()
        assert told(done.quarantine()) == told(other.quarantine())
        assert done.incomplete_orders().rows() == other.incomplete_orders().rows()


def told(quarantine: pl.DataFrame) -> list:
    """Quarantine without when the record came: one that repeats keeps where it was first seen."""
    return sorted(quarantine.drop(LANDING_COLUMNS).rows(), key=repr)


def test_conforming_anew_finds_nothing_to_change() -> None:
    landings = {name: Landing(name) for name in RULES}
    landings["orders"].take([order(), order("2", Status="9")], True)
    landings["order_lines"].take([line(), line("12", "2"), line("13", Qty="x")], True)
    world = World()
    everything = {name: landed.everything() for name, landed in landings.items()}
    world.run(**everything)
    before = {t: f.height for t, f in world.stored.items()}
    world.run(anew=True, **everything)
    assert {t: f.height for t, f in world.stored.items()} == before
    assert world.counts["holds"].all()
    assert world.counts["changed"].sum() == 0


def test_the_identity_notices_a_row_that_vanished() -> None:
    world = World()
    everything = {
        "orders": extract("orders", [order()]),
        "order_lines": extract("order_lines", [line()]),
    }
    done = world.run(**everything)
    world.h.run("DELETE FROM made_purchase_orders")
    world.h.run("DELETE FROM rows_purchase_orders")
    facts = {"anew": True, "run_id": "r", "counted_at": AT}
    counts = conservation(world.h, done.tasks, RULES, done.received, **facts)
    broken = counts.filter(~pl.col("holds"))
    assert set(broken["source_object"]) == {"orders"}
    assert set(broken["measure"]) == {"records", "Net"}
