"""The newest landed version of every record of one object.

Belongs here: which of several landed versions counts, and what is superseded. Not here: reading
pages (landing).

A landed frame has the source's fields as text, and the columns in LANDING_COLUMNS.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

LANDING_COLUMNS = ("landing_page", "landing_row", "extract_id", "extracted_at")
ROW = "_row"
KEY = "_key"
NO_KEY = "(no key)"


@dataclass(frozen=True)
class Landed:
    """One object of a system as landed: all versions received, and the newest of each record.

    ``newest`` has the source's fields, LANDING_COLUMNS, ``_row`` (position, unique) and ``_key``
    (key parts joined by |, null if a part is missing: such a record stands for itself).
    """

    object: str
    received: pl.DataFrame
    newest: pl.DataFrame

    @property
    def superseded(self) -> pl.DataFrame:
        """Versions of which a later one was received."""
        return self.received.join(
            self.newest, on=["extract_id", "landing_page", "landing_row"], how="anti"
        )


def newest_versions(object_name: str, frame: pl.DataFrame, key: Sequence[str]) -> Landed:
    """The last version of each record, in the order in which versions were received.

    ``frame`` holds the pages since the last full extract, oldest first. A field that only some
    extracts have is null in the others.
    """
    parts = [_whole(pl.col(k)) for k in key]
    keyed = frame.with_columns(
        pl.when(pl.all_horizontal([p.is_not_null() for p in parts]))
        .then(pl.concat_str(parts, separator="|"))
        .alias(KEY)
    ).with_row_index("_order")
    with_key = keyed.filter(pl.col(KEY).is_not_null()).unique(KEY, keep="last", maintain_order=True)
    without = keyed.filter(pl.col(KEY).is_null())
    newest = pl.concat([with_key, without]).sort("_order").drop("_order").with_row_index(ROW)
    return Landed(object_name, frame, newest.with_columns(pl.col(ROW).cast(pl.Int64)))


def _whole(field: pl.Expr) -> pl.Expr:
    # "12.0" and "12" are the same id: a nullable column of ids often arrives as decimals.
    return field.str.replace(r"^(-?\d+)\.0+$", "$1")
