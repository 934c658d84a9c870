"""A first look at each file: its encoding, delimiter, header, and where its records begin.

Belongs here: what is found out per file before it is read. Not here: reading it (files.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from finsync_dagster.connectors.errors import name_list
from finsync_dagster.connectors.file_body import Verdict, from_header, verdict
from finsync_dagster.connectors.file_excel import workbook
from finsync_dagster.connectors.file_find import FoundFile
from finsync_dagster.connectors.file_header import HeaderError, constants, known, needed, our_names
from finsync_dagster.connectors.file_model import AUTO, FileObject
from finsync_dagster.connectors.file_records import Record, Width, delimited
from finsync_dagster.connectors.file_text import Line, TextForm, lines, text_form

_DELIMITERS = (",", ";", "\t", "|")
_SEPARATOR_LINE = re.compile("sep=(.)\r?\n?", re.IGNORECASE)
_HEADER_REMEDY = (
    "Correct the file, or say where its header is with skip_rows, skip_until or header in the "
    "connector's system.yaml"
)


@dataclass(frozen=True)
class Look:
    """One file, or one sheet of one, and how it is read."""

    file: FoundFile
    label: str
    header: tuple[str, ...]
    """The header as received."""
    names: tuple[str, ...]
    """Our name of each column."""
    constants: dict[str, str]
    begins: int
    """Line or row at which the records begin."""
    form: TextForm | None = None
    delimiter: str = ""
    sheet: str = ""

    @property
    def width(self) -> Width:
        """How many cells a record may have, empty ones at its end included."""
        return Width(len(self.names), max(len(self.header), len(self.names) + 1))


def look(file: FoundFile, spec: FileObject) -> Iterator[Look]:
    """How a file is read; one look per sheet.

    Raises:
        SourceError: no header, one that cannot be used, no such sheet, or a field missing without
            which nothing can be read.
    """
    if spec.format == "excel":
        with workbook(file) as book:
            for sheet in book.sheets(spec):
                first = from_header(book.records(sheet), spec, lambda row: row.raw)
                begins = first[0].line if first else 1
                yield _named(file, spec, begins, _filled(spec, first), sheet=sheet)
        return
    form = text_form(file, spec)
    sample = from_header(lines(file, form), spec, lambda line: line.text)
    if spec.format == "fixed":
        names = tuple(spec.columns)
        begins = sample[0].number if sample else 1
        fixed = constants(spec, file.name, names, names)
        yield Look(file, file.name, names, names, fixed, begins, form)
        return
    separator = _SEPARATOR_LINE.fullmatch(sample[0].text) if sample else None
    delimiter = _delimiter(spec, sample[1:] if separator else sample)
    if separator:
        sample = sample[1:]
        delimiter = separator.group(1) if spec.delimiter == AUTO else delimiter
    records = list(delimited(sample, _header_words(spec), delimiter, None))
    begins = sample[0].number if sample else 1
    yield _named(file, spec, begins, records, form=form, delimiter=delimiter)


def _named(
    file: FoundFile,
    spec: FileObject,
    begins: int,
    records: Sequence[Record],
    form: TextForm | None = None,
    delimiter: str = "",
    sheet: str = "",
) -> Look:
    label = f"{file.name}#{sheet}" if sheet else file.name
    line: int | None = None
    try:
        if isinstance(spec.header, tuple):
            header: Sequence[str] = spec.header
        else:
            found = _header(spec, records)
            line, header, begins = found.line, found.cells, found.line + found.lines
        names = our_names(spec, header)
        fixed = constants(spec, file.name, header, names)
    except HeaderError as error:
        raise file.problems.error(label, line, f"the header {error}", _HEADER_REMEDY) from None
    for field in needed(spec):
        if field not in names and field not in fixed:
            raise file.problems.error(
                label,
                line,
                f"no column {field}; it has: {name_list(names, field)}",
                "If the column has another name here, add it to fields in the connector's "
                "system.yaml",
            )
    return Look(file, label, tuple(header), names, fixed, begins, form, delimiter, sheet)


def _header_words(spec: FileObject) -> FileObject:
    """What tells records from other lines does not tell the header."""
    return spec.model_copy(update={"only": None, "stop_at": None})


def _filled(spec: FileObject, rows: Sequence[Record]) -> list[Record]:
    tell = verdict(_header_words(spec))
    return [row for row in rows if row.raw.strip() and tell(row.raw) is Verdict.RECORD]


def _header(spec: FileObject, records: Sequence[Record]) -> Record:
    if spec.header == "find":
        keys = set(needed(spec))
        for record in records:
            try:
                if record.defect is None and keys <= set(our_names(spec, record.cells)):
                    return record
            except HeaderError:
                continue
        raise HeaderError(f"is not there: no line names {name_list(keys)}")
    if not records:
        raise HeaderError("is not there")
    if records[0].defect:
        raise HeaderError(f"cannot be read: {records[0].defect}")
    return records[0]


def _delimiter(spec: FileObject, sample: Sequence[Line]) -> str:
    """The declared delimiter, or the one of four that makes most sense of the first lines.

    That is the one by which most fields are named; then the one by which most lines have as many
    values as the header; then the one with most values; then the first of ``, ; tab |``.
    """
    if spec.delimiter != AUTO:
        return spec.delimiter

    def sense(delimiter: str) -> tuple[int, int, int]:
        records = list(delimited(sample, _header_words(spec), delimiter, None))
        try:
            header = spec.header if isinstance(spec.header, tuple) else _header(spec, records).cells
        except HeaderError:
            return (-1, 0, 0)
        alike = sum(len(r.cells) == len(header) > 1 for r in islice(records, 0, 50))
        return (known(spec, header), alike, len(header))

    return max(_DELIMITERS, key=sense)
