"""The exported tables of the two ERPs, parsed: their own columns and rows, nothing changed.

Belongs here: the two export formats. Not here: databases.

Left out, because the export added them: the unnamed row number in front of Wide World Importers'
columns; the flag in front of Adventure Works' columns and the rows that carry another flag than V.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_ROW_FLAG = "V"


@dataclass(frozen=True)
class ExportedTable:
    """One table as exported: values are the text of the file, None where it is empty."""

    name: str
    columns: tuple[str, ...]
    rows: list[tuple[str | None, ...]]


class ExportError(ValueError):
    """An export file is not what it should be; the message names file and line."""


def read_csv_export(name: str, path: Path) -> ExportedTable:
    """A file of Wide World Importers: CSV, first column an unnamed row number."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        header = next(reader)
        if header[0] != "":
            raise ExportError(f"{path.name} line 1: the first column should have no name")
        rows = [_row(path, reader.line_num, header, cells)[1:] for cells in reader]
    return ExportedTable(name, tuple(header[1:]), rows)


def read_flagged_export(name: str, path: Path) -> ExportedTable:
    r"""A file of Adventure Works: tab-separated, first column a flag, no quoting.

    The header begins with ``\P\`` and its last cell ends in a backslash, or begins with OpFlag.
    """
    lines = _lines(path)
    _, header = next(lines)
    if header[0] == "\\P\\":
        header[-1] = header[-1].removesuffix("\\")
    elif header[0] != "OpFlag":
        raise ExportError(f"{path.name} line 1: the header should begin with \\P\\ or OpFlag")
    rows = [_row(path, n, header, cells)[1:] for n, cells in lines if cells[0] == _ROW_FLAG]
    return ExportedTable(name, tuple(header[1:]), rows)


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    # newline="": only the line ends of the file count, and blanks at the end of a value stay.
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, line in enumerate(file, start=1):
            content = line.rstrip("\r\n")
            if content:
                yield number, content.split("\t")


def _row(path: Path, line: int, header: list[str], cells: list[str]) -> tuple[str | None, ...]:
    if len(cells) != len(header):
        raise ExportError(f"{path.name} line {line}: {len(cells)} values for {len(header)} columns")
    return tuple(cell or None for cell in cells)
