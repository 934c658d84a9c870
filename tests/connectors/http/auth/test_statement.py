"""Signed statements (JWT), verified with the public key as a vendor would."""

from __future__ import annotations

from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.http.auth.authenticators import Authenticator, authenticator
from finsync_dagster.connectors.http.call import Call
from tests.connectors.http.auth.auth_server import Clock, Reply, Site, ask, site, spec

RSA = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP256R1())
KEYS = {"RS256": RSA, "PS256": RSA, "ES256": EC}
CLIENT_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
NETSUITE = """
    scheme: oauth2_jwt_bearer
    form: client_assertion
    token_url: /services/rest/auth/oauth2/v1/token
    issuer: "${secret.client}"
    private_key: "${secret.key}"
    key_id: cert-7
    algorithm: PS256
    claims: {scope: [rest_webservices], sub: null}"""
ENTRA = """
    scheme: oauth2_jwt_bearer
    form: client_assertion
    token_url: /tenant-1/oauth2/v2.0/token
    issuer: app-1
    client_id: app-1
    scope: https://org.example.com/.default
    private_key: "${secret.key}"
    headers: {"x5t#S256": "${secret.thumbprint}"}
    algorithm: PS256"""
GRANT = """
    scheme: oauth2_jwt_bearer
    form: assertion
    token_url: /token
    issuer: app-1
    subject: integration@example.com
    audience: https://login.example.com
    private_key: "${secret.key}"
    lifetime: 60"""


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def made(
    server: Site, text: str, key: str, clock: Clock | None = None
) -> tuple[Authenticator, dict[str, str]]:
    """An authenticator that has logged in, and the form that it sent."""
    words = spec(text)
    path = words.token_url  # type: ignore[union-attr]
    server.routes[path] = lambda _: Reply(200, {"access_token": "t" * 20, "expires_in": 300})
    secrets = {"client": "client-1", "key": key, "thumbprint": "abc"}
    one = authenticator("netsuite", server.url, words, secrets, ask, clock or Clock())
    signed = one.signed(Call("GET", server.url + "/orders"))
    assert signed.headers["Authorization"] == "Bearer " + "t" * 20
    return one, server.at(path)[-1].form


def claims(token: str, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, alg: str) -> dict:
    """What the vendor reads after verifying the signature; the clock is the test's."""
    lax = {"verify_exp": False, "verify_iat": False, "verify_aud": False}
    return jwt.decode(token, public(key), algorithms=[alg], options=lax)


def test_netsuite_reads_its_claims() -> None:
    with site() as server:
        _, form = made(server, NETSUITE, pem(RSA))
        address = server.url + "/services/rest/auth/oauth2/v1/token"
    assert set(form) == {"grant_type", "client_assertion_type", "client_assertion"}
    assert (form["grant_type"], form["client_assertion_type"]) == (
        "client_credentials",
        CLIENT_ASSERTION,
    )
    said = claims(form["client_assertion"], RSA, "PS256")
    assert said.pop("jti")
    assert said == {
        "iss": "client-1",
        "aud": address,
        "iat": 1_800_000_000,
        "exp": 1_800_000_300,
        "scope": ["rest_webservices"],
    }
    head = jwt.get_unverified_header(form["client_assertion"])
    assert head == {"typ": "JWT", "alg": "PS256", "kid": "cert-7"}


def test_entra_reads_its_claims() -> None:
    with site() as server:
        _, form = made(server, ENTRA, pem(RSA))
    assert form["client_id"] == "app-1"
    assert form["scope"] == "https://org.example.com/.default"
    said = claims(form["client_assertion"], RSA, "PS256")
    assert (said["iss"], said["sub"]) == ("app-1", "app-1")
    assert jwt.get_unverified_header(form["client_assertion"])["x5t#S256"] == "abc"


@pytest.mark.parametrize("algorithm", KEYS)
def test_each_algorithm_is_verified_by_its_public_key(algorithm: str) -> None:
    key = KEYS[algorithm]
    with site() as server:
        _, form = made(server, f"{GRANT}\n    algorithm: {algorithm}", pem(key))
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    said = claims(form["assertion"], key, algorithm)
    assert (said["sub"], said["aud"]) == ("integration@example.com", "https://login.example.com")
    assert said["exp"] - said["iat"] == 60
    other = (
        rsa.generate_private_key(65537, 2048) if key is RSA else ec.generate_private_key(EC.curve)
    )
    with pytest.raises(jwt.InvalidSignatureError):
        claims(form["assertion"], other, algorithm)


def test_every_token_is_asked_for_with_a_statement_of_its_own() -> None:
    clock = Clock()
    with site() as server:
        one, first = made(server, GRANT, pem(RSA), clock)
        clock.at += 300
        one.signed(Call("GET", server.url + "/orders"))
        second = server.at("/token")[-1].form
    before, after = (claims(form["assertion"], RSA, "RS256") for form in (first, second))
    assert after["iat"] - before["iat"] == 300
    assert after["jti"] != before["jti"]


def test_the_key_may_be_a_file_or_a_line(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_text(pem(RSA))
    one_line = pem(RSA).replace("\n", "\\n")
    with site() as server:
        for given in (str(file), f"{file}\n", one_line):
            one, form = made(server, GRANT, given)
            assert claims(form["assertion"], RSA, "RS256")["iss"] == "app-1"
            a_line = pem(RSA).splitlines()[3]
            assert a_line in one.secrets()
            assert form["assertion"] in one.secrets()


LOCKED = RSA.private_bytes(
    Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")
).decode()


@pytest.mark.parametrize(
    ("key", "algorithm", "said"),
    [
        ("/no/such/key.pem", "RS256", "neither a key in PEM nor a file of one (No such file"),
        ("MIIEvQIBADANBgkqhkiG9w0BAQ" * 200, "RS256", "neither a key in PEM nor a file"),
        ("-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----", "RS256", "no key that"),
        (pem(RSA), "ES256", "is no key that ES256 can sign with"),
        (pem(EC), "PS256", "is no key that PS256 can sign with"),
        (LOCKED, "RS256", "is no key that RS256 can sign with"),
        (public(RSA).decode(), "RS256", "is no key that RS256 can sign with"),
    ],
    ids=["no file", "pasted", "broken", "RSA for EC", "EC for RSA", "locked", "public"],
)
def test_a_key_that_cannot_sign_is_told_and_not_shown(key: str, algorithm: str, said: str) -> None:
    with site() as server, pytest.raises(SourceError) as refused:
        made(server, f"{GRANT}\n    algorithm: {algorithm}", key)
    text = f"{refused.value} {refused.value!r} {refused.value.__context__!r}"
    assert said in text
    assert "systems.netsuite.connection.secrets names for key" in text
    assert not any(line in text for line in key.split("\n") if "-----" not in line and line)
