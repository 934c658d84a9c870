from pathlib import Path

import pytest

from finsync_dagster.sandbox.exports import ExportError, read_csv_export, read_flagged_export


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "export.txt"
    path.write_bytes(content)
    return path


def test_csv_without_the_row_number(tmp_path):
    path = written(tmp_path, b',Id,Name\n0,1,"a ""b"", c "\n1,2.0,\n')
    table = read_csv_export("T", path)
    assert table.columns == ("Id", "Name")
    assert table.rows == [("1", 'a "b", c '), ("2.0", None)]


def test_csv_with_a_named_first_column_is_refused(tmp_path):
    with pytest.raises(ExportError, match=r"export\.txt line 1"):
        read_csv_export("T", written(tmp_path, b"Id,Name\n1,a\n"))


def test_flags_metadata_and_line_ends_go_and_blanks_stay(tmp_path):
    content = b"\xef\xbb\xbf\\P\\\tCode\tName\\\nT\t$\t$\n#\t\t\nV\tC  \tCelsius \r\nV\tBOX\t"
    table = read_flagged_export("T", written(tmp_path, content))
    assert table.columns == ("Code", "Name")
    assert table.rows == [("C  ", "Celsius "), ("BOX", None)]


def test_the_other_header(tmp_path):
    table = read_flagged_export("T", written(tmp_path, b"OpFlag\tQty\tPrice\r\nV\t3\t.00\r\n"))
    assert (table.columns, table.rows) == (("Qty", "Price"), [("3", ".00")])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"Id\tName\nV\t1\n", "line 1: the header should begin"),
        (b"OpFlag\tId\nV\t1\t2\n", "line 2: 3 values for 2 columns"),
    ],
)
def test_broken_files_name_the_line(tmp_path, content, message):
    with pytest.raises(ExportError, match=message):
        read_flagged_export("T", written(tmp_path, content))
