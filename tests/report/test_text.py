"""What comes from outside is shown as what it is."""

from __future__ import annotations

import pytest

from finsync_dagster.report.text import shown, spreadsheet_cell


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("plain", "plain"),
        ("[red]x[/red]", "[red]x[/red]"),
        (":warning:", ":warning:"),
        ("a\x1b[2Jb\x07\x9b", r"a\x1b[2Jb\x07\x9b"),
        ("two\nlines\r\ttab", r"two\nlines\r\ttab"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("Ünïcode € 漢", "Ünïcode € 漢"),
        (None, "empty"),
        ("", ""),
    ],
)
def test_shown(value: str | None, said: str) -> None:
    assert shown(value).plain == said


def test_what_is_too_long_is_cut_and_seen_to_be_cut() -> None:
    assert shown("x" * 10, 10).plain == "x" * 10
    assert shown("x" * 11, 10).plain == "x" * 9 + "…"
    # Spelling out may lengthen a text; it is cut after that.
    assert len(shown("\x1b" * 5, 10)) == 10


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "\u00a0=1"]
)
def test_a_formula_becomes_text(text: str) -> None:
    assert spreadsheet_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["1", "a=1", "'=1", "", "2026-10-29"])
def test_other_text_stays(text: str) -> None:
    assert spreadsheet_cell(text) == text
