"""Taking delimited and fixed-width text apart, and what becomes of records that resist."""

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.file_count import count_delimited
from finsync_dagster.connectors.file_records import Width, delimited
from finsync_dagster.connectors.file_text import MAX_RECORD, Line
from tests.connectors.file_support import defects, read, spec, values


def test_a_line_end_inside_quotes_is_no_row(tmp_path):
    (tmp_path / "a.csv").write_bytes(b'id,Note\r\n1,"two\r\nlines, ""quoted"""\r\n2,x\r\n')
    assert values(tmp_path) == [("1", 'two\r\nlines, "quoted"'), ("2", "x")]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("1,a,b,c", "it has 4 values where the header has 3 columns"),
        ("1,a", "it has 2 values where the header has 3 columns"),
        ('1,"a"b,c', "its quotes or line ends do not fit together"),
        ('1,"a,c', "its quotes or line ends do not fit together"),
        ("1,a\0,c", "it holds a NUL character"),
    ],
)
def test_a_record_that_cannot_be_read_is_landed_and_the_others_too(tmp_path, line, sentence):
    (tmp_path / "a.csv").write_text(f"id,x,y\n0,a,b\n{line}\n2,c,d\n")
    first, bad, last = read(tmp_path)
    assert (first["x"], last["y"]) == ("a", "d")
    assert bad["_defect"].startswith(f"a.csv line 3 cannot be read: {sentence}")
    assert bad["_raw"] == line.replace("\0", "\\x00")
    assert (bad["id"], bad["x"], bad["_file"], bad["_line"]) == (None, None, "a.csv", "3")


def test_an_open_quote_swallows_nothing(tmp_path):
    rows = "".join(f'{n},"text {n}",9\n' for n in range(4, 9))
    (tmp_path / "a.csv").write_text(f'id,x,y\n1,"open,2\n{rows}9,"also open\n10,z,1\n')
    records = read(tmp_path)
    assert [r["_line"] for r in records] == [str(n) for n in range(2, 10)]
    assert [r["_line"] for r in records if r["_defect"]] == ["2", "8"]
    assert records[-1]["id"] == "10"


