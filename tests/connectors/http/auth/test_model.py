"""What ``auth`` may say, and that a secret in clear text is refused without being shown."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from finsync_dagster.connectors.http.auth.model import JwtBearerAuth, SessionAuth
from tests.connectors.http.auth.auth_server import spec

CLEAR = "hunter2-in-clear"

GOOD = {
    "none": "{scheme: none}",
    "basic": '{scheme: basic, user: reader, password: "${secret.password}"}',
    "bearer (Odoo)": '{scheme: bearer, token: "${secret.key}"}',
    "api_key (ERPNext)": """
        {scheme: api_key, header: Authorization, value: "token ${secret.key}:${secret.secret}"}""",
    "client credentials (Entra)": """
        scheme: oauth2_client_credentials
        token_url: https://login.example.com/${secret.tenant}/oauth2/v2.0/token
        client_id: "${secret.client_id}"
        client_secret: "${secret.client_secret}"
        scope: https://org.example.com/.default
        send_as: body""",
    "client credentials (Coupa)": """
        scheme: oauth2_client_credentials
        token_url: /oauth2/token
        client_id: abc
        client_secret: "${secret.client_secret}"
        scope: core.purchase_order.read core.invoice.read
        extra: {audience: api}""",
    "password (Infor)": """
        scheme: oauth2_password
        token_url: https://sso.example.com/as/token.oauth2
        client_id: "${secret.ci}"
        client_secret: "${secret.cs}"
        user: "${secret.saak}"
        password: "${secret.sask}" """,
    "refresh token (Xero)": """
        scheme: oauth2_refresh_token
        token_url: https://identity.example.com/connect/token
        client_id: abc
        client_secret: "${secret.client_secret}"
        refresh_token: "${secret.refresh_token}" """,
    "statement (NetSuite)": """
        scheme: oauth2_jwt_bearer
        form: client_assertion
        token_url: /services/rest/auth/oauth2/v1/token
        issuer: "${secret.client_id}"
        private_key: "${secret.key}"
        key_id: "${secret.certificate}"
        algorithm: PS256
        claims: {scope: [rest_webservices], sub: null}""",
    "oauth1 (NetSuite)": """
        scheme: oauth1
        consumer_key: "${secret.consumer_key}"
        consumer_secret: "${secret.consumer_secret}"
        token: "${secret.token}"
        token_secret: "${secret.token_secret}"
        realm: 1234567_SB1""",
    "session (Tryton)": """
        scheme: session
        login:
          path: /p2p/rpc/
          body: {id: 1, method: common.db.login,
                 params: ["${secret.user}", {password: "${secret.password}"}]}
        take: {user_id: [result, 0], token: [result, 1]}
        values: {credentials: "${secret.user}:${user_id}:${token}"}
        headers: {Authorization: "Session ${credentials|base64}"}
        expired: {status: [401, 403]}""",
    "session (cookie)": """
        scheme: session
        login:
          path: /b1s/v2/Login
          headers: {X-CSRF-Token: Fetch}
          body: {CompanyDB: SBO, UserName: reader, Password: "${secret.password}"}
        take: {session: {cookie: B1SESSION}, csrf: {header: X-CSRF-Token}}
        headers: {Cookie: "B1SESSION=${session}", X-CSRF-Token: "${csrf}"}
        expired: {at: [error, code], codes: ["301"]}
        logout: {path: /b1s/v2/Logout}""",
}


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_every_scheme_can_be_written(text: str) -> None:
    assert spec(text).scheme in text


def test_words_left_out() -> None:
    stated = spec(GOOD["statement (NetSuite)"])
    assert isinstance(stated, JwtBearerAuth)
    assert (stated.lifetime, stated.subject, stated.client_id) == (300, None, None)
    session = spec(GOOD["session (cookie)"])
    assert isinstance(session, SessionAuth)
    assert session.expired.status == (401,)


SESSION = """
    scheme: session
    login: {{path: {path}, body: {body}}}
    take: {{token: [token]}}
    headers: {headers}"""
TOKEN = """
    scheme: oauth2_client_credentials
    token_url: {url}
    client_id: abc
    client_secret: {secret}"""
IN_PLACE = '"${secret.x}"'

BAD = {
    "clear password": ("{scheme: basic, user: u, password: %s}", "${secret.<name>}"),
    "clear number": ("{scheme: basic, user: u, password: 12345678}", "connection.secrets"),
    "partly clear": ('{scheme: bearer, token: "%s${secret.x}"}', "part of a secret"),
    "clear key": ("{scheme: api_key, header: X-Key, value: %s}", "clear text"),
    "clear client secret": (TOKEN.format(url="/token", secret="%s"), "clear text"),
    "no such filter": ('{scheme: bearer, token: "${secret.x|rot13}"}', "no filter rot13"),
    "no such value": ('{scheme: basic, user: "${since}", password: "${secret.x}"}', "${since}"),
    "unknown scheme": ("{scheme: kerberos}", "oauth2_client_credentials"),
    "misspelt word": ('{scheme: bearer, tokn: "${secret.x}"}', "tokn"),
    "plain http": (TOKEN.format(url="http://idp.example.com/t", secret=IN_PLACE), "https://"),
    "other scheme": (TOKEN.format(url="ftp://idp.example.com/t", secret=IN_PLACE), "https://"),
    "user in address": (TOKEN.format(url="https://u:%s@a.b/t", secret=IN_PLACE), "a password"),
    "secret host": (
        TOKEN.format(url='"https://${secret.x}/t"', secret=IN_PLACE),
        "in the path only",
    ),
    "secret query": (
        TOKEN.format(url='"https://a.b/t?key=${secret.x}"', secret=IN_PLACE),
        "in the path only",
    ),
    "other host": (TOKEN.format(url="//evil.example.com/t", secret=IN_PLACE), "https://host"),
    "clear extra": (
        TOKEN.format(url="/t", secret=IN_PLACE) + "\n    extra: {api_key: '%s'}",
        "clear text",
    ),
    "clear login": (
        SESSION.format(
            path="/l",
            body="['${secret.u}', {password: '%s'}]",
            headers="{A: '${token}'}",
        ),
        "clear text",
    ),
    "no secret in login": (
        SESSION.format(path="/l", body="{user: u}", headers="{A: '${token}'}"),
        "holds no ${secret.<name>}",
    ),
    "nothing sent": (
        SESSION.format(path="/l", body="{user: '${secret.u}'}", headers="{A: b}"),
        "nothing of the login",
    ),
    "clear header": (
        SESSION.format(
            path="/l",
            body="{user: '${secret.u}'}",
            headers="{A: '${token}', Authorization: '%s'}",
        ),
        "clear text",
    ),
    "secret in a path": (
        SESSION.format(
            path="'/l/${secret.u}'", body="{user: '${secret.u}'}", headers="{A: '${token}'}"
        ),
        "never be part of an address",
    ),
    "public but not taken": (
        SESSION.format(path="/l", body="{user: '${secret.u}'}", headers="{A: '${token}'}")
        + "\n    public: [user_id]",
        "user_id is not taken; there are token",
    ),
    "not taken": (
        SESSION.format(path="/l", body="{user: '${secret.u}'}", headers="{A: '${tokn}'}"),
        "${tokn}",
    ),
}


@pytest.mark.parametrize(("text", "said"), BAD.values(), ids=BAD)
def test_what_cannot_work_is_refused_and_not_shown(text: str, said: str) -> None:
    written = text.replace("%s", CLEAR)
    with pytest.raises(ValidationError) as refused:
        spec(written)
    messages = " ".join(error["msg"] for error in refused.value.errors())
    shown = messages + str([error["loc"] for error in refused.value.errors()])
    assert said in shown + str([e.get("ctx") for e in refused.value.errors(include_input=False)])
    assert CLEAR not in shown
    assert "12345678" not in shown
