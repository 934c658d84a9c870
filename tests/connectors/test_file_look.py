"""Encodings, delimiters and headers of files that nobody has seen before."""

import codecs

import pytest
from pydantic import ValidationError

from finsync_dagster.connectors import files
from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.file_names import normal
from tests.connectors.file_support import defects, read, spec, values

GERMAN = "id,name\n1,Größe Übermaß\n2,5 € Gebühr\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (GERMAN, "utf-8"),
        (GERMAN, "utf-8-sig"),
        (GERMAN, "cp1252"),
        (GERMAN, "utf-16"),
        (GERMAN, "utf-16-le"),
        (GERMAN, "utf-16-be"),
        ("id,name\n1,José Ñandú\n2,São João\n", "cp1252"),
        ("id,name\n1,Łódź Żółć sp. z o.o.\n2,Święta Górski\n", "cp1250"),
        ("id,name\n1,Общество с ограниченной ответственностью\n", "cp1251"),
        ("id,name\n1,株式会社トヨタ自動車東京都港区\n", "cp932"),
    ],
)
def test_an_encoding_is_found_out(tmp_path, text, encoding):
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    expected = [tuple(line.split(",")) for line in text.splitlines()[1:]]
    assert values(tmp_path, spec(encoding="auto")) == expected


def test_a_byte_order_mark_wins_over_what_was_declared(tmp_path):
    (tmp_path / "a.csv").write_bytes(codecs.BOM_UTF16_LE + GERMAN.encode("utf-16-le"))
    assert len(values(tmp_path, spec(encoding="cp1252"))) == 2


def test_lines_in_several_encodings(tmp_path):
    mixed = b"id,name\n1," + "Müller".encode() + b"\n2," + "Müller".encode("cp1252") + b"\n"
    (tmp_path / "a.csv").write_bytes(mixed)
    both = [("1", "Müller"), ("2", "Müller")]
    assert values(tmp_path, spec(encoding=["utf-8", "cp1252"])) == both
    assert values(tmp_path, spec(encoding="auto")) == both


def test_a_line_in_no_encoding_costs_itself(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"id,name\n1,a\n2,M\xfcller\n3,b\n")
    [(line, sentence, raw)] = defects(tmp_path)
    assert line == "3"
    assert "it holds bytes that are not utf-8 (set encoding: auto" in sentence
    assert raw == "2,M\\xfcller"


@pytest.mark.parametrize("delimiter", list(",;\t|"))
def test_a_delimiter_is_found_out(tmp_path, delimiter):
    row = delimiter.join(["1", '"a, b; c"', "1.000,50"])
    row = row if delimiter != "," else '1,"a, b; c","1.000,50"'
    (tmp_path / "a.csv").write_text(delimiter.join(["id", "text", "sum"]) + f"\n{row}\n")
    assert values(tmp_path, spec(delimiter="auto")) == [("1", "a, b; c", "1.000,50")]


def test_a_line_that_names_the_separator(tmp_path):
    (tmp_path / "a.csv").write_text("sep=;\nid;x\n1;2,5\n")
    assert values(tmp_path, spec(delimiter="auto")) == [("1", "2,5")]


def test_many_headers_are_one(tmp_path):
    (tmp_path / "de.csv").write_text("Belegnr.;Betrag;Notiz\n1;2,50;x\n")
    (tmp_path / "en.csv").write_text('Sum,"DOCUMENT\u00a0 no"\n3.50,2\n')
    (tmp_path / "fr.csv").write_text("\ufeffN° pièce|EXTRA\n3|e\n")
    declared = spec(
        delimiter="auto",
        fields={
            "id": ["Belegnr.", "Document No", "n° pièce"],
            "amount": {"names": ["Betrag", "Sum"]},
            "decimal": "Dezimal",
        },
    )
    with files.extract("erp", tmp_path.as_uri(), "lines", declared) as extraction:
        assert extraction.columns[:5] == ("id", "amount", "decimal", "Notiz", "EXTRA")
    assert values(tmp_path, declared) == [
        ("1", "2,50", None, "x", None),
        ("2", "3.50", None, None, None),
        ("3", None, None, None, "e"),
    ]


