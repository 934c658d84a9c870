"""The systems of the group: which vendor plays each, and its login.

Belongs here: a system's name, vendor and secrets. Not here: serving them (group.py), what a vendor
answers.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from finsync_dagster.sandbox.vendors.coupa import Coupa
from finsync_dagster.sandbox.vendors.faults import Faults
from finsync_dagster.sandbox.vendors.netsuite import Logins, NetSuite
from finsync_dagster.sandbox.vendors.sap.sap import Sap
from finsync_dagster.sandbox.vendors.tokens import (
    BasicLogin,
    BearerTokens,
    ClientCredentials,
    RefreshTokens,
)
from finsync_dagster.sandbox.vendors.tokens_signed import SignedClient, SignedRequests, TokenLogin
from finsync_dagster.sandbox.vendors.wire import Vendor
from finsync_dagster.sandbox.world.reading import World

ACCOUNT = "TSTDRV1234567"  # NetSuite's; an account's number is no secret


@dataclass(frozen=True)
class Start:
    """What every system is made of."""

    world: World
    faults: Faults
    system: str


Made = tuple[dict[str, str], Callable[[], Vendor]]


def _sap(start: Start, company_codes: tuple[str, ...], *, v4: bool) -> Made:
    login = BasicLogin("FINSYNC", secrets.token_urlsafe(24))
    return {"user": login.user, "password": login.password}, lambda: Sap(
        start.world,
        start.faults,
        login,
        system=start.system,
        company_codes=company_codes,
        purchase_order_v4=v4,
    )


def _group_sap(start: Start) -> Made:
    return _sap(start, ("1000", "1200"), v4=False)


def _group_s4(start: Start) -> Made:
    return _sap(start, ("2000",), v4=True)


def _coupa(start: Start) -> Made:
    told = {"client_id": secrets.token_hex(16), "client_secret": secrets.token_urlsafe(32)}
    login = ClientCredentials(told["client_id"], told["client_secret"], BearerTokens())
    return told, lambda: Coupa(start.world, start.faults, login, system=start.system)


def _netsuite(start: Start) -> Made:
    told = {
        name: secrets.token_hex(32)
        for name in ("consumer_key", "consumer_secret", "token_id", "token_secret")
    }
    signed = SignedRequests(TokenLogin(ACCOUNT, **told))
    private, public = _key_pair()
    machine = {"client_id": secrets.token_hex(32), "certificate_id": secrets.token_urlsafe(32)}
    machines = SignedClient(machine["client_id"], machine["certificate_id"], public, BearerTokens())
    logins = Logins(signed, machines)
    told |= {"account": ACCOUNT, **machine, "private_key": private}
    return told, lambda: NetSuite(start.world, start.faults, logins, system=start.system)


def _concur(start: Start) -> Made:
    told = {
        "client_id": secrets.token_hex(16),
        "client_secret": secrets.token_urlsafe(24),
        "refresh_token": secrets.token_urlsafe(32),
    }
    login = RefreshTokens(
        told["client_id"], told["client_secret"], told["refresh_token"], BearerTokens()
    )

    def build() -> Vendor:
        from finsync_dagster.sandbox.vendors.concur import Concur

        return Concur(start.world, start.faults, login, system=start.system)

    return told, build


SYSTEMS: dict[str, Callable[[Start], Made]] = {
    "group_sap": _group_sap,
    "group_s4": _group_s4,
    "group_coupa": _coupa,
    "group_netsuite": _netsuite,
    "group_concur": _concur,
}
"""By name: what a connection needs (without its address), and how to make it ready."""

BASES = {"group_netsuite": "/services/rest"}
"""What a vendor's documentation counts as part of a system's own address."""


def _key_pair() -> tuple[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()
