"""What a query of a connector may be: one SELECT, which can stand inside another.

Belongs here: the rule and its words. Not here: running it (sql.py).

A query is always read as ``SELECT … FROM (query)``, in a transaction that only reads wherever the
database offers one. The rule exists so that a mistake is told when the YAML is read, and so that
no text can leave the parentheses it is put in.
"""

from __future__ import annotations

import re

# Literals, quoted names and comments: what they hold is no SQL.
_QUOTED = re.compile(
    r"""'(?:[^']|'')*' | "(?:[^"]|"")*" | `[^`]*` | \$(\w*)\$.*?\$\1\$ | --[^\n]* | /\*.*?\*/""",
    re.VERBOSE | re.DOTALL,
)
_LEFT_OPEN = re.compile(r"""['"`] | /\*""", re.VERBOSE)
_WRITES = re.compile(
    r"\b(insert\s+into|update\s+\S+\s+set|delete\s+from|merge\s+into|truncate\s+table"
    r"|select\b[^()]*?\binto|for\s+update)\b",
    re.IGNORECASE | re.DOTALL,
)


def query_problem(query: str) -> str | None:
    """Why the text is no query that may be read; None if it is one."""
    bare = _QUOTED.sub(" ", query)
    if _LEFT_OPEN.search(bare):
        return "a quote or comment is opened and not closed"
    if ";" in bare:
        return "write one SELECT, without a semicolon"
    if not re.match(r"\s*(select|with)\b", bare, re.IGNORECASE):
        return "begin with SELECT or WITH: only reading is allowed"
    if found := _WRITES.search(bare):
        return f"only reading is allowed, and this writes or locks: {' '.join(found[0].split())}"
    depth = 0
    for sign in re.findall(r"[()]", bare):
        depth += 1 if sign == "(" else -1
        if depth < 0:
            break
    return "its parentheses do not match" if depth else None
