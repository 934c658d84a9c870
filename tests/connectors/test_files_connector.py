from pathlib import Path

import pytest

from finsync_dagster.connectors import files
from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.file_model import FileObject

RATES = FileObject(glob="rates*.csv", key=("Date",), rows_per_page=2)


def taken(folder: Path, spec: FileObject = RATES, required: tuple[str, ...] = ()):
    url = folder.as_uri()
    with files.extract("ecb", url, "rates", spec, required_columns=required) as extraction:
        return extraction, list(extraction.pages)


def test_header_with_a_trailing_comma_bom_and_crlf(tmp_path):
    (tmp_path / "rates.csv").write_bytes(
        b"\xef\xbb\xbfDate,USD,JPY,\r\n2026-10-30,1.1172,N/A,\r\n2026-10-29,,160,"
    )
    extraction, pages = taken(tmp_path)
    assert extraction.columns == ("Date", "USD", "JPY")
    assert pages == [[("2026-10-30", "1.1172", "N/A"), ("2026-10-29", None, "160")]]
    assert extraction.stated.count_selected == 2


def test_several_files_in_order_of_their_names(tmp_path):
    (tmp_path / "rates_2.csv").write_text("Date,USD\n2,b\n")
    (tmp_path / "rates_1.csv").write_text("Date,USD\n1,a\n\n0,z\n")
    extraction, pages = taken(tmp_path)
    assert pages == [[("1", "a"), ("0", "z")], [("2", "b")]]
    assert extraction.stated.count_table == 3


def test_a_line_end_inside_quotes_is_no_row(tmp_path):
    (tmp_path / "rates.csv").write_text('Date,Note\n1,"two\nlines, ""quoted"""\n')
    extraction, pages = taken(tmp_path)
    assert pages == [[("1", 'two\nlines, "quoted"')]]
    assert extraction.stated.count_selected == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"Date,USD\n1,a\n2,b,c\n", r"rates\.csv line 3: 3 cells where the header has 2"),
        (b"Date,USD\n1\n", r"rates\.csv line 2: 1 cells"),
        (b"Date,USD,\n1,a,x\n", r"rates\.csv line 2: 3 cells"),
        (b"Date,USD\n1,a\n2,\xff\n", r"rates\.csv line 3: bytes that are not UTF-8"),
        (b'Date,USD\n1,"a"b\n', r"rates\.csv line 2: not CSV"),
        (b'Date,USD\n1,"a\n', r"rates\.csv line 2: not CSV"),
        (b"Date,Date\n", r"rates\.csv line 1: the header"),
        (b"", r"rates\.csv line 1: the header"),
        (b"Day,USD\n", r"rates\.csv line 1: no column Date; it has: Day, USD"),
    ],
)
def test_errors_name_file_and_line(tmp_path, content, message):
    (tmp_path / "rates.csv").write_bytes(content)
    with pytest.raises(SourceError, match=message):
        taken(tmp_path)


def test_headers_that_differ(tmp_path):
    (tmp_path / "rates_1.csv").write_text("Date,USD\n")
    (tmp_path / "rates_2.csv").write_text("Date,EUR\n")
    with pytest.raises(SourceError, match=r"rates_2\.csv line 1: columns differ"):
        taken(tmp_path)


def test_a_file_that_changes_while_it_is_read(tmp_path):
    path = tmp_path / "rates.csv"
    path.write_text("Date,USD\n1,a\n")
    with files.extract("ecb", tmp_path.as_uri(), "rates", RATES) as extraction:
        path.write_text("Date,USD\n1,a\n2,b\n")
        with pytest.raises(SourceError, match="changed while it was read") as caught:
            list(extraction.pages)
    assert caught.value.transient


def test_missing_folder_and_file(tmp_path):
    (tmp_path / "other.csv").write_text("")
    with pytest.raises(SourceError, match=r"no file rates\*\.csv in .*; there are: other\.csv"):
        taken(tmp_path)
    with pytest.raises(SourceError, match="there is no folder"):
        taken(tmp_path / "none")
    with (
        pytest.raises(SourceError, match="not a file:// folder"),
        files.extract("ecb", "https://example.org", "rates", RATES),
    ):
        pass


def test_the_change_stamp_is_of_names_and_content(tmp_path):
    stamps = set()
    for name, content in (("rates_1", "Date\n"), ("rates_1", "Date\n1\n"), ("rates_2", "Date\n")):
        (tmp_path / f"{name}.csv").write_text(content)
        stamps.add(files.change_stamp("ecb", tmp_path.as_uri(), "rates", RATES))
    assert len(stamps) == 3
    assert files.change_stamp("ecb", tmp_path.as_uri(), "rates", RATES) in stamps
