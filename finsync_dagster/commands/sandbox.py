"""`finsync sandbox`: real systems on this machine, to try things out on.

Belongs here: arguments, what is printed, running a command beside a server. Not here: the servers
(sandbox/).
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape


class _Scale(click.ParamType[Decimal]):
    name = "number"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        try:
            scale = Decimal(str(value))
        except InvalidOperation:
            self.fail(f"{value} is not a number", param, ctx)
        if not scale.is_finite() or scale <= 0:
            self.fail(f"{value} is not above 0", param, ctx)
        return scale


class _Sandbox(click.Group):
    """A group of commands that is itself one with --world: what follows is then a command."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = args[: args.index("--")] if "--" in args else args
        if any(word.partition("=")[0] == "--world" for word in own):
            return click.Command.parse_args(self, ctx, args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        if ctx.params.get("world"):
            return click.Command.invoke(self, ctx)
        given = [
            option
            for option in self.params
            if ctx.get_parameter_source(option.name or "") is click.core.ParameterSource.COMMANDLINE
        ]
        if given:
            raise click.UsageError(f"{given[0].opts[0]} goes with --world group", ctx)
        return super().invoke(ctx)


@click.group(cls=_Sandbox)
@click.option("--world", type=click.Choice(["group"]), help="Serve a generated group of companies.")
@click.option("--seed", type=click.IntRange(0), default=7, help="Which world; the same each time.")
@click.option("--scale", type=_Scale(), default="1", help="How many documents: 1 is about 3,500.")
@click.option(
    "--faults", type=click.Path(path_type=Path), help="A plan of what goes wrong (docs/sandbox.md)."
)
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day at which the world stands; later documents are not there yet.",
)
@click.option("--port", default=0, help="Port on 127.0.0.1; without it, a free one.")
@click.option("--log", is_flag=True, help="Print a line for each request.")
@click.pass_context
def sandbox(
    ctx: click.Context,
    world: str | None,
    seed: int,
    scale: Decimal,
    faults: Path | None,
    until: datetime | None,
    port: int,
    log: bool,
) -> None:
    """Run systems to try things out on: extraction, a connector of your own, a landscape.

    With --world group: SAP S/4HANA (two), Coupa, NetSuite and SAP Concur of five companies, until
    Ctrl-C. Prints the variables by which they are reached. With a COMMAND (after --), runs that
    instead, with the variables set, and ends when it ends.
    """
    if world is None:
        return
    from finsync_dagster.sandbox.group import GroupError, serve_group
    from finsync_dagster.sandbox.vendors.control import end_of
    from finsync_dagster.sandbox.vendors.plan import Plan, PlanError, read_plan
    from finsync_dagster.shell import make_home
    from finsync_dagster.storage.settings import settings

    home = settings().home
    make_home(home)
    notes = Console(stderr=True, highlight=False)

    def note(what: str) -> None:
        notes.print(escape(what), soft_wrap=True)

    try:
        with serve_group(
            home,
            seed=seed,
            scale=scale,
            plan=read_plan(faults) if faults else Plan(),
            until=until and end_of(until.date()),
            port=port,
            progress=lambda what: note(f"{what} ..."),
            log=note if log else None,
        ) as group:
            variables = {
                f"FINSYNC_{system}_{name}".upper(): value
                for system, values in group.systems.items()
                for name, value in values.items()
            }
            own = {"FINSYNC_GROUP_CONTROL": group.control, "FINSYNC_GROUP_RATES_URL": group.rates}
            _serve({**variables, **own}, tuple(ctx.args), note)
    except (GroupError, PlanError) as error:
        raise click.ClickException(str(error)) from error


@sandbox.command(context_settings={"ignore_unknown_options": True})
@click.option("--port", default=0, help="Port on 127.0.0.1; without it, a free one.")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def tryton(port: int, command: tuple[str, ...]) -> None:
    """Serve a real Tryton ERP with a year of purchasing in it, until Ctrl-C.

    Prints the variables by which it is reached. With a COMMAND (after --), runs that instead, with
    the variables set, and ends when it ends.
    """
    from finsync_dagster.sandbox.on_demand import started
    from finsync_dagster.shell import make_home
    from finsync_dagster.storage.settings import settings

    home = settings().home
    make_home(home)
    notes = Console(stderr=True, highlight=False)
    with started(
        "tryton", home, port=port, progress=lambda what: notes.print(escape(f"{what} ..."))
    ) as reached:
        variables = {f"FINSYNC_TRYTON_{name.upper()}": value for name, value in reached.items()}
        _serve(variables, command, notes.print)


def _serve(
    variables: dict[str, str], command: tuple[str, ...], note: Callable[[str], None]
) -> None:
    """Run the command beside the server, or print how it is reached and wait for Ctrl-C."""
    if command:
        sys.exit(_beside(command, variables))
    # A shell that starts a command in the background lets it ignore the keyboard.
    for request in (signal.SIGINT, signal.SIGTERM):
        signal.signal(request, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        for name, value in variables.items():
            click.echo(f"export {name}={shlex.quote(value)}")
        sys.stdout.flush()
        note("Copy these lines into another terminal. Ctrl-C ends the server.")
        threading.Event().wait()


def _beside(command: tuple[str, ...], variables: dict[str, str]) -> int:
    try:
        # The user's own command, as it was typed.
        return subprocess.call(command, env={**os.environ, **variables})  # noqa: S603
    except OSError as error:
        raise click.ClickException(f"{command[0]}: {error.strerror}") from error
    except KeyboardInterrupt:
        return 130
