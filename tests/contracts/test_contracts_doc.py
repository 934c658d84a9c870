"""docs/contracts.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl

from finsync_dagster.contracts import drift, profile
from finsync_dagster.contracts.kinds import KINDS, count_kinds, fits
from finsync_dagster.contracts.tables import DRIFTS, SEVERITIES
from finsync_dagster.contracts.wording import ACTIONS
from finsync_dagster.orchestration.contracts import SHAPES_KEPT

TEXT = (Path(__file__).parents[2] / "docs/contracts.md").read_text(encoding="utf-8")
FLAT = " ".join(TEXT.split())


def table(heading: str) -> list[list[str]]:
    """Cells of the table under a heading, without its head."""
    section = TEXT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def test_every_drift_is_told_in_the_order_of_the_code() -> None:
    names = [f"`{name}`" for name in DRIFTS]
    assert [row[0] for row in table("What is compared")] == names
    assert [row[0] for row in table("What to do")] == names
    assert set(ACTIONS) == set(DRIFTS)


def test_only_severities_of_the_code_are_told() -> None:
    for row in table("What is compared"):
        assert set(re.findall(r"\b(error|warning|info|critical|notice)\b", row[2])) <= set(
            SEVERITIES
        )


def test_the_numbers_are_those_of_the_code() -> None:
    for said in (
        f"less than {drift.ROWS_AT_LEAST} % or more than {drift.ROWS_AT_MOST} %",
        f"differs by more than {drift.ROWS_APART}",
        f"more than {drift.NULLS_MOVED} percentage points",
        f"the last {drift.FULL_EXTRACTS} full extracts",
        f"one of the {SHAPES_KEPT} newest",
        f"compared from {drift.ROWS_FOR_A_SHARE} records on",
        f"fewer than {drift.ROWS_FOR_A_SHARE} records",
        f"more than {profile.DISTINCT_LIMIT} distinct values",
    ):
        assert said in FLAT


def test_the_kinds_and_their_values() -> None:
    rows = table("Kinds of values")
    assert [row[0].strip("`") for row in rows] == list(KINDS)
    for kind, values, wider in ((r[0].strip("`"), r[1], r[2]) for r in rows):
        for value in re.findall(r"`([^`]+)`", values):
            assert count_kinds(pl.Series([value])) == {kind: 1}, value
        others = {k for k in KINDS if fits(kind, k) and k != kind}
        said = set(re.findall(r"`([^`]+)`", wider))
        assert said == others or (wider == "everything" and others == set(KINDS) - {kind})
