"""One request to a system, with everything that has to be heeded.

Belongs here: the order of it: maintenance, circuit, signature, turn, sending within limits, retry,
and one readable error. Not here: what is asked for (asking.py), what an error body says
(faults/fault.py), why no answer came (unreached.py).
"""

from __future__ import annotations

import hashlib
import tempfile
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import requests

from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.http.answer import Answer
from finsync_dagster.connectors.http.auth.authenticators import authenticator
from finsync_dagster.connectors.http.body import BodyError, read_text
from finsync_dagster.connectors.http.call import Call
from finsync_dagster.connectors.http.exact_json import Json
from finsync_dagster.connectors.http.faults.fault import Fault, fault
from finsync_dagster.connectors.http.limits.budget import Budget, BudgetSpentError
from finsync_dagster.connectors.http.limits.circuit import Circuit, CircuitOpenError
from finsync_dagster.connectors.http.limits.maintenance import in_maintenance
from finsync_dagster.connectors.http.limits.retrying import (
    GaveUpError,
    Outcome,
    Verdict,
    asked_wait,
    call_with_retries,
)
from finsync_dagster.connectors.http.model import HttpService
from finsync_dagster.connectors.http.origin import OriginError, check_address, resolved
from finsync_dagster.connectors.http.redact import Redactor
from finsync_dagster.connectors.http.transport import HEADERS, limited, session
from finsync_dagster.connectors.http.unreached import (
    UNREACHED,
    NotReachedError,
    not_reached,
    not_to_be_followed,
)
from finsync_dagster.connectors.reach import Reach

_REDIRECTS = {301, 302, 303, 307, 308}
_MOST_REDIRECTS = 5
_UNREACHED = "See whether it is up and reachable from here; try again later"


