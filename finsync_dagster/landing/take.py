"""Taking an extract: full or incremental, landed, and checked against what the source states.

Belongs here: which extract is due. Not here: reaching the source (connectors), nor when extracts
run (orchestration).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from finsync_dagster.connectors.dispatch import extract
from finsync_dagster.connectors.extraction import Extraction
from finsync_dagster.connectors.model import ObjectSpec
from finsync_dagster.landing.held import unlike_source
from finsync_dagster.landing.landing import Circumstances, Landing, differences
from finsync_dagster.landing.manifest import Manifest


@dataclass(frozen=True)
class _Order:
    """What is to be extracted, and where it is kept."""

    landing: Landing
    system: str
    url: str
    object: str
    spec: ObjectSpec
    now: Callable[[], datetime]


def take(
    landing: Landing,
    system_name: str,
    url: str,
    object_name: str,
    spec: ObjectSpec,
    *,
    now: Callable[[], datetime],
    full: bool = False,
) -> Manifest:
    """Extracts one object and lands it; the manifest says whether it is complete.

    Incremental from the last extract's newest change stamp on, that stamp included. A full
    snapshot instead if ``full`` asks for it; if there is none to build on, or none that can be
    built on; and if the increment would leave the landing with other records than the source has.
    ``manifest.reason`` tells which. ``now`` is asked at the start and at the end, and must return
    an aware datetime.

    Raises:
        SourceError: the source cannot be read; the landing then has no trace of the attempt but
            perhaps pages that no manifest names.
        LandingError: what was landed before cannot be read.
    """
    order = _Order(landing, system_name, url, object_name, spec, now)
    previous = landing.last(system_name, object_name)
    reason = "asked for" if full else _cannot_build_on(previous, spec)
    if reason is None and previous is not None:
        taken = _increment(order, previous)
        if isinstance(taken, Manifest):
            return taken
        reason = taken
    return _snapshot(order, reason or "asked for")


def _cannot_build_on(previous: Manifest | None, spec: ObjectSpec) -> str | None:
    if previous is None:
        return "first extract"
    if spec.cursor is None:
        return "the object has no change stamp"
    if not previous.complete:
        return "the extract before was not complete"
    if (previous.cursor, previous.key) != (spec.cursor, tuple(spec.key)):
        return "cursor or key was changed in the connector's system.yaml"
    if previous.cursor_to is None:
        return "no record had a change stamp"
    return None


def _snapshot(order: _Order, reason: str) -> Manifest:
    started_at = order.now()
    with extract(
        order.system,
        order.url,
        order.object,
        order.spec,
    ) as extraction:
        landed = order.landing.land(extraction, order.spec.control_totals)
    return order.landing.commit(
        extraction,
        landed,
        Circumstances("full", reason, order.spec.key, order.spec.cursor, started_at, order.now()),
    )


def _increment(order: _Order, previous: Manifest) -> Manifest | str:
    """The committed increment, or why a full snapshot is needed instead."""
    spec, landing = order.spec, order.landing
    started_at = order.now()
    with extract(
        order.system,
        order.url,
        order.object,
        spec,
        since=previous.cursor_to,
    ) as extraction:
        reason = _not_enough(extraction, previous)
        if reason is not None:
            return reason
        landed = landing.land(extraction, spec.control_totals)
    if not differences(extraction, landed):
        current = landing.current_manifests(order.system, order.object)
        reason = unlike_source(landing, current, landed, extraction.stated, spec)
        if reason is not None:
            return reason
    circumstances = Circumstances(
        "incremental",
        f"changes since {previous.cursor_to}",
        spec.key,
        spec.cursor,
        started_at,
        order.now(),
    )
    return landing.commit(extraction, landed, circumstances)


def _not_enough(extraction: Extraction, previous: Manifest) -> str | None:
    """Why an increment cannot do, as far as the source's own statement tells."""
    if extraction.columns != previous.columns:
        changed = sorted(set(extraction.columns) ^ set(previous.columns))
        return f"the source's columns changed ({', '.join(changed) or 'their order'})"
    if extraction.stated.count_without_key:
        return f"{extraction.stated.count_without_key} record(s) have no key to follow them by"
    if extraction.stated.count_selected == 0:
        return "the newest records known are no longer in the source"
    return None
