"""Reading CSV files from a folder: text values, one header each, counted apart from being parsed.

Belongs here: the files protocol. Not here: other file formats, nor what values mean (canonical).

The files of an object are read whole, every time, in the order of their names. Their rows are
counted by line ends outside quotes, without the CSV parser, so that a parser that loses rows is
found out.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from urllib.parse import unquote, urlsplit

from finsync_dagster.connectors.errors import SourceError, name_list
from finsync_dagster.connectors.extraction import Extraction, Page, Row, Stated
from finsync_dagster.connectors.file_model import FileObject

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class _Source:
    """The files of an object, and the words for its errors."""

    system: str
    object: str
    spec: FileObject
    paths: tuple[Path, ...]

    def error(
        self, path: Path, line: int | None, what: str, remedy: str, transient: bool = False
    ) -> SourceError:
        place = path.name if line is None else f"{path.name} line {line}"
        return SourceError(self.system, self.object, f"{place}: {what}", remedy, transient)


@contextmanager
def extract(
    system: str,
    url: str,
    object_name: str,
    spec: FileObject,
    *,
    required_columns: Sequence[str] = (),
) -> Iterator[Extraction]:
    """One reading of all files of an object, rows in the order of the files.

    An empty cell is None. A header that ends in a delimiter names no last column, and no row may
    have a value there.

    Raises:
        SourceError: folder or files missing, headers that differ, a column missing, a row of
            another length, bytes that are not UTF-8, or a file that changes while it is read.
    """
    source = _find(system, url, object_name, spec)
    columns = _columns(source, [*spec.key, *required_columns])
    counted = {path: _count(source, path) for path in source.paths}
    rows = sum(count for count, _ in counted.values())
    named = ", ".join(f"{path.name} (sha256 {digest})" for path, (_, digest) in counted.items())
    yield Extraction(
        system=system,
        object=object_name,
        request=f"every row of {named}",
        columns=columns,
        since=None,
        stated=Stated(count_table=rows, count_selected=rows, sums_table={}, sums_selected={}),
        pages=_pages(source, columns, {path: digest for path, (_, digest) in counted.items()}),
    )


def change_stamp(system: str, url: str, object_name: str, spec: FileObject) -> str:
    """A digest of names and bytes of the files: differs once one of them has changed."""
    source = _find(system, url, object_name, spec)
    digest = hashlib.sha256()
    for path in source.paths:
        digest.update(f"{path.name}\0{_count(source, path)[1]}\n".encode())
    return digest.hexdigest()


def _find(system: str, url: str, object_name: str, spec: FileObject) -> _Source:
    parts = urlsplit(url)
    if parts.scheme != "file":
        raise SourceError(
            system, "", "its address is not a file:// folder", "Write file:///absolute/folder"
        )
    folder = Path(unquote(parts.path))
    if not folder.is_dir():
        raise SourceError(
            system,
            object_name,
            f"there is no folder {folder}",
            "Correct the address, or check that the share is mounted",
        )
    paths = tuple(sorted(path for path in folder.glob(spec.glob) if path.is_file()))
    if not paths:
        there = name_list(path.name for path in folder.iterdir())
        raise SourceError(
            system,
            object_name,
            f"no file {spec.glob} in {folder}; there are: {there}",
            "Deliver the file, or correct glob in the connector's system.yaml",
        )
    return _Source(system, object_name, spec, paths)


def _columns(source: _Source, required: Sequence[str]) -> tuple[str, ...]:
    headers = {path: _header(source, path) for path in source.paths}
    first_path, first = next(iter(headers.items()))
    for path, header in headers.items():
        if header != first:
            raise source.error(
                path,
                1,
                f"columns differ from those of {first_path.name}",
                "Files of one object must have one header; narrow glob, or split the object",
            )
    for column in dict.fromkeys(required):
        if column not in first:
            raise source.error(
                first_path,
                1,
                f"no column {column}; it has: {name_list(first, column)}",
                "If the column was renamed, correct the connector's system.yaml and its mapping",
            )
    return first


def _header(source: _Source, path: Path) -> tuple[str, ...]:
    _, cells = next(_records(source, path), (1, [""]))
    names = cells[:-1] if cells[-1] == "" else cells
    if not names or "" in names or len(set(names)) != len(names):
        raise source.error(
            path, 1, "the header is empty, or names no column or one twice", "Correct the header"
        )
    return tuple(names)


def _count(source: _Source, path: Path) -> tuple[int, str]:
    """Rows after the header, by line ends outside quotes, and the file's SHA-256."""
    digest, rows, quotes = hashlib.sha256(), 0, 0
    try:
        with path.open("rb") as file:
            for line in file:
                digest.update(line)
                quotes += line.count(b'"')
                rows += quotes % 2 == 0 and line.strip(b"\r\n" + _BOM) != b""
    except OSError as error:
        raise source.error(
            path, None, f"cannot be read ({error.strerror})", "Check its rights", transient=True
        ) from None
    return max(rows - 1, 0), digest.hexdigest()


def _records(
    source: _Source, path: Path, digest: str | None = None
) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of every record, the header first."""
    seen = hashlib.sha256()

    def lines() -> Iterator[str]:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                seen.update(line)
                content = line.removeprefix(_BOM) if number == 1 else line
                try:
                    yield content.decode(source.spec.encoding)
                except UnicodeDecodeError:
                    raise source.error(
                        path, number, "bytes that are not UTF-8", "Have it exported as UTF-8"
                    ) from None

    reader = csv.reader(lines(), delimiter=source.spec.delimiter, strict=True)
    try:
        for cells in reader:
            if cells:
                yield reader.line_num, cells
    except csv.Error as error:
        raise source.error(
            path, reader.line_num, f"not CSV: {error}", "Have the file exported again"
        ) from None
    if digest is not None and seen.hexdigest() != digest:
        raise source.error(
            path, None, "changed while it was read", "It is read again", transient=True
        )


def _rows(source: _Source, columns: tuple[str, ...], digests: dict[Path, str]) -> Iterator[Row]:
    width = len(columns)
    for path, digest in digests.items():
        for line, cells in islice(_records(source, path, digest), 1, None):
            if len(cells) < width or any(cells[width:]) or len(cells) > width + 1:
                raise source.error(
                    path,
                    line,
                    f"{len(cells)} cells where the header has {width} columns",
                    "Have the file exported again, with values quoted",
                )
            yield tuple(cell or None for cell in cells[:width])


def _pages(source: _Source, columns: tuple[str, ...], digests: dict[Path, str]) -> Iterator[Page]:
    rows = _rows(source, columns, digests)
    while page := list(islice(rows, source.spec.rows_per_page)):
        yield page
