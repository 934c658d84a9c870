"""The `finsync` command: a thin layer over the same jobs and functions that Dagster runs.

Belongs here: arguments, messages, exit codes. Not here: work.
"""

from __future__ import annotations

import sys
from datetime import datetime

import click
from rich.console import Console
from rich.markup import escape

from finsync_dagster.commands.explain import explain
from finsync_dagster.commands.landing import landing
from finsync_dagster.commands.landscape import landscape
from finsync_dagster.commands.match import match
from finsync_dagster.commands.policy import policy
from finsync_dagster.commands.quarantine import quarantine
from finsync_dagster.commands.replay import replay
from finsync_dagster.commands.sandbox import sandbox

# A pipe or a log has no width of its own; the widest table needs this much.
_WIDE = 150
console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDE)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="finsync-dagster")
def cli() -> None:
    """Match what was ordered, received, invoiced and paid, across systems and legal entities.

    Where things lie is set by environment variables: FINSYNC_HOME, FINSYNC_LANDSCAPE,
    FINSYNC_LAKE_URL, FINSYNC_DATABASE_URL, FINSYNC_WAREHOUSE_URL (see the README).
    """


@cli.command()
@click.option(
    "--entity", "-e", "entities", multiple=True, help="Only this legal entity; repeatable."
)
@click.option(
    "--system", "-s", "systems", multiple=True, help="Only entities of this system; repeatable."
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Cut-off: leave out documents dated after this day. Default: today.",
)
@click.option(
    "--full", is_flag=True, help="Read every source from the start instead of what changed."
)
def run(
    entities: tuple[str, ...], systems: tuple[str, ...], as_of: datetime | None, full: bool
) -> None:
    """Extract, conform, match, reconcile, publish.

    Exits 1, saying why, if a stage failed or a record was set aside.
    """
    from finsync_dagster.orchestration.launch import Order
    from finsync_dagster.shell import run_and_tell

    order = Order(entities, systems, as_of.date() if as_of else None, full)
    told = run_and_tell(order, console)
    sys.exit(1 if told.failed or told.waiting else 0)


@cli.command()
def demo() -> None:
    """Load the example companies, run everything, and print what was found."""
    from finsync_dagster.orchestration.launch import Order
    from finsync_dagster.shell import prepare_sources, run_and_tell, summarize

    prepare_sources(console)
    told = run_and_tell(Order(), console)
    summarize(console)
    # Records that wait are a part of what there is to see.
    sys.exit(1 if told.failed else 0)


@cli.command()
def sources() -> None:
    """Load the example companies' data into their source databases (SQLite, or by URL)."""
    from finsync_dagster.shell import prepare_sources

    prepare_sources(console)


@cli.command()
def summary() -> None:
    """Print what the published warehouse says: read, matched, exceptions, spend."""
    from finsync_dagster.shell import summarize

    summarize(console)


@cli.command()
@click.argument("number")
def trace(number: str) -> None:
    """Show where a document comes from, down to the bytes received.

    NUMBER is an order, invoice or payment number, or any canonical id such as
    wwi_erp|purchase_orders|1.
    """
    from finsync_dagster.shell import trace_document

    sys.exit(0 if trace_document(number, console) else 1)


@cli.command()
def verify() -> None:
    """The same as `finsync landing verify`."""
    from finsync_dagster.commands.landing import verify_landing

    sys.exit(0 if verify_landing(console) else 1)


@cli.command()
@click.option("--port", default=3000, show_default=True, help="Port on 127.0.0.1.")
def dev(port: int) -> None:
    """Open the Dagster UI on the same state."""
    from finsync_dagster.shell import serve_dagster

    sys.exit(serve_dagster(port, console))


for group in (explain, landing, landscape, match, policy, quarantine, replay, sandbox):
    cli.add_command(group)


def main() -> None:
    """Entry point: an expected error is one readable message, not a traceback."""
    try:
        # Its own name, however it was started: as a module, or from within another program.
        cli(prog_name="finsync")
    except Exception as error:
        # Imported here: the help of a command must not wait for the whole pipeline to load.
        from finsync_dagster.shell import EXPECTED_ERRORS

        if not isinstance(error, EXPECTED_ERRORS):
            raise
        console.print(f"[red]finsync:[/red] {escape(str(error))}")
        sys.exit(2)


if __name__ == "__main__":
    main()
