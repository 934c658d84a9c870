"""Bytes as text: by their mark, their header or their declaration."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsync_dagster.connectors.http.body import BodyError, decoded
from finsync_dagster.connectors.http.paths import pick, shown

TEXT = '{"name": "Söhne €"}'


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (TEXT.encode(), None),
        (TEXT.encode(), "application/json"),
        (TEXT.encode(), ""),
        (TEXT.encode(), ";;charset"),
        (TEXT.encode(), "application/json; charset=UTF-8"),
        (TEXT.encode("utf-8-sig"), "application/json; charset=latin-1"),
        (TEXT.encode("utf-16"), "application/json; charset=utf-8"),
        (TEXT.encode("utf-16-le"), "application/json; charset=utf-16le"),
        (TEXT.encode("cp1252"), 'text/json; CHARSET="windows-1252"'),
        (TEXT.encode("iso8859-15"), "text/json; charset=ISO-8859-15"),
    ],
)
def test_text(content: bytes, kind: str | None) -> None:
    assert decoded(content, kind) == TEXT


def test_xml_tells_its_encoding_itself() -> None:
    text = '<?xml version="1.0" encoding="ISO-8859-1"?><error>für</error>'
    assert decoded(text.encode("latin-1"), "text/xml") == text
    assert decoded(text.replace("ISO-8859-1", "utf-8").encode(), None)[-10:] == "ür</error>"


@pytest.mark.parametrize(
    ("content", "kind", "words"),
    [
        (b"a\xff", None, "no valid UTF-8 at byte 2"),
        (b"a\xff\xfe", "x/y; charset=ascii", "no valid ASCII at byte 2"),
        (b"\xff\xfea", None, "no valid UTF-16"),
        (b"a", "x/y; charset=klingon", "none, klingon"),
        (b"a", "x/y; charset=" + "k" * 500, "none, " + "k" * 40),
    ],
)
def test_no_text(content: bytes, kind: str | None, words: str) -> None:
    with pytest.raises(BodyError, match=words) as raised:
        decoded(content, kind)
    assert not raised.value.again
    assert len(str(raised.value)) < 200


@given(st.binary(max_size=50), st.text(max_size=20))
def test_whatever_comes_it_is_text_or_an_error(content: bytes, charset: str) -> None:
    said = ""
    try:
        assert isinstance(decoded(content, f"a/b; charset={charset}"), str)
    except BodyError as error:
        said = str(error)
    assert said.isprintable()


def test_paths() -> None:
    tree = {"a": {"b.c": [{"d": 1}, None]}, "0": "text"}
    assert pick(tree, ()) is tree
    assert pick(tree, ("a", "b.c", 0, "d")) == 1
    assert pick(tree, ("a", "b.c", -2, "d")) == 1
    assert pick(tree, ("a", "b.c", 1), missing="none") is None
    for path in [("x",), ("a", "b.c", 2), ("a", "b.c", -3), ("a", "b.c", "d"), (0,), ("0", 0)]:
        assert pick(tree, path, missing="none") == "none"
    assert shown(("a", "b.c", 0)) == "a / b.c / 0"
    assert shown(()) == "the answer itself"
