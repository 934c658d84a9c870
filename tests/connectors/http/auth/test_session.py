"""Sessions: a login of the vendor's own, and headers made of what it gave."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from urllib.parse import parse_qs

import pytest

from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.http.answer import Answer
from finsync_dagster.connectors.http.auth.authenticators import Authenticator, authenticator
from finsync_dagster.connectors.http.call import Call
from finsync_dagster.connectors.http.exact_json import Number
from tests.connectors.http.auth.auth_server import Clock, Reply, Seen, Site, ask, site, spec

SECRETS = {"user": "admin", "password": 'p"ä\\ss'}
TRYTON = """
    scheme: session
    login:
      path: /p2p/rpc/
      body: {id: 1, method: common.db.login,
             params: ["${secret.user}", {password: "${secret.password}"}]}
    take: {user_id: [result, 0], token: [result, 1]}
    values: {credentials: "${secret.user}:${user_id}:${token}"}
    headers: {Authorization: "Session ${credentials|base64}"}"""
COOKIE = """
    scheme: session
    login:
      path: b1s/v2/Login
      headers: {X-CSRF-Token: Fetch}
      form: {company: SBO, password: "${secret.password}"}
    take: {session: {cookie: B1SESSION}, csrf: {header: X-CSRF-Token}}
    headers: {Cookie: "B1SESSION=${session}", X-CSRF-Token: "${csrf}"}
    expired: {status: [401, 403], at: [error, code], codes: ["301", expired]}
    logout: {path: /b1s/v2/Logout}"""


class Erp:
    """Logs in whoever knows the password, and keeps one session alive."""

    def __init__(self, server: Site) -> None:
        self.server = server
        self.numbers = count(1)
        self.session = ""
        server.routes["/p2p/rpc/"] = self.rpc
        server.routes["/p2p/orders"] = self.orders

    def rpc(self, seen: Seen) -> Reply:
        asked = json.loads(seen.body)
        if asked["params"] != ["admin", {"password": SECRETS["password"]}]:
            return Reply(200, {"id": 1, "error": ["LoginException", ["password", "Password"]]})
        self.session = f"session-token-{next(self.numbers)}"
        return Reply(200, {"id": asked["id"], "result": [1, self.session, None]})

    def orders(self, seen: Seen) -> Reply:
        given = seen.headers.get("Authorization", "").removeprefix("Session ")
        known = base64.b64decode(given).decode() == f"admin:1:{self.session}"
        return Reply(200 if known else 401)

    @property
    def call(self) -> Call:
        return Call("GET", self.server.url + "/p2p/orders")


@pytest.fixture
def erp() -> Iterator[Erp]:
    with site() as server:
        yield Erp(server)


def session(erp: Erp, text: str = TRYTON, **other: str) -> Authenticator:
    return authenticator(
        "tryton", erp.server.url + "/", spec(text), {**SECRETS, **other}, ask, Clock()
    )


def test_a_login_is_sent_and_its_session_used(erp: Erp) -> None:
    one = session(erp)
    assert [ask(one.signed(erp.call)).status for _ in range(2)] == [200, 200]
    (login,) = erp.server.at("/p2p/rpc/")
    assert login.headers["Content-Type"] == "application/json"
    assert "Authorization" not in login.headers
    assert one.values() == {"user_id": "1", "token": "session-token-1"}
    assert isinstance(one.values()["user_id"], Number)


def test_values_log_in_by_themselves(erp: Erp) -> None:
    assert session(erp).values()["token"] == "session-token-1"


def test_an_expired_session_is_renewed_once_for_all_threads(erp: Erp) -> None:
    one = session(erp)
    used = one.signed(erp.call)
    erp.session = "ended by the server"
    answer = ask(used)
    assert one.expired(answer)
    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(lambda _: one.renew(used), range(8)))
        statuses = set(threads.map(lambda _: ask(one.signed(erp.call)).status, range(8)))
    assert statuses == {200}
    assert len(erp.server.at("/p2p/rpc/")) == 2
    assert one.renew(used) is True
    assert ask(one.signed(erp.call)).status == 200
    assert len(erp.server.at("/p2p/rpc/")) == 2


def test_a_refused_login_tells_what_the_server_said(erp: Erp) -> None:
    with pytest.raises(SourceError) as refused:
        session(erp, password="not-it").signed(erp.call)
    text = str(refused.value)
    assert f"tryton: logging in at {erp.server.url}/p2p/rpc/" in text
    assert '["LoginException",["password","Password"]]' in text
    assert "(at result / 0 is nothing)" in text
    assert "connection.secrets names for user, password" in text
    assert refused.value.kind == "policy"


@pytest.mark.parametrize(
    ("reply", "kind", "said"),
    [
        (Reply(401, "<title>401 Unauthorized</title>"), "policy", "401 Unauthorized"),
        (Reply(302, "", {"Location": "/web/login"}), "policy", "302 Found"),
        (Reply(404, ""), "mapping", "404 Not Found"),
        (Reply(502, "<html>"), "transient", "502 Bad Gateway"),
        (Reply(200, "<html>Sign in</html>"), "upstream_data", "is no JSON"),
        (Reply(200, "<login>"), "upstream_data", "is no XML (no element found"),
        (Reply(200, {"result": False}), "policy", "the answer holds nothing"),
        (Reply(200, {"result": [1, ""]}), "policy", "at result / 1 is nothing"),
        (Reply(200, {"result": [1, "line\nbreak"]}), "policy", "the header"),
    ],
)
def test_no_session_no_call(erp: Erp, reply: Reply, kind: str, said: str) -> None:
    erp.server.routes["/p2p/rpc/"] = lambda _: reply
    text = TRYTON.replace("Session ${credentials|base64}", "Session ${token}")
    with pytest.raises(SourceError) as refused:
        session(erp, text).signed(erp.call)
    assert said in str(refused.value)
    assert refused.value.kind == kind


def test_cookies_headers_and_logout(erp: Erp) -> None:
    def login(seen: Seen) -> Reply:
        assert seen.headers["X-CSRF-Token"] == "Fetch"
        assert parse_qs(seen.body) == {"company": ["SBO"], "password": [SECRETS["password"]]}
        cookies = "ROUTE=.n1; Path=/\nB1SESSION=abc-123-def-456; HttpOnly; Path=/"
        return Reply(200, "{}", {"Set-Cookie": cookies, "X-CSRF-Token": "csrf-token-1"})

    erp.server.routes |= {"/b1s/v2/Login": login, "/b1s/v2/Logout": lambda _: Reply(204)}
    one = session(erp, COOKIE)
    signed = one.signed(erp.call)
    expected = {"Cookie": "B1SESSION=abc-123-def-456", "X-CSRF-Token": "csrf-token-1"}
    assert signed.headers == expected
    one.close()
    one.close()
    (logout,) = erp.server.at("/b1s/v2/Logout")
    assert expected.items() <= logout.headers.items()
    assert {"abc-123-def-456", "csrf-token-1"} <= one.secrets()


def test_closing_never_fails_and_never_logs_in(erp: Erp) -> None:
    session(erp, COOKIE).close()
    assert erp.server.seen == []

    def down(call: Call) -> Answer:
        if call.url.endswith("Logout"):
            raise SourceError("b1", "", "cannot be reached", "Wait", transient=True)
        return Answer(200, {"Set-Cookie": "B1SESSION=abc", "X-CSRF-Token": "c"}, "", call.url)

    one = authenticator("b1", erp.server.url, spec(COOKIE), SECRETS, down)
    one.signed(erp.call)
    one.close()


@pytest.mark.parametrize(
    ("status", "body", "expired"),
    [
        (401, "", True),
        (403, "<html>", True),
        (200, '{"error": {"code": 301}}', True),
        (200, '{"error": {"code": "expired"}}', True),
        (200, '{"error": {"code": 302}}', False),
        (200, '{"value": []}', False),
        (500, "<html>", False),
    ],
)
def test_how_an_answer_says_that_a_session_is_over(status: int, body: str, expired: bool) -> None:
    one = authenticator("b1", "http://localhost", spec(COOKIE), SECRETS, ask)
    assert one.expired(Answer(status, {}, body, "")) is expired


def test_what_is_no_secret_stays_readable(erp: Erp) -> None:
    """Only what proves who asks is hidden: anything hidden is hidden in records, too."""
    erp.server.routes["/p2p/rpc/"] = lambda _: Reply(
        200, {"uid": "user-number-4711", "token": "session-token-1", "company": "Nordlicht GmbH"}
    )
    text = TRYTON.replace("[result, 0]", "uid").replace("[result, 1]", "token, company: company")
    one = session(erp, text)
    assert one.values()["company"] == "Nordlicht GmbH"
    assert "user-number-4711" in one.secrets()
    open_user = session(erp, text + "\n    public: [user_id]")
    open_user.signed(erp.call)
    for signer, names in ((one, ["Nordlicht GmbH", "Session"]), (open_user, ["user-number-4711"])):
        assert not {*names} & signer.secrets()
        assert "session-token-1" in signer.secrets()


def test_user_numbers_stay_readable_in_messages(erp: Erp) -> None:
    one = session(erp)
    one.signed(erp.call)
    assert "1" not in one.secrets()
    encoded = base64.b64encode(b"admin:1:session-token-1").decode()
    assert {
        "session-token-1",
        "admin:1:session-token-1",
        encoded,
        f"Session {encoded}",
    } <= one.secrets()
