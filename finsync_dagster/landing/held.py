"""Does the landing hold the records the source has, once an increment is added to it?

Belongs here: comparing what is held with what the source states of the whole object. Not here:
what to do about a difference (take.py).

An increment shows what was changed or added. It does not show what was deleted, what was committed
late with an older stamp, or what was changed without a new stamp. The source's statement about the
whole object does.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl

from finsync_dagster.connectors.extraction import Stated
from finsync_dagster.connectors.model import ObjectSpec
from finsync_dagster.landing import pages
from finsync_dagster.landing.landing import LandedPages, Landing
from finsync_dagster.landing.manifest import Manifest, PageRef, SourceStated
from finsync_dagster.landing.sums import sums

_KEY = "(key)"


def unlike_source(
    landing: Landing,
    current: Sequence[Manifest],
    increment: LandedPages,
    stated: Stated,
    spec: ObjectSpec,
) -> str | None:
    """In what the held records and the increment together differ from the source; None: they agree.

    ``current`` are the manifests since the last full extract, oldest first. Compared are the number
    of distinct keys and the control totals over the newest version of each record.
    """
    last = current[-1]
    if last.pages == increment.refs and last.source_stated == SourceStated.of(stated):
        return None
    refs = [ref for manifest in current for ref in manifest.pages]
    newest = _newest(landing, [*refs, *increment.refs], spec.key, spec.control_totals)
    if newest.height != stated.count_table:
        return (
            f"the source has {stated.count_table} records where {newest.height} keys are known: "
            "records were deleted, or came with an old change stamp"
        )
    theirs = stated.sums_table or {}
    for name, total in sums(newest, {name: spec.control_totals[name] for name in theirs}).items():
        if total != theirs[name]:
            return (
                f"the source's total of {name} is {theirs[name].total} where {total.total} is "
                "known: records were changed without a new change stamp"
            )
    return None


def _newest(
    landing: Landing, refs: Sequence[PageRef], key: Sequence[str], totalled: Collection[str]
) -> pl.DataFrame:
    columns = list(dict.fromkeys([*key, *totalled]))
    # A hash stands for the key, at a third of its memory. Should two keys ever share one, the count
    # differs and a full snapshot is taken, which is right in any case.
    identity = pl.struct(key).hash().alias(_KEY)
    frames = [
        pages.frame(landing.page(ref.sha256), columns).select(identity, *totalled) for ref in refs
    ]
    return pl.concat(frames, rechunk=True).unique(subset=_KEY, keep="last")
