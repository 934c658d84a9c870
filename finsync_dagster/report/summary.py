"""Printing the summary.

Belongs here: turning query results into tables for a terminal.
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from finsync_dagster.money import round_decimal
from finsync_dagster.publishing.read import query
from finsync_dagster.report.queries import SECTIONS, Section


def print_summary(warehouse_url: str, console: Console) -> None:
    """Print every section that has something to tell.

    Raises:
        WarehouseError: nothing has been published yet.
    """
    for section in SECTIONS:
        frame = query(warehouse_url, section.sql)
        if frame.height:
            console.print()
            console.print(_table(section, frame))


def _table(section: Section, frame: pl.DataFrame) -> Table:
    table = Table(
        title=section.title, caption=section.note, title_justify="left", caption_justify="left",
        title_style="bold", header_style="dim",
    )
    for name, dtype in frame.schema.items():
        table.add_column(name.replace("_", " "), justify="right" if dtype.is_numeric() else "left")
    for row in frame.iter_rows(named=True):
        table.add_row(*(_cell(name, value, section) for name, value in row.items()))
    return table


def _cell(name: str, value: object, section: Section) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        counted = section.sql.find("measure") >= 0 and name in section.money
        plain = isinstance(value, int) or name not in section.money
        if plain or (counted and value == value.to_integral_value()):
            return f"{int(value):,}"
        return f"{round_decimal(value, 2):,}"
    # Text from a source must not be read as markup.
    return escape(str(value))
