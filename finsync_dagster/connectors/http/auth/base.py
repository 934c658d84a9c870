"""What every way to authenticate can do, and the part that all logins share.

Belongs here: the interface, and getting something once for many threads. Not here: any one scheme.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeAlias

from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.http.answer import Answer
from finsync_dagster.connectors.http.auth.vault import NotPickled, Vault
from finsync_dagster.connectors.http.call import Call
from finsync_dagster.connectors.http.exact_json import Json

Ask: TypeAlias = Callable[[Call], Answer]
"""Sends a call unsigned. Returns answers of any status; raises SourceError for network trouble.

The body must be as the server sent it, no secret in it replaced: a server may well give a token
again that is known as a secret already. It never leaves the authenticator."""
Now: TypeAlias = Callable[[], float]
"""Seconds since 1970."""
_UNAUTHORIZED = 401
_REFUSAL_HOLDS = 60.0
"""Seconds in which a refused login is not tried again: many refusals in a row lock accounts."""


class Authenticator(NotPickled, ABC):
    """Signs the calls of one system. Safe to share between threads, never between processes."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._vault.system}>"

    @abstractmethod
    def signed(self, call: Call) -> Call:
        """The call with what proves who asks; logs in before, if that is needed.

        Sign each attempt anew, as some signatures hold a time and may be used once. The login is a
        request of its own, so do not hold a place of ``limits.concurrent`` meanwhile.

        Raises:
            SourceError: the login was refused (kind policy), or could not be asked for.
        """

    def renew(self, used: Call | None = None) -> bool:
        """Forget what ``used`` was signed with, so that the next call logs in anew.

        If another thread has renewed it meanwhile, nothing is forgotten. False if there is nothing
        to renew: then the system does not accept the secrets.
        """
        return False

    def expired(self, answer: Answer) -> bool:
        """Whether the answer says that what it was signed with is not accepted (any more)."""
        return answer.status == _UNAUTHORIZED

    def values(self) -> Mapping[str, Json]:
        """What a login took, for the templates of requests; logs in before, if that is needed."""
        return {}

    def secrets(self) -> frozenset[str]:
        """Every secret text so far, given and obtained, in all spellings, to be hidden."""
        return self._vault.known()

    def close(self) -> None:
        """Forget the login, and log out where the system knows that; whether it can or not."""
        self.renew()


@dataclass(frozen=True)
class Held(NotPickled):
    """What a login gave. ``renew_at`` is the second since 1970 from which on it is renewed."""

    headers: Mapping[str, str] = field(repr=False)
    values: Mapping[str, Json] = field(default_factory=dict, repr=False)
    renew_at: float | None = None

    def signed(self, call: Call) -> bool:
        """Whether the call carries this."""
        return all(call.headers.get(name) == value for name, value in self.headers.items())


@dataclass(frozen=True)
class _Refusal:
    what: str
    remedy: str
    until: float


class Login(Authenticator):
    """Something must be asked for first: once for all threads, again shortly before it expires."""

    def __init__(self, vault: Vault, ask: Ask, now: Now) -> None:
        super().__init__(vault)
        self._ask = ask
        self._now = now
        self._turn = Lock()
        self._held: Held | None = None
        self._refusal: _Refusal | None = None

    @abstractmethod
    def _obtain(self) -> Held:
        """Log in. One thread at a time is in here."""

    def signed(self, call: Call) -> Call:
        """See ``Authenticator.signed``."""
        return call.with_headers(self._current().headers)

    def values(self) -> Mapping[str, Json]:
        """See ``Authenticator.values``."""
        return self._current().values

    def renew(self, used: Call | None = None) -> bool:
        """See ``Authenticator.renew``."""
        with self._turn:
            if used is None or (self._held is not None and self._held.signed(used)):
                self._held = None
        return True

    def _current(self) -> Held:
        with self._turn:
            held = self._held
            if held is None or (held.renew_at is not None and self._now() >= held.renew_at):
                self._held = None
                held = self._held = self._obtained()
            return held

    def _obtained(self) -> Held:
        refusal = self._refusal
        if refusal is not None and self._now() < refusal.until:
            raise SourceError(self._vault.system, "", refusal.what, refusal.remedy, kind="policy")
        self._refusal = None
        try:
            return self._obtain()
        except SourceError as error:
            if error.kind == "policy":
                until = self._now() + _REFUSAL_HOLDS
                self._refusal = _Refusal(error.what, error.remedy, until)
            raise
