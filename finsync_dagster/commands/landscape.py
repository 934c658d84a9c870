"""`finsync landscape`: is what the YAML says about the company right, and what does it amount to?

Belongs here: arguments, messages, exit codes. Not here: checking (orchestration/company.py) and
drawing (report/company_tree.py).
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

# A pipe or a log has no width of its own.
_WIDE = 150


@click.group()
def landscape() -> None:
    """The YAML that describes the company: its entities, systems, mappings and rules."""


@landscape.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
def check(path: Path | None) -> None:
    """Check the landscape at PATH with its connectors and overrides, and print it as a tree.

    PATH is a file or a folder; without it, FINSYNC_LANDSCAPE is checked. Exits 1 if something is
    to be corrected, saying file and line of each.
    """
    from finsync_dagster.orchestration.company import check_company
    from finsync_dagster.report.company_tree import company_tree
    from finsync_dagster.storage.settings import settings

    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDE)
    company = check_company(path or settings().landscape)
    for problem in company.problems:
        console.print(Text(problem, "red"), soft_wrap=True)
    if company.problems:
        console.print(f"{len(company.problems)} to correct")
        sys.exit(1)
    console.print(company_tree(company, datetime.now(UTC).date(), os.environ))


@landscape.command()
def schema() -> None:
    """Print the JSON Schema, by which an editor completes and checks a landscape."""
    from finsync_dagster.orchestration.landscape_schema import landscape_schema_text

    click.echo(landscape_schema_text(), nl=False)
