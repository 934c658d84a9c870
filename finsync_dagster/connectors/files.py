"""Reading the files of an object: delimited or fixed-width text, or workbooks, as one extraction.

Belongs here: putting the files together. Not here: finding them (file_find.py), what each is like
(file_look.py), taking them apart (file_records.py, file_excel.py), nor what values mean.

The files are read whole, every time, one after another, a line at a time. Before that, their
records are counted without the parser (file_count.py), so that a parser that loses records is
found out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice

from finsync_dagster.connectors.extraction import Extraction, Page, Row, Stated
from finsync_dagster.connectors.file_body import Verdict, verdict, without_last
from finsync_dagster.connectors.file_count import count_delimited, count_fixed
from finsync_dagster.connectors.file_excel import workbook
from finsync_dagster.connectors.file_find import find
from finsync_dagster.connectors.file_header import united
from finsync_dagster.connectors.file_look import Look, look
from finsync_dagster.connectors.file_model import RESERVED, FileObject
from finsync_dagster.connectors.file_names import normal
from finsync_dagster.connectors.file_records import Record, delimited, fixed
from finsync_dagster.connectors.file_text import Line, lines


@dataclass(frozen=True)
class _Counted:
    """A file as it was when its records were counted."""

    look: Look
    records: int
    sha256: str


@contextmanager
def extract(system: str, url: str, object_name: str, spec: FileObject) -> Iterator[Extraction]:
    """One reading of all files of an object, records in the order of the files.

    An empty value is None, as is a field that a file does not have. Each record has ``_file`` and
    ``_line``; one whose values could not be told apart has ``_defect`` and ``_raw`` instead of
    values.

    Raises:
        SourceError: folder or files missing, a file without a usable header or without a field of
            the key, or a file that changes while it is read.
    """
    looks = [seen for file in find(system, url, object_name, spec) for seen in look(file, spec)]
    counted = [_count(seen, spec) for seen in looks]
    columns = united(spec, [seen.names for seen in looks])
    total = sum(part.records for part in counted)
    yield Extraction(
        system=system,
        object=object_name,
        request=_request(counted),
        columns=(*columns, *RESERVED),
        since=None,
        stated=Stated(count_table=total, count_selected=total, sums_table={}, sums_selected={}),
        pages=_pages(counted, spec, columns),
    )


def change_stamp(system: str, url: str, object_name: str, spec: FileObject) -> str:
    """A digest of names and bytes of the files: differs once one of them has changed."""
    digest = hashlib.sha256()
    for file in find(system, url, object_name, spec):
        digest.update(f"{file.name}\0{file.sha256()}\n".encode())
    return digest.hexdigest()


def _request(counted: Sequence[_Counted]) -> str:
    """Every file with its hash and how it was read; headers that several share, once."""
    headers = list(dict.fromkeys(part.look.header for part in counted))
    layouts = [f"layout {n}: {' | '.join(names)}" for n, names in enumerate(headers, start=1)]
    files = []
    for part in counted:
        form, about = part.look.form, [f"sha256 {part.sha256}"]
        about += [" or ".join(form.encodings)] if form else []
        about += [f"delimiter {part.look.delimiter!r}"] if part.look.delimiter else []
        about.append(f"layout {headers.index(part.look.header) + 1}")
        files.append(f"{part.look.label} ({', '.join(about)})")
    return f"every record of {'; '.join(files)}. {'; '.join(layouts)}"


def _count(seen: Look, spec: FileObject) -> _Counted:
    if seen.form is None:
        records = sum(1 for _ in _rows(seen, spec))
        return _Counted(seen, records, seen.file.sha256())
    digest = hashlib.sha256()
    source = lines(seen.file, seen.form, digest.update)
    body = _body(source, seen, spec)
    if spec.format == "fixed":
        records = count_fixed(body, spec)
    else:
        records = count_delimited(body, spec, seen.delimiter, seen.width)
    for _ in source:  # What comes after the end of the records is part of the digest.
        pass
    return _Counted(seen, records, digest.hexdigest())


def _records(part: _Counted, spec: FileObject) -> Iterator[Record]:
    seen = part.look
    digest = hashlib.sha256()
    if seen.form is None:
        yield from _rows(seen, spec)
        after = seen.file.sha256()
    else:
        source = lines(seen.file, seen.form, digest.update)
        body = _body(source, seen, spec)
        if spec.format == "fixed":
            yield from fixed(body, spec)
        else:
            yield from delimited(body, spec, seen.delimiter, seen.width)
        for _ in source:
            pass
        after = digest.hexdigest()
    if after != part.sha256:
        raise seen.file.problems.error(
            seen.label, None, "changed while it was read", "It is read again", transient=True
        )


def _body(source: Iterator[Line], seen: Look, spec: FileObject) -> Iterator[Line]:
    own = (line for line in source if line.number >= seen.begins)
    return without_last(own, spec.skip_last, lambda line: line.text)


def _rows(seen: Look, spec: FileObject) -> Iterator[Record]:
    """The records of a sheet, without its empty rows."""
    tell = verdict(spec)
    with workbook(seen.file) as book:
        own = (row for row in book.records(seen.sheet) if row.line >= seen.begins)
        for row in without_last(own, spec.skip_last, lambda row: row.raw):
            told = tell(row.raw)
            if told is Verdict.END:
                return
            if told is Verdict.RECORD and (row.raw.strip() or row.defect):
                yield row


def _rows_of(part: _Counted, spec: FileObject, fields: Sequence[str]) -> Iterator[Row]:
    """The records of one file, with the columns of all."""
    seen, nothing = part.look, (None,) * len(fields)
    width = len(seen.names)
    # A record's cells, the constants, and nothing for what this file does not have.
    names = [*(normal(name) for name in seen.names), *(normal(name) for name in seen.constants)]
    at = {name: position for position, name in enumerate(names)}
    places = [at.get(field, len(names)) for field in fields]
    beyond = [*seen.constants.values(), ""]
    for record in _records(part, spec):
        line = str(record.line)
        defect = record.defect or _ragged(record, width, spec)
        if defect:
            sentence = f"{seen.label} line {line} cannot be read: {defect}"
            yield (*nothing, seen.label, line, sentence, record.raw)
            continue
        cells = [cell.strip() for cell in record.cells] if spec.trim else record.cells
        held = [*cells[:width], *[""] * (width - len(cells)), *beyond]
        yield (*[held[place] or None for place in places], seen.label, line, None, None)


def _ragged(record: Record, width: int, spec: FileObject) -> str | None:
    found = len(record.cells)
    short = found < width and spec.short_rows == "defect"
    if short or (found > width and any(cell.strip() for cell in record.cells[width:])):
        return (
            f"it has {found} values where the header has {width} columns; a delimiter is missing, "
            "or one stands inside a value without quotes"
        )
    return None


def _pages(counted: Sequence[_Counted], spec: FileObject, columns: Sequence[str]) -> Iterator[Page]:
    fields = [normal(column) for column in columns]
    rows = chain.from_iterable(_rows_of(part, spec, fields) for part in counted)
    while page := list(islice(rows, spec.rows_per_page)):
        yield page
