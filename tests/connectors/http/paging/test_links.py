"""Links and tokens: where they are found, when they end, and that circles are always found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from requests.utils import parse_header_links

from finsync_dagster.connectors.http.answer import Answer
from finsync_dagster.connectors.http.exact_json import Json, Number
from finsync_dagster.connectors.http.paging.links import next_of_header
from finsync_dagster.connectors.http.paging.pagers import PagingError, pager
from tests.connectors.http.paging.paging_servers import answer, ids, read, rows, spec

CURSOR: dict[str, Any] = {"scheme": "cursor", "token": "token"}
LINK: dict[str, Any] = {"scheme": "next_link", "link": ["meta", "next"]}


class Circle:
    """``lead`` pages, then pages that go round; each has records of its own."""

    def __init__(self, lead: int, length: int) -> None:
        self.lead = lead
        self.length = length
        self.asked = 0

    def __call__(self, values: Mapping[str, Json], link: str | None) -> Answer:
        self.asked += 1
        at = int(str(link or values.get("cursor", "p0"))[1:])
        then = at + 1 if at + 1 < self.lead + self.length else self.lead
        return answer(
            {
                "items": [{"id": Number(self.asked)}],
                "token": f"p{then}",
                "meta": {"next": f"p{then}"},
            },
            {"Link": f"<p{then}>; rel=next"},
        )


@pytest.mark.parametrize("words", [CURSOR, LINK, {"scheme": "link_header"}])
@settings(max_examples=60, deadline=None)
@given(lead=st.integers(0, 300), length=st.integers(1, 300))
def test_circles_of_any_length_are_found(words: dict[str, Any], lead: int, length: int) -> None:
    server = Circle(lead, length)
    with pytest.raises(PagingError, match="that it had given before: its pages go round"):
        read(pager(spec(**words), 10), server)
    assert server.asked <= 3 * (lead + length) + 3


@given(pages=st.integers(1, 200))
def test_long_lists_are_no_circles(pages: int) -> None:
    def ask(values: Mapping[str, Json], link: str | None) -> Answer:
        at = int(values.get("cursor", 0)) + 1
        return answer({"items": [{"id": Number(at)}], "token": str(at) if at < pages else None})

    assert ids(read(pager(spec(**CURSOR), 10), ask).records) == list(range(1, pages + 1))


def test_the_token_itself_is_not_told() -> None:
    def ask(values: Mapping[str, Json], link: str | None) -> Answer:
        return answer({"items": [{"id": values.get("cursor", "a")}], "token": "opens-the-list"})

    with pytest.raises(PagingError) as caught:
        read(pager(spec(**CURSOR), 10), ask)
    assert "opens-the-list" not in str(caught.value) + repr(caught.value)


def test_a_number_stays_a_number() -> None:
    pages = pager(spec(**CURSOR), 10)
    step = pages.step(pages.first(), answer('{"token": 9007199254740993}'), rows(1))
    assert step.next is not None
    value = pages.values(step.next)["cursor"]
    assert (value, type(value)) == ("9007199254740993", Number)


def test_the_first_request_has_a_token_only_if_declared() -> None:
    assert "cursor" not in pager(spec(**CURSOR), 10).values({"pages": 0})
    assert pager(spec(**CURSOR, first="*"), 10).values({"pages": 0})["cursor"] == "*"


def test_the_declared_first_token_counts_as_given() -> None:
    pages = pager(spec(**CURSOR, first="*"), 10)
    with pytest.raises(PagingError, match="given before"):
        pages.step(pages.first(), answer({"token": "*"}), rows(2))


def test_a_token_that_stays_may_be_the_end() -> None:
    """Some servers give the token back that they were asked with when nothing is left."""
    served = {"*": ("a", rows(2)), "a": ("a", [])}

    def ask(values: Mapping[str, Json], link: str | None) -> Answer:
        token, page = served[values["cursor"]]
        return answer({"items": page, "token": token})

    words = {**CURSOR, "first": "*"}
    assert read(pager(spec(**words, last={"empty": True}), 10), ask).records == rows(2)
    with pytest.raises(PagingError, match="given before"):
        read(pager(spec(**words), 10), ask)


@pytest.mark.parametrize("ended", [None, False, "", "STOP", ...])
def test_tokens_that_end(ended: Json) -> None:
    body = {} if ended is ... else {"token": ended}
    pages = pager(spec(**CURSOR, stop=["STOP", ""]), 10)
    assert pages.step(pages.first(), answer(body), rows(3)).next is None


@pytest.mark.parametrize("ended", [None, False, "", ...])
def test_links_that_end(ended: Json) -> None:
    body = {"meta": {} if ended is ... else {"next": ended}}
    pages = pager(spec(**LINK), 10)
    assert pages.step(pages.first(), answer(body), rows(3)).next is None


@pytest.mark.parametrize("wrong", [{"a": "b"}, True, ["x"]])
def test_a_token_of_a_wrong_type_is_told(wrong: Json) -> None:
    pages = pager(spec(**CURSOR), 10)
    with pytest.raises(PagingError, match="a token is expected at token, and there is"):
        pages.step(pages.first(), answer({"token": wrong}), rows(3))


@pytest.mark.parametrize("wrong", [{"href": "b"}, True, Number(7)])
def test_a_link_of_a_wrong_type_is_told(wrong: Json) -> None:
    pages = pager(spec(**LINK), 10)
    with pytest.raises(PagingError, match="a link is expected at meta / next, and there is"):
        pages.step(pages.first(), answer({"meta": {"next": wrong}}), rows(3))


def test_more_decides_where_it_is_declared() -> None:
    words = {**CURSOR, "last": {"more": "more"}}
    pages = pager(spec(**words), 10)
    assert pages.step(pages.first(), answer({"token": "x", "more": False}), rows(1)).next is None
    assert pages.step(pages.first(), answer({"token": "x", "more": True}), rows(1)).next
    with pytest.raises(
        PagingError, match="more says that there is more, and there is no next token"
    ):
        pages.step(pages.first(), answer({"more": True}), rows(1))


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ([{"rel": "self", "href": "/1"}, {"rel": "next", "href": "/2"}], "/2"),
        ([{"rel": "Next", "url": "/2"}], "/2"),
        ([{"rel": "self", "href": "/1"}], None),
        (["/1"], None),
        ([], None),
    ],
)
def test_a_list_of_links_is_searched(links: Json, expected: str | None) -> None:
    pages = pager(spec(scheme="next_link", link="links"), 10)
    step = pages.step(pages.first(), answer({"links": links}), rows(1))
    assert (pages.link(step.next) if step.next else None) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('<https://erp.example/l?p=2>; rel="next"', "https://erp.example/l?p=2"),
        ('</l?p=1>; rel="prev", </l?p=3>; rel="next"', "/l?p=3"),
        ('</l?p=3>;rel="last next"', "/l?p=3"),
        ("</l?a=1,2;3>; rel=next", "/l?a=1,2;3"),
        ('</l?p=3>; title="a; b=c, \\" d"; REL = NEXT', "/l?p=3"),
        ('</l?p=9>; rel="nextish", </l?p=8>; title="rel=next"', None),
        ('</l>; anchor, </m>; rel="next"', "/m"),
        ("", None),
        ("nonsense", None),
    ],
)
def test_link_headers(header: str, expected: str | None) -> None:
    assert next_of_header(header) == expected


@given(
    st.lists(
        st.tuples(
            st.from_regex(r"[a-z0-9/?&=%.:-]{1,20}", fullmatch=True),
            st.sampled_from(["next", "prev", "first", "last"]),
        ),
        max_size=4,
    )
)
def test_link_headers_are_read_as_another_reader_does(links: list[tuple[str, str]]) -> None:
    header = ", ".join(f'<{url}>; rel="{rel}"' for url, rel in links)
    theirs = [link["url"] for link in parse_header_links(header) if link.get("rel") == "next"]
    assert next_of_header(header) == (theirs[0] if theirs else None)
