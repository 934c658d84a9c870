"""What each command of the shell does: set up, run, tell.

Belongs here: the steps of a command in order, and progress on a terminal. Not here: arguments
(cli.py) or the work itself (stages, orchestration).
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

import dagster as dg
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from finsync_dagster.canonical.mapping import MappingError
from finsync_dagster.connectors.errors import ConnectorConfigError, SourceError
from finsync_dagster.definitions import definitions
from finsync_dagster.landing.errors import LandingError
from finsync_dagster.landscape.load import LandscapeError
from finsync_dagster.landscape.policy_versions import PolicyVersionError
from finsync_dagster.lineage.trace import Step, trace
from finsync_dagster.matching.policy.scopes import PolicyError
from finsync_dagster.orchestration.catalog import lineage_tables
from finsync_dagster.orchestration.event_log import instance as kept_open
from finsync_dagster.orchestration.launch import (
    Order,
    Part,
    RunOutcome,
    UnknownNameError,
    close_own,
    parts,
    run,
)
from finsync_dagster.orchestration.progress import listening
from finsync_dagster.orchestration.replaying import SelectionError
from finsync_dagster.orchestration.stopping import stoppable
from finsync_dagster.orchestration.workshop import Workshop
from finsync_dagster.publishing import address
from finsync_dagster.publishing.errors import PublishError
from finsync_dagster.report.summary import print_summary
from finsync_dagster.sandbox.legacy_erps import ErpName, prepare
from finsync_dagster.sandbox.on_demand import SandboxError
from finsync_dagster.sandboxes import sandboxes
from finsync_dagster.storage.lake import LakeError
from finsync_dagster.storage.settings import PROJECT, settings, workspace
from finsync_dagster.storage.state.engine import named_driver
from finsync_dagster.storage.state.errors import StateError


class BusyError(RuntimeError):
    """Another command is running on the same FINSYNC_HOME."""


class SettingsError(ValueError):
    """A variable names a place that cannot be used; the message names the variable."""


_ODD_IN_ADDRESS = re.compile(r"[^\w.~!$&'()*+,;=:@/-]|[^\x00-\x7f]")

EXPECTED_ERRORS = (
    BusyError,
    ConnectorConfigError,
    LakeError,
    LandingError,
    LandscapeError,
    MappingError,
    PolicyError,
    PolicyVersionError,
    PublishError,
    SandboxError,
    SelectionError,
    SettingsError,
    SourceError,
    StateError,
    UnknownNameError,
)


def prepare_sources(console: Console) -> None:
    """Load the example companies into their source databases; nothing to do if they are there."""
    shop = usable_workshop()
    make_home(shop.settings.home)
    for name, declared in shop.landscape.systems.items():
        if declared.connector in get_args(ErpName):
            url = shop.settings.source_url(declared.connection)
            if url is None:
                raise SourceError(
                    name, "", "its address is not set", f"Set {declared.connection.url_env}"
                )
            rows = prepare(cast(ErpName, declared.connector), url, PROJECT / "data" / "sources")
            console.print(f"source {name}: {sum(rows.values()):,} rows in {len(rows)} tables")


@dataclass(frozen=True)
class Told:
    """What a person was told of a command's runs: did one fail, were records set aside?"""

    failed: bool
    waiting: bool


def run_and_tell(order: Order, console: Console) -> Told:
    """Run, with progress; print what failed or was set aside."""
    shop = usable_workshop()
    with at_work(shop, console) as instance, sandboxes(shop, order, console) as beside:

        def ready(part: Part) -> None:
            systems = shop.systems_asked(part.entity_id) if part.entity_id else ()
            beside.ready(systems)

        outcomes = run_with_progress(shop, instance, order, console, ready)
    return tell_outcomes(outcomes, console)


