"""`finsync quarantine`: which records wait, why, and what to do about each.

Belongs here: arguments, messages, exit codes. Not here: finding and printing (report/quarantine_*).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.text import Text

from finsync_dagster.commands.selecting import selecting

if TYPE_CHECKING:
    import polars as pl

    from finsync_dagster.orchestration.replaying import Selection


@click.group()
def quarantine() -> None:
    """Records that could not be conformed: which, why, and what to do."""


@quarantine.command("ls")
@selecting
@click.option("--entity", "-e", help="Only of systems that hold records of this legal entity.")
@click.option("--limit", default=50, show_default=True, help="Show so many defects.")
@click.option("--json", "as_json", is_flag=True, help="For machines: counts and all defects.")
@click.option(
    "--csv",
    "csv_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write all defects to this file, for a spreadsheet.",
)
def list_quarantine(
    selection: Selection, entity: str | None, limit: int, as_json: bool, csv_file: Path | None
) -> None:
    """Count what waits by system, object and reason, then list it."""
    from finsync_dagster.orchestration.choosing import chosen, of_entity
    from finsync_dagster.report import quarantine_list as report
    from finsync_dagster.shell import usable_workshop

    shop = usable_workshop()
    defects = of_entity(shop, chosen(shop, selection), entity)
    if csv_file:
        _write_csv(defects.drop("record"), csv_file)
    if as_json:
        click.echo(json.dumps(report.as_json(defects), indent=1))
        return
    if defects.is_empty():
        which = "that was asked for is" if selection.restricts or entity else "is"
        _console().print(f"Nothing {which} in quarantine.")
    else:
        report.print_counts(defects, _console())
        report.print_rows(defects, limit, _console())
    if csv_file:
        _console().print(Text(f"{defects.height:,} defects written to {csv_file}"))


@quarantine.command()
@click.argument("key")
@click.option("--system", "-s", help="Of this system.")
@click.option("--object", "object_name", help="Of this object of the system.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def show(key: str, system: str | None, object_name: str | None, as_json: bool) -> None:
    """Tell everything about one record in quarantine.

    KEY is its key as `ls` prints it, or system|object|key. Exits 1 if no such record waits.
    """
    from finsync_dagster.orchestration.choosing import chosen
    from finsync_dagster.orchestration.replaying import Selection
    from finsync_dagster.report import quarantine_show as report
    from finsync_dagster.shell import usable_workshop

    shop = usable_workshop()
    given = Selection((system,) if system else (), object_name)
    found = [report.waiting(shop.landing, d) for d in report.find(chosen(shop, given), key)]
    if as_json:
        click.echo(json.dumps([report.as_json(record) for record in found], indent=1))
    elif not found:
        _console().print(
            Text(f"No record {key} is in quarantine; finsync quarantine ls lists those that are.")
        )
    else:
        for record in found:
            report.print_record(record, _console())
    sys.exit(0 if found else 1)


def _write_csv(defects: pl.DataFrame, path: Path) -> None:
    from finsync_dagster.report.quarantine_list import write_csv

    try:
        write_csv(defects, path)
    except OSError as error:
        raise click.FileError(str(path), error.strerror) from error


def _console() -> Console:
    from finsync_dagster.cli import console

    return console
