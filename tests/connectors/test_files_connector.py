"""A set of files as one object: which files, in which order, and what the manifest is told."""

import gzip
import os
from pathlib import Path

import fsspec
import pytest

from finsync_dagster.connectors import files
from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.file_model import FileObject
from tests.connectors.file_support import read, spec, values

RATES = FileObject(glob="rates*.csv", key=("Date",), rows_per_page=2)
RESERVED = ("_file", "_line", "_defect", "_raw")


def taken(folder: Path, declared: FileObject = RATES):
    with files.extract("ecb", folder.as_uri(), "rates", declared) as extraction:
        return extraction, list(extraction.pages)


def test_header_with_a_trailing_comma_bom_and_crlf(tmp_path):
    (tmp_path / "rates.csv").write_bytes(
        b"\xef\xbb\xbfDate,USD,JPY,\r\n2026-10-30,1.1172,N/A,\r\n2026-10-29,,160,"
    )
    extraction, pages = taken(tmp_path)
    assert extraction.columns == ("Date", "USD", "JPY", *RESERVED)
    assert pages == [
        [
            ("2026-10-30", "1.1172", "N/A", "rates.csv", "2", None, None),
            ("2026-10-29", None, "160", "rates.csv", "3", None, None),
        ]
    ]
    assert extraction.stated.count_selected == 2


def test_several_files_in_order_of_their_names(tmp_path):
    (tmp_path / "rates_2.csv").write_text("Date,USD\n2,b\n")
    (tmp_path / "rates_1.csv").write_text("Date,USD\n1,a\n\n0,z\n")
    extraction, pages = taken(tmp_path)
    assert [[row[:4] for row in page] for page in pages] == [
        [("1", "a", "rates_1.csv", "2"), ("0", "z", "rates_1.csv", "4")],
        [("2", "b", "rates_2.csv", "2")],
    ]
    assert extraction.stated.count_table == 3


def test_order_by_time_and_the_latest_file_alone(tmp_path):
    for name, content, when in (("b", "1,old", 10), ("a", "1,new", 20), ("c", "2,older", 5)):
        path = tmp_path / f"{name}.csv"
        path.write_text(f"id,x\n{content}\n")
        os.utime(path, (when, when))
    assert values(tmp_path) == [("1", "new"), ("1", "old"), ("2", "older")]
    by_time = [("2", "older"), ("1", "old"), ("1", "new")]
    assert values(tmp_path, spec(order="modified")) == by_time
    assert values(tmp_path, spec(order="modified", delivery="latest")) == [("1", "new")]
    assert values(tmp_path, spec(delivery="latest")) == [("2", "older")]


def test_globs_reach_folders_and_leave_leftovers_alone(tmp_path):
    (tmp_path / "2026" / "01").mkdir(parents=True)
    for name in ("top.csv", "2026/01/deep.csv", "2026/x.txt", ".hidden.csv", "2026/~$open.csv"):
        (tmp_path / name).write_text(f"id\n{name}\n")
    assert values(tmp_path) == [("top.csv",)]
    assert values(tmp_path, spec(glob="**/*.csv")) == [("2026/01/deep.csv",), ("top.csv",)]
    several = spec(glob=["top.*", "2026/*.txt"])
    assert [r["_file"] for r in read(tmp_path, several)] == ["2026/x.txt", "top.csv"]


def test_folder_names_are_no_patterns(tmp_path):
    folder = tmp_path / "in [new] 100%"
    folder.mkdir()
    (folder / "a.csv").write_text("id\n1\n")
    assert values(folder) == [("1",)]


def test_links_out_of_the_folder_are_refused(tmp_path):
    (tmp_path / "secret.csv").write_text("id\n1\n")
    folder = tmp_path / "drop"
    folder.mkdir()
    (folder / "a.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(SourceError, match=r"a\.csv: is a link that leads out of the folder"):
        read(folder)


def test_packed_files_and_other_file_systems(tmp_path):
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"id\n1\n"))
    assert values(tmp_path, spec(glob="*.gz")) == [("1",)]
    (tmp_path / "b.csv.gz").write_bytes(b"no gzip")
    with pytest.raises(SourceError, match=r"b\.csv\.gz: cannot be read"):
        read(tmp_path, spec(glob="b*"))
    with fsspec.open("memory://drop/x/a.csv", "w") as file:
        file.write("id,v\n7,y\n")
    with files.extract("erp", "memory://drop", "lines", spec(glob="x/*.csv")) as extraction:
        assert next(extraction.pages)[0][:3] == ("7", "y", "x/a.csv")


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


@pytest.mark.parametrize("url", ["just/a/path", "sftp://me:geheim@host/drop", "nosuch://x/y"])
def test_addresses_that_cannot_be_reached_show_no_password(url):
    with pytest.raises(SourceError) as caught, files.extract("ecb", url, "rates", RATES):
        pass
    assert "geheim" not in str(caught.value)


def test_the_change_stamp_is_of_names_and_content(tmp_path):
    stamps = set()
    for name, content in (("rates_1", "Date\n"), ("rates_1", "Date\n1\n"), ("rates_2", "Date\n")):
        (tmp_path / f"{name}.csv").write_text(content)
        stamps.add(files.change_stamp("ecb", tmp_path.as_uri(), "rates", RATES))
    assert len(stamps) == 3
    assert files.change_stamp("ecb", tmp_path.as_uri(), "rates", RATES) in stamps


def test_the_request_tells_how_each_file_was_read(tmp_path):
    (tmp_path / "a.csv").write_text("id;Betrag\n1;2\n")
    (tmp_path / "b.csv").write_text("id;Amount\n1;2\n")
    (tmp_path / "c.csv").write_text("id;Betrag\n1;2\n")
    declared = spec(delimiter=";", fields={"amount": ["Betrag", "Amount"]})
    with files.extract("erp", tmp_path.as_uri(), "lines", declared) as extraction:
        request = extraction.request
    assert "delimiter ';', layout 1); b.csv (sha256" in request
    assert request.endswith("layout 1). layout 1: id | Betrag; layout 2: id | Amount")
