"""The order of things around one request: windows, circuit, login, turns, attempts."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.http import clients
from finsync_dagster.connectors.http.client import circuit_name
from finsync_dagster.connectors.http.limits.circuit import Circuit
from finsync_dagster.connectors.http.limits.model import Breaker
from finsync_dagster.connectors.http.read import Asked, extract
from finsync_dagster.connectors.reach import Reach
from tests.connectors.http.api import Api, Handler, items, serving, status
from tests.connectors.http.systems import ITEMS, asked, read_all, system

PASSWORD = "pass-w0rd-of-the-user"
LOGIN = """
protocol: http
auth:
  scheme: session
  login: {path: /login, body: {password: "${secret.password}"}}
  take: {token: token}
  headers: {Authorization: "Session ${token}"}
retry: {attempts: 2, first_wait: 1}
objects:
  items: {key: [id], records: items, request: {path: /items}}
  others: {key: [id], records: items, request: {path: /others}}
"""


class Shop(Api):
    """Wants a login; ``valid`` is the token it accepts."""

    valid = "token-number-1"
    given = "token-number-1"

    def reply(self, handler: Handler) -> bool:
        if handler.path == "/login":
            handler.rfile.read(int(handler.headers["Content-Length"]))
            time.sleep(0.02)
            handler.reply(200, f'{{"token": "{self.given}"}}'.encode())
            return True
        if handler.headers["Authorization"] != f"Session {self.valid}":
            handler.reply(401)
            return True
        return False

    @property
    def logins(self) -> int:
        return self.asked.count("/login")


def shop(**more: object) -> Shop:
    made = Shop(items(2), **more)  # type: ignore[arg-type]
    made.always = made.reply
    return made


def reached(text: str, url: str, shared: Path | None = None, name: str = "items") -> Asked:
    return Asked(
        "shop", url, name, system(text).objects[name], Reach({"password": PASSWORD}, shared)
    )


def read(one: Asked) -> int:
    with extract(one) as extraction:
        return len(read_all(extraction))


def failed(one: Asked) -> SourceError:
    with pytest.raises(SourceError) as raised:
        read(one)
    return raised.value


@pytest.fixture(autouse=True)
def forgotten() -> None:
    clients.forget()


def test_one_login_serves_all_objects_and_threads() -> None:
    with serving(shop()) as api:
        found: list[int] = []
        pair = [reached(LOGIN, api.url, name=name) for name in ("items", "others")]
        threads = [
            threading.Thread(target=lambda one=one: found.append(read(one))) for one in pair * 4
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [2] * 8
        assert api.asked.count("/login") == 1


def test_a_login_that_has_expired_is_renewed_once() -> None:
    api = shop()
    with serving(api):
        one = reached(LOGIN, api.url)
        assert read(one) == 2
        api.valid = api.given = "token-number-2"
        assert read(one) == 2
        assert api.asked == ["/login", "/items", "/items", "/login", "/items"]


def test_a_login_that_gives_the_same_token_again_is_understood() -> None:
    """Although that token is hidden in all other answers by then."""
    api = shop()
    with serving(api):
        one = reached(LOGIN, api.url)
        assert read(one) == 2
        api.plays = [status(401)]
        assert read(one) == 2
        assert api.logins == 2


def test_401_for_ever_ends_after_one_renewal() -> None:
    api = shop()
    api.valid = "of somebody else"
    with serving(api):
        error = failed(reached(LOGIN, api.url))
        assert api.asked == ["/login", "/items", "/login", "/items"]
    assert (error.kind, error.transient) == ("policy", False)
    assert "401 Unauthorized" in str(error)


def test_the_trial_of_a_circuit_may_log_in(tmp_path: Path) -> None:
    """Whoever tries is most often a new process, which has no login yet."""
    before = datetime.now(UTC) - timedelta(hours=1)
    with serving(shop()) as api:
        name = circuit_name("shop", api.url)
        circuit = Circuit(tmp_path, name, Breaker(opens_after=1), lambda: before)
        circuit.failed("503 Service Unavailable")
        assert (tmp_path / f"{name}.circuit.json").exists()
        assert read(reached(LOGIN, api.url, tmp_path)) == 2
        assert read(reached(LOGIN, api.url, tmp_path)) == 2
        assert api.logins == 1
    assert not (tmp_path / f"{name}.circuit.json").exists()


def test_a_corrected_address_is_asked_at_once(tmp_path: Path) -> None:
    text = ITEMS.replace("retry:", "breaker: {opens_after: 1}\nretry:")
    assert "connection failed" in str(failed(reached(text, "http://127.0.0.1:9", tmp_path)))
    assert "left alone" in str(failed(reached(text, "http://127.0.0.1:9", tmp_path)))
    with serving(shop()) as api:
        assert read(reached(LOGIN, api.url, tmp_path)) == 2


def test_the_circuit_opens_after_failures_and_others_go_on(tmp_path: Path) -> None:
    text = ITEMS.replace("attempts: 3", "attempts: 1") + "breaker: {opens_after: 2}\n"
    with serving(Api(always=status(503))) as down, serving(Api(items(1))) as up:
        spec = system(text).objects["items"]
        broken = Asked("down", down.url, "items", spec, Reach(shared=tmp_path))
        assert failed(broken).transient
        assert failed(broken).transient
        error = failed(broken)
        assert len(down.asked) == 2
        assert (error.kind, error.transient) == ("transient", False)
        assert "kept failing" in str(error)
        assert "503 Service Unavailable" in str(error)
        assert read(Asked("up", up.url, "items", spec, Reach(shared=tmp_path))) == 1


def test_who_knows_better_deletes_the_file_that_the_message_names(tmp_path: Path) -> None:
    text = ITEMS.replace("attempts: 3", "attempts: 1") + "breaker: {opens_after: 1}\n"
    with serving(Api(items(1), always=status(503))) as api:
        failed(reached(text, api.url, tmp_path))
        api.always = None
        said = str(failed(reached(text, api.url, tmp_path)))
        Path(said.rsplit(" delete ", 1)[1].rstrip(".")).unlink()
        assert read(reached(text, api.url, tmp_path)) == 1


def test_what_asking_again_cannot_help_does_not_open_the_circuit(tmp_path: Path) -> None:
    text = ITEMS + "breaker: {opens_after: 1}\n"
    with serving(Api(always=status(403))) as api:
        one = Asked("shop", api.url, "items", system(text).objects["items"], Reach(shared=tmp_path))
        assert [failed(one).kind for _ in range(3)] == ["policy"] * 3
        assert len(api.asked) == 3


def test_nothing_is_asked_in_a_maintenance_window() -> None:
    window = 'maintenance: [{from: "00:00", to: "00:00", timezone: UTC}]\n'
    with serving(shop()) as api:
        error = failed(reached(LOGIN.replace("retry:", window + "retry:"), api.url))
        assert not api.asked
    assert "it is in its maintenance window until" in str(error)
    assert error.kind == "transient"


def test_clients_share_a_budget(tmp_path: Path) -> None:
    text = LOGIN.replace("retry:", "limits: {per_second: 4, longest_wait: 5}\nretry:")
    with serving(shop()) as api:
        began = time.monotonic()
        for _ in range(3):
            clients.forget()
            assert read(reached(text, api.url, tmp_path)) == 2
        assert len(api.asked) == 6
    assert time.monotonic() - began > 0.9


def test_spent_rates_are_told(tmp_path: Path) -> None:
    text = ITEMS + "limits: {per_hour: 1, longest_wait: 1}\n"
    with serving(Api(items(5))) as api:
        one = Asked("shop", api.url, "items", system(text).objects["items"], Reach(shared=tmp_path))
        error = failed(one)
        assert len(api.asked) == 1
    assert (error.system, error.object, error.kind) == ("shop", "items", "transient")
    assert "the requests it allows are spent (per_hour 1)" in str(error)


def test_a_folder_of_its_own_is_gone_with_the_client() -> None:
    with serving(Api(items(1))) as api:
        one = asked(ITEMS, api.url)
        assert read(one) == 1
        folder = clients.client_of(one)._own.name
        assert Path(folder).exists()
        clients.forget()
    assert not Path(folder).exists()


def test_setup_is_sent_once_for_all() -> None:
    text = LOGIN.replace(
        "objects:", "setup: [{request: {path: /tenants}, take: {tenant: [items, 0, id]}}]\nobjects:"
    ).replace("path: /items", "path: '/items/${tenant}'")
    with serving(shop()) as api:
        one = reached(text, api.url)
        threads = [threading.Thread(target=read, args=(one,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert api.asked == ["/login", "/tenants", *["/items/1"] * 4]
