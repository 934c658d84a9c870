"""Workbooks: every kind of cell as exact text."""

import zipfile

import pytest

from finsync_dagster.connectors import file_excel
from finsync_dagster.connectors.errors import SourceError
from tests.connectors import workbooks as wb
from tests.connectors.file_support import defects, read, spec, values


def declared(**words):
    return spec(glob="*.xlsx", format="excel", **words)


def test_cells_are_exact_text(tmp_path):
    cells = {
        "id": (wb.number("4500000001"), "4500000001"),
        "price": (wb.number("1.1499999999999999"), "1.15"),
        "noise": (wb.number("0.30000000000000004"), "0.30000000000000004"),
        "large": (wb.number("1E+22"), "10000000000000000000000"),
        "small": (wb.number("-1.5E-7"), "-0.00000015"),
        "day": (wb.number("46053", wb.DATE), "2026-01-31"),
        "moment": (wb.number("46053.5", wb.MOMENT), "2026-01-31 12:00:00"),
        "paid": (wb.truth(True), "TRUE"),
        "text": (wb.text(" 0012 "), " 0012 "),
        "none": (wb.text(""), None),
    }
    header, row = [wb.text(name) for name in cells], [xml for xml, _ in cells.values()]
    wb.write(tmp_path / "a.xlsx", {"S": [(1, header), (2, row)]})
    assert values(tmp_path, declared()) == [tuple(text for _, text in cells.values())]


def test_where_header_and_rows_are(tmp_path):
    rows = [
        (2, [wb.text("Report")]),
        (4, [wb.text("id"), wb.text("x")]),
        (6, [wb.number("1"), wb.text("a")]),
        (7, [wb.text("Total"), wb.number("1")]),
    ]
    wb.write(tmp_path / "a.xlsx", {"S": rows})
    for words in ({"skip_rows": 3}, {"skip_until": "^id"}, {"header": "find"}):
        for end in ({"stop_at": "^Total"}, {"skip_last": 1}):
            (record,) = read(tmp_path, declared(**words, **end))
            assert (record["id"], record["_file"], record["_line"]) == ("1", "a.xlsx#S", "6")


def test_sheets_by_name_position_and_pattern(tmp_path):
    def sheet(value):
        return [(1, [wb.text("id")]), (2, [wb.text(value)])]

    wb.write(tmp_path / "a.xlsx", {"Jan": sheet("1"), "Feb": sheet("2"), "Notes": sheet("3")})
    assert values(tmp_path, declared(sheet="feb")) == [("2",)]
    assert values(tmp_path, declared(sheet=3)) == [("3",)]
    assert values(tmp_path, declared(sheet="/^(Jan|Feb)$/")) == [("1",), ("2",)]
    with pytest.raises(SourceError, match=r"a\.xlsx: no sheet Mar; there are: Feb, Jan, Notes"):
        read(tmp_path, declared(sheet="Mar"))


def test_an_error_cell_costs_its_row(tmp_path):
    rows = [
        (1, [wb.text("id"), wb.text("x")]),
        (2, [wb.number("1"), wb.fault("B2", "#DIV/0!")]),
        (3, [wb.number("2"), wb.number("5")]),
    ]
    wb.write(tmp_path / "a.xlsx", {"S": rows})
    [(line, sentence, raw)] = defects(tmp_path, declared())
    assert (line, raw) == ("2", "1")
    assert "cell B2 holds the error #DIV/0!" in sentence


def test_what_is_no_workbook_or_too_large(tmp_path, monkeypatch):
    (tmp_path / "a.xlsx").write_bytes(b"id,x\n")
    with pytest.raises(SourceError, match=r"a\.xlsx: is no workbook that can be read"):
        read(tmp_path, declared())
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"\0" * 5000)
    monkeypatch.setattr(file_excel, "MAX_UNPACKED", 4000)
    with pytest.raises(SourceError, match="once unpacked"):
        read(tmp_path, declared())