@contextmanager
def at_work(shop: Workshop, console: Console) -> Iterator[dg.DagsterInstance]:
    """Dagster's instance, for the only command that works on FINSYNC_HOME until it leaves.

    A request to stop is heeded at once.

    Raises:
        BusyError: another command holds FINSYNC_HOME.
        SettingsError: FINSYNC_HOME is no folder that can be written.
    """
    make_home(shop.settings.home)
    with (
        only_one(shop.settings.home),
        kept_open(dagster_home()) as instance,
        stoppable(lambda: _stopped(instance, console)),
    ):
        yield instance


def serve_dagster(port: int, console: Console) -> int:
    """Run Dagster's own server on the same state, with the sandboxes it needs; its exit code."""
    shop = usable_workshop()
    make_home(shop.settings.home)
    home = dagster_home()
    os.environ["DAGSTER_HOME"] = str(home)
    dagster = Path(sys.executable).with_name("dagster")
    arguments = ["dev", "-w", str(workspace()), "-h", "127.0.0.1", "-p", str(port)]
    with sandboxes(shop, Order(), console) as beside, suppress(KeyboardInterrupt):
        beside.ready()
        return subprocess.call([str(dagster), *arguments])  # noqa: S603 - our own arguments
    return 0


def tell_outcomes(outcomes: list[RunOutcome], console: Console) -> Told:
    """Print what failed or was set aside."""
    good = tell_failed(outcomes, console)
    for sentence in dict.fromkeys(sentence for o in outcomes for sentence in o.noticed):
        console.print(f"noticed: {escape(sentence)}")
    # A system of several legal entities is conformed in the run of each.
    waiting = list(dict.fromkeys(sentence for o in outcomes for sentence in o.waiting))
    for sentence in waiting:
        console.print(f"[yellow]set aside:[/yellow] {escape(sentence)}")
    if waiting:
        console.print("All other records went on; finsync quarantine ls says what to do with each.")
    return Told(failed=not good, waiting=bool(waiting))


def tell_failed(outcomes: list[RunOutcome], console: Console) -> bool:
    """Print which runs failed and why. True if none did."""
    failed = [o for o in outcomes if not o.success]
    for outcome in failed:
        where = f"{outcome.job} {outcome.entity_id or ''}".strip()
        console.print(f"[red]failed:[/red] {where} (run {outcome.run_id})")
        for sentence in folded(outcome.problems):
            console.print(f"  {escape(sentence)}")
    if failed:
        console.print("Everything else went on; the data of what failed is as of its last success.")
    return not failed


def folded(problems: Sequence[str]) -> list[str]:
    """Problems of several steps that say the same, as one sentence after the names of the steps."""
    steps: dict[str, list[str]] = {}
    for problem in problems:
        step, _, said = problem.partition(": ")
        steps.setdefault(said, []).append(step)
    return [f"{', '.join(names)}: {said}" if said else names[0] for said, names in steps.items()]


def summarize(console: Console) -> None:
    """Print the summary and where to look next."""
    where = settings()
    print_summary(where.warehouse_url, console)
    console.print("\n[bold]Where to look next[/bold]")
    # The place as it may be shown: an address can hold a password.
    place = escape(str(address.parse(where.warehouse_url)))
    console.print(f"  SQL         {place}  (docs/warehouse.md has examples)")
    console.print(
        "  Dagster     make dev, then http://127.0.0.1:3000: assets, runs, checks, schedules"
    )
    console.print("  an invoice  finsync explain 26/27241: why it is blocked, figure by figure")
    console.print("  a document  finsync trace 7290: from the figure down to the bytes received")


def trace_document(number: str, console: Console) -> bool:
    """Print where a document comes from. False if nothing bears that number."""
    shop = usable_workshop()
    steps = trace(number, lineage_tables(shop.lake), shop.landing)
    for step in steps:
        _print_step(step, console)
    if not steps:
        console.print(f"No document is numbered {escape(number)}. Has `finsync run` been run?")
    return bool(steps)


