"""`finsync policy`: which limits are in force, whether a file of them is right, and changing over.

Belongs here: arguments, messages, exit codes. Not here: which version is in force
(landscape/policy_versions.py), recording (orchestration/policy_in_force.py), printing (report/).
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.text import Text

if TYPE_CHECKING:
    from finsync_dagster.storage.state.policy_events import PolicyEvent

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def policy() -> None:
    """How strictly documents are compared: the limits in force, their versions, their history."""


@policy.command()
@click.argument("version", required=False)
@click.option("--as-of", "cutoff", type=_DAY, help="In force on this day. Default: today.")
def show(version: str | None, cutoff: datetime | None) -> None:
    """Print the policy in force with every limit, or the VERSION named."""
    from finsync_dagster.cli import console
    from finsync_dagster.landscape.policy_versions import timeline, version_named
    from finsync_dagster.orchestration.policy_in_force import decisions
    from finsync_dagster.report import policy as report
    from finsync_dagster.shell import usable_workshop
    from finsync_dagster.storage.state.policy_events import recorded

    shop = usable_workshop()
    day = cutoff.date() if cutoff else datetime.now(UTC).date()
    policies = shop.landscape.policies
    entries = timeline(policies, day, decisions(recorded(shop.settings.database_url)))
    report.print_in_force(policies, entries, day, console)
    report.print_policy(version_named(policies, version or entries[-1].version), console)


@policy.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def check(file: Path) -> None:
    """Check the policy in FILE, and print what it amounts to.

    FILE holds a policy alone, or a landscape. Exits 1 if something is to be corrected, saying file
    and line of each.
    """
    from finsync_dagster.cli import console
    from finsync_dagster.landscape.load import LandscapeError
    from finsync_dagster.orchestration.policy_file import read_policies
    from finsync_dagster.report import policy as report
    from finsync_dagster.shell import usable_workshop

    source = usable_workshop().source
    try:
        found = read_policies(file, source)
    except LandscapeError as error:
        problems = str(error).splitlines()
        for problem in problems:
            console.print(Text(problem, "red"), soft_wrap=True)
        console.print(f"{len(problems)} to correct")
        sys.exit(1)
    for version in found:
        report.print_policy(version, console)


@policy.command()
def history() -> None:
    """List what was planned and what people decided: when, from, to, by whom, why."""
    from finsync_dagster.cli import console
    from finsync_dagster.report import policy as report
    from finsync_dagster.shell import usable_workshop
    from finsync_dagster.storage.state.policy_events import recorded

    shop = usable_workshop()
    events = recorded(shop.settings.database_url)
    report.print_history(shop.landscape.policies, events, console)


_by = click.option("--by", required=True, help="Who decides, such as a name and a ticket.")
_reason = click.option("--reason", required=True, help="Why; the auditor reads it.")


@policy.command("cut-over")
@click.argument("version")
@_by
@_reason
@click.option("--from", "first", type=_DAY, help="First day it is in force. Default: today.")
def cut_over(version: str, by: str, reason: str, first: datetime | None) -> None:
    """Put VERSION of the landscape's policy in force; the next run uses it."""
    from finsync_dagster.orchestration.policy_in_force import put_in_force
    from finsync_dagster.shell import make_home, usable_workshop

    shop, now = usable_workshop(), datetime.now(UTC)
    make_home(shop.settings.home)
    day = first.date() if first else now.date()
    _tell(put_in_force(shop, version, day, _said(by, "--by"), _said(reason, "--reason"), now))


@policy.command("roll-back")
@_by
@_reason
def roll_back(by: str, reason: str) -> None:
    """Go back to the version that was in force before; the next run uses it.

    The version left does not come again by its planned day, only by a cut-over.
    """
    from finsync_dagster.orchestration import policy_in_force
    from finsync_dagster.shell import make_home, usable_workshop

    shop, now = usable_workshop(), datetime.now(UTC)
    make_home(shop.settings.home)
    _tell(policy_in_force.roll_back(shop, _said(by, "--by"), _said(reason, "--reason"), now))


def _said(text: str, option: str) -> str:
    if not text.strip():
        raise click.UsageError(f"{option} must say something")
    return text.strip()


def _tell(event: PolicyEvent) -> None:
    from finsync_dagster.cli import console

    console.print(
        Text(
            f"{event.kind}: from {event.in_force_from} on policy {event.to_version}+"
            f"{event.to_digest} is in force, in place of {event.from_version}+"
            f"{event.from_digest}; the next run uses it"
        )
    )
