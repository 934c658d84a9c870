"""Reference rates of a world, in the layout of the European Central Bank."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from finsync_dagster.sandbox.reference_rates import FILE, write_rates
from finsync_dagster.sandbox.world.reading import World

ROWS = [
    ("USD", "EUR", date(2025, 5, 2), "0.80000000"),
    ("USD", "EUR", date(2025, 5, 5), "0.92554612"),
    ("JPY", "EUR", date(2025, 5, 5), "0.00625000"),
    ("EUR", "USD", date(2025, 5, 5), "1.25000000"),
]


@pytest.fixture
def world(tmp_path: Path) -> World:
    path = tmp_path / "world.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "CREATE TABLE fx_rate_used"
            " (from_currency VARCHAR, to_currency VARCHAR, rate_date DATE, rate DECIMAL(18, 8))"
        )
        connection.executemany("INSERT INTO fx_rate_used VALUES (?, ?, ?, ?)", ROWS)
    return World(path)


def test_a_row_per_day_a_column_per_currency(world: World, tmp_path: Path) -> None:
    path = write_rates(world, tmp_path / "rates")
    assert path.name == FILE
    assert path.read_text(encoding="ascii").splitlines() == [
        "Date,JPY,USD,",
        "2025-05-05,160.00000000,1.08044319,",
        "2025-05-02,N/A,1.25000000,",
    ]


def test_turned_round_they_are_the_world_s_again(world: World, tmp_path: Path) -> None:
    path = write_rates(world, tmp_path)
    with path.open(encoding="ascii", newline="") as file:
        newest = next(csv.DictReader(file))
    assert (1 / Decimal(newest["USD"])).quantize(Decimal("0.00000001")) == Decimal("0.92554612")


def test_the_file_is_written_anew(world: World, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("old", encoding="ascii")
    assert write_rates(world, tmp_path).read_text(encoding="ascii").startswith("Date,")
    assert [p.name for p in tmp_path.glob("*.part")] == []
