"""Names and texts cannot leave their quotes."""

from __future__ import annotations

import duckdb
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsync_dagster.publishing.sql_names import literal, qualified, quoted
from tests.postgres import server

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
HOSTILE = ["'", "''", "\\", "'; DROP TABLE x; --", 'a"b', "$$", "/*", "%s", "{}", "?", "E'\\''"]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_a_text_in_both(text: str) -> None:
    with duckdb.connect() as duck, psycopg.connect(server().dsn()) as postgres:
        statement = f"SELECT {literal(text)} AS {quoted(text)}"
        found = duck.sql(statement)
        assert (found.columns, found.fetchall()) == ([text], [(text,)])
        cursor = postgres.execute(statement)
        assert [c.name for c in cursor.description or ()] == [text]
        assert cursor.fetchall() == [(text,)]


@settings(deadline=None, max_examples=20)
@given(st.lists(TEXT, min_size=1))
def test_any_text_is_itself(texts: list[str]) -> None:
    with duckdb.connect() as duck:
        found = duck.execute(f"SELECT {', '.join(map(literal, texts))}").fetchone()
    assert found == tuple(texts)


def test_qualified() -> None:
    assert qualified("spend", "by stage") == '"spend"."by stage"'


@pytest.mark.parametrize("name", ["", "a\0b", "\u20ac" * 22])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        quoted(name)


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(ValueError, match="NUL"):
        literal("a\0b")
