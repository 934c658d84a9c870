"""Words in which drift is told, and what to do about each kind.

Belongs here: sentences. Not here: when they apply (drift.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from finsync_dagster.contracts.tables import (
    CHANGED_TYPE,
    HEADER_VARIANT,
    MISSING_FIELD,
    NEW_CODE,
    NEW_FIELD,
    NULL_SHARE,
    ROW_COUNT,
)

CODES_TOLD = 20
"""Codes that are told one by one."""
_NAMES_TOLD = 5
_CODE_LENGTH = 60

ACTIONS = {
    MISSING_FIELD: "Ask the owner of the system where the field went. If it was renamed, correct "
    "the connector's mapping; records set aside return by themselves.",
    NEW_CODE: "Find out what the code means and add it to the connector's code map; records set "
    "aside return by themselves.",
    CHANGED_TYPE: "Look at the values. Have wrong ones corrected in the source system; if the "
    "source is right, correct the connector's mapping.",
    ROW_COUNT: "Ask the owner of the system whether so many records were added or removed. If not, "
    "the extract is not the whole object.",
    HEADER_VARIANT: "Compare the file's header with the others. If a column was renamed, add its "
    "new name to the connector; if a column is missing, have the file delivered again.",
    NULL_SHARE: "Ask the owner of the system whether the field is still kept, or is now kept "
    "elsewhere.",
    NEW_FIELD: "Nothing needs to be done. If the field is of use, add it to the connector's "
    "mapping.",
}
"""Kind of drift → what to do."""


def told(names: Sequence[str]) -> str:
    """Names in a sentence, the first few of them."""
    more = len(names) - _NAMES_TOLD
    return ", ".join(names[:_NAMES_TOLD]) + (f" and {more} more" if more > 0 else "")


def values_told(values: Mapping[str, int]) -> str:
    """Codes with the number of their records, the most frequent first."""
    ordered = sorted(values.items(), key=lambda item: (-item[1], item[0]))
    said = [f"'{code[:_CODE_LENGTH]}' ({times:,})" for code, times in ordered[:CODES_TOLD]]
    more = len(ordered) - CODES_TOLD
    return ", ".join(said) + (f" and {more:,} more" if more > 0 else "")
