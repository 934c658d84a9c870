import time
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, Client

from finsync_dagster.sandbox.vendors.tokens import BearerTokens, Granted, Refused
from finsync_dagster.sandbox.vendors.tokens_signed import SignedClient, SignedRequests, TokenLogin
from finsync_dagster.sandbox.vendors.wire import Request

LOGIN = TokenLogin("TSTDRV1_SB1", "ck", "c&s", "tk", "t/s=")
ADDRESS = "http://127.0.0.1:4711/group_netsuite"
SUITEQL = "/services/rest/query/v1/suiteql"


def signed(
    query: str = "limit=1000&offset=0",
    *,
    consumer_secret: str = LOGIN.consumer_secret,
    realm: str = LOGIN.account,
    consumer_key: str = "ck",
    token: str = "tk",
    timestamp: int | None = None,
    nonce: str | None = None,
    method: str = SIGNATURE_HMAC_SHA256,
) -> Request:
    client = Client(
        consumer_key,
        client_secret=consumer_secret,
        resource_owner_key=token,
        resource_owner_secret=LOGIN.token_secret,
        signature_method=method,
        realm=realm,
        timestamp=None if timestamp is None else str(timestamp),
        nonce=nonce,
    )
    url, headers, _ = client.sign(f"{ADDRESS}{SUITEQL}?{query}", "POST")
    return Request(
        "POST",
        SUITEQL,
        tuple(parse_qsl(urlsplit(url).query, keep_blank_values=True)),
        {"authorization": headers["Authorization"], "content-type": "application/json"},
        b'{"q":"SELECT 1"}',
        ADDRESS,
    )


@pytest.mark.parametrize(
    "query", ["limit=1000&offset=0", "", "q=a%20b%2Bc%26d&q=a&%C3%A4=%7E", "x="]
)
def test_what_another_implementation_signed_passes(query: str) -> None:
    assert SignedRequests(LOGIN).check(signed(query)) == "good"


def test_each_thing_that_is_wrong_is_found() -> None:
    check = SignedRequests(LOGIN).check
    now = int(time.time())
    assert check(Request("POST", SUITEQL)) == "missing"
    assert check(Request("POST", SUITEQL, headers={"authorization": "OAuth realm"})) == "malformed"
    assert check(signed(method="HMAC-SHA1")) == "malformed"
    assert check(signed(realm="tstdrv1-sb1")) == "realm"
    assert check(signed(consumer_key="x")) == "consumer"
    assert check(signed(token="x")) == "token"
    assert check(signed(timestamp=now - 400)) == "timestamp"
    assert check(signed(timestamp=now + 400)) == "timestamp"
    assert check(signed(consumer_secret="x")) == "signature"
    good = signed()
    for moved in (
        Request("GET", good.path, good.query, good.headers, good.body, good.address),
        Request("POST", good.path, good.query[:1], good.headers, good.body, good.address),
        Request("POST", good.path + "x", good.query, good.headers, good.body, good.address),
    ):
        assert check(moved) == "signature"
    assert check(good) == "good"


def test_a_request_passes_once_and_old_nonces_are_forgotten() -> None:
    now = [time.time()]
    signatures = SignedRequests(LOGIN, clock=lambda: now[0])
    again = signed(nonce="n1")
    assert [signatures.check(again), signatures.check(again)] == ["good", "nonce"]
    now[0] += 601
    for number in range(3):
        late = signed(timestamp=int(now[0]), nonce=f"late{number}")
        assert signatures.check(late) == "good"
    assert "n1" not in signatures._nonces
    # Forgotten, yet too old.
    assert signatures.check(again) == "timestamp"


def pair(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> tuple[str, str]:
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()


PRIVATE, PUBLIC = pair(ec.generate_private_key(ec.SECP256R1()))
TOKEN = "/services/rest/auth/oauth2/v1/token"


def asserting(key: str = PRIVATE, kid: str = "cert", algorithm: str = "ES256", **over: object):
    now = int(time.time())
    claims = {
        "iss": "client",
        "aud": ADDRESS + TOKEN,
        "iat": now,
        "exp": now + 300,
        "scope": ["rest_webservices"],
        **over,
    }
    claims = {name: value for name, value in claims.items() if value is not None}
    fields = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode(claims, key, algorithm, {"kid": kid}),
    }
    return Request("POST", TOKEN, body=urlencode(fields).encode(), address=ADDRESS)


def test_a_statement_signed_with_the_clients_key_is_granted() -> None:
    service = SignedClient("client", "cert", PUBLIC, BearerTokens())
    granted = service.grant(asserting())
    assert isinstance(granted, Granted)
    assert granted.scope == "rest_webservices"
    headers = {"authorization": f"Bearer {granted.access_token}"}
    assert service.tokens.check(Request("GET", "/", headers=headers)) == "good"


def test_a_statement_that_is_not_right_is_refused() -> None:
    service = SignedClient("client", "cert", PUBLIC, BearerTokens())
    now = int(time.time())
    other, _ = pair(ec.generate_private_key(ec.SECP256R1()))
    wrong = [
        asserting(other),
        asserting(kid="x"),
        asserting(iss="x"),
        asserting(aud=ADDRESS),
        asserting(exp=now - 60),
        asserting(exp=now + 9999),
        asserting(iat=None),
        asserting("k" * 64, algorithm="HS256"),
        Request("POST", TOKEN, body=asserting().body[:-20], address=ADDRESS),
    ]
    for request in wrong:
        refused = service.grant(request)
        assert isinstance(refused, Refused)
        assert refused.error == "invalid_client"
    unasked = service.grant(Request("POST", TOKEN, body=b"grant_type=client_credentials"))
    assert isinstance(unasked, Refused)
    assert unasked.error == "invalid_request"
