"""Whether an object changed since it was extracted, asked every few minutes and so at little cost.

Belongs here: what is asked to find that out. Not here: reading an object (read.py), when it is
asked (orchestration).
"""

from __future__ import annotations

from dataclasses import replace

from finsync_dagster.connectors.http.clients import client_of
from finsync_dagster.connectors.http.read import Asked, Reading


def change_stamp(asked: Asked, since: str | None) -> str:
    """A text that differs once the object has changed: the newest stamp, and how many records.

    Only what changed since ``since``, the newest stamp known, is asked for, without the overlap.
    What came later with an older stamp is not seen here but by the next extract, whose overlap
    reaches back. Of stamps that are numbers, such as years, many records bear the newest: where the
    source counts, they are counted and not read. An object of which changes cannot be asked for, or
    that was never extracted, gives the same text always: reading it whole every few minutes would
    spend the requests that the system allows.

    Raises:
        SourceError: the system cannot be reached, refuses, or answers something else than what is
            declared.
    """
    if since is None or asked.spec.cursor is None:
        return ""
    narrow = replace(asked, spec=asked.spec.model_copy(update={"overlap": 0}))
    reading = Reading(narrow, client_of(narrow), since, (), only_keys=False)
    if not reading.asks_for_changes():
        return ""
    counted = asked.spec.count is not None and since.isdecimal()
    while not counted and reading.at is not None:
        reading.next_page()
    counts = reading.count()
    # How many changed since the last extract is another number after each extract, and would start
    # a run for what has been taken; of the newest year it is all there is to tell.
    newest = counts.get("selected") if counted else reading.stated().cursor_max
    return f"{counts.get('whole')}|{newest}"
