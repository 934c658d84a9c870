import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from finsync_dagster.sandbox.tryton.database import build
from finsync_dagster.sandbox.tryton.errors import TrytonError
from finsync_dagster.sandbox.tryton.install import folder, install
from finsync_dagster.sandbox.tryton.server import TrytonServer, serve
from tests.tryton import log_in, tryton_home, tryton_server

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("tryton")]
__all__ = ["tryton_home"]


@pytest.fixture
def home(tryton_home, tmp_path) -> Path:
    """A home of this test's own, in which the environment and the database need not be made."""
    python = install(tryton_home)
    own = folder(tmp_path / "home")
    own.mkdir(parents=True)
    for made in (python.parents[1], build(tryton_home, python)):
        (own / made.name).symlink_to(made)
    return tmp_path / "home"


def over_rest(server: TrytonServer, key: str, **more: str) -> requests.Response:
    return requests.get(
        f"{server.url}/{server.database}/rest/model/party.party",
        params={"f": "name", **more},
        headers={"Authorization": f"bearer {key}"},
        timeout=30,
    )


def test_it_answers_over_json_rpc_and_rest_with_its_own_secrets(tmp_path):
    with tryton_server(tmp_path) as server:
        over_rpc = {row["name"] for row in log_in(server).read("party.party", "name")}
        assert "Fahrenkamp Schraubtechnik GmbH" in over_rpc
        domain = base64.urlsafe_b64encode(json.dumps([["name", "like", "Hansen%"]]).encode())
        found = over_rest(server, server.rest_key, d=domain.decode()).json()
        assert [row["name"] for row in found] == ["Hansen Bürobedarf"] * 2
        assert over_rest(server, "another").status_code == 401
    with pytest.raises(requests.ConnectionError):
        over_rest(server, server.rest_key)


def test_two_serve_at_once_and_know_nothing_of_each_other(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    with tryton_server(one) as first, tryton_server(other) as second:
        assert first.url != second.url
        log_in(first).call("model.party.party.create", [{"name": "Only here"}])
        assert over_rest(second, first.rest_key).status_code == 401
        here, there = (
            {row["name"] for row in log_in(server).read("party.party", "name")}
            for server in (first, second)
        )
        assert here - there == {"Only here"}
        assert not there - here


def test_no_secret_is_in_any_file_once_it_has_ended(home):
    with serve(home) as server:
        asking = log_in(server)
        assert over_rest(server, server.rest_key).ok
        token = base64.b64decode(asking.session).decode().split(":")[2]
        assert server.password not in repr(server)
        assert server.rest_key not in repr(server)
        assert not holding(home, server.password)
        # Tryton keeps keys and sessions as they are: while it serves, they are to be found.
        assert holding(home, server.rest_key)
        assert holding(home, token)
    for secret in (server.password, server.rest_key, token):
        assert not holding(home, secret)


def holding(home: Path, secret: str) -> list[Path]:
    files = [path for path in home.rglob("*") if path.is_file()]
    assert any(path.name == "p2p.sqlite" for path in files)
    assert any(path.name == "server.log" for path in files)
    return [path for path in files if secret.encode() in path.read_bytes()]


def test_the_demo_keeps_what_people_change_and_locks_out_the_old_password(home):
    with serve(home) as before:
        log_in(before).call("model.party.party.create", [{"name": "Added by hand"}])
    with serve(home) as after:
        assert "Added by hand" in {row["name"] for row in log_in(after).read("party.party", "name")}
        assert after.password != before.password
        assert over_rest(after, before.rest_key).status_code == 401
        with pytest.raises(requests.HTTPError, match="401"):
            log_in(TrytonServer(after.url, "p2p", "admin", before.password, "", 0))


def test_one_copy_is_served_by_one_process(home):
    another = pytest.raises(TrytonError, match="being served by another process")
    with serve(home), another, serve(home):
        pass


def test_a_port_that_is_taken_is_told(home):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        told = pytest.raises(TrytonError, match=rf"is port {port} of 127.0.0.1 free\?")
        with told, serve(home, port=port):
            pass


def test_it_ends_when_whoever_started_it_is_killed(home):
    program = (
        "import sys, time; from pathlib import Path\n"
        "from finsync_dagster.sandbox.tryton.server import serve\n"
        "with serve(Path(sys.argv[1])) as server:\n"
        "    print(server.process, server.url, server.rest_key, flush=True)\n"
        "    time.sleep(600)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(home)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    process, url, key = parent.stdout.readline().split()
    assert requests.get(url, timeout=30).status_code
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    patience = time.monotonic() + 20
    while is_running(int(process)):
        assert time.monotonic() < patience, "the server outlives its parent"
        time.sleep(0.05)
    assert not holding(home, key)
    with serve(home) as server:
        assert log_in(server).read("company.company", "rec_name")


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    # Nobody may be there to take note of its end.
    state = Path(f"/proc/{process}/stat")
    return not (state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z")


def test_nothing_is_announced_when_nothing_takes_long(home):
    said: list[str] = []
    with serve(home, progress=said.append):
        assert said == []
