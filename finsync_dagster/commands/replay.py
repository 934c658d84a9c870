"""`finsync replay`: conform anew what was landed, after a mapping or the landscape was repaired.

Belongs here: arguments, the order of the steps, exit code. Not here: which records are meant
(orchestration/replaying.py), how runs are started (orchestration/launch.py), printing (report/).
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click
from rich.console import Console

from finsync_dagster.commands.selecting import selecting

if TYPE_CHECKING:
    from finsync_dagster.orchestration.launch import RunOutcome
    from finsync_dagster.orchestration.replaying import Selection
    from finsync_dagster.orchestration.workshop import Workshop


@click.command()
@selecting
@click.option(
    "--everything", is_flag=True, help="Conform all systems anew, whether or not records wait."
)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
def replay(selection: Selection, everything: bool, dry_run: bool) -> None:
    """Conform anew from landing, without asking any source.

    The systems that hold the records selected are conformed whole; then everything that follows
    from them, for the legal entities concerned. Exits 1 if a run failed.
    """
    from finsync_dagster.cli import console
    from finsync_dagster.shell import usable_workshop

    if everything == selection.restricts:
        raise click.UsageError(
            "say what to replay: --system, --object, --reason, --since, --until, or --everything "
            "alone; finsync quarantine ls shows what waits"
        )
    selection = replace(selection, everything=everything)
    shop = usable_workshop()
    good = _say(shop, selection, console) if dry_run else _do(shop, selection, console)
    sys.exit(0 if good else 1)


def _say(shop: Workshop, selection: Selection, console: Console) -> bool:
    from finsync_dagster.orchestration.choosing import chosen
    from finsync_dagster.orchestration.replaying import records
    from finsync_dagster.report.quarantine_list import print_counts
    from finsync_dagster.report.replay import print_plan

    selected = chosen(shop, selection)
    names = _systems(shop, selection, selected["source_system"].unique().to_list(), console)
    if names:
        print_plan(selected, records(selected).height, names, console)
        print_counts(selected, console)
        console.print("dry run: nothing was done")
    return True


def _do(shop: Workshop, selection: Selection, console: Console) -> bool:
    from finsync_dagster.orchestration import replaying
    from finsync_dagster.orchestration.choosing import chosen, quarantine
    from finsync_dagster.orchestration.launch import Order
    from finsync_dagster.orchestration.replay_record import ReplayRecord
    from finsync_dagster.report.replay import print_plan, print_result
    from finsync_dagster.shell import at_work, run_with_progress, tell_failed

    with at_work(shop, console) as instance:
        selected = chosen(shop, selection)
        count = replaying.records(selected).height
        names = _systems(shop, selection, selected["source_system"].unique().to_list(), console)
        if not names:
            return True
        print_plan(selected, count, names, console)
        record = ReplayRecord(shop.state, selection, names, selected)

        def tell(outcomes: list[RunOutcome]) -> None:
            now = quarantine(shop)
            left = replaying.released(selected, now)
            record.tell(outcomes, left, replaying.still_waiting(selected, now))

        order = Order(systems=() if selection.everything else names, replay=True)
        outcomes = run_with_progress(shop, instance, order, console, before_last=tell)
        tell(outcomes)
    good = tell_failed(outcomes, console)
    now = quarantine(shop)
    left, waiting = replaying.released(selected, now), replaying.still_waiting(selected, now)
    print_result(count, left, waiting, console)
    return good


def _systems(
    shop: Workshop, selection: Selection, holding: list[str], console: Console
) -> list[str]:
    """The systems to conform; none, having said so, if no record is meant."""
    if selection.everything:
        return sorted(shop.landscape.systems)
    if not holding:
        console.print(
            "No record in quarantine is meant by this; nothing to do. After a mapping was changed "
            "without any record waiting: finsync replay --everything, or the next finsync run."
        )
    return sorted(holding)
