"""The parameters of version 3's lists, as SQL conditions.

Belongs here: reading them. Not here: which list has which (lists.py).

``…After`` and ``…Before`` are exclusive (K) and take ``yyyy-MM-dd`` or ``yyyy-MM-ddTHH:mm:ss.SSS``,
without a zone as the dates are. A parameter the list does not have is passed over (K).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from finsync_dagster.sandbox.vendors.concur.errors import Refusal
from finsync_dagster.sandbox.vendors.wire import Request

DEFAULT_LIMIT = 25
LARGEST_LIMIT = 100

# What a list can be narrowed by: a parameter's name, its kind and the column it concerns.
Parameters = dict[str, tuple[str, str]]


def conditions(request: Request, known: Parameters) -> tuple[str, list[Any]]:
    """Conditions that follow ``WHERE true``, and their values.

    Raises:
        Refusal: a value cannot be read.
    """
    said = ""
    values: list[Any] = []
    for name, value in request.query:
        if name not in known or not value:
            continue
        kind, column = known[name]
        if kind == "text":
            said += f" AND {column} = ?"
            values.append(value)
        elif kind == "among":
            among = value.split(",")
            said += f" AND {column} IN ({', '.join('?' for _ in among)})"
            values += among
        elif kind == "flag":
            said += f" AND {column} = ?"
            values.append(_flag(name, value))
        else:
            said += f" AND {column} {'>' if kind == 'after' else '<'} ?"
            values.append(_moment(name, value))
    return said, values


def limit_of(request: Request) -> int:
    """How many records a page is to have.

    Raises:
        Refusal: it is no number from 1 to 100.
    """
    said = request.first("limit")
    if said is None:
        return DEFAULT_LIMIT
    if said.isascii() and said.isdigit() and 0 < int(said[:6]) <= LARGEST_LIMIT:
        return int(said)
    raise Refusal(400, f"The limit must be a number from 1 to {LARGEST_LIMIT}.")


def _flag(name: str, value: str) -> bool:
    if value.lower() not in ("true", "false"):
        raise Refusal(400, f"{name} must be true or false.")
    return value.lower() == "true"


def _moment(name: str, value: str) -> datetime:
    try:
        read = datetime.fromisoformat(value)
        # At the ends of the calendar an offset can lead out of it.
        return read.astimezone(UTC).replace(tzinfo=None) if read.tzinfo else read
    except (ValueError, OverflowError):
        raise Refusal(400, f"{name} is not a date of the form yyyy-MM-ddTHH:mm:ss.SSS.") from None
