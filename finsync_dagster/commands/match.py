"""`finsync match`: what another policy would decide about the documents there are.

Belongs here: arguments, messages, exit codes. Not here: matching (orchestration/shadow.py) and
printing (report/shadow.py).
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.text import Text

if TYPE_CHECKING:
    from finsync_dagster.landscape.policy_model import Policy
    from finsync_dagster.landscape.words import Period
    from finsync_dagster.orchestration.shadow import Shadow
    from finsync_dagster.orchestration.workshop import Workshop

_DAY = click.DateTime(["%Y-%m-%d"])


@dataclass(frozen=True)
class Window:
    """Which invoices are told of: legal entities (none named: all), cut-off, dates."""

    entities: tuple[str, ...]
    day: date
    invoiced: Period


def _window(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say which invoices are meant, as one Window."""

    @click.option(
        "--entity", "-e", "entities", multiple=True, help="Only this legal entity; repeatable."
    )
    @click.option("--from", "first", type=_DAY, help="Only invoices dated from this day on.")
    @click.option("--to", "last", type=_DAY, help="Only invoices dated up to this day.")
    @click.option("--as-of", "cutoff", type=_DAY, help="Leave out later documents. Default: today.")
    @functools.wraps(command)
    def windowed(
        *given: Any,
        entities: tuple[str, ...],
        first: datetime | None,
        last: datetime | None,
        cutoff: datetime | None,
        **options: Any,
    ) -> None:
        from finsync_dagster.landscape.words import Period

        if first and last and first > last:
            raise click.UsageError(f"--from {first:%Y-%m-%d} is after --to {last:%Y-%m-%d}")
        days = Period.model_validate(
            {"from": first and first.date(), "until": last and last.date()}
        )
        day = cutoff.date() if cutoff else datetime.now(UTC).date()
        command(*given, window=Window(entities, day, days), **options)

    return windowed


@click.command("match")
@click.option(
    "--policy",
    "policy_file",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="A policy in YAML: alone, or a landscape's.",
)
@click.option("--version", help="This version of it, if there are several.")
@click.option(
    "--shadow", is_flag=True, help="Compare only; a policy comes into force by finsync policy."
)
@_window
@click.option("--limit", default=50, show_default=True, help="Show so many invoices.")
@click.option("--json", "as_json", is_flag=True, help="For machines: sums and all invoices.")
@click.option(
    "--csv",
    "csv_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write all invoices to this file, for a spreadsheet.",
)
def match(
    policy_file: Path,
    version: str | None,
    shadow: bool,
    window: Window,
    limit: int,
    as_json: bool,
    csv_file: Path | None,
) -> None:
    """Match the stored documents by the policy in force and by another one beside it.

    Prints which invoices would be released or blocked, why, and how much money that is. Reads only;
    exits 0 whatever differs.
    """
    from finsync_dagster.cli import console
    from finsync_dagster.report import shadow as report
    from finsync_dagster.shell import usable_workshop

    if not shadow:
        raise click.UsageError(
            "say --shadow: this command only compares. A policy comes into force as a version of "
            "the landscape, on its day or by finsync policy cut-over"
        )
    shop = usable_workshop()
    found = _shadows(shop, _proposed(shop, policy_file, version, window.day), window)
    if csv_file:
        _write_csv(found, csv_file)
    if as_json:
        click.echo(json.dumps(report.as_json(found), indent=1))
        return
    report.print_shadow(found, limit, console)
    if csv_file:
        rows = sum(each.changes.height for each in found)
        console.print(Text(f"{rows:,} invoices written to {csv_file}"))


def _shadows(shop: Workshop, proposed: Policy, window: Window) -> list[Shadow]:
    from finsync_dagster.orchestration.launch import UnknownNameError
    from finsync_dagster.orchestration.policy_in_force import policy_on
    from finsync_dagster.orchestration.shadow import shadow

    known = list(shop.landscape.legal_entities)
    for entity in window.entities:
        if entity not in known:
            raise UnknownNameError(f"no legal entity {entity}; there are: {', '.join(known)}")
    policies = (policy_on(shop, window.day), proposed)
    return [
        shadow(shop, entity, policies, window.day, window.invoiced)
        for entity in known
        if not window.entities or entity in window.entities
    ]


def _proposed(shop: Workshop, file: Path, version: str | None, day: date) -> Policy:
    from finsync_dagster.landscape.policy_versions import in_force, version_named
    from finsync_dagster.orchestration.policy_file import read_policies

    written = read_policies(file, shop.source)
    if version:
        return version_named(written, version)
    return written[0] if len(written) == 1 else in_force(written, day)


def _write_csv(found: list[Shadow], path: Path) -> None:
    from finsync_dagster.report.shadow import write_csv

    try:
        write_csv(found, path)
    except OSError as error:
        raise click.FileError(str(path), error.strerror) from error
