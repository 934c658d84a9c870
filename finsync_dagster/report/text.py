"""Text that comes from outside, made fit for a terminal or a spreadsheet.

Belongs here: showing a value as what it is, whatever it holds. Not here: which values are shown.
"""

from __future__ import annotations

import unicodedata

from rich import box
from rich.table import Table
from rich.text import Text

# What a spreadsheet takes for the beginning of a formula, in half and full width.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
WIDTH = 80


def shown(value: object, width: int = WIDTH, *, style: str = "") -> Text:
    """The value on one line of at most ``width`` characters, with nothing a terminal would obey.

    Control characters and those that turn the direction of writing are spelt out; nothing is read
    as markup. An absent value is shown as a dim "empty", so that it is told from empty text.
    """
    if value is None:
        return Text("empty", style="dim")
    text = "".join(_visible(character) for character in str(value)[: width + 1])
    return Text(text if len(text) <= width else f"{text[: width - 1]}…", style=style)


def plain(title: str, *columns: str, right: tuple[str, ...] = ()) -> Table:
    """A table without lines; ``right`` names the columns of numbers."""
    table = Table(
        title=Text(title) if title else None,
        title_justify="left",
        title_style="bold",
        header_style="dim",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for name in columns:
        justify = "right" if name in right else "left"
        table.add_column(name, justify=justify, no_wrap=name in right, overflow="fold")  # type: ignore[arg-type]
    return table


def spreadsheet_cell(value: object) -> str:
    """The value as a cell that no spreadsheet computes: an apostrophe before a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_FORMULA) else text


def _visible(character: str) -> str:
    # Cc: control, Cf: direction and joining, Co/Cs: private and broken, Zl/Zp: line ends.
    if unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp"):
        return character.encode("unicode_escape").decode()
    return character
