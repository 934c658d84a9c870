"""Reading files in tests as the pipeline does, with what every reading must hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from finsync_dagster.connectors import files
from finsync_dagster.connectors.file_model import FileObject


def spec(**words: Any) -> FileObject:
    """An object ``*.csv`` with the key ``id``, unless said otherwise."""
    return FileObject.model_validate({"glob": "*.csv", "key": ["id"], **words})


def read(folder: Path, declared: FileObject | None = None) -> list[dict[str, str | None]]:
    """All records, field → value; the independent count must agree with them."""
    with files.extract("erp", folder.as_uri(), "lines", declared or spec()) as extraction:
        rows = [row for page in extraction.pages for row in page]
    assert extraction.stated.count_selected == len(rows)
    return [dict(zip(extraction.columns, row, strict=True)) for row in rows]


def values(folder: Path, declared: FileObject | None = None) -> list[tuple[str | None, ...]]:
    """The same without the reserved fields; no record may have a defect."""
    records = read(folder, declared)
    assert [r["_defect"] for r in records if r["_defect"]] == []
    return [tuple(v for f, v in r.items() if not f.startswith("_")) for r in records]


def defects(folder: Path, declared: FileObject | None = None) -> list[tuple[str | None, ...]]:
    """Line, sentence and received text of the records that have a defect."""
    found = read(folder, declared)
    return [(r["_line"], r["_defect"], r["_raw"]) for r in found if r["_defect"]]
