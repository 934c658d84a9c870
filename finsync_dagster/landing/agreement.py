"""Does a count agree with what the source states, although the source may change while it is read?

Belongs here: the rule. Not here: who counts.
"""

from __future__ import annotations


def agrees(count: int, before: int | None, after: int | None) -> bool:
    """Is it what the source counted, or between what it counted before and after the reading?

    ``after`` is None for a source that does not count, which contradicts nothing; ``before`` is
    None for a source that was read as of one moment.
    """
    if after is None:
        return True
    first = after if before is None else before
    return min(first, after) <= count <= max(first, after)


def stated_count(before: int | None, after: int | None) -> str:
    """The source's count for a message: ``40``, or ``between 40 and 41`` if it changed."""
    if before is None or before == after:
        return str(after)
    return f"between {before} and {after}"
