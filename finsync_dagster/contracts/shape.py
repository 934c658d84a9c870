"""The observed shape of one extract, and its rows in OBJECT_SHAPES and FILE_LAYOUTS.

Belongs here: what is kept of a profile, and keeping and finding it again. Not here: counting
(profile.py), comparing (drift.py).

No value of a field is kept, except of fields that are looked up in a code map.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from finsync_dagster.contracts.kinds import VALUE_KINDS, narrowest
from finsync_dagster.contracts.profile import RESERVED, Profile, merge, nothing, profile
from finsync_dagster.contracts.tables import FILE_LAYOUTS, OBJECT_SHAPES
from finsync_dagster.landing.manifest import Manifest

# Several pages at once cost a third of each by itself; memory stays that of so many records.
_BATCH_ROWS = 20_000


@dataclass(frozen=True)
class FieldShape:
    """One field, in all records of an extract."""

    nulls: int
    kinds: Mapping[str, int]
    min_length: int | None
    max_length: int | None
    distinct: int | None
    """None: more than profile.DISTINCT_LIMIT."""
    codes: Mapping[str, int] | None
    """Value → records, of a field looked up in a code map; None if not, or if there are too many
    of them to be codes."""

    @property
    def kind(self) -> str:
        """The narrowest kind that every value fits."""
        return narrowest(self.kinds)


@dataclass(frozen=True)
class Layout:
    """Fields that some files fill, how many files and records these are, and one file's name."""

    fields: frozenset[str]
    files: int
    rows: int
    example: str


@dataclass(frozen=True)
class ObjectShape:
    """One extract of one object. ``fields`` are in the order of the record."""

    extract_id: str
    system: str
    object: str
    mode: str
    complete: bool
    observed_at: datetime
    content: str
    rows: int
    fields: Mapping[str, FieldShape]
    layouts: tuple[Layout, ...] = ()


def content(manifest: Manifest, code_fields: Collection[str]) -> str:
    """A digest of everything the shape depends on, but for the extract's name and moment."""
    said = [
        [manifest.mode, manifest.complete, *manifest.columns],
        sorted(code_fields),
        [ref.sha256 for ref in manifest.pages],
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def observe(
    manifest: Manifest, pages: Iterable[pl.DataFrame], code_fields: Collection[str]
) -> ObjectShape:
    """The shape of an extract.

    ``pages`` are its landed pages as text columns, consumed one at a time. ``code_fields`` are
    those of which values are kept.
    """
    total = nothing(manifest.columns)
    for records in _batches(pages):
        total = merge(total, profile(records, guess=total))
    return ObjectShape(
        extract_id=manifest.extract_id,
        system=manifest.system,
        object=manifest.object,
        mode=manifest.mode,
        complete=manifest.complete,
        observed_at=manifest.started_at,
        content=content(manifest, code_fields),
        rows=total.rows,
        fields={
            name: FieldShape(
                nulls=found.nulls,
                kinds=found.kinds,
                min_length=found.min_length,
                max_length=found.max_length,
                distinct=None if found.values is None else len(found.values),
                codes=found.values if name in code_fields else None,
            )
            for name, found in total.fields.items()
            if name not in RESERVED
        },
        layouts=_layouts(total),
    )


def rows_of(shape: ObjectShape) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The extract's rows of OBJECT_SHAPES and FILE_LAYOUTS."""
    own = {
        "extract_id": shape.extract_id,
        "source_system": shape.system,
        "source_object": shape.object,
    }
    every = {
        **own,
        "mode": shape.mode,
        "complete": shape.complete,
        "observed_at": shape.observed_at,
        "content": shape.content,
        "rows": shape.rows,
    }
    fields = [
        {
            **every,
            "field": name,
            "position": position,
            "nulls": f.nulls,
            "kind": f.kind,
            **{f"{kind}s": f.kinds.get(kind, 0) for kind in VALUE_KINDS},
            "min_length": f.min_length,
            "max_length": f.max_length,
            "distinct": f.distinct,
            "codes": None if f.codes is None else _json(dict(sorted(f.codes.items()))),
        }
        for position, (name, f) in enumerate(shape.fields.items(), start=1)
    ]
    layouts = [
        {
            **own,
            "layout": _json([name for name in shape.fields if name in layout.fields]),
            "files": layout.files,
            "rows": layout.rows,
            "example_file": layout.example,
        }
        for layout in shape.layouts
    ]
    return (
        pl.DataFrame(fields, schema=OBJECT_SHAPES.polars_schema),
        pl.DataFrame(layouts, schema=FILE_LAYOUTS.polars_schema),
    )


def from_rows(fields: pl.DataFrame, layouts: pl.DataFrame) -> list[ObjectShape]:
    """The shapes that rows of OBJECT_SHAPES and FILE_LAYOUTS tell, oldest first."""
    files = {
        str(extract): tuple(_layout(row) for row in part.sort("layout").to_dicts())
        for (extract,), part in layouts.group_by("extract_id")
    }
    found = []
    for (extract,), part in fields.group_by("extract_id"):
        rows = part.sort("position").to_dicts()
        first = rows[0]
        found.append(
            ObjectShape(
                extract_id=str(extract),
                system=first["source_system"],
                object=first["source_object"],
                mode=first["mode"],
                complete=first["complete"],
                observed_at=first["observed_at"],
                content=first["content"],
                rows=first["rows"],
                fields={row["field"]: _field(row) for row in rows},
                layouts=files.get(str(extract), ()),
            )
        )
    return sorted(found, key=lambda shape: (shape.observed_at, shape.extract_id))


def _batches(pages: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    batch: list[pl.DataFrame] = []
    for page in pages:
        batch.append(page)
        if sum(p.height for p in batch) >= _BATCH_ROWS:
            yield pl.concat(batch)
            batch = []
    if batch:
        yield pl.concat(batch)


def _field(row: Mapping[str, object]) -> FieldShape:
    numbers = {name: _number(row[name]) for name in ("min_length", "max_length", "distinct")}
    kinds = {kind: _number(row[f"{kind}s"]) or 0 for kind in VALUE_KINDS}
    return FieldShape(
        nulls=_number(row["nulls"]) or 0,
        kinds={kind: n for kind, n in kinds.items() if n},
        codes=None if row["codes"] is None else json.loads(str(row["codes"])),
        **numbers,
    )


def _layouts(total: Profile) -> tuple[Layout, ...]:
    found: dict[frozenset[str], list[tuple[str, int]]] = {}
    for name, (rows, fields) in sorted(total.files.items()):
        found.setdefault(fields, []).append((name, rows))
    return tuple(
        Layout(fields, len(files), sum(rows for _, rows in files), files[0][0])
        for fields, files in sorted(found.items(), key=lambda item: sorted(item[0]))
    )


def _layout(row: Mapping[str, object]) -> Layout:
    return Layout(
        frozenset(json.loads(str(row["layout"]))),
        _number(row["files"]) or 0,
        _number(row["rows"]) or 0,
        str(row["example_file"]),
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _number(value: object) -> int | None:
    return None if value is None else int(str(value))
