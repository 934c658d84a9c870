"""One reading of an object over HTTP: page by page, from the start or from where it broke off.

Belongs here: the course of a reading, and what the source states about it. Not here: one request
(client.py), which page is next (paging/pagers.py), which extract is due (landing), whether anything
changed (changes.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.extraction import Extraction, Page, Stated
from finsync_dagster.connectors.http.answer import Answer
from finsync_dagster.connectors.http.asking import call_of, followed
from finsync_dagster.connectors.http.call import Call
from finsync_dagster.connectors.http.client import Client
from finsync_dagster.connectors.http.clients import client_of, taken_values
from finsync_dagster.connectors.http.exact_json import Json, NotJsonError, Number
from finsync_dagster.connectors.http.model import HttpObject, Request
from finsync_dagster.connectors.http.origin import OriginError, resolved
from finsync_dagster.connectors.http.paging.model import page_values
from finsync_dagster.connectors.http.paging.pagers import PagingError, pager
from finsync_dagster.connectors.http.paths import pick, shown
from finsync_dagster.connectors.http.records import Columns, Flattener
from finsync_dagster.connectors.http.stamps import believable, newer, readable
from finsync_dagster.connectors.http.templates import ABSENT, TemplateError
from finsync_dagster.connectors.http.xml_answers.reading import listed
from finsync_dagster.connectors.reach import Reach
from finsync_dagster.connectors.sql_overlap import lowered

_DRIFTED = (
    "records were deleted while it was read page by page, which moves others to pages already read"
)

_LONGEST_COUNT = 19
_NOTHING: Any = object()


@dataclass(frozen=True)
class Asked:
    """An object of a system, and how that is reached."""

    system: str
    url: str
    object: str
    spec: HttpObject
    reach: Reach

    def error(self, what: str, remedy: str, **kind: Any) -> SourceError:
        """An error that names the object."""
        return SourceError(self.system, self.object, what, remedy, **kind)


@contextmanager
def extract(
    asked: Asked,
    *,
    since: str | None = None,
    resume: Any = None,
    known: Sequence[str] = (),
    only_keys: bool = False,
) -> Iterator[Extraction]:
    """One reading, open while the block runs.

    ``since`` asks only for records changed at or after it, less the object's overlap. ``resume`` is
    the ``position`` of a reading that broke off. ``known`` are columns of earlier readings, which
    come first. ``only_keys`` reads the keys of all records and nothing else.

    Raises:
        SourceError: the system cannot be reached, refuses, or answers something else than what is
            declared; also while pages are consumed.
    """
    reading = Reading(asked, client_of(asked), since, known, only_keys=only_keys)
    if resume is not None:
        reading.go_on(resume)
    extraction = Extraction(
        system=asked.system,
        object=asked.object,
        request=reading.request,
        columns=tuple(reading.columns.names),
        since=reading.begin,
        stated=reading.stated(),
        pages=iter(()),
        position=None if only_keys else reading.position,
    )
    extraction.pages = reading.pages(extraction)
    yield extraction


class Reading:
    """A reading under way."""

    def __init__(
        self,
        asked: Asked,
        client: Client,
        since: str | None,
        known: Sequence[str],
        *,
        only_keys: bool,
    ) -> None:
        spec = asked.spec
        self.asked, self.client, self.spec, self.since = asked, client, spec, since
        self.only_keys = only_keys
        self.begin = self._lowered()
        self.declared: Request = spec.keys if only_keys and spec.keys else spec.request
        self.fields = list(dict.fromkeys(_key_fields(spec) if only_keys else _asked_fields(spec)))
        self.columns = Columns(spec.key if only_keys else _columns(spec), known)
        self.flattener = Flattener(self.columns, spec.service.values, spec.lift, spec.booleans)
        self.pager = pager(spec.paging, spec.rows_per_page)
        self.at: dict[str, Any] | None = self.pager.first()
        self.asked_at: datetime | None = None
        self.newest: str | None = None
        self.without_key = 0
        self.totals: list[int] = []
        self.counts: _Counts = _Counts()
        self.drifted = False

    def _lowered(self) -> str | None:
        if self.since is None:
            return None
        try:
            begin = lowered(self.since, self.spec.overlap)
            # Spelled as the source does.
            return begin.replace(" ", "T", 1) if "T" in self.since else begin
        except ValueError as error:
            raise self.asked.error(
                f"overlap {self.spec.overlap} does not fit the cursor {self.spec.cursor}: {error}",
                "Write a duration (30m, 2h, 3d) for dates and times, a number for growing numbers",
                kind="mapping",
            ) from None

    @property
    def request(self) -> str:
        """What is asked, in words."""
        what = "keys of all records" if self.only_keys else "every record"
        if self.begin is not None:
            what = f"records with {self.spec.cursor} at or after {self.begin}"
        return f"{what} of {self.declared.method} {self.declared.path or '/'}"

    def asks_for_changes(self) -> bool:
        """Whether the first request would be another one if everything were asked for."""
        values = {**self._values(), **self.pager.values(self.at or {})}
        everything = self._call(self.declared, {**values, "since": ABSENT})
        return self._call(self.declared, values) != everything

    def position(self) -> Any:
        """Where the reading stands, as plain JSON."""
        return {
            "at": self.at,
            "columns": self.columns.names,
            "asked_at": self.asked_at.isoformat() if self.asked_at else None,
            "newest": self.newest,
            "without_key": self.without_key,
            "totals": self.totals,
            "counts": self.counts.before,
            "drifted": self.drifted,
        }

    def go_on(self, position: Any) -> None:
        """Continue after the page that the position was noted for."""
        self.at = position["at"]
        self.columns.wait_for(position["columns"])
        asked_at = position["asked_at"]
        self.asked_at = datetime.fromisoformat(asked_at) if asked_at else None
        self.newest, self.without_key = position["newest"], position["without_key"]
        self.totals, self.drifted = position["totals"], position["drifted"]
        self.counts = _Counts(before=position["counts"])

    def pages(self, extraction: Extraction) -> Iterator[Page]:
        """The pages; keeps ``extraction`` up to date with what they show."""
        if self.counts.before is None:
            self.counts.before = self.count()
        while self.at is not None:
            rows = self.next_page()
            extraction.columns = tuple(self.columns.names)
            extraction.stated = self.stated()
            if rows:
                yield rows
        self.counts.after = self.count()
        extraction.stated = self.stated()

    def next_page(self) -> Page:
        """The next page's rows; moves on."""
        at = self.at or {}
        answer = self._answer(at)
        if self.asked_at is None:
            self.asked_at = _clock(answer)
        records = self._records(answer)
        try:
            step = self.pager.step(at, answer, records)
        except PagingError as error:
            raise self.asked.error(
                error.what, error.remedy, transient=error.transient, kind="upstream_data"
            ) from None
        self.at = step.next
        self.drifted = self.drifted or step.drifted
        if step.total is not None:
            self.totals = [*self.totals[:1], step.total]
        if not step.keep:
            return []
        new = [r for i, r in enumerate(records) if i not in step.repeated]
        rows = self.flattener.rows(new)
        self._note(rows)
        return rows

    def _answer(self, at: dict[str, Any]) -> Answer:
        values = {**self._values(), **self.pager.values(at)}
        link = self.pager.link(at)
        call = self._call(self.declared, values)
        if link is not None:
            try:
                url = resolved(self.asked.url, at.get("asked", call.url), link)
            except OriginError as error:
                raise self.asked.error(
                    f"its link to the next page was refused: {error}",
                    "Ask whoever runs the source; correct the system's address if it has moved",
                    kind="policy",
                ) from None
            call = followed(call, url)
        return self.client.send(call, self.asked.object, self.pager.empty_status)

    def _values(self) -> dict[str, Json]:
        """What requests can be filled with, but for the page."""
        optional = page_values(self.spec.paging) - {"limit"}
        return {
            **dict.fromkeys(optional, ABSENT),
            **taken_values(self.client),
            "limit": Number(self.spec.rows_per_page),
            "fields": list(self.fields),
            "since": ABSENT if self.begin is None else self.begin,
        }

    def _call(self, request: Request, values: dict[str, Json]) -> Call:
        try:
            return call_of(self.asked.url, request, values, self.spec.service.headers)
        except TemplateError as error:
            raise self.asked.error(
                f"its request cannot be made: {self.client.hidden(str(error))}",
                "Correct the request in its system.yaml",
                kind="mapping",
            ) from None

    def _records(self, answer: Answer) -> list[Json]:
        if answer.status in self.pager.empty_status or (
            answer.status == 204 and not answer.text.strip()
        ):
            return []
        tried = (self._at(answer, p, _NOTHING) for p in (self.spec.records, *self.spec.or_records))
        found = next((f for f in tried if f is not _NOTHING), _NOTHING)
        if answer.is_xml and answer.xml.shape == "plain":
            # An empty element is a list of none.
            found = [] if found is None else listed(found)
        if (found is None or found is _NOTHING) and self.spec.none_is_empty:
            return []
        # A lone record often comes without the list around it.
        entries = [found] if isinstance(found, dict) else found
        if not isinstance(entries, list):
            raise self.asked.error(
                f"there is no list of records at {shown(self.spec.records)} of its answer",
                "Correct records in its system.yaml; if the list is missing when there is no "
                "record, write none_is_empty: true",
                kind="mapping",
            )
        return [pick(entry, self.spec.each) for entry in entries] if self.spec.each else entries

    def _at(self, answer: Answer, path: tuple[str | int, ...], missing: Json = None) -> Json:
        try:
            return pick(answer.json, path, missing)
        except NotJsonError as error:
            raise self.asked.error(
                f"its answer is no {error.what}: {error}",
                f"See what it sends to {answer.url} instead; nothing of this answer was used",
                kind="upstream_data",
            ) from None

    def _note(self, rows: Page) -> None:
        names = self.columns.names
        keys = [names.index(k) for k in self.spec.key]
        self.without_key += sum(any(row[k] is None for k in keys) for row in rows)
        if self.spec.cursor is None or self.only_keys:
            return
        place, zone = names.index(self.spec.cursor), self.spec.zone
        for stamp in {row[place] for row in rows}:
            if readable(stamp, zone):
                self.newest = newer(self.newest, stamp, zone)

    def count(self) -> dict[str, int]:
        """What the source counts when it is asked: of the whole object, and of this reading."""
        declared = self.spec.count
        if declared is None:
            return {}
        whole = self._counted(declared.request, ABSENT)
        if self.begin is None or self.only_keys:
            return {"whole": whole, "selected": whole}
        if "since" not in declared.request.places():
            return {"whole": whole}
        return {"whole": whole, "selected": self._counted(declared.request, self.begin)}

    def _counted(self, request: Request, since: Json) -> int:
        values = {**self._values(), "since": since}
        answer = self.client.send(self._call(request, values), self.asked.object)
        path = self.spec.count.at if self.spec.count else ()
        count = self._at(answer, path)
        if isinstance(count, str) and count.isdecimal() and len(count) < _LONGEST_COUNT:
            return int(count)
        raise self.asked.error(
            f"there is no count at {shown(path)} of its answer",
            "Correct count.at in its system.yaml",
            kind="mapping",
        )

    def stated(self) -> Stated:
        """What the source states, as far as it is known by now."""
        before, after = self.counts.before or {}, self.counts.after or {}
        if not before and self.totals:
            before, after = {"selected": self.totals[0]}, {"selected": self.totals[-1]}
            if self.begin is None:
                before, after = (
                    before | {"whole": self.totals[0]},
                    after | {"whole": self.totals[-1]},
                )
        return Stated(
            count_table=after.get("whole"),
            count_selected=after.get("selected"),
            count_without_key=self.without_key,
            cursor_max=self._cursor_max(),
            sums_table={},
            sums_selected={},
            table_before=before.get("whole"),
            selected_before=before.get("selected"),
            moving=True,
            doubt=_DRIFTED if self.drifted else None,
        )

    def _cursor_max(self) -> str | None:
        if self.newest is None:
            return self.since
        zone = self.spec.zone
        return newer(self.since, believable(self.newest, self.asked_at, zone), zone)


