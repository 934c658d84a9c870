"""Workbooks: xlsx, xlsm, xlsb, xls and ods, as records of text.

Belongs here: sheets and cells. Not here: which row is the header (file_look.py).

A workbook is held in memory while it is read, which nothing that reads this format can avoid. A
number is written with all its digits and no exponent, whole numbers without ``.0``; a date as
2026-01-31, with the time if it has one; truth as TRUE or FALSE. Cells with an error such as #DIV/0!
make a defect of their row in xlsx and xlsm; in the other formats the library that reads them shows
such a cell as empty.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook

from finsync_dagster.connectors.errors import name_list
from finsync_dagster.connectors.file_find import FoundFile
from finsync_dagster.connectors.file_model import FileObject
from finsync_dagster.connectors.file_names import normal
from finsync_dagster.connectors.file_records import Record

MAX_UNPACKED = 2 << 30
"""Bytes a workbook may have once unpacked."""
_CHUNK = 1 << 20
_REMEDY = "Have it saved again as xlsx, without a password"

Cell = int | float | str | bool | time | date | datetime | timedelta


class Workbook:
    """An open workbook."""

    def __init__(self, file: FoundFile, content: bytes) -> None:
        self._file = file
        self._content = content
        self._book = CalamineWorkbook.from_filelike(io.BytesIO(content))

    def sheets(self, spec: FileObject) -> list[str]:
        """Names of the sheets that are read, in the workbook's order.

        Raises:
            SourceError: there is none.
        """
        names, wanted = list(self._book.sheet_names), spec.sheet
        if isinstance(wanted, int):
            found = names[wanted - 1 : wanted] if wanted > 0 else []
        elif len(wanted) > 1 and wanted.startswith("/") and wanted.endswith("/"):
            found = [name for name in names if re.search(wanted[1:-1], name)]
        else:
            found = [name for name in names if normal(name) == normal(wanted)]
        if not found:
            raise self._file.error(
                None,
                f"no sheet {wanted}; there are: {name_list(names)}",
                "Correct sheet in the connector's system.yaml",
            )
        return found

    def records(self, sheet: str) -> Iterator[Record]:
        """Every row of a sheet down to its last, empty ones included, with its number."""
        errors = self._errors(sheet)
        rows = self._book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        for number, row in enumerate(rows, start=1):
            cells = [_text(cell) for cell in row]
            bad = errors.get(number)
            defect = f"cell {bad[0]} holds the error {bad[1]}" if bad else None
            yield Record(number, 1, cells, "\t".join(cells).rstrip("\t"), defect)

    def _errors(self, sheet: str) -> dict[int, tuple[str, str]]:
        if not zipfile.is_zipfile(io.BytesIO(self._content)):
            return {}
        with zipfile.ZipFile(io.BytesIO(self._content)) as packed:
            part = _part(packed, sheet)
            return _error_cells(packed.read(part)) if part else {}


@contextmanager
def workbook(file: FoundFile) -> Iterator[Workbook]:
    """Opens a workbook.

    Raises:
        SourceError: it is none, is protected, or would be too large once unpacked.
    """
    with file.open() as opened:
        content = opened.read()
    try:
        if zipfile.is_zipfile(io.BytesIO(content)):
            _check_size(file, content)
        book = Workbook(file, content)
    except (CalamineError, zipfile.BadZipFile, OSError, EOFError) as error:
        raise file.error(None, f"is no workbook that can be read ({error})", _REMEDY) from None
    yield book


def _check_size(file: FoundFile, content: bytes) -> None:
    # Sizes are counted, not believed: Python's zipfile stops at the size that is stated and finds
    # the checksum wrong, while other readers go on.
    left = MAX_UNPACKED
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        for part in packed.infolist():
            if part.file_size > left:
                raise file.error(
                    None,
                    f"would take more than {MAX_UNPACKED >> 30} GB once unpacked",
                    "Have it split, or delivered as CSV",
                )
            with packed.open(part) as opened:
                while chunk := opened.read(_CHUNK):
                    left -= len(chunk)


def _text(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return _number(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ") if cell.time() != time() else cell.date().isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


def _number(value: float) -> str:
    # repr is the shortest text of exactly this number, which is what Excel stores.
    text = format(Decimal(repr(value)), "f")
    return text.removesuffix(".0") if text != "-0.0" else "0"


def _part(packed: zipfile.ZipFile, sheet: str) -> str | None:
    """The part of an xlsx that holds a sheet; None in another format."""
    names = set(packed.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return None
    ids: dict[str, str] = {}
    targets: dict[str, str] = {}

    def start(tag: str, given: dict[str, str]) -> None:
        local = tag.rpartition(":")[2]
        if local == "sheet":
            ids[given.get("name", "")] = next(
                (value for key, value in given.items() if key.rpartition(":")[2] == "id"), ""
            )
        elif local == "Relationship":
            targets[given.get("Id", "")] = given.get("Target", "")

    _parse(packed.read("xl/workbook.xml"), start)
    _parse(packed.read("xl/_rels/workbook.xml.rels"), start)
    target = targets.get(ids.get(sheet, ""), "")
    path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return path if path in names else None


def _error_cells(content: bytes) -> dict[int, tuple[str, str]]:
    """Row → place and text of its first cell that holds an error."""
    found: dict[int, tuple[str, str]] = {}
    at: list[str] = []

    def start(tag: str, given: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "c":
            at[:] = [given.get("r", "")] if given.get("t") == "e" else []

    def text(data: str) -> None:
        row = re.sub("[^0-9]", "", at[0]) if at else ""
        if row and data.startswith("#"):
            found.setdefault(int(row), (at[0], data))

    _parse(content, start, text)
    return found


def _parse(content: bytes, start: object, text: object = None) -> None:
    # Entities, the way to bombs in XML, need a document type, which workbooks do not have.
    def refuse(*_: object) -> None:
        raise zipfile.BadZipFile("its XML declares a document type")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start  # type: ignore[assignment]
    parser.CharacterDataHandler = text  # type: ignore[assignment]
    parser.Parse(content, True)
