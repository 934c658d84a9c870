"""Does the landing hold the records the source has, once an increment is added to it?

Belongs here: comparing what is held with what the source states of the whole object. Not here:
what to do about a difference (take.py).

An increment shows what was changed or added. It does not show what was deleted, what was committed
late with an older stamp, or what was changed without a new stamp. The source's statement about the
whole object does.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from finsync_dagster.connectors.extraction import Stated
from finsync_dagster.connectors.model import ObjectSpec
from finsync_dagster.landing import pages
from finsync_dagster.landing.landing import LandedPages, Landing
from finsync_dagster.landing.manifest import Manifest, PageRef, SourceStated
from finsync_dagster.landing.sums import sums


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
    columns = list(dict.fromkeys([*spec.key, *spec.control_totals]))
    refs = [ref for manifest in current for ref in manifest.pages]
    newest = _newest(landing, [*refs, *increment.refs], columns, spec.key)
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
    landing: Landing, refs: Sequence[PageRef], columns: list[str], key: Sequence[str]
) -> pl.DataFrame:
    frames = [pages.frame(landing.page(ref.sha256), columns) for ref in refs]
    return pl.concat(frames).unique(subset=list(key), keep="last")