@dataclass
class _Counts:
    """What the source counted when the reading began, and when it ended."""

    before: dict[str, int] | None = None
    after: dict[str, int] | None = field(default=None)


def _asked_fields(spec: HttpObject) -> list[str]:
    cursor = [spec.cursor] if spec.cursor else []
    own = [*spec.key, *cursor, *spec.control_totals]
    return [*(name for name in own if name not in spec.lift), *spec.fields]


def _key_fields(spec: HttpObject) -> Iterator[str]:
    for name in spec.key:
        if name not in spec.lift:
            yield name
            continue
        # Of [order, id] the system is asked for order, or for order.id, as fields says.
        first = str(spec.lift[name][0])
        within = [f for f in spec.fields if f == first or f.startswith(f"{first.rstrip('.')}.")]
        yield from within or [first]


def _columns(spec: HttpObject) -> Iterator[str]:
    yield from spec.key
    if spec.cursor:
        yield spec.cursor
    # Of party.name the value comes within something else, which lift looks into.
    yield from (name for name in spec.fields if "." not in name)
    yield from spec.control_totals
    yield from spec.lift


def _clock(answer: Answer) -> datetime:
    """The moment of the answer by the server's clock, or by ours if it does not tell."""
    try:
        return parsedate_to_datetime(answer.headers.get("Date", "")).astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime.now(UTC)
