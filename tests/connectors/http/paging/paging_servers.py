"""Servers that hand out lists in pages, as plain functions, and a reader that follows a pager.

Belongs here: what the tests of paging have in common. Not here: what they expect.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter
from requests.structures import CaseInsensitiveDict

from finsync_dagster.connectors.http.answer import Answer
from finsync_dagster.connectors.http.exact_json import Json, Number, dump
from finsync_dagster.connectors.http.paging.model import PagingSpec
from finsync_dagster.connectors.http.paging.pagers import Pager, Position
from finsync_dagster.connectors.http.paths import pick

Row = dict[str, Json]
Ask = Callable[[Mapping[str, Json], str | None], Answer]
_WORDS: TypeAdapter[Any] = TypeAdapter(PagingSpec)


def spec(**words: Any) -> Any:
    return _WORDS.validate_python(words)


def rows(count: int) -> list[Row]:
    return [{"id": Number(n), "amount": Number(f"{n}.10")} for n in range(1, count + 1)]


def answer(body: Json, headers: Mapping[str, str] | None = None, status: int = 200) -> Answer:
    text = body if isinstance(body, str) else dump(body)
    return Answer(status, CaseInsensitiveDict(headers or {}), text, "https://erp.example/list")


@dataclass
class Reading:
    """What came of following a pager to the end, and every position on the way."""

    records: list[Row] = field(default_factory=list)
    positions: list[Position] = field(default_factory=list)
    kept_before: list[int] = field(default_factory=list)
    total: int | None = None
    drifted: bool = False
    asked: int = 0


def read(
    pages: Pager[Any],
    ask: Ask,
    at: Position | None = None,
    records_at: tuple[str | int, ...] = ("items",),
    most: int = 5000,
) -> Reading:
    """Follow the pager; each position goes through a file, so to speak, before it is used."""
    reading = Reading()
    at = pages.first() if at is None else at
    while at is not None:
        at = json.loads(json.dumps(at))
        reading.asked += 1
        assert reading.asked <= most, "the pager did not come to an end"
        reading.positions.append(at)
        reading.kept_before.append(len(reading.records))
        got = ask(pages.values(at), pages.link(at))
        page = [] if got.status in pages.empty_status else pick(got.json, records_at, [])
        step = pages.step(at, got, page)
        if step.keep:
            reading.records += [r for n, r in enumerate(page) if n not in step.repeated]
        reading.total = step.total
        reading.drifted = step.drifted
        at = step.next
    return reading


def ids(records: Iterable[Row]) -> list[int]:
    return [int(record["id"]) for record in records]


class Counted:
    """A server that knows offsets and page numbers, and gives no more than it likes."""

    def __init__(self, held: list[Row], sizes: list[int], start: int = 0) -> None:
        self.held = held
        self.sizes = sizes
        self.start = start
        self.asked = 0

    def size(self, values: Mapping[str, Json]) -> int:
        self.asked += 1
        return min(int(values["limit"]), self.sizes[self.asked % len(self.sizes)])

    def by_offset(self, values: Mapping[str, Json], link: str | None) -> Answer:
        begin = int(values["offset"]) - self.start
        return self.page(begin, begin + self.size(values))

    def by_page(self, values: Mapping[str, Json], link: str | None) -> Answer:
        # Numbered pages all have one size, or nothing would fit together.
        size = min(int(values["limit"]), self.sizes[0])
        begin = (int(values["page"]) - self.start) * size
        return self.page(begin, begin + size, pages=-(-len(self.held) // size))

    def page(self, begin: int, end: int, **more: int) -> Answer:
        stated = {name: Number(value) for name, value in more.items()}
        return answer(
            {
                "items": self.held[begin:end],
                "count": Number(len(self.held)),
                "more": end < len(self.held),
                **stated,
            },
            {"Content-Range": f"items {begin}-{end}/{len(self.held)}"},
        )
