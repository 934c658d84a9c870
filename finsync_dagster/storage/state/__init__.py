"""State that people change, in SQL: exceptions and their history; and the history of replays.

Belongs here: schema and migrations of that database, reading it and writing it without losing what
a person decided. Not here: what an exception means and when it opens or closes (exceptions), nor
tables that are computed from sources (lake).
"""

from finsync_dagster.storage.state.errors import StaleDecisionError, StateError
from finsync_dagster.storage.state.store import StateStore

__all__ = ["StaleDecisionError", "StateError", "StateStore"]
