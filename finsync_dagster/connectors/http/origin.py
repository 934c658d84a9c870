"""Where requests may go: to the origin of the system's own address, and nowhere else.

Belongs here: comparing origins, and whether an address may be used at all. Not here: sending.

An answer can hold a link, and a redirect is one too. Whoever can write into a source could lead us
to any address, with our token, or to an address inside of our own network.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urljoin, urlsplit

_PORTS = {"http": 80, "https": 443}


class OriginError(ValueError):
    """An address that must not be asked; the message says why and shows only its origin."""


def check_address(url: str, *, unencrypted: bool) -> None:
    """Raises if the system's own address cannot be used.

    Raises:
        OriginError: no http(s) address, a password in it, or unencrypted to another machine.
    """
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise OriginError("its address is no http:// or https:// address")
    if parts.username is not None or parts.password is not None:
        raise OriginError(
            "its address holds a user or password; name them under connection.secrets instead"
        )
    if parts.scheme == "http" and not unencrypted and not _loopback(parts.hostname):
        raise OriginError(
            f"http://{parts.hostname} is not encrypted; use https, or write unencrypted: true in "
            "its system.yaml if everyone on the way may read everything"
        )


def resolved(base_url: str, asked_url: str, link: str) -> str:
    """A link that the answer to ``asked_url`` held, made absolute.

    Raises:
        OriginError: it leads to another scheme, host or port than the system's address.
    """
    # Backslashes, tabs and line ends are read differently by different parsers of URLs.
    if any(c in link for c in "\\\t\r\n") or any(ord(c) < 33 for c in link):
        raise OriginError("a link it gave holds characters that no address may hold")
    target = urljoin(asked_url, link)
    own, theirs = origin(base_url), origin(target)
    if own != theirs:
        raise OriginError(f"it led to {shown(theirs)}, while its address is {shown(own)}")
    if "@" in urlsplit(target).netloc:
        raise OriginError("a link it gave names a user")
    return target


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port, spelled alike.

    Raises:
        OriginError: the port is none.
    """
    parts = urlsplit(url)
    try:
        port = parts.port or _PORTS.get(parts.scheme.lower(), 0)
    except ValueError:
        raise OriginError("an address has a port that is none") from None
    return parts.scheme.lower(), (parts.hostname or "").lower().rstrip("."), port


def shown(of: tuple[str, str, int]) -> str:
    """An origin for messages."""
    scheme, host, port = of
    return f"{scheme}://{host}" + ("" if _PORTS.get(scheme) == port else f":{port}")


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
