"""Replaying: which quarantined records are asked for, and what became of them.

Belongs here: the selection, the comparison of before and after, and the table of replays. Not here:
running (launch.py), nor printing (report/).

A record is told apart by its key; one without a key by the page and row it lies at.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime

import pandera.polars as pa
import polars as pl

from finsync_dagster.canonical.landed import NO_KEY
from finsync_dagster.canonical.quarantine import WORDING
from finsync_dagster.landscape.model import Landscape
from finsync_dagster.schema import Table, TableSpec, TsUTC

REPLAY_TAG = "finsync/replay"
"""Tag of a Dagster run that conforms anew everything landed, and not only what changed."""
FULL = "full"
"""Its value."""
RECORD = "record"
_IDENTITY = ["source_system", "source_object", RECORD]


class Replays(Table):
    """Every replay: who asked for what, and what left quarantine."""

    replay_id: str = pa.Field(description="Replay; begins with the moment it was asked for.")
    requested_at: TsUTC = pa.Field(description="When it was asked for.")
    requested_by: str = pa.Field(description="User of the machine that asked.")
    selection: str = pa.Field(description="What was asked for, as JSON.")
    systems: str = pa.Field(description="Systems conformed anew from landing, comma-separated.")
    selected: int = pa.Field(description="Records in quarantine that were asked for.")
    released: int = pa.Field(nullable=True, description="Of these: no longer in quarantine.")
    still_waiting: int = pa.Field(nullable=True, description="Of these: still in quarantine.")
    run_ids: str = pa.Field(description="Runs it consisted of, comma-separated.")
    outcome: str = pa.Field(
        isin=["running", "succeeded", "failed", "interrupted"], description="How it ended."
    )


REPLAYS = TableSpec("operations", "replays", "replay", ("replay_id",), Replays)


class SelectionError(ValueError):
    """A selection names what there is not; the message names what there is."""


@dataclass(frozen=True)
class Selection:
    """Which quarantined records are meant; what is left empty restricts nothing.

    ``since`` and ``until`` are about when the extract that brought the record began; ``until`` is
    the first moment that is not meant any more. ``everything``: every system, whether or not a
    record of it is in quarantine.
    """

    systems: tuple[str, ...] = ()
    object: str | None = None
    reason: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    everything: bool = False

    @property
    def restricts(self) -> bool:
        """Is anything but ``everything`` given?"""
        return bool(self.systems or self.object or self.reason or self.since or self.until)

    def to_json(self) -> str:
        """What was given, and nothing else."""
        given = {name: value for name, value in asdict(self).items() if value}
        return json.dumps(given, default=str)

    def check(self, landscape: Landscape, objects: set[str]) -> None:
        """Compare the names given with those there are.

        ``objects``: those of the systems selected.

        Raises:
            SelectionError: naming the choices.
        """
        for word, given, known in (
            ("system", set(self.systems), set(landscape.systems)),
            ("object", {self.object} - {None}, objects),
            ("reason", {self.reason} - {None}, set(WORDING)),
        ):
            unknown = sorted(str(name) for name in given - known)
            if unknown:
                raise SelectionError(
                    f"no {word} {', '.join(unknown)}; there are: {', '.join(sorted(known))}"
                )


def select(quarantine: pl.DataFrame, selection: Selection) -> pl.DataFrame:
    """All defects of the records selected, with ``record``, which tells records apart.

    A record is meant if one of its defects is; the others come along, because it leaves quarantine
    only when all are repaired.
    """
    rows = quarantine.with_columns(record_identity())
    meant = rows.filter(_conditions(selection))
    return rows.join(meant.select(_IDENTITY).unique(), on=_IDENTITY, how="semi")


def record_identity() -> pl.Expr:
    """The record's key, or page and row of one without a key."""
    place = pl.concat_str("landing_page", pl.lit("#"), "landing_row")
    return pl.when(pl.col("source_pk") == NO_KEY).then(place).otherwise("source_pk").alias(RECORD)


def records(defects: pl.DataFrame) -> pl.DataFrame:
    """The first defect of each record."""
    return defects.unique(_IDENTITY, keep="first", maintain_order=True)


def released(selected: pl.DataFrame, quarantine: pl.DataFrame) -> pl.DataFrame:
    """Of the records selected, one row each: those that are not in quarantine any more."""
    return records(selected).join(_identities(quarantine), on=_IDENTITY, how="anti")


def still_waiting(selected: pl.DataFrame, quarantine: pl.DataFrame) -> pl.DataFrame:
    """Defects, as they are now, of those records selected that are still in quarantine."""
    now = quarantine.with_columns(record_identity())
    return now.join(records(selected).select(_IDENTITY), on=_IDENTITY, how="semi")


def _identities(quarantine: pl.DataFrame) -> pl.DataFrame:
    return quarantine.with_columns(record_identity()).select(_IDENTITY)


def _conditions(selection: Selection) -> pl.Expr:
    wanted = [pl.lit(True)]
    if selection.systems:
        wanted.append(pl.col("source_system").is_in(selection.systems))
    if selection.object:
        wanted.append(pl.col("source_object") == selection.object)
    if selection.reason:
        wanted.append(pl.col("reason_code") == selection.reason)
    if selection.since:
        wanted.append(pl.col("extracted_at") >= selection.since)
    if selection.until:
        wanted.append(pl.col("extracted_at") < selection.until)
    return pl.all_horizontal(wanted)
