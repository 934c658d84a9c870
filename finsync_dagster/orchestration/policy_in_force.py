"""Which version of the policy a run uses, and putting another one in force.

Belongs here: bringing together what the landscape plans and what people decided. Not here: how the
two outrank each other (landscape/policy_versions.py), nor keeping decisions (storage/state).
"""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime
from typing import Literal

import dagster as dg
import pandera.polars as pa
import polars as pl

from finsync_dagster.landscape.policy_model import Policy
from finsync_dagster.landscape.policy_versions import (
    Decided,
    PolicyVersionError,
    in_force,
    rolled_back_to,
    version_named,
)
from finsync_dagster.orchestration.workshop import Workshop, as_of, run_started
from finsync_dagster.schema import Table, TableSpec, TsUTC
from finsync_dagster.storage.state.policy_events import PolicyEvent, recorded

POLICY_TAG = "finsync/policy"
"""Tag of a Dagster run: version and digest of the policy it used."""


class PolicyEvents(Table):
    """Versions of the policy that people put in force beside those planned in the landscape."""

    event_id: str = pa.Field(description="Event; begins with its moment.")
    at: TsUTC = pa.Field(description="When it was decided.")
    kind: str = pa.Field(isin=["cut-over", "roll-back"], description="Forward or back.")
    decided_by: str = pa.Field(description="Who decided.")
    reason: str = pa.Field(description="Why.")
    from_version: str = pa.Field(description="Version in force until then.")
    from_digest: str = pa.Field(description="Digest of what that version said.")
    to_version: str = pa.Field(description="Version in force from then on.")
    to_digest: str = pa.Field(description="Digest of what that version said then.")
    in_force_from: pl.Date = pa.Field(
        description="First day, as of which documents are compared by it."
    )


POLICY_EVENTS = TableSpec(
    "operations", "policy_events", "policy event", ("event_id",), PolicyEvents
)


def decisions(events: pl.DataFrame, known_at: datetime | None = None) -> list[Decided]:
    """What people decided, in order of time; only what was recorded up to a moment, if given."""
    rows = events.sort("event_id")
    if known_at is not None:
        rows = rows.filter(pl.col("at") <= known_at)
    return [
        Decided(row["in_force_from"], row["to_version"], row["from_version"], row["kind"])
        for row in rows.iter_rows(named=True)
    ]


def policy_of_run(shop: Workshop, context: dg.AssetExecutionContext) -> Policy:
    """The version a run uses, which its tag ``finsync/policy`` names from then on.

    What is decided while the run is under way counts from the next one, so that all its stages use
    one version.

    Raises:
        PolicyVersionError: no version is in force on the day of the run.
    """
    made = decisions(shop.state.policy_events(), run_started(context))
    policy = in_force(shop.landscape.policies, as_of(context), made)
    context.instance.add_run_tags(context.run.run_id, {POLICY_TAG: policy.label})
    return policy


def policy_on(shop: Workshop, day: date) -> Policy:
    """The version in force on a day, as far as is known now; nothing is written or created.

    Raises:
        PolicyVersionError: none is.
    """
    made = decisions(recorded(shop.settings.database_url))
    return in_force(shop.landscape.policies, day, made)


def put_in_force(
    shop: Workshop, version: str, day: date, by: str, reason: str, now: datetime
) -> PolicyEvent:
    """Record that a version comes into force from a day on.

    Raises:
        PolicyVersionError: the landscape has no such version, or it is in force already.
        StaleDecisionError: somebody else decided meanwhile.
    """
    version_named(shop.landscape.policies, version)
    return _record(shop, "cut-over", version, day, by, reason, now)


def roll_back(shop: Workshop, by: str, reason: str, now: datetime) -> PolicyEvent:
    """Record that the version in force today gives way to the one before it.

    Raises:
        PolicyVersionError: there is none before it.
        StaleDecisionError: somebody else decided meanwhile.
    """
    today = now.astimezone(UTC).date()
    made = decisions(shop.state.policy_events())
    version = rolled_back_to(shop.landscape.policies, today, made)
    return _record(shop, "roll-back", version, today, by, reason, now)


def _record(
    shop: Workshop,
    kind: Literal["cut-over", "roll-back"],
    version: str,
    day: date,
    by: str,
    reason: str,
    now: datetime,
) -> PolicyEvent:
    policies, events = shop.landscape.policies, shop.state.policy_events()
    left = in_force(policies, day, decisions(events))
    target = version_named(policies, version)
    if target.version == left.version:
        raise PolicyVersionError(f"policy version {version} is in force on {day} already")
    event = PolicyEvent(
        event_id=f"{now.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(4)}",
        at=now,
        kind=kind,
        decided_by=by,
        reason=reason,
        from_version=left.version,
        from_digest=left.digest,
        to_version=target.version,
        to_digest=target.digest,
        in_force_from=day,
    )
    shop.state.record_policy_event(event, seen=events.height)
    return event
