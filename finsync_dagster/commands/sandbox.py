"""`finsync sandbox`: real systems on this machine, to try things out on.

Belongs here: arguments, what is printed, running a command beside a server. Not here: the servers
(sandbox/).
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import suppress

import click
from rich.console import Console
from rich.markup import escape


@click.group()
def sandbox() -> None:
    """Run a system to try things out on: extraction, a connector of your own, a landscape."""


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
        if command:
            sys.exit(_beside(command, variables))
        for name, value in variables.items():
            click.echo(f"export {name}={value}")
        sys.stdout.flush()
        notes.print("Copy these lines into another terminal. Ctrl-C ends the server.")
        _wait()


def _beside(command: tuple[str, ...], variables: dict[str, str]) -> int:
    try:
        # The user's own command, as it was typed.
        return subprocess.call(command, env={**os.environ, **variables})  # noqa: S603
    except OSError as error:
        raise click.ClickException(f"{command[0]}: {error.strerror}") from error
    except KeyboardInterrupt:
        return 130


def _wait() -> None:
    with suppress(KeyboardInterrupt):
        threading.Event().wait()
