"""The summary prints what the warehouse says, and never what a source wants it to do."""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from finsync_dagster.exceptions.tables import EXCEPTIONS
from finsync_dagster.orchestration.catalog import ELSEWHERE, IN_LAKE
from finsync_dagster.publishing import VIEWS, Publication, WarehouseError, publish
from finsync_dagster.report.summary import print_summary

pytestmark = pytest.mark.slow

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PUBLICATION = Publication(NOW, "run1", date(2026, 3, 1), "test")


def exception(**changes: object) -> pl.DataFrame:
    row = dict.fromkeys(EXCEPTIONS.polars_schema, "x") | {
        "severity": "HIGH",
        "triage_class": "policy",
        "state": "OPEN",
        "opened_at": NOW,
        "due_at": NOW,
        "resolved_at": None,
        "amount_at_risk": Decimal("1234.565"),
        "ccy": "EUR",
    }
    return pl.DataFrame([row | changes], schema=EXCEPTIONS.polars_schema)


def printed(tmp_path: Path, **frames: pl.DataFrame) -> str:
    url = f"duckdb:///{tmp_path}/w.duckdb"
    tables = [(s, frames.get(s.name, s.empty())) for s in (*IN_LAKE, *ELSEWHERE)]
    publish(tables, url, VIEWS, PUBLICATION)
    console = Console(file=StringIO(), width=150)
    print_summary(url, console)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_amounts_are_rounded_half_up_for_people(tmp_path: Path) -> None:
    text = printed(tmp_path, exceptions=exception())
    assert "Open exceptions by reason" in text
    assert "1,234.57" in text


def test_sections_without_rows_are_left_out(tmp_path: Path) -> None:
    assert printed(tmp_path).strip() == ""


def test_text_of_a_source_is_not_markup(tmp_path: Path) -> None:
    text = printed(tmp_path, exceptions=exception(reason_code="[red]PWNED[/red]"))
    assert "[red]PWNED[/red]" in text


def test_nothing_published_yet_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="nothing has been published"):
        print_summary(f"duckdb:///{tmp_path}/none.duckdb", Console(file=StringIO()))
