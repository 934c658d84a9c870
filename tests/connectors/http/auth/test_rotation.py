"""Refresh tokens that can be used once outlive the process, and nobody can read them."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

import pytest

from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.http.auth.authenticators import Authenticator, authenticator
from finsync_dagster.connectors.http.auth.rotation import OnDisk
from finsync_dagster.connectors.http.call import Call
from tests.connectors.http.auth.auth_server import Reply, Seen, Site, ask, site, spec

XERO = spec(
    """
    scheme: oauth2_refresh_token
    token_url: /token
    client_id: finsync
    client_secret: "${secret.client_secret}"
    refresh_token: "${secret.refresh_token}" """
)


class OneTime:
    """Gives a token for the newest refresh token only."""

    def __init__(self, server: Site) -> None:
        self.server = server
        self.number = 0
        self.valid = "grant-from-a-person"
        self.lock = Lock()
        server.routes["/token"] = self.token

    def token(self, seen: Seen) -> Reply:
        with self.lock:
            if seen.form["refresh_token"] != self.valid:
                return Reply(400, {"error": "invalid_grant"})
            self.number += 1
            self.valid = f"refresh-token-{self.number}"
            return Reply(
                200, {"access_token": f"access-token-{self.number}", "refresh_token": self.valid}
            )


@pytest.fixture
def vendor() -> Iterator[OneTime]:
    with site() as server:
        yield OneTime(server)


def process(
    vendor: OneTime, keep: Path | None, given: str = "grant-from-a-person"
) -> Authenticator:
    """What another process would make: it shares nothing but the folder."""
    secrets = {"client_secret": "s", "refresh_token": given}
    return authenticator("xero", vendor.server.url, XERO, secrets, ask, keep=keep)


CALL = Call("GET", "http://localhost/")


def test_a_later_process_goes_on_where_the_last_one_stopped(
    vendor: OneTime, tmp_path: Path
) -> None:
    for number in (1, 2, 3):
        signed = process(vendor, tmp_path / "tokens").signed(CALL)
        assert signed.headers["Authorization"] == f"Bearer access-token-{number}"


def test_without_a_folder_the_next_process_is_refused(vendor: OneTime) -> None:
    process(vendor, None).signed(CALL)
    with pytest.raises(SourceError, match="invalid_grant") as refused:
        process(vendor, None).signed(CALL)
    assert "was used before" in str(refused.value)


def test_a_folder_that_cannot_be_written_is_told_before_a_token_is_used(
    vendor: OneTime, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SourceError, match=r"xero: the refresh token .* cannot be kept \(File exis"):
        process(vendor, tmp_path / "file").signed(CALL)
    assert vendor.server.seen == []


def test_processes_take_turns(vendor: OneTime, tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: process(vendor, tmp_path).signed(CALL), range(8)))
    assert vendor.number == 8


def test_the_file_tells_nothing(vendor: OneTime, tmp_path: Path) -> None:
    process(vendor, tmp_path).signed(CALL)
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(files) == {"xero.token", "xero.lock"}
    for secret in (b"refresh-token-1", b"access-token-1", b"grant-from-a-person"):
        assert not any(secret in content for content in files.values())
    assert stat.S_IMODE((tmp_path / "xero.token").stat().st_mode) == 0o600


def test_a_newly_granted_token_replaces_the_kept_one(vendor: OneTime, tmp_path: Path) -> None:
    process(vendor, tmp_path).signed(CALL)
    vendor.valid = "granted-anew"
    signed = process(vendor, tmp_path, "granted-anew").signed(CALL)
    assert signed.headers["Authorization"] == "Bearer access-token-2"
    process(vendor, tmp_path, "granted-anew").signed(CALL)


def test_nothing_else_opens_it(tmp_path: Path) -> None:
    kept = OnDisk(tmp_path, "xero", "given", "secret")
    kept.write("successor")
    assert kept.read() == "successor"
    for other in (
        OnDisk(tmp_path, "xero", "other", "secret"),
        OnDisk(tmp_path, "xero", "given", "other"),
        OnDisk(tmp_path, "xero", "givensec", "ret"),
    ):
        assert other.read() is None
    (tmp_path / "xero.token").write_bytes(b"damaged")
    assert kept.read() is None
