"""Nothing is lost: whatever is thrown at a system, every record is in exactly one place."""

from datetime import timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from finsync_dagster.canonical.conform import conform
from finsync_dagster.canonical.conservation import conservation
from finsync_dagster.canonical.landed import newest_versions
from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.canonical.versions import difference, newest
from tests.canonical.support import AT, KEYS, MAPPINGS, extract, line, order

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
extracts = st.lists(
    st.tuples(st.lists(orders, max_size=5), st.lists(lines, max_size=5)), min_size=1, max_size=3
)
MEASURES = {"orders": ["Net"], "order_lines": ["Qty", "Price"]}


@given(extracts)
@settings(max_examples=25, deadline=None)
def test_received_equals_the_sum_of_its_places(history: list) -> None:
    stored = {t: TABLES[t].empty() for t in MAPPINGS.tables}
    received = {"orders": [], "order_lines": []}
    for n, (some_orders, some_lines) in enumerate(history):
        received["orders"].append(extract("orders", some_orders, f"x{n}"))
        received["order_lines"].append(extract("order_lines", some_lines, f"x{n}"))
        landed = {o: newest_versions(o, pl.concat(f), KEYS[o]) for o, f in received.items()}
        done = conform("erp", "acme", MAPPINGS, landed)
        changed = {}
        for table, frame in done.tables.items():
            held = newest(stored[table].lazy()).collect()
            found = difference(held, frame, AT + timedelta(hours=n))
            stored[table] = pl.concat([stored[table], found.new])
            changed[table] = found.changed
        counts = conservation("erp", landed, done, changed, MEASURES, "run", AT)
        assert counts.height == 2 + 3
        assert counts["holds"].all(), counts
        landed_rows = {o: sum(f.height for f in frames) for o, frames in received.items()}
        records = counts.filter(pl.col("measure") == "records")
        assert {r["source_object"]: int(r["received"]) for r in records.to_dicts()} == landed_rows


def test_the_identity_notices_a_row_that_vanished() -> None:
    landed = {
        "orders": newest_versions("orders", extract("orders", [order()]), KEYS["orders"]),
        "order_lines": newest_versions(
            "order_lines", extract("order_lines", [line()]), KEYS["order_lines"]
        ),
    }
    done = conform("erp", "acme", MAPPINGS, landed)
    done.tables["purchase_orders"] = done.tables["purchase_orders"].clear()
    changed = {t: f["record_id"] for t, f in done.tables.items()}
    counts = conservation("erp", landed, done, changed, MEASURES, "run", AT)
    broken = counts.filter(~pl.col("holds"))
    assert set(broken["source_object"]) == {"orders"}
    assert set(broken["measure"]) == {"records", "Net"}