def test_headers_that_differ_are_united_without_declared_fields(tmp_path):
    (tmp_path / "a.csv").write_text("id,Amount\n1,2\n")
    (tmp_path / "b.csv").write_text("AMOUNT,New,ID\n4,n,3\n")
    records = read(tmp_path)
    assert [r["id"] for r in records] == ["1", "3"]
    assert [(r["Amount"], r["New"]) for r in records] == [("2", None), ("4", "n")]


def test_names_of_columns():
    assert normal(" ＩＤ\u00a0 Nr\n.\ufeff") == normal("id nr .")
    assert normal("Prix unité") != normal("Prix unite")


def test_nameless_columns(tmp_path):
    (tmp_path / "a.csv").write_text(",id,,x,,\n0,1,2,3\n")
    (record,) = read(tmp_path)
    assert (record["column_1"], record["column_3"], record["x"]) == ("0", "2", "3")


def test_files_without_a_header_and_headers_to_be_found(tmp_path):
    (tmp_path / "a.csv").write_text("1,a\n2,b\n")
    assert values(tmp_path, spec(header=["id", "x"])) == [("1", "a"), ("2", "b")]
    (tmp_path / "a.csv").write_text("Report,of,all\nby,me\n\nNr;x,id\n1,2\n")
    assert values(tmp_path, spec(header="find")) == [("1", "2")]


def test_constants(tmp_path):
    (tmp_path / "de_1.csv").write_text("id,Betrag\n1,x\n")
    (tmp_path / "us_1.csv").write_text("id,Amount\n2,y\n")
    constants = [
        {"set": {"channel": "files"}},
        {"files": "de_*", "set": {"company": "DE01"}},
        {"header": "betrag", "set": {"decimal": ","}},
    ]
    declared = spec(fields={"amount": ["Betrag", "Amount"]}, constants=constants)
    assert values(tmp_path, declared) == [
        ("x", "files", "DE01", ",", "1"),
        ("y", "files", None, None, "2"),
    ]
    clash = spec(constants=[{"set": {"Amount": "1"}}])
    with pytest.raises(SourceError, match="column Amount, which is declared as a constant"):
        read(tmp_path, clash)


@pytest.mark.parametrize(
    ("content", "words", "message"),
    [
        (b"", {}, r"a\.csv: the header is not there"),
        (b"\n,,\n", {}, r"a\.csv: the header is not there"),
        (b"id,ID \n", {}, r"a\.csv line 1: the header names ID twice"),
        (b"a,b,id\n", {"fields": {"f": ["a", "b"]}}, "two columns for f: a and b"),
        (b"id,_file\n", {}, "has a column _file, a name that every record has already"),
        (b"day,x\n", {}, r"a\.csv line 1: no column id; it has: day, x\. If the column"),
        (b"id\n", {"fields": {"f": {"required": True}}}, "no column f; it has: id"),
        (b"x\n1\n", {"header": "find"}, "the header is not there: no line names id"),
        (b"x\n1\n", {"skip_until": "^id"}, "the header is not there"),
        (b'id,"x\n', {}, "the header cannot be read: its quotes"),
    ],
)
def test_a_header_that_cannot_be_used(tmp_path, content, words, message):
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(SourceError, match=message):
        read(tmp_path, spec(**words))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"glob": "../*.csv"}, "must stay inside the folder"),
        ({"glob": ["a", "/etc/*"]}, "must stay inside the folder"),
        ({"encoding": "latin-99"}, "no text encoding"),
        ({"encoding": "base64"}, "no text encoding"),
        ({"skip_until": "("}, "not a regular expression"),
        ({"sheet": 2}, "sheet is no word of format delimited"),
        ({"format": "fixed"}, "needs columns"),
        ({"format": "fixed", "columns": {"a": [5, 4]}}, "not before its first"),
        ({"header": False}, "a list of names"),
        ({"fields": {"_line": "Zeile"}}, "_line is a name that every record"),
        ({"fields": {"a": ["X"], "b": ["x "]}}, r"x +belongs to a and to b"),
    ],
)
def test_words_that_do_not_go_together(words, message):
    with pytest.raises(ValidationError, match=message):
        spec(**words)
