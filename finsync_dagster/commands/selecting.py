"""The options by which records in quarantine are chosen, the same for every command.

Belongs here: the options and how a moment is read. A day without a time means its beginning, or,
where a time range ends with it, its end. What states no zone is UTC, as everything that is printed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import wraps

import click


class Moment(click.ParamType):
    """An aware moment; ``through``: the moment after the last one that is meant."""

    name = "moment"

    def __init__(self, *, through: bool = False) -> None:
        self.through = through

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """The moment; a usage error if the text is none."""
        if isinstance(value, datetime):
            return value
        text = str(value).strip()
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = None
        if day is not None:
            at = datetime(day.year, day.month, day.day, tzinfo=UTC)
            return at + timedelta(days=1) if self.through else at
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            self.fail(f"{text!r} is no moment; write 2026-03-31 or 2026-03-31T17:00", param, ctx)
        return at if at.tzinfo else at.replace(tzinfo=UTC)


def selecting(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options, and hand them to it as ``selection``."""

    @wraps(command)
    def with_selection(
        *,
        systems: tuple[str, ...],
        object_name: str | None,
        reason: str | None,
        since: datetime | None,
        until: datetime | None,
        **others: object,
    ) -> None:
        # Imported here: the help of a command must not wait for the whole pipeline to load.
        from finsync_dagster.orchestration.replaying import Selection

        command(selection=Selection(systems, object_name, reason, since, until), **others)

    chosen: Callable[..., None] = with_selection
    for option in reversed(_OPTIONS):
        chosen = option(chosen)
    return chosen


_OPTIONS = (
    click.option("--system", "-s", "systems", multiple=True, help="Of this system; repeatable."),
    click.option("--object", "object_name", help="Of this object of the system."),
    click.option("--reason", help="With a defect of this reason code."),
    click.option("--since", type=Moment(), help="Received at or after this moment (UTC)."),
    click.option(
        "--until",
        type=Moment(through=True),
        help="Received before this moment (UTC); a day alone includes that day.",
    ),
)
