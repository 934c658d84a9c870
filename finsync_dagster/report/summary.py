"""Printing the summary.

Belongs here: turning query results into tables for a terminal.
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl
from rich import box
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
        title=f"{section.title}. [dim]{section.note}[/dim]",
        title_justify="left",
        title_style="bold",
        header_style="dim",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for name, dtype in frame.schema.items():
        table.add_column(
            name.replace("_", " "),
            justify="right" if dtype.is_numeric() else "left",
            no_wrap=dtype.is_numeric(),
            overflow="fold",
        )
    for row in frame.iter_rows(named=True):
        table.add_row(*(_cell(name, value, section) for name, value in row.items()))
    return table


def _cell(name: str, value: object, section: Section) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal) and name in section.money:
        return f"{round_decimal(value, 2):,}"
    if isinstance(value, Decimal | int):
        return f"{int(value):,}"
    # Text from a source must not be read as markup.
    return escape(str(value))
