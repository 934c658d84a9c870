"""Tables: what was planted in the world. Ground truth, for whoever judges a checker.

Belongs here: faults, and what only looks like one. Not here: anything a system may show; nothing
that serves a system's API reads these tables.
"""

from __future__ import annotations

from finsync_dagster.sandbox.world.table import table

_COLUMNS = """
{key} ID! key
reason_code TEXT! {reason}
entity_id TEXT! entity
system TEXT! system whose document shows it
subject_type TEXT! table the subject is in; supplier: supplier_account
subject_key TEXT! number as the system shows it, /line if about a line; supplier: account number
subject_id ID! key of the row in that table
counter_key TEXT the other document it is about, written the same way; null if none
amount_at_risk MONEY expected amount at risk; null if it has none
currency TEXT currency of the amount
decidable_by TEXT! documents: one snapshot of documents and suppliers; else what more is needed
entails TEXT! other reason codes that follow from the same fact, comma separated; empty if none
explanation TEXT! what happened, for a person
"""

TABLES = (
    table(
        "planted",
        "A fault that was planted: what a perfect checker finds, once each",
        _COLUMNS.format(key="planted_id", reason="reason code"),
    ),
    table(
        "innocent",
        "Looks wrong and is right: a checker must not report it",
        _COLUMNS.format(key="innocent_id", reason="reason code a careless checker would give"),
    ),
)
