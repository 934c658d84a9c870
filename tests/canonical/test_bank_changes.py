"""When a supplier's bank account became another."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl

from finsync_dagster.canonical.bank_changes import bank_changes


def changes(*versions: tuple[int, str | None, int | None]) -> list[date]:
    """Days of change of one supplier: (held since day, account, change stamp's day) each."""
    rows = [
        {
            "supplier_src_id": "S1",
            "valid_from": datetime(2026, 3, held, 12, tzinfo=UTC),
            "bank_account_hash": account,
            "source_updated_at": stamp and datetime(2026, 3, stamp, 9, tzinfo=UTC),
            "source_deleted": False,
        }
        for held, account, stamp in versions
    ]
    schema = {"source_updated_at": pl.Datetime("us", "UTC")}
    frame = pl.DataFrame(rows, schema_overrides=schema)
    found = bank_changes(frame.sample(fraction=1, shuffle=True, seed=3).lazy()).collect()
    return found["changed_on"].to_list()


def test_the_day_is_the_stamp_of_the_source_where_it_can_be() -> None:
    assert changes((1, "x", None), (9, "y", 7)) == [date(2026, 3, 7)]
    assert changes((5, "x", None), (9, "y", 2)) == [date(2026, 3, 9)]
    assert changes((5, "x", None), (9, "y", None)) == [date(2026, 3, 9)]


def test_what_is_no_change() -> None:
    assert changes((1, "x", None)) == []
    assert changes((1, "x", None), (9, "x", 7)) == []
    assert changes((1, None, None), (9, "x", 7)) == []
    assert changes((1, "x", None), (5, None, None), (9, "x", 7)) == []


def test_a_change_that_was_taken_back_is_none() -> None:
    assert changes((1, "x", None), (5, "y", None), (9, "x", None)) == []


def test_two_changes() -> None:
    found = changes((1, "x", None), (5, "y", None), (9, "z", None))
    assert found == [date(2026, 3, 5), date(2026, 3, 9)]
