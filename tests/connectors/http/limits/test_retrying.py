"""How often, and after which wait, a request is tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsync_dagster.connectors.http.answer import Answer
from finsync_dagster.connectors.http.limits.model import Retry
from finsync_dagster.connectors.http.limits.retrying import (
    GaveUpError,
    Outcome,
    Verdict,
    asked_wait,
    call_with_retries,
)

NOW = datetime(2026, 3, 8, 12, 0, tzinfo=UTC)
FINE = Answer(200, {}, "{}", "https://erp.example/api")


def refusal(status: int = 503, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, named, "", "https://erp.example/api")


def judge(outcome: Outcome) -> Verdict:
    if isinstance(outcome, Answer):
        return Verdict(outcome.status >= 429, asked_wait(outcome.headers, NOW))
    return Verdict(isinstance(outcome, ConnectionError))


class Server:
    """Gives the outcomes in order, the last one for ever; its sleeps take no time."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = list(outcomes)
        self.attempts = 0
        self.waits: list[float] = []

    def once(self) -> Answer:
        self.attempts += 1
        outcome = self.outcomes[min(self.attempts, len(self.outcomes)) - 1]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def call(self, retry: Retry | None = None) -> Answer:
        return call_with_retries(
            self.once, retry or Retry(), judge, sleep=self.waits.append, now=lambda: NOW
        )


def test_a_good_answer_is_taken_at_once() -> None:
    server = Server(FINE)
    assert server.call() is FINE
    assert (server.attempts, server.waits) == (1, [])


def test_failures_for_the_moment_are_tried_again() -> None:
    server = Server(refusal(503), ConnectionError("reset"), refusal(429), FINE)
    assert server.call() is FINE
    assert server.attempts == 4


def test_a_bad_answer_that_time_does_not_help_is_handed_back() -> None:
    server = Server(refusal(404))
    assert server.call().status == 404
    assert server.attempts == 1


def test_an_error_that_time_does_not_help_is_raised_as_it_is() -> None:
    server = Server(ValueError("no certificate"))
    with pytest.raises(ValueError, match="no certificate"):
        server.call()
    assert server.attempts == 1


def test_an_interruption_is_nobodys_to_judge() -> None:
    def once() -> Answer:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        call_with_retries(once, Retry(), judge)


def test_the_last_answer_comes_with_the_giving_up() -> None:
    server = Server(refusal(503), refusal(502))
    with pytest.raises(GaveUpError) as raised:
        server.call(Retry(attempts=3))
    assert server.attempts == 3
    assert raised.value.attempts == 3
    assert isinstance(raised.value.last, Answer)
    assert raised.value.last.status == 502
    assert raised.value.why.startswith("3 attempts within ")
    assert raised.value.until is None


def test_the_last_error_comes_with_the_giving_up() -> None:
    error = ConnectionError("reset")
    with pytest.raises(GaveUpError) as raised:
        Server(error).call(Retry(attempts=1))
    assert raised.value.last is error
    assert raised.value.__cause__ is error
    assert raised.value.why == "1 attempt"


def test_a_long_wait_that_is_asked_for_is_not_waited() -> None:
    server = Server(refusal(429, Retry_After="3600"))
    with pytest.raises(GaveUpError) as raised:
        server.call()
    assert (server.attempts, server.waits) == (1, [])
    assert raised.value.until == NOW + timedelta(hours=1)
    assert raised.value.why == (
        "1 attempt; it asks to be left alone until 2026-03-08 13:00:00 UTC, longer than "
        "retry.longest_wait (120 s)"
    )


def test_even_a_wait_of_three_hundred_years_has_an_until() -> None:
    with pytest.raises(GaveUpError) as raised:
        Server(refusal(429, Retry_After="9999999999")).call()
    assert raised.value.until is not None


def test_all_waits_together_have_an_end() -> None:
    server = Server(refusal(503, Retry_After="100"))
    with pytest.raises(GaveUpError):
        server.call(Retry(attempts=20, give_up_after=450))
    assert len(server.waits) == 4
    assert sum(server.waits) <= 450


@given(attempts=st.integers(2, 12), first=st.integers(1, 10), longest=st.integers(1, 60))
def test_waits_grow_and_stay_below_their_bound(attempts: int, first: int, longest: int) -> None:
    server = Server(refusal(503))
    retry = Retry(attempts=attempts, first_wait=first, longest_wait=longest, give_up_after=86_400)
    with pytest.raises(GaveUpError):
        server.call(retry)
    assert server.attempts == attempts
    for number, wait in enumerate(server.waits):
        bound = min(longest, first * 2**number)
        assert bound / 2 <= wait <= bound


def test_waits_are_drawn_from_the_upper_half_of_their_span() -> None:
    waits = []
    for _ in range(200):
        server = Server(refusal(503), FINE)
        server.call(Retry(first_wait=10))
        waits += server.waits
    assert min(waits) < 6
    assert max(waits) > 9


def test_attempts_last_until_a_source_that_restarts_is_back() -> None:
    server = Server(refusal(503))
    with pytest.raises(GaveUpError):
        server.call(Retry())
    assert sum(server.waits) >= 7


@given(asked=st.integers(0, 120), first=st.integers(1, 10))
def test_never_shorter_than_asked(asked: int, first: int) -> None:
    server = Server(refusal(429, Retry_After=str(asked)), FINE)
    server.call(Retry(first_wait=first))
    assert asked <= server.waits[0] <= asked + first


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7),
        ({"retry-after": " 0 "}, 0),
        ({"Retry-After": "1.2"}, 2),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "٣"}, None),
        ({"Retry-After": "1e9"}, None),
        ({"Retry-After": "Sun, 08 Mar 2026 12:01:30 GMT"}, 90),
        ({"Retry-After": "Sun, 08 Mar 2026 11:00:00 GMT"}, 0),
        # The server's clock is an hour ahead of ours; it means half a minute.
        (
            {
                "Retry-After": "Sun, 08 Mar 2026 13:00:30 GMT",
                "Date": "Sun, 08 Mar 2026 13:00:00 GMT",
            },
            30,
        ),
        ({"RateLimit-Reset": "12"}, 12),
        ({"X-RateLimit-Reset": "1772971260"}, 60),
        ({"X-RateLimit-Reset": "1772971000"}, 0),
        ({"X-Rate-Limit-Reset": "30, 60"}, 30),
        ({"Retry-After": "5", "RateLimit-Reset": "50"}, 5),
        ({"Retry-After": "soon", "RateLimit-Reset": "50"}, 50),
    ],
)
def test_what_a_server_asks_for(headers: dict[str, str], seconds: int | None) -> None:
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert asked_wait(headers, NOW) == expected


@given(name=st.sampled_from(["Retry-After", "RateLimit-Reset", "Date"]), value=st.text())
def test_no_header_breaks_it(name: str, value: str) -> None:
    asked = asked_wait({name: value}, NOW)
    assert asked is None or asked >= timedelta()
