"""How a system that is reached over HTTP is declared.

Belongs here: the words of the protocol http. Not here: the words of its parts (auth/model.py,
paging/model.py, limits/model.py, faults/model.py, xml_answers/model.py, values_model.py), nor
reading (read.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr, model_validator

from finsync_dagster.connectors.http.auth.model import AuthSpec, NoAuth
from finsync_dagster.connectors.http.auth.words import clear_secret
from finsync_dagster.connectors.http.faults.model import Errors
from finsync_dagster.connectors.http.limits.model import (
    Breaker,
    Limits,
    MaintenanceWindow,
    Retry,
    Timeouts,
)
from finsync_dagster.connectors.http.paging.model import NoPaging, PagingSpec, page_values
from finsync_dagster.connectors.http.paths import Path
from finsync_dagster.connectors.http.templates import places, problem
from finsync_dagster.connectors.http.values_model import Values
from finsync_dagster.connectors.http.xml_answers.model import Xml, XmlWords
from finsync_dagster.connectors.object_model import Column, Name, ObjectBase, RowsPerPage, Strict
from finsync_dagster.connectors.sql_model import Overlap
from finsync_dagster.landscape.words import Timezone

_MEGABYTE = 1_000_000


def _plain(value: Any) -> Any:
    """YAML knows dates, JSON does not."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def _fillable(template: Any) -> Any:
    if said := problem(template) or clear_secret(template):
        raise ValueError(said)
    return template


def _without_secrets(template: Any) -> Any:
    if any(place.startswith(("secret.", "session.")) for place in places(template)):
        raise ValueError("a secret must never be part of an address: send it in a header")
    return template


Template = Annotated[Any, BeforeValidator(_plain), AfterValidator(_fillable)]
"""Text, list or mapping with places such as ``${since}``; see templates.py."""
Query = Annotated[dict[str, Template], AfterValidator(_without_secrets)]


