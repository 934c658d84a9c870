"""Names and texts as SQL: the one place where either becomes part of a statement.

Belongs here: quoting that is right for DuckDB and PostgreSQL alike. Not here: statements (ddl.py).
"""

from __future__ import annotations

# PostgreSQL cuts longer names off, silently, so that two could become one.
_LONGEST = 63


def quoted(name: str) -> str:
    """A name as SQL identifier.

    Raises:
        ValueError: the name is empty, longer than 63 bytes, or holds a NUL character.
    """
    if not name or "\0" in name or len(name.encode()) > _LONGEST:
        raise ValueError(f"not a name for a table or column: {name!r}")
    return '"' + name.replace('"', '""') + '"'


def qualified(schema: str, name: str) -> str:
    """``"schema"."name"``."""
    return f"{quoted(schema)}.{quoted(name)}"


def literal(text: str) -> str:
    """A text as SQL string.

    Raises:
        ValueError: the text holds a NUL character, which SQL text cannot.
    """
    if "\0" in text:
        raise ValueError(f"a text with a NUL character: {text!r}")
    return "'" + text.replace("'", "''") + "'"
