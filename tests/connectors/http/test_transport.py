"""What lies below a request: certificates, proxies, cookies, password files, the environment."""

from __future__ import annotations

import logging
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

import finsync_dagster
from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.http.read import extract
from tests.connectors.http.raw_server import Raw, http, raw, sends
from tests.connectors.http.systems import asked, read_all

TOKEN = "s3cret-token-value"
SYSTEM = """
protocol: http
auth: {scheme: bearer, token: "${secret.token}"}
retry: {attempts: 1}
timeouts: {connect: 1, read: 2, answer: 1}
objects:
  items: {key: [id], records: items, request: {path: /items}}
"""
OPEN = SYSTEM.replace("protocol: http", "protocol: http\nunencrypted: true")
ENVIRONMENT = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"]
BUNDLES = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "PYTHONHTTPSVERIFY"]


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*ENVIRONMENT, *BUNDLES]:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, Path]:
    """A server's context with a self-signed certificate, and the file of the certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    host: x509.GeneralName = (
        x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([host]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    trusted, private = folder / "trusted.pem", folder / "private.pem"
    trusted.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, private)
    return context, trusted


@pytest.fixture
def encrypted(tmp_path: Path) -> Iterator[tuple[Raw, Path]]:
    context, trusted = certificate(tmp_path, "127.0.0.1")
    with raw(sends(http()), tls=context) as server:
        yield server, trusted


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"REQUESTS_CA_BUNDLE": ""},
        {"CURL_CA_BUNDLE": ""},
        {"PYTHONHTTPSVERIFY": "0"},
        {"REQUESTS_CA_BUNDLE": "", "CURL_CA_BUNDLE": "", "PYTHONHTTPSVERIFY": "0"},
    ],
)
def test_nothing_makes_a_strange_certificate_good(
    variables: dict[str, str], encrypted: tuple[Raw, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    server, _ = encrypted
    error = failed(SYSTEM, server.url)
    assert (error.kind, error.transient) == ("policy", False)
    assert "its certificate cannot be trusted (self-signed certificate)" in str(error)
    assert "REQUESTS_CA_BUNDLE" in error.remedy
    assert not server.seen


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_company_s_own_authority_is_trusted_once_it_is_named(
    variable: str, encrypted: tuple[Raw, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, trusted = encrypted
    monkeypatch.setenv(variable, str(trusted))
    assert read(SYSTEM, server.url) == []


def test_a_certificate_of_another_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, trusted = certificate(tmp_path, "erp.example")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted))
    with raw(sends(http()), tls=context) as server:
        error = failed(SYSTEM, server.url)
        assert not server.seen
    assert "certificate cannot be trusted" in str(error)
    assert "127.0.0.1" in str(error)


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_certificates_that_cannot_be_read(
    content: str | None,
    encrypted: tuple[Raw, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bundle = tmp_path / "bundle.pem"
    if content:
        bundle.write_text(content)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    error = failed(SYSTEM, encrypted[0].url)
    assert (error.kind, error.transient) == ("policy", False)
    assert "the certificates to be trusted cannot be read" in str(error)
    assert "REQUESTS_CA_BUNDLE" in error.remedy


def test_a_server_without_encryption_behind_https() -> None:
    with dripping(b"HTTP/1.1 400 Bad Request\r\n\r\n", b"") as url:
        error = failed(SYSTEM, url.replace("http:", "https:"))
    assert error.kind == "mapping"
    assert "does not speak https as it should" in str(error)


def test_a_connection_that_ends_before_it_is_encrypted() -> None:
    """That may pass, and says nothing about certificates."""
    with dripping(b"", b"", ends=True) as url:
        error = failed(SYSTEM, url.replace("http:", "https:"))
    assert error.transient
    assert "certificate" not in str(error)


def test_verification_is_nowhere_switched_off() -> None:
    for module in Path(finsync_dagster.__file__).parent.rglob("*.py"):
        text = module.read_text()
        found = re.search(r"verify\s*=\s*False|CERT_NONE|_create_unverified|disable_warnings", text)
        assert not found, f"{module}: {found}"


def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with raw(sends(http())) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.replace("http://", "http://me:pr0xypass@"))
        assert read(OPEN, "http://erp.invalid") == []
    assert proxy.seen[0].startswith(b"GET http://erp.invalid/items HTTP/1.1")
    assert b"Proxy-Authorization: Basic" in proxy.seen[0]


def test_no_proxy_is_heeded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with raw(sends(http())) as server:
        assert read(SYSTEM, server.url) == []


def test_a_proxy_that_is_down_is_told_without_its_password(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://me:pr0xypass@127.0.0.1:9")
    with caplog.at_level(logging.DEBUG):
        error = failed(OPEN, "http://erp.invalid")
    assert error.transient
    assert "the proxy could not be reached" in str(error)
    assert "pr0xypass" not in str(error) + caplog.text


@pytest.mark.parametrize("address", ["http://erp.invalid", "https://erp.invalid"])
def test_a_proxy_that_drips_is_given_up_in_time(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with dripping(b"HTTP/1.1 200 OK\r\nX: ", b"a") as url:
        monkeypatch.setenv("ALL_PROXY", url)
        error = failed(OPEN, address)
    assert error.transient
    assert "did not answer within 1 s" in str(error) or "took too long" in str(error)


def test_a_handshake_that_drips_is_given_up_in_time() -> None:
    """A record that announces 16 KB, and sends them one by one."""
    with dripping(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc", b"\x00") as url:
        error = failed(SYSTEM, url.replace("http:", "https:"))
    assert error.transient
    assert "did not answer within 1 s" in str(error)


class dripping:
    """A server that drips before it was asked anything."""

    def __init__(self, before: bytes, drop: bytes, *, ends: bool = False) -> None:
        self.before, self.drop, self.ends = before, drop, ends
        self.over = threading.Event()
        self.listening = socket.create_server(("127.0.0.1", 0))

    def __enter__(self) -> str:
        threading.Thread(target=self._serve, daemon=True).start()
        return f"http://127.0.0.1:{self.listening.getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()

    def _serve(self) -> None:
        try:
            one, _ = self.listening.accept()
            one.sendall(self.before)
            if self.ends:
                one.shutdown(socket.SHUT_RDWR)
            while not self.over.wait(0.1):
                one.sendall(self.drop)
        except OSError:
            pass


def test_cookies_are_neither_kept_nor_sent_on() -> None:
    text = SYSTEM.replace("records: items", "records: items, paging: {scheme: cursor, token: n}")
    text = text.replace("path: /items", "path: /items, query: {c: '${cursor}'}")
    first = http(b'{"items": [{"id": 1}], "n": "x"}', "Set-Cookie: session=tracked; Path=/")
    moved = http(b"", "Set-Cookie: other=tracked", "Location: /moved", status="302 X")
    with raw(sends(http()), sends(moved), sends(first)) as server:
        assert len(read(text, server.url)) == 1
        assert len(server.seen) == 3
        assert not any(b"cookie" in request.lower() for request in server.seen)


def test_a_password_file_is_never_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login me password fr0mnetrc\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))
    text = SYSTEM.replace('auth: {scheme: bearer, token: "${secret.token}"}\n', "")
    moved = http(b"", "Location: /moved", status="302 X")
    with raw(sends(http()), sends(moved)) as server:
        assert read(text, server.url) == []
        assert not any(b"uthorization" in request for request in server.seen)


def test_nothing_of_headers_reaches_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """Headers that cannot be read are otherwise written down as they came."""
    text = SYSTEM.replace("records: items", "records: items, paging: {scheme: next_link, link: n}")
    echo = b"HTTP/1.1 200 OK\r\nno colon s3cret-token-value\r\nContent-Length: 13\r\n\r\n"
    first = http(b'{"items": [{"id": 1}], "n": "?access_token=0btained-in-a-link"}')
    with raw(sends(echo + b'{"items": []}', close=True), sends(first)) as server:
        with caplog.at_level(logging.DEBUG):
            assert len(read(text, server.url)) == 1
        assert b"0btained" in server.seen[1]
    assert TOKEN not in caplog.text
    assert "0btained" not in caplog.text


def read(text: str, url: str) -> list[dict[str, str | None]]:
    with extract(asked(text, url, token=TOKEN)) as extraction:
        return read_all(extraction)


def failed(text: str, url: str) -> SourceError:
    with pytest.raises(SourceError) as raised:
        read(text, url)
    return raised.value
