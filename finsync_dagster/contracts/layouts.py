"""Layouts of files that were never seen before.

Belongs here: telling a new header from a column that happens to be empty. Not here: observing
layouts (profile.py), severity (drift.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from finsync_dagster.contracts.shape import Layout
from finsync_dagster.contracts.wording import told


def unknown_layouts(
    layouts: Sequence[Layout], seen: Sequence[Layout], enough: int
) -> Iterator[tuple[Layout, str]]:
    """Each layout that is new, with what tells it from the seen one it is most like.

    Nothing is new if nothing was seen. In files with fewer than ``enough`` records together, a
    column may be empty by chance: such a layout is new only if it has a column more.
    """
    known = list(dict.fromkeys(layout.fields for layout in seen))
    for layout in layouts:
        if not known or not layout.fields or layout.fields in known:
            continue
        if layout.rows < enough and any(layout.fields < fields for fields in known):
            continue
        nearest = min(known, key=lambda fields: (len(fields ^ layout.fields), sorted(fields)))
        more, less = sorted(layout.fields - nearest), sorted(nearest - layout.fields)
        said = [f"with {told(more)}"] if more else []
        said += [f"without {told(less)}"] if less else []
        yield layout, ", ".join(said)
