import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsync_dagster.landing import pages
from finsync_dagster.landing.errors import LandingError

# A lone surrogate is no text that a database or file could hand over.
TEXT = st.none() | st.text(st.characters(exclude_categories=["Cs"]))


def test_the_bytes_are_lines_of_json_in_the_source_s_order():
    content = pages.encode(["b", "a"], [("1.0", None), ("é", 'x"\n')])
    assert content == '{"b":"1.0","a":null}\n{"b":"é","a":"x\\"\\n"}\n'.encode()
    assert pages.digest(content) == hashlib.sha256(content).hexdigest()


@given(st.lists(st.tuples(TEXT, TEXT), max_size=5))
@settings(deadline=None)
def test_what_is_written_is_read(rows):
    content = pages.encode(["a", "b c"], rows)
    stored = pages.compress(content)
    assert pages.decompress(pages.digest(content), stored) == content
    assert [tuple(record.values()) for record in pages.records(content)] == rows
    assert pages.frame(content, ["a", "b c"]).rows() == rows
    assert pages.frame(content, ["b c"]).rows() == [(row[1],) for row in rows]


def test_values_that_look_like_something_else_stay_text():
    row = ("00012", "1e5", "true", "2013-01-01", "null", "1.10")
    names = list("abcdef")
    assert pages.frame(pages.encode(names, [row]), names).rows() == [row]


def test_other_content_is_refused():
    content = pages.encode(["a"], [("1",)])
    other = pages.compress(pages.encode(["a"], [("2",)]))
    for stored in (other, other[:-3], b"no zstd at all"):
        with pytest.raises(LandingError, match="changed or damaged"):
            pages.decompress(pages.digest(content), stored)
