"""Paging by the values of the last record received.

Belongs here: which values those are, and whether a page follows them. Not here: how values compare
(paging/order.py).

Stable: a record is passed over only if it appears, or changes its values, behind what was read.
"""

from __future__ import annotations

from finsync_dagster.connectors.http.answer import Answer
from finsync_dagster.connectors.http.exact_json import Json, Number, dump, parse
from finsync_dagster.connectors.http.paging.base import Pager, Position, Records, digest
from finsync_dagster.connectors.http.paging.error import PagingError
from finsync_dagster.connectors.http.paging.loops import Trail, seen
from finsync_dagster.connectors.http.paging.model import KeysetPaging
from finsync_dagster.connectors.http.paging.order import Key, compared
from finsync_dagster.connectors.http.paging.stated import more_follows
from finsync_dagster.connectors.http.paths import pick, shown


class KeysetPager(Pager[KeysetPaging]):
    """Each request names the last values of the page before."""

    def __init__(self, spec: KeysetPaging, limit: int) -> None:
        super().__init__(spec, limit)
        # Where records of the last value come once more, the same page again may be the end.
        self.repeats_are_suspect = not spec.inclusive
        self._fields = ", ".join(map(shown, spec.by))

    def values(self, at: Position) -> dict[str, Json]:
        """``after``, or one value per field, beside the limit; none at first, unless declared."""
        if "after" in at:
            after: list[Json] = _key_of(at)
        else:
            given = self.spec.first_values
            after = [Number(value) if isinstance(value, int) else value for value in given]
        single = len(self.spec.by) == 1
        names = ["after"] if single else [f"after.{name}" for name in self.spec.places]
        return super().values(at) | dict(zip(names, after, strict=False))

    def total(self, at: Position, answer: Answer) -> int | None:
        """What was received, and what the server states to be left."""
        left = super().total(at, answer)
        return None if left is None else int(at["received"]) + left - len(at.get("seen", ()))

    def repeated(self, at: Position, records: Records) -> frozenset[int]:
        """Records of the last value that came before."""
        known = set(at.get("seen", ()))
        return frozenset(n for n, record in enumerate(records) if known and _mark(record) in known)

    def following(
        self, at: Position, answer: Answer, records: Records, total: int | None
    ) -> Position | None:
        """The last values, and what else tells whether the next page follows them.

        Raises:
            PagingError: a record lacks a value, the order is not kept, or the values do not grow.
        """
        keys = [self._key(record, at, n) for n, record in enumerate(records, 1)]
        if self.spec.ordered:
            self._check_order(at, keys)
        fresh = len(records) - len(self.repeated(at, records))
        if self._ends(at, answer, records, total, fresh):
            return None
        if not fresh:
            raise self.stuck(at, records)
        return self._after(at, records, keys)

    def stuck(self, at: Position, records: Records) -> PagingError:
        """The values do not grow: the place is not heeded, or too many records share them."""
        if self.spec.inclusive:
            return PagingError(
                f"all {len(records)} records of a page have the {self._fields} "
                f"{_shown(_key_of(at))}, and all came before: more records share one value than "
                "fit a page",
                "Raise the limit, or page by fields that are unique together",
            )
        last = self._key(records[-1], at, len(records))
        return PagingError(
            f"the page asked for after {self._fields} {_shown(_key_of(at))} ends with "
            f"{_shown(last)} again: {self._fields} does not move on",
            "Check that the request asks for more than ${after}, and that the server heeds it",
        )

    def _after(self, at: Position, records: Records, keys: list[Key]) -> Position:
        after: Position = {"after": [dump(value) for value in keys[-1]]}
        if not self.spec.ordered:
            after["trail"] = self._trail(at, after["after"], keys[-1])
        if self.spec.inclusive:
            last = [_mark(r) for r, key in zip(records, keys, strict=True) if key == keys[-1]]
            before = at["seen"] if at.get("after") == after["after"] else []
            after["seen"] = sorted({*last, *before})
            # A page that more came after shows how many records the server gives at most.
            after["widest"] = max(at.get("widest", 0), at.get("size", 0))
            after["size"] = len(records)
        return after

    def _trail(self, at: Position, after: list[str], key: Key) -> Trail:
        if self.spec.inclusive and after == at.get("after"):
            kept: Trail = at["trail"]
            return kept
        trail = seen(at.get("trail"), dump(after))
        if trail is None:
            raise PagingError(
                f"a page ends with {self._fields} {_shown(key)}, as an earlier one did: the pages "
                "go round in circles",
                "Check that the request asks for more than ${after}, in ascending order",
            )
        return trail

    def _ends(
        self, at: Position, answer: Answer, records: Records, total: int | None, fresh: int
    ) -> bool:
        last = self.spec.last
        if last.more is not None:
            return not more_follows(last.more, answer, records, at["pages"] + 1)
        if not records:
            return True
        if total is not None and total == at["received"] + fresh:
            return True
        if last.short and len(records) < self.limit:
            return True
        if fresh or not self.spec.inclusive:
            return False
        return len(records) < min(self.limit, at.get("widest") or self.limit)

    def _check_order(self, at: Position, keys: list[Key]) -> None:
        before: Key | None = _key_of(at) if "after" in at else None
        for n, key in enumerate(keys):
            order = -1 if before is None else compared(before, key, self.spec.numeric)
            if order > 0 or (order == 0 and not self.spec.inclusive):
                raise self._disorder(before or (), key, order, at_start=n == 0)
            before = key

    def _disorder(self, before: Key, key: Key, order: int, at_start: bool) -> PagingError:
        told = f"{self._fields} {_shown(key)} comes after {self._fields} {_shown(before)}"
        if at_start:
            return PagingError(
                f"{told}, although more than that was asked for: {self._fields} does not move on",
                "Check that the request asks for more than ${after}, in ascending order",
            )
        if order == 0:
            return PagingError(
                f"{told}: records share one value, so that a page may end among them",
                "Add a field to paging.by, so that the values are unique, or write inclusive: true "
                "and ask for ${after} and more",
            )
        return PagingError(
            f"{told}: the records are not in ascending order",
            "Let the request ask for that order; if the server's order of text is another, write "
            "numeric: true or false, or ordered: false",
        )

    def _key(self, record: Json, at: Position, n: int) -> Key:
        key = tuple(pick(record, path) for path in self.spec.by)
        for path, value in zip(self.spec.by, key, strict=True):
            if not isinstance(value, str) or value == "":
                raise PagingError(
                    f"record {n} of page {at['pages'] + 1} has no {shown(path)} to go on from "
                    f"({dump(value)[:80]})",
                    "Let the request select the field, or page by one that every record has",
                )
        return key


def _key_of(at: Position) -> list[Json]:
    return [parse(value) for value in at.get("after", ())]


def _mark(record: Json) -> str:
    return digest([record]) or ""


def _shown(key: Key) -> str:
    return ", ".join(map(repr, map(str, key))) or "(nothing)"