@dataclass
class Client:
    """Everything this process needs to ask one system. Threads may share it."""

    system: str
    base_url: str
    service: HttpService
    reach: Reach
    session: requests.Session = field(default_factory=session, repr=False)

    def __post_init__(self) -> None:
        try:
            check_address(self.base_url, unencrypted=self.service.unencrypted)
        except OriginError as error:
            remedy = "Correct the address of the system (connection in the landscape)"
            raise SourceError(self.system, "", str(error), remedy, kind="mapping") from None
        shared = self.reach.shared
        if shared is None:
            # Kept for as long as the client is.
            self._own = tempfile.TemporaryDirectory(prefix="finsync-", ignore_cleanup_errors=True)
            shared = Path(self._own.name)
        self._mine = threading.local()
        self.setting_up = threading.Lock()
        self.taken: dict[str, Json] | None = None
        """What the setup requests gave (clients.py)."""
        self._budget = Budget(shared, self.system, self.service.limits)
        name = circuit_name(self.system, self.base_url)
        self._circuit = Circuit(shared, name, self.service.breaker, _now)
        self._redactor = Redactor(self.reach.secrets)
        self.auth = authenticator(
            self.system,
            self.base_url,
            self.service.auth,
            self.reach.secrets,
            self._ask_unsigned,
            keep=self.reach.kept,
        )
        self._redactor.more = self.auth.secrets

    def send(self, call: Call, object_name: str, fine: frozenset[int] = frozenset()) -> Answer:
        """The answer to a call, once it is a good one.

        ``fine``: statuses that are no error although they look like one.

        Raises:
            SourceError: there is none, or it is an error; see ``kind`` and ``transient``.
        """
        self._may_be_asked(object_name)
        self._mine.asking = True
        try:
            answer = self._tried(_Attempt(self, call, object_name, signed=True))
        finally:
            self._mine.asking = False
        said = None if answer.status in fine else fault(answer, self.service.errors)
        if said is None:
            return answer
        raise self._refused(object_name, said)

    def close(self) -> None:
        """Logs out and leaves nothing open."""
        self.auth.close()
        self.session.close()
        if self.reach.shared is None:
            self._own.cleanup()

    def hidden(self, text: str) -> str:
        """The text without any secret."""
        return self._redactor.in_message(text)

    def _ask_unsigned(self, call: Call) -> Answer:
        # A login is a part of the request that needs it, and that may be the one on which the
        # circuit depends, beside which none is allowed.
        if not getattr(self._mine, "asking", False):
            self._may_be_asked("")
        return self._tried(_Attempt(self, call, "", signed=False))

    def _tried(self, attempt: _Attempt) -> Answer:
        try:
            answer = call_with_retries(attempt.once, self.service.retry, attempt.judge)
        except GaveUpError as error:
            raise self._gave_up(attempt, error) from None
        except (NotReachedError, BodyError) as error:
            what = self.hidden(str(error))
            raise SourceError(
                self.system, attempt.object_name, what, error.remedy, kind=error.kind
            ) from None
        except BudgetSpentError as error:
            what = str(error).removeprefix(f"{self.system}: ")
            remedy = "Run again then, or raise the limits in its system.yaml"
            raise SourceError(
                self.system, attempt.object_name, what, remedy, kind="transient"
            ) from None
        self._circuit.succeeded()
        return answer

    def _may_be_asked(self, object_name: str) -> None:
        end = in_maintenance(self.service.maintenance, _now())
        if end is not None:
            raise SourceError(
                self.system,
                object_name,
                f"it is in its maintenance window until {end:%Y-%m-%d %H:%M %Z}",
                "Its data stays as of the last extract; the next run after that asks again",
                kind="transient",
            )
        try:
            self._circuit.check()
        except CircuitOpenError as error:
            remedy = (
                "Its data stays as of the last extract, and nothing else is held up; if it works "
                f"again and is to be asked sooner, delete {self._circuit.path}"
            )
            raise SourceError(
                self.system, object_name, str(error), remedy, kind="transient"
            ) from None

    def _gave_up(self, attempt: _Attempt, error: GaveUpError) -> SourceError:
        last = error.last
        if isinstance(last, Answer):
            said = fault(last, self.service.errors)
            why = said.sentence if said else f"HTTP {last.status}"
            remedy = said.remedy if said else "Try again later"
        else:
            why, remedy = str(last), _UNREACHED
        why = self.hidden(why)
        self._circuit.failed(why)
        return SourceError(
            self.system, attempt.object_name, f"{why} ({error.why})", remedy, transient=True
        )

    def _refused(self, object_name: str, said: Fault) -> SourceError:
        return SourceError(
            self.system, object_name, self.hidden(said.sentence), said.remedy, kind=said.kind
        )

    def exchange(self, call: Call, *, signed: bool) -> Answer:
        """Sends one call within all limits, following redirects of the own origin.

        Secrets that come back are replaced, except where the call is not ``signed``: what a login
        gives is hidden everywhere but in its own answer.

        Raises:
            NotReachedError, BodyError, BudgetSpentError: no answer came.
        """
        for _ in range(_MOST_REDIRECTS):
            answer, url = self._exchange_once(call, signed=signed)
            target = answer.headers.get("Location")
            if answer.status not in _REDIRECTS or not target:
                return answer
            call = self._redirected(call, answer.status, url, target)
        raise not_to_be_followed("it redirects in circles")

    def _redirected(self, call: Call, status: int, url: str, target: str) -> Call:
        if call.method != "GET" and status not in (307, 308):
            raise not_to_be_followed(f"it redirects a {call.method} request (HTTP {status})")
        try:
            url = resolved(self.base_url, url, target)
        except OriginError as error:
            raise not_to_be_followed(f"a redirect was refused: {error}") from None
        return Call(call.method, url, call.headers, (), call.body)

    def _exchange_once(self, call: Call, *, signed: bool) -> tuple[Answer, str]:
        """The answer, and the address that was asked, as it was sent."""
        times = self.service.timeouts
        with self._budget.turn(), limited(times.answer) as watch:
            try:
                prepared = _prepared(call)
                # Proxies and the certificates to trust; never a password file of the user's.
                around = self.session.merge_environment_settings(call.url, {}, True, True, None)
                response = self.session.send(
                    prepared,
                    timeout=(times.connect, times.read),
                    allow_redirects=False,
                    **{**around, "verify": around["verify"] or True},
                )
                with response:
                    text = read_text(response, self.service.largest_answer, lambda: watch.over)
            except UNREACHED as error:
                late = f"it did not answer within {times.answer} s" if watch.over else None
                raise not_reached(error, late) from None
        url = prepared.url or call.url
        text = self._redactor.in_answer(text) if signed else text
        shown = self.hidden(url)
        return Answer(response.status_code, response.headers, text, shown, self.service.xml), url


@dataclass
class _Attempt:
    """One request and the attempts at it."""

    client: Client
    call: Call
    object_name: str
    signed: bool
    used: Call | None = None
    renewed: bool = False

    def once(self) -> Answer:
        """One attempt; once more by itself if only the login had expired."""
        answer = self._sent()
        auth = self.client.auth
        if self.signed and auth.expired(answer) and not self.renewed:
            self.renewed = True
            if auth.renew(self.used):
                answer = self._sent()
        return answer

    def _sent(self) -> Answer:
        self.used = self.client.auth.signed(self.call) if self.signed else self.call
        return self.client.exchange(self.used, signed=self.signed)

    def judge(self, outcome: Outcome) -> Verdict:
        """Is another attempt worth while?"""
        if isinstance(outcome, Answer):
            said = fault(outcome, self.client.service.errors)
            transient = said is not None and said.kind == "transient"
            return Verdict(transient, asked_wait(outcome.headers, _now()) if transient else None)
        return Verdict(isinstance(outcome, NotReachedError | BodyError) and outcome.again)


def circuit_name(system: str, base_url: str) -> str:
    """Of the address, too: when that was wrong and is corrected, nothing stands in the way."""
    return f"{system}-{hashlib.sha256(base_url.encode()).hexdigest()[:12]}"


def _now() -> datetime:
    return datetime.now(UTC)


def _prepared(call: Call) -> requests.PreparedRequest:
    headers = Call("", "", HEADERS).with_headers(call.headers).headers
    return requests.Request(
        call.method, call.url, dict(headers), params=list(call.query), data=call.body
    ).prepare()