class Request(Strict):
    """A request. ``path`` follows the system's address; an entry of ``query`` or ``headers`` whose
    value is absent at the moment is left out."""

    method: Literal["GET", "POST"] = "GET"
    path: Annotated[str, AfterValidator(_fillable), AfterValidator(_without_secrets)] = ""
    query: Query = Field(default_factory=dict)
    headers: dict[str, Template] = Field(default_factory=dict)
    body: Template = None
    """Sent as JSON."""
    form: dict[str, Template] | None = None
    """Sent as a form."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Request:
        if self.body is not None and self.form is not None:
            raise ValueError("either body (sent as JSON) or form, not both")
        if self.method == "GET" and (self.body is not None or self.form is not None):
            raise ValueError("a GET request has no body; write method: POST")
        return self

    def places(self) -> set[str]:
        """Names of all values it needs."""
        parts = (self.path, self.query, self.headers, self.body, self.form)
        return {name for part in parts for name in places(part)}


class Count(Strict):
    """A request of its own by which the source counts: all records, or with ``${since}`` those
    changed."""

    request: Request
    at: Path


class Setup(Strict):
    """A request sent once before the others, and what of its answer they need as ``${name}``."""

    request: Request
    take: dict[Name, Path] = Field(min_length=1)


class HttpObject(ObjectBase):
    """Something that a system lists: by a request, page by page."""

    moving: ClassVar[bool] = True
    request: Request
    records: Path = ()
    """Where in an answer the list of records is; without it, the answer is the list."""
    or_records: tuple[Path, ...] = ()
    """Where else it may be, for a system that wraps its answers now in one way, now in another."""
    each: Path = ()
    """Where in an entry of that list the record is; without it, the entry is the record."""
    none_is_empty: bool = False
    """The list is missing when there is no record."""
    paging: PagingSpec = NoPaging(scheme="none")
    rows_per_page: RowsPerPage = 1000
    """Records asked for at a time, as ``${limit}``."""
    fields: tuple[Column, ...] = ()
    """Fields to ask for, as ``${fields}``, and those that may be missing when they are empty."""
    lift: dict[Column, Path] = Field(default_factory=dict)
    """Field → where in a record its value lies, for what is nested: ``{party_id: [party, id]}``."""
    booleans: tuple[Column, ...] = ()
    """Fields that are true or false, for servers that write them as 1 and 0 or in which false
    otherwise stands for no value."""
    cursor: Column | None = None
    """Field that grows whenever a record changes; without one, everything is read each time."""
    cursor_zone: Timezone = "UTC"
    """Zone of change stamps that tell none."""
    overlap: Overlap = 0
    """How far before the newest known change stamp an increment begins."""
    snapshot_every: Annotated[int, Field(ge=1)] | None = None
    """Everything is read anew after this many increments."""
    compare_keys_every: Annotated[int, Field(ge=1)] | None = None
    """With every so many increments all keys are listed, to find what was deleted; 1: with each.
    Where ``count`` tells how many records there are, that happens by itself when the number does
    not agree."""
    count: Count | None = None
    keys: Request | None = None
    """The request that lists keys, if ``request`` with only the key as ``${fields}`` does not."""
    _service: HttpService = PrivateAttr()

    @model_validator(mode="after")
    def _can_be_filled(self) -> HttpObject:
        self._check_increments()
        offered = page_values(self.paging)
        for what, request in self._requests():
            paged = offered if what in ("request", "keys") else {"limit"}
            known = {"fields", "since"} | paged
            for name in sorted(request.places() - known):
                if "." in name and not name.startswith("after."):
                    continue  # a secret or something taken, which the system checks
                if name in _PAGED:
                    raise ValueError(
                        f"{what}: ${{{name}}} is not filled by paging {self.paging.scheme}, which "
                        f"fills {', '.join(sorted(offered))}"
                    )
        return self

    def _check_increments(self) -> None:
        asked = "since" in self.request.places()
        if self.cursor is None and (asked or self.overlap):
            raise ValueError("${since} and overlap are for increments: name the cursor, a field")
        if self.cursor is not None and not asked:
            raise ValueError(
                "the request does not ask for changes: write ${since} where the source expects the "
                "change stamp from which on records are wanted, or leave the cursor out"
            )
        if self.cursor is None and (self.snapshot_every or self.compare_keys_every):
            raise ValueError("snapshot_every and compare_keys_every are for objects with a cursor")
        if self.compare_keys_every and not self.lists_keys:
            raise ValueError(
                "compare_keys_every: the keys cannot be listed; write ${fields} in the request, or "
                "a request under keys"
            )

    def _requests(self) -> Iterator[tuple[str, Request]]:
        yield "request", self.request
        if self.count:
            yield "count", self.count.request
        if self.keys:
            yield "keys", self.keys

    def declared(self) -> str:
        """See ``ObjectBase.declared``: also what the system says for all its objects."""
        # What says nothing of XML is declared as it was before there was such a word.
        xml = {"xml"} if self.service.xml != Xml() else set()
        common = self.service.model_dump_json(include={"headers", "setup", "values"} | xml)
        return super().declared() + common

    @property
    def lists_keys(self) -> bool:
        """Can the keys alone be asked for?"""
        return self.keys is not None or "fields" in self.request.places()

    @property
    def service(self) -> HttpService:
        """The system it belongs to."""
        return self._service

    @property
    def zone(self) -> ZoneInfo:
        """Zone of change stamps that tell none."""
        return ZoneInfo(self.cursor_zone)


_PAGED = {"offset", "end", "last", "page", "cursor", "after", "low", "high"}


class HttpService(Strict):
    """What holds for all objects of a system."""

    protocol: Literal["http"]
    auth: AuthSpec = NoAuth()
    headers: dict[str, Template] = Field(default_factory=dict)
    """Sent with every request."""
    limits: Limits = Limits()
    timeouts: Timeouts = Timeouts()
    retry: Retry = Retry()
    breaker: Breaker = Breaker()
    maintenance: tuple[MaintenanceWindow, ...] = ()
    errors: Errors | None = None
    values: Values = Values()
    xml: XmlWords = Xml()
    """How answers in XML are laid out."""
    setup: tuple[Setup, ...] = ()
    largest_answer: Annotated[int, Field(ge=1000, le=2000 * _MEGABYTE)] = 64 * _MEGABYTE
    """Bytes of an answer, unpacked, beyond which it is given up."""
    unencrypted: bool = False
    """The address may be http:// although it is not on this machine: whoever is on the way reads
    everything, and the secrets too."""


class HttpSystem(HttpService):
    """A system that is reached over HTTP.

    ``style`` and ``defaults`` are laid under each object before this is read (load.py).
    """

    objects: dict[Name, HttpObject]

    @model_validator(mode="after")
    def _objects_know_their_system(self) -> HttpSystem:
        taken: set[str] = set()
        for step in self.setup:
            _known(step.request, taken, "setup")
            taken |= set(step.take)
        for name, spec in self.objects.items():
            spec._service = self
            for what, request in spec._requests():
                _known(request, taken | _PAGED | {"limit", "fields", "since"}, f"{name}.{what}")
        return self


def _known(request: Request, names: set[str], what: str) -> None:
    for place in sorted(request.places()):
        first = place.split(".")[0]
        if place not in names and first not in ("secret", "session", "after"):
            there = ", ".join(sorted(names)) or "none"
            raise ValueError(f"{what}: there is no value ${{{place}}}; there are {there}")