def usable_workshop() -> Workshop:
    """The workshop, if the settings name places of a kind there is.

    Asked before anything is done, not after everything was computed.

    Raises:
        PublishError, StateError, SettingsError: naming the variable to correct.
    """
    shop = Workshop()
    address.parse(shop.settings.warehouse_url)
    named_driver(shop.settings.database_url)
    _require_plain_folder(shop.settings.lake_url)
    try:
        _ = shop.landing
    except (ImportError, ValueError) as error:
        raise SettingsError(f"FINSYNC_LAKE_URL cannot be used: {error}") from error
    return shop


def _require_plain_folder(lake_url: str) -> None:
    """Polars finds no file of a Delta table whose folder is written otherwise in an address."""
    odd = sorted(set(_ODD_IN_ADDRESS.findall(lake_url)) if lake_url.startswith("file://") else ())
    if odd:
        named = ", ".join("a blank" if character == " " else character for character in odd)
        raise SettingsError(
            f"{lake_url.removeprefix('file://')} cannot be used: tables cannot be read in a folder "
            f"whose path holds {named}; let FINSYNC_HOME or FINSYNC_LAKE_URL name another"
        )


def make_home(home: Path) -> None:
    """Create FINSYNC_HOME if need be.

    Raises:
        SettingsError: it is no folder that can be written.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        (home / ".running").touch()
    except OSError as error:
        raise SettingsError(
            f"{home} cannot be used ({error.strerror}); FINSYNC_HOME must name a folder that can "
            "be written"
        ) from error


def dagster_home() -> Path:
    """The Dagster instance's folder under FINSYNC_HOME, with the project's dagster.yaml in it."""
    home = Path(os.environ.get("DAGSTER_HOME") or settings().home / "dagster")
    home.mkdir(parents=True, exist_ok=True)
    config = PROJECT / "dagster.yaml"
    if config.exists():
        shutil.copyfile(config, home / "dagster.yaml")
    return home


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Hold FINSYNC_HOME for this command; the system lets go of it even if the process is killed.

    Raises:
        BusyError: another command holds it.
    """
    with (home / ".running").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(
                f"another finsync command is running on {home}; wait for it to end"
            ) from None
        yield


def run_with_progress(
    shop: Workshop,
    instance: dg.DagsterInstance,
    order: Order,
    console: Console,
    ready: Callable[[Part], None] = lambda _: None,
    before_last: Callable[[list[RunOutcome]], None] = lambda _: None,
) -> list[RunOutcome]:
    """Run what the order means, showing progress.

    ``ready`` is called before each part; ``before_last`` as in ``launch.run``.
    """
    warnings.filterwarnings("ignore", category=dg.BetaWarning)
    warnings.filterwarnings("ignore", category=dg.PreviewWarning)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    begin = time.monotonic()
    with Progress(*columns, console=console, transient=True) as progress:
        todo = parts(shop, definitions(shop), order)
        task = progress.add_task("starting", total=sum(part.steps for part in todo))

        def step_done(step: str, success: bool) -> None:
            progress.advance(task)
            if not success:
                progress.console.print(f"[red]✗[/red] {step}")

        def next_part(part: Part) -> None:
            progress.update(task, description=part.title)
            ready(part)

        with listening(step_done):
            outcomes = run(instance, todo, order, next_part, before_last)
    good = sum(o.success for o in outcomes)
    console.print(f"{good} of {len(outcomes)} runs succeeded in {time.monotonic() - begin:.0f} s")
    return outcomes


def _stopped(instance: dg.DagsterInstance, console: Console) -> None:
    console.show_cursor()
    console.print("stopped. Nothing is half written; run again to go on.")
    close_own(instance)


def _print_step(step: Step, console: Console) -> None:
    console.print(f"{'  ' * step.depth}[bold]{escape(step.title)}[/bold]")
    for name, value in step.facts.items():
        console.print(f"{'  ' * step.depth}  {name}: {escape(str(value))}")
