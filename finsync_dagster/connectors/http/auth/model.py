"""How a system wants to know who asks: the words of ``auth`` in system.yaml.

Belongs here: the schemes and what each of them needs. Not here: doing it (auth/authenticators.py
and the modules it names).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, Field, model_validator

from finsync_dagster.connectors.http.auth.words import (
    Address,
    HeaderName,
    HeldSecret,
    Secret,
    Text,
    Words,
    checked,
    clear_secret,
    unknown_places,
)
from finsync_dagster.connectors.http.paths import Path
from finsync_dagster.connectors.http.templates import places, problem
from finsync_dagster.connectors.object_model import Name

SendAs: TypeAlias = Literal["header", "body"]
"""``header``: ``Authorization: Basic``, id and secret form-encoded as RFC 6749 has it, which makes
a difference where they hold ``+``, ``/`` or ``%``; ``body``: beside the other fields."""


class NoAuth(Words):
    """Whoever reaches the system may read it."""

    scheme: Literal["none"] = "none"


class BasicAuth(Words):
    """``Authorization: Basic``."""

    scheme: Literal["basic"]
    user: Text
    password: Secret


class BearerAuth(Words):
    """``Authorization: Bearer`` with a token that does not change."""

    scheme: Literal["bearer"]
    token: Secret


class ApiKeyAuth(Words):
    """A header of its own, or ``Authorization`` with a word of the vendor's."""

    scheme: Literal["api_key"]
    header: HeaderName
    value: HeldSecret
    """``"${secret.key}"``, ``"token ${secret.key}:${secret.secret}"``."""


class Expired(Words):
    """How an answer says that the session is over, or the token."""

    status: tuple[Annotated[int, Field(ge=200, le=599)], ...] = (401,)
    at: Path | None = None
    """Where in a body of any status the vendor's code is: ``[error, code]``."""
    codes: tuple[str, ...] = ()
    """The values there that mean it."""

    @model_validator(mode="after")
    def _both_or_none(self) -> Expired:
        if (self.at is None) != (not self.codes):
            raise ValueError("at and codes go together")
        return self


class TokenWords(Words):
    """What all ways to an OAuth 2.0 access token have in common."""

    token_url: Address
    scope: Text | None = None
    """Scopes, with blanks between them."""
    extra: dict[Annotated[str, Field(min_length=1)], Text] = Field(default_factory=dict)
    """Further fields of the token request: ``audience``, ``resource``."""
    expired: Expired = Expired()

    @model_validator(mode="after")
    def _extra_is_checked(self) -> TokenWords:
        checked(self.extra)
        return self


class ClientCredentialsAuth(TokenWords):
    """RFC 6749 §4.4: the program asks in its own name."""

    scheme: Literal["oauth2_client_credentials"]
    client_id: Text
    client_secret: Secret
    send_as: SendAs = "header"


class PasswordGrantAuth(TokenWords):
    """RFC 6749 §4.3: a technical user's name and password beside the program's own."""

    scheme: Literal["oauth2_password"]
    client_id: Text
    client_secret: Secret
    user: Text
    password: Secret
    send_as: SendAs = "header"


class RefreshTokenAuth(TokenWords):
    """RFC 6749 §6: somebody once granted access, and the grant is renewed.

    Some servers accept a refresh token once only and give the next one with each access token.
    auth/rotation.py says where the next one is kept.
    """

    scheme: Literal["oauth2_refresh_token"]
    client_id: Text
    client_secret: Secret | None = None
    refresh_token: Secret
    send_as: SendAs = "header"


class JwtBearerAuth(TokenWords):
    """RFC 7523: a statement signed with a private key instead of a secret that travels.

    ``form: assertion`` asks with the statement as the grant (§2.1); ``client_assertion`` proves who
    the client is, for client credentials (§2.2; NetSuite, Microsoft Entra).
    """

    scheme: Literal["oauth2_jwt_bearer"]
    form: Literal["assertion", "client_assertion"]
    issuer: Text
    subject: Text | None = None
    """The issuer, unless told."""
    audience: Text | None = None
    """The address that is asked for the token, unless told."""
    private_key: Secret
    """The key in PEM, or the path of a file that holds it."""
    key_id: Text | None = None
    """``kid`` in the head of the statement: the certificate's name at the vendor's."""
    algorithm: Literal["RS256", "PS256", "ES256"] = "RS256"
    lifetime: Annotated[int, Field(ge=10, le=3600)] = 300
    """Seconds for which a statement holds; a new one is made for every token."""
    client_id: Text | None = None
    """Sent beside the statement, where the vendor wants it (Entra)."""
    claims: dict[str, Annotated[Any, AfterValidator(checked)]] = Field(default_factory=dict)
    """Further claims: ``scope: [rest_webservices]`` (NetSuite). Null leaves one of ours out."""
    headers: dict[str, Text] = Field(default_factory=dict)
    """Further words in the head of the statement: ``x5t#S256`` (Entra)."""