def test_an_open_quote_before_more_text_than_a_record_may_have(tmp_path):
    plain = "2,b\n" * (MAX_RECORD // 4 + 10)
    (tmp_path / "a.csv").write_text(f'id,x\n1,"open\n{plain}')
    records = read(tmp_path)
    assert len(records) == MAX_RECORD // 4 + 11
    assert [r["_line"] for r in records if r["_defect"]] == ["2"]


def test_a_file_that_is_no_text(tmp_path):
    (tmp_path / "a.csv").write_text("id\n" + "x" * (MAX_RECORD + 1))
    with pytest.raises(SourceError, match=r"a\.csv line 2: a line of more than 1,000,000"):
        read(tmp_path)


def test_short_rows_and_empty_rows(tmp_path):
    (tmp_path / "a.csv").write_text("id,x,y\n1,a\n,,\n \n2,b,c,,,\n")
    assert [line for line, _, _ in defects(tmp_path)] == ["2"]
    padded = values(tmp_path, spec(short_rows="pad"))
    assert padded == [("1", "a", None), ("2", "b", "c")]


def test_quoting_of_every_kind(tmp_path):
    (tmp_path / "a.csv").write_text("id|x\n1|'it''s'\n2|5\" pipe\n")
    assert values(tmp_path, spec(delimiter="|", quote="'")) == [("1", "it's"), ("2", '5" pipe')]
    (tmp_path / "a.csv").write_text('id,x\n1,"half\n2,b"\n')
    assert values(tmp_path, spec(quote=None)) == [("1", '"half'), ("2", 'b"')]
    (tmp_path / "a.csv").write_text('id,x\n1,"say \\"a\\", b"\n2,a\\,b\n')
    escaped = spec(escape="\\")
    assert values(tmp_path, escaped) == [("1", 'say "a", b'), ("2", "a,b")]


def test_preamble_comments_totals_and_other_kinds_of_lines(tmp_path):
    (tmp_path / "a.csv").write_text(
        'Report, 2026\n\nid,x\n# note\nH,1\n1,a\n2,"b\n# no comment"\nTotal,2\n3,c\nend\n'
    )
    words = {"skip_until": "^id,", "comment": "#", "only": "^[0-9T]"}
    assert [v[0] for v in values(tmp_path, spec(**words, stop_at="^Total"))] == ["1", "2"]
    assert [v[0] for v in values(tmp_path, spec(**words, skip_last=1))] == ["1", "2", "Total", "3"]
    assert len(values(tmp_path, spec(**words, skip_last=3))) == 2
    assert values(tmp_path, spec(**words, skip_rows=2))[0] == ("1", "a")


def test_fixed_width(tmp_path):
    (tmp_path / "a.txt").write_text(
        "H20260131\nD0001 Müller      1250-\nD0002 Short\nD0003 Long       1250 tail\n", "cp1252"
    )
    declared = spec(
        glob="*.txt",
        format="fixed",
        encoding="cp1252",
        only="^D",
        columns={"id": [2, 5], "name": [7, 17], "amount": [18, 23]},
    )
    assert [r["name"] for r in read(tmp_path, declared)] == ["Müller", None, None]
    short, long = defects(tmp_path, declared)
    assert "it has 11 characters where its fields need 23" in short[1]
    assert "it has text after character 23" in long[1]
    (tmp_path / "a.txt").write_text("D0001 Müller      1250-\nD0002 Short\n", "cp1252")
    padded = declared.model_copy(update={"short_rows": "pad"})
    assert values(tmp_path, padded) == [("0001", "Müller", "1250-"), ("0002", "Short", None)]


LINES = st.lists(st.text(alphabet='a",\\ \n\r', max_size=12), max_size=12).map("".join)


@settings(max_examples=300)
@given(LINES, st.sampled_from([{}, {"escape": "\\"}, {"quote": None}]))
def test_the_count_and_the_parser_agree_on_any_text(text, words):
    declared = spec(**words)
    # Python's parser sees no end in a file that ends, without a line end, in an escaped one.
    text += "\n" if declared.escape else ""
    lines = [Line(n, t) for n, t in enumerate(io.StringIO(text, newline="\n"), start=1)]
    parsed = list(delimited(lines, declared, ",", Width(2, 3)))
    assert count_delimited(lines, declared, ",", (2, 3)) == len(parsed)
    # Nothing is lost: every line with more than blanks, quotes and commas is in some record.
    kept = {n for r in parsed for n in range(r.line, r.line + r.lines)}
    assert [x for x in lines if x.number not in kept and x.text.strip(' ,"\r\n\\')] == []


CELLS = st.text(
    st.characters(codec="utf-8", exclude_characters="\0�", exclude_categories=["Cs", "Cc"]),
    max_size=8,
).map(str.strip)


@settings(max_examples=120, deadline=None)
@given(
    st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=6),
    st.sampled_from(",;\t|"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "gb18030"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_any_table_in_any_dialect_comes_back(rows, delimiter, encoding, newline, quoting):
    out = io.StringIO(newline="")
    # Python's writer puts no quotes around a \n where lines end otherwise.
    quoting = csv.QUOTE_ALL if newline == "\r" else quoting
    writer = csv.writer(out, delimiter=delimiter, lineterminator=newline, quoting=quoting)
    writer.writerow(["id", "note", "in two\nlines"])
    writer.writerows([str(n), *row] for n, row in enumerate(rows))
    declared = spec(delimiter=delimiter, encoding=encoding)
    with TemporaryDirectory() as folder:
        Path(folder, "a.csv").write_bytes(out.getvalue().encode(encoding))
        found = values(Path(folder), declared)
    assert found == [(str(n), *(cell or None for cell in row)) for n, row in enumerate(rows)]
