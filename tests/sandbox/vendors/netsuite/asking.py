"""Requests to the account, signed."""

import json
from urllib.parse import urlencode

from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, Client

from finsync_dagster.sandbox.vendors.tokens_signed import TokenLogin
from finsync_dagster.sandbox.vendors.wire import Request

LOGIN = TokenLogin("TSTDRV1", "ck", "cs", "ti", "ts")
ADDRESS = "http://127.0.0.1:4711/group_netsuite"
SUITEQL = "/services/rest/query/v1/suiteql"


def signed(
    method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None, **query: str
) -> Request:
    """A request signed by an implementation of its own."""
    client = Client(
        LOGIN.consumer_key,
        client_secret=LOGIN.consumer_secret,
        resource_owner_key=LOGIN.token_id,
        resource_owner_secret=LOGIN.token_secret,
        signature_method=SIGNATURE_HMAC_SHA256,
        realm=LOGIN.account,
    )
    url = f"{ADDRESS}{path}" + (f"?{urlencode(query)}" if query else "")
    _, signature, _ = client.sign(url, method)
    return Request(
        method,
        path,
        tuple(query.items()),
        {
            "authorization": signature["Authorization"],
            "content-type": "application/json",
            **(headers or {}),
        },
        body,
        ADDRESS,
    )


def asking(query: str, **paging: str) -> Request:
    """A SuiteQL request."""
    body = json.dumps({"q": query}).encode()
    return signed("POST", SUITEQL, body, {"prefer": "transient"}, **paging)
