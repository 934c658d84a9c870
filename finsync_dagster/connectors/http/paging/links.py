"""Paging by what the server hands out: links and tokens.

Belongs here: finding the next link or token in an answer. Not here: resolving a link against an
address, or refusing another origin (whoever asks does).

As stable as the server makes them: one that keeps a snapshot or a key in its links gives every
record once, one that keeps an offset in them (``$skiptoken`` of some) does not.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from typing import TypeVar

from finsync_dagster.connectors.http.answer import Answer
from finsync_dagster.connectors.http.exact_json import Json, Number, dump, parse
from finsync_dagster.connectors.http.paging.base import Pager, Position, Records
from finsync_dagster.connectors.http.paging.error import PagingError
from finsync_dagster.connectors.http.paging.loops import seen
from finsync_dagster.connectors.http.paging.model import (
    CursorPaging,
    LinkHeaderPaging,
    LinksLast,
    NextLinkPaging,
)
from finsync_dagster.connectors.http.paging.stated import place, says_more, value_at
from finsync_dagster.connectors.http.paths import shown

_LINK = re.compile(
    r"<([^<>]*)>((?:\s*;\s*[^\s;=,]+(?:\s*=\s*(?:\"(?:[^\"\\]|\\.)*\"|[^\s;,]*))?)*)"
)
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,]+))", re.IGNORECASE)

LinkSpec = TypeVar("LinkSpec", NextLinkPaging, LinkHeaderPaging)


class _LinkPager(Pager[LinkSpec]):
    """Common to both kinds of links."""

    def link(self, at: Position) -> str | None:
        """The link of the answer before; None for the first page."""
        link: str | None = at.get("link")
        return link

    def following(
        self, at: Position, answer: Answer, records: Records, total: int | None
    ) -> Position | None:
        """The next link and the trail of those before.

        Raises:
            PagingError: it was there before, or is no text, or is missing although there is more.
        """
        link = _on(self.spec.last, answer, records, self.found(answer), "link")
        return None if link is None else {"link": link, **_trail(at, link, "link")}

    @abstractmethod
    def found(self, answer: Answer) -> str | None:
        """The next link in an answer; None if there is none."""


class NextLinkPager(_LinkPager[NextLinkPaging]):
    """The link is in the body."""

    def found(self, answer: Answer) -> str | None:
        """The first next link that there is at one of the paths."""
        for path in self.spec.link:
            value = value_at(path, answer)
            if isinstance(value, list):
                value = _of_rel_next(value)
            if value is None or value is False or value == "":
                continue
            if not isinstance(value, str) or isinstance(value, Number):
                raise PagingError(
                    f"a link is expected at {shown(path)}, and there is {dump(value)[:80]}",
                    "Correct paging.link; a token is paged by with scheme cursor",
                )
            return value
        return None


class LinkHeaderPager(_LinkPager[LinkHeaderPaging]):
    """The link is in the header Link."""

    def found(self, answer: Answer) -> str | None:
        """The link of rel next."""
        return next_of_header(answer.headers.get("Link") or "")


class CursorPager(Pager[CursorPaging]):
    """A token is sent back."""

    def first(self) -> Position:
        """Without a token; the declared first one counts as given before."""
        first = self._first_token()
        return super().first() | ({} if first is None else {"trail": seen(None, dump(first))})

    def values(self, at: Position) -> dict[str, Json]:
        """``cursor`` beside the limit; none in the first request, unless declared."""
        token = parse(at["cursor"]) if "cursor" in at else self._first_token()
        return super().values(at) | ({} if token is None else {"cursor": token})

    def following(
        self, at: Position, answer: Answer, records: Records, total: int | None
    ) -> Position | None:
        """The next token, spelled as JSON so that a number stays one, and the trail.

        Raises:
            PagingError: it was there before, or is neither text nor number, or is missing although
                there is more.
        """
        token = _on(self.spec.last, answer, records, self._found(answer), "token")
        if token is None:
            return None
        spelled = dump(token)
        return {"cursor": spelled, **_trail(at, spelled, "token")}

    def _first_token(self) -> str | None:
        first = self.spec.first
        return Number(first) if isinstance(first, int) else first

    def _found(self, answer: Answer) -> str | None:
        token = value_at(self.spec.token, answer)
        if token is None or token is False:
            return None
        if not isinstance(token, str):
            raise PagingError(
                f"a token is expected at {place(self.spec.token)}, and there is {dump(token)[:80]}",
                "Correct paging.token: it leads to a text or a number",
            )
        return None if token in self.spec.stop else token


def next_of_header(header: str) -> str | None:
    """The target of rel ``next`` in a Link header, as it is written there."""
    for target, parameters in _LINK.findall(header):
        rel = _REL.search(parameters)
        if rel and "next" in (rel[1] or rel[2]).lower().split():
            return str(target).strip() or None
    return None


def _of_rel_next(links: list[Json]) -> Json:
    found = (n for n in links if isinstance(n, dict) and str(n.get("rel")).lower() == "next")
    link = next(found, {})
    return link.get("href", link.get("url", link.get("uri")))


def _on(
    last: LinksLast, answer: Answer, records: Records, found: str | None, what: str
) -> str | None:
    if last.empty and not records:
        return None
    if last.more is None:
        return found
    if not says_more(last.more, answer):
        return None
    if found is None:
        raise PagingError(
            f"{place(last.more)} says that there is more, and there is no next {what}",
            f"Correct the path of the {what} in paging, or leave paging.last.more out",
        )
    return found


def _trail(at: Position, token: str, what: str) -> Position:
    trail = seen(at.get("trail"), token)
    if trail is None:
        raise _circle(what, token)
    return {"trail": trail}


def _circle(what: str, token: str) -> PagingError:
    # The token itself may open the list to whoever holds it, so that it is not told.
    return PagingError(
        f"the server gave a {what} ({len(token)} characters) that it had given before: its pages "
        "go round in circles",
        f"Check that the request sends the {what} back unchanged; report it to the vendor if so",
    )