class OAuth1Auth(Words):
    """RFC 5849, every request signed: NetSuite's token-based authentication."""

    scheme: Literal["oauth1"]
    consumer_key: Text
    consumer_secret: Secret
    token: Text
    token_secret: Secret
    realm: Text | None = None
    """NetSuite: the account, upper case, ``_`` for ``-``."""
    signature: Literal["HMAC-SHA256"] = "HMAC-SHA256"


class PlainRequest(Words):
    """A request to the system that is sent unsigned.

    ``body`` is sent as JSON, or as it is if it is a text; ``form`` as a form.
    """

    path: Annotated[str, Field(pattern=r"^/?[^/?#\\][^?#\\]*$|^/$")]
    method: Literal["GET", "POST", "PUT", "DELETE"] = "POST"
    headers: dict[HeaderName, str] = Field(default_factory=dict)
    body: Any = None
    form: dict[str, str] | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> PlainRequest:
        if "${" in self.path:
            raise ValueError("path: a secret must never be part of an address")
        if self.body is not None and self.form is not None:
            raise ValueError("either body (sent as JSON) or form, not both")
        return self

    @property
    def templates(self) -> dict[str, Any]:
        """Everything in it that may hold places."""
        return {"headers": self.headers, "form": self.form, "body": self.body}


class FromHeader(Words):
    """A value that the login answer has in a header."""

    header: HeaderName


class FromCookie(Words):
    """A value that the login answer sets as a cookie."""

    cookie: HeaderName


class SessionAuth(Words):
    """A login, and what it gave sent along with every request."""

    scheme: Literal["session"]
    login: PlainRequest
    take: dict[Name, FromHeader | FromCookie | Path] = Field(min_length=1)
    """Name → where in the login answer: a path in its JSON, ``{header: X}``, ``{cookie: X}``."""
    values: dict[Name, str] = Field(default_factory=dict)
    """Texts made of secrets and of what was taken, for ``headers``."""
    public: tuple[Name, ...] = ()
    """Taken names that are no secret although ``headers`` need them: a user's number. Anything else
    that becomes part of a header is hidden wherever it appears, in records too."""
    headers: dict[HeaderName, str] = Field(min_length=1)
    expired: Expired = Expired()
    logout: PlainRequest | None = None
    """Sent, with the headers, when reading is over."""

    @model_validator(mode="after")
    def _can_be_filled(self) -> SessionAuth:
        login = self.login.templates
        checked(login)
        if not any(place.startswith("secret.") for place in places(login)):
            raise ValueError("login: holds no ${secret.<name>}; a password is never written here")
        for template, known in (
            (self.values, {*self.take}),
            (self.headers, {*self.take, *self.values}),
            (self.logout.templates if self.logout else {}, {*self.take, *self.values}),
        ):
            said = problem(template) or unknown_places(template, known) or clear_secret(template)
            if said:
                raise ValueError(said)
        if twice := sorted({*self.take} & {*self.values}):
            raise ValueError(f"values: {twice[0]} is taken from the login answer already")
        if unknown := sorted({*self.public} - {*self.take}):
            raise ValueError(f"public: {unknown[0]} is not taken; there are {', '.join(self.take)}")
        if not any(places(self.headers)):
            raise ValueError("headers: nothing of the login is sent; write for example ${token}")
        return self

    @property
    def hidden(self) -> frozenset[str]:
        """Names of what was taken that prove who asks."""
        used = set(places(self.headers))
        used |= {p for name, text in self.values.items() if name in used for p in places(text)}
        return frozenset(used & {*self.take} - {*self.public})


OAuth2Auth: TypeAlias = ClientCredentialsAuth | PasswordGrantAuth | RefreshTokenAuth | JwtBearerAuth
AuthSpec: TypeAlias = Annotated[
    NoAuth
    | BasicAuth
    | BearerAuth
    | ApiKeyAuth
    | ClientCredentialsAuth
    | PasswordGrantAuth
    | RefreshTokenAuth
    | JwtBearerAuth
    | OAuth1Auth
    | SessionAuth,
    Field(discriminator="scheme"),
]
"""``auth:`` of a system; ``scheme`` tells which."""
