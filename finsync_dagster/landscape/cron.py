"""Is this a schedule in the five fields of cron?

Belongs here: the check. Not here: computing times, which the scheduler does.
"""

from __future__ import annotations

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
_FIELDS: tuple[tuple[str, int, int, dict[str, int]], ...] = (
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of the month", 1, 31, {}),
    ("month", 1, 12, {name: i + 1 for i, name in enumerate(_MONTHS)}),
    ("day of the week", 0, 7, {name: i for i, name in enumerate(_DAYS)}),
)


def require_cron(text: str) -> str:
    """The text, if it is a schedule such as ``0 7-19/2 * * 1-5``.

    Raises:
        ValueError: naming the field that is wrong and what it may hold.
    """
    parts = text.split()
    if len(parts) != len(_FIELDS):
        names = ", ".join(name for name, *_ in _FIELDS)
        raise ValueError(f"a schedule has five fields ({names}), here are {len(parts)}")
    for part, (name, low, high, words) in zip(parts, _FIELDS, strict=True):
        if not all(_fits(item.lower(), low, high, words) for item in part.split(",")):
            raise ValueError(
                f"{name} {part!r} is not a number from {low} to {high}, a range such as "
                f"{low}-{high}, a list, or * with a step such as */2"
            )
    return text


def _fits(item: str, low: int, high: int, words: dict[str, int]) -> bool:
    span, slash, step = item.partition("/")
    if slash and not (step.isdecimal() and int(step) > 0):
        return False
    if span == "*":
        return True
    first, dash, last = span.partition("-")
    ends = [_number(end, words) for end in ((first, last) if dash else (first,))]
    return all(low <= end <= high for end in ends) and ends == sorted(ends)


def _number(text: str, words: dict[str, int]) -> int:
    return words.get(text, int(text) if text.isdecimal() else -1)
