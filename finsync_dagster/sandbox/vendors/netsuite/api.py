"""NetSuite's REST web services: who may ask, and what answers.

Belongs here: routes, logins, how many may ask at once. Not here: the resources themselves
(suiteql.py, records.py).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from finsync_dagster.sandbox.vendors.faults import Faults
from finsync_dagster.sandbox.vendors.netsuite import records
from finsync_dagster.sandbox.vendors.netsuite.errors import RefusedError, error
from finsync_dagster.sandbox.vendors.netsuite.results import Results
from finsync_dagster.sandbox.vendors.netsuite.store import Store
from finsync_dagster.sandbox.vendors.netsuite.suiteql import suiteql
from finsync_dagster.sandbox.vendors.tokens import Refused
from finsync_dagster.sandbox.vendors.tokens_signed import SignedClient, SignedRequests
from finsync_dagster.sandbox.vendors.wire import Answer, Request
from finsync_dagster.sandbox.world.reading import World

_BASE = "/services/rest"
_LOGIN = (
    "Invalid login attempt. For more details, see the Login Audit Trail in the NetSuite UI at "
    "Setup > Users/Roles > User Management > View Login Audit Trail."
)


@dataclass(frozen=True)
class Logins:
    """Both ways to log in: requests signed with a token's secrets, and statements with a key."""

    signed: SignedRequests
    machines: SignedClient


class NetSuite:
    """The account of the group. Used by many threads at once.

    ``at_once`` is how many requests it takes at the same time; more are refused.
    """

    def __init__(
        self,
        world: World,
        faults: Faults,
        credentials: Logins,
        *,
        system: str = "group_netsuite",
        at_once: int = 5,
    ) -> None:
        self._store = Store(world)
        self._results = Results(self._store)
        self._faults = faults
        self._logins = credentials
        self._system = system
        self._room = threading.BoundedSemaphore(at_once)

    def answer(self, request: Request) -> Answer:
        """The answer to a request."""
        if not self._room.acquire(blocking=False):
            return _too_many()
        try:
            return self._answer(request)
        except RefusedError as refused:
            return refused.answer()
        finally:
            self._room.release()

    def refusal(self, request: Request, status: int) -> Answer:
        """How NetSuite words an error that is not about the request."""
        if status == 429:
            return _too_many()
        return error(status, "UNEXPECTED_ERROR", "An unexpected error occurred. Error ID: 7f3a")

    def close(self) -> None:
        """Let go of the account's tables."""
        self._store.close()

    def _answer(self, request: Request) -> Answer:
        if request.path == f"{_BASE}/auth/oauth2/v1/token":
            return self._token(request)
        self._check_login(request)
        if request.path == f"{_BASE}/query/v1/suiteql":
            if request.method != "POST":
                raise RefusedError(405, "METHOD_NOT_ALLOWED", "Method not allowed.")
            return suiteql(request, self._results, self._faults, self._system)
        below = request.path.removeprefix(f"{_BASE}/record/v1/")
        if below != request.path and request.method == "GET":
            return records.answer(request, below.rstrip("/"), self._store)
        raise RefusedError(404, "NOT_FOUND", "The requested resource does not exist.")

    def _token(self, request: Request) -> Answer:
        granted = self._logins.machines.grant(request)
        if isinstance(granted, Refused):
            return Answer.json({"error": granted.error}, 400)
        return Answer.json(
            {
                "access_token": granted.access_token,
                "expires_in": str(granted.expires_in),
                "token_type": "bearer",
            }
        )

    def _check_login(self, request: Request) -> None:
        bearer = request.headers.get("authorization", "").lower().startswith("bearer ")
        if self._faults.strikes("expired_token", request, self._system):
            self._logins.machines.tokens.expire(request)
            raise RefusedError(401, "INVALID_LOGIN", _LOGIN)
        check = self._logins.machines.tokens.check if bearer else self._logins.signed.check
        if check(request) != "good":
            raise RefusedError(401, "INVALID_LOGIN", _LOGIN)


def _too_many() -> Answer:
    return error(
        429,
        "CONCURRENCY_LIMIT_EXCEEDED",
        "Concurrent request limit exceeded. Request blocked.",
    )
