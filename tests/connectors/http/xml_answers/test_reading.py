"""Which texts are XML, which shape they have, and what nobody reads."""

from __future__ import annotations

import time
from contextlib import suppress
from xml.parsers import expat
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsync_dagster.connectors.http.body import decoded
from finsync_dagster.connectors.http.exact_json import NotJsonError
from finsync_dagster.connectors.http.xml_answers.elements import NotXmlError, read_elements
from finsync_dagster.connectors.http.xml_answers.reading import UnknownShapeError, looks_like_xml
from tests.connectors.http.xml_answers.values import value

LAUGHS = (
    '<!DOCTYPE a [<!ENTITY l0 "lol">'
    + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    + "]><a>&l9;</a>"
)
FILE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
REMOTE = '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/evil.dtd"><a/>'
PARAMETER = '<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]><a/>'
QUADRATIC = f'<!DOCTYPE a [<!ENTITY x "{"x" * 50000}">]><a>{"&x;" * 50000}</a>'


@pytest.mark.parametrize(
    ("text", "is_xml"),
    [
        ("<a/>", True),
        (" \n<?xml version='1.0'?><a/>", True),
        ("<!-- note --><a/>", True),
        ("<html><p>no</p></html>", False),
        ("<!DOCTYPE html><p>", False),
        ("<?xml version='1.0'?>\n<!-- x --><!doctype HTML PUBLIC 'x'><html/>", False),
        ('<a t="<html>"/>', True),
        ("<htmlish/>", True),
        ('{"a": "<b/>"}', False),
        ("", False),
    ],
)
def test_what_is_xml(text: str, is_xml: bool) -> None:
    assert looks_like_xml(text) is is_xml


def test_many_comments_take_no_time() -> None:
    before = time.monotonic()
    assert looks_like_xml("<!---->" * 280 + "<a/>")
    assert time.monotonic() - before < 0.5


def test_json_is_read_as_ever_whatever_is_declared_of_xml() -> None:
    assert value('{"a": 1}', shape="plain") == {"a": "1"}


def test_without_a_word_only_what_is_beyond_doubt_is_known() -> None:
    with pytest.raises(UnknownShapeError, match=r"^its root is Reports$"):
        value("<Reports><Items><Report><ID>1</ID></Report></Items></Reports>")


@pytest.mark.parametrize("text", [LAUGHS, FILE, REMOTE, PARAMETER, QUADRATIC])
def test_a_document_type_is_not_read(text: str) -> None:
    before = time.monotonic()
    with pytest.raises(NotXmlError, match=r"^it has a document type, which is not read$"):
        value(text, shape="plain")
    assert time.monotonic() - before < 0.5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<a>&nbsp;</a>", "undefined entity at line 1, character 4"),
        ("<a>\n<b></a>", "mismatched tag at line 2, character 6"),
        ("<a>", "no element found at line 1, character 4"),
        ("<a/><b/>", "junk after document element at line 1, character 5"),
        ("<x:a/>", "unbound prefix at line 1, character 1"),
        ("<a>&#1;</a>", "it refers to a character that XML cannot carry at line 1, character 4"),
        (
            "<a>\x0b</a>",
            "it holds the character U+000B, which XML cannot carry, at line 1, character 4",
        ),
        ("<a>\x00</a>", "it holds the character U+0000, which XML cannot carry"),
        ("<a>" * 100_000, "it is nested too deeply"),
        ("<a>\ud800</a>", "it holds a character that no text can hold"),
    ],
)
def test_what_is_broken_is_told(text: str, said: str) -> None:
    with pytest.raises(NotJsonError) as error:
        value(text, shape="plain")
    assert str(error.value).startswith(said)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("<a>Grüße €</a>".encode(), "application/xml"),
        ("<a>Grüße €</a>".encode("utf-8-sig"), "application/xml; charset=iso-8859-1"),
        ("<?xml version='1.0' encoding='UTF-16'?><a>Grüße €</a>".encode("utf-16"), "text/xml"),
        ("<?xml version='1.0' encoding='UTF-16'?><a>Grüße €</a>".encode("utf-16-le"), None),
        ("<?xml version='1.0' encoding='UTF-16'?><a>Grüße €</a>".encode("utf-16-be"), None),
        ("<?xml version='1.0' encoding = 'cp1252' ?><a>Grüße €</a>".encode("cp1252"), "text/xml"),
        ("<?xml version='1.0' encoding='utf-16'?><a>Grüße €</a>".encode(), "text/xml"),
        (
            "<?xml version='1.0' encoding='UTF-8'?><a>Grüße €</a>".encode("iso-8859-15"),
            "text/xml; charset=ISO-8859-15",
        ),
    ],
)
def test_encodings(content: bytes, kind: str | None) -> None:
    assert read_elements(decoded(content, kind)).text == "Grüße €"


def test_the_parser_of_this_python_fetches_nothing_by_itself() -> None:
    """What the refusal of document types rests on, should expat ever change."""
    asked: list[object] = []
    parser = expat.ParserCreate()
    parser.ExternalEntityRefHandler = lambda *a: asked.append(a) or 1
    with pytest.raises(NotXmlError):
        read_elements(FILE)
    parser.Parse(FILE, True)
    assert len(asked) == 1


def test_large_pieces_take_time_in_proportion() -> None:
    text = f"<a><!--{'x' * 8_000_000}--><b t='{'y' * 8_000_000}'>{'z' * 8_000_000}</b></a>"
    before = time.monotonic()
    assert len(read_elements(text).children[0].text) == 8_000_000
    assert time.monotonic() - before < 5


SIGNS = ["<", ">", "/", "=", "'", '"', "&", ";", "<!--", "-->", "<![CDATA[", "]]>", "<?x?>", "\x00"]
WORDS = ["a", "type", "array", "nil", " ", "<a>", "</a>", "<a/>", "</b>", "<b type='array'>", "é"]


@given(
    parts=st.lists(st.one_of(st.sampled_from(SIGNS + WORDS), st.text(max_size=3)), max_size=25),
    shape=st.sampled_from(["atom", "typed", "plain", None]),
)
def test_whatever_comes_it_is_a_value_or_an_error(parts: list[str], shape: str | None) -> None:
    with suppress(NotJsonError):
        value("<a>" + "".join(parts), shape=shape)


NAMES = st.sampled_from(["id", "po-number", "a_b", "Ünit"])
TEXTS = st.text(
    st.characters(
        min_codepoint=33, blacklist_categories=["Cs"], blacklist_characters="\ufffe\uffff"
    )
)
VALUES = st.recursive(
    st.none() | st.booleans() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, min_size=1),
    max_leaves=12,
)


def typed(name: str, content: object) -> str:
    """A value as XML that tells types."""
    if content is None:
        return f'<{name} nil="true"/>'
    if isinstance(content, bool):
        return f'<{name} type="boolean">{str(content).lower()}</{name}>'
    if isinstance(content, list):
        return f'<{name} type="array">{"".join(typed("e", c) for c in content)}</{name}>'
    if isinstance(content, dict):
        return f"<{name}>{''.join(typed(n, c) for n, c in content.items())}</{name}>"
    return f"<{name}>{escape(str(content))}</{name}>"


@given(content=VALUES)
def test_any_value_comes_back_from_xml_that_tells_types(content: object) -> None:
    assert value(typed("root", content), shape="typed") == content
