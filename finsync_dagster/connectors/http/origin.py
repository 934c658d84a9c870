"""Where requests may go: to the origin of the system's own address, and nowhere else.

Belongs here: comparing origins, and whether an address may be used at all. Not here: sending.

An answer can hold a link, and a redirect is one too. Whoever can write into a source could lead us
to any address, with our token, or to an address inside of our own network.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urljoin, urlsplit

_PORTS = {"http": 80, "https": 443}


class OriginError(ValueError):
    """An address that must not be asked; the message says why and shows only its origin."""


def check_address(url: str, *, unencrypted: bool) -> None:
    """Raises if the system's own address cannot be used.

    Raises:
        OriginError: no http(s) address, a password in it, or unencrypted to another machine.
    """
    parts = _split(url)
    if parts.scheme == "sandbox":
        raise OriginError(
            f"its sandbox is not running (finsync sandbox {parts.hostname} starts it)"
        )
    if parts.scheme not in _PORTS or not parts.hostname or parts.port == 0:
        raise OriginError("its address is no http:// or https:// address")
    if parts.username is not None or parts.password is not None:
        raise OriginError(
            "its address holds a user or password; name them under connection.secrets instead"
        )
    if parts.scheme == "http" and not unencrypted and not is_loopback(parts.hostname):
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
    if any(ord(c) < 33 or c in "\\\x7f" or "\ud800" <= c <= "\udfff" for c in link):
        raise OriginError("a link it gave holds characters that no address may hold")
    try:
        target = urljoin(asked_url, link)
    except ValueError:
        raise OriginError("a link it gave is no address") from None
    own, theirs = origin(base_url), origin(target)
    if own != theirs:
        raise OriginError(f"it led to {shown(theirs)}, while its address is {shown(own)}")
    if "@" in _split(target).netloc:
        raise OriginError("a link it gave names a user")
    return target


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port, spelled alike.

    Raises:
        OriginError: it is no address, or its port is none.
    """
    parts = _split(url)
    scheme, port = parts.scheme.lower(), parts.port
    host = (parts.hostname or "").lower().removesuffix(".")
    return scheme, host, _PORTS.get(scheme, 0) if port is None else port


def shown(of: tuple[str, str, int]) -> str:
    """An origin for messages."""
    scheme, host, port = of
    if scheme not in _PORTS:
        return f"an address of {scheme}:"
    host = "".join(c for c in host if c.isprintable())
    name = f"[{host}]" if ":" in host else host
    return f"{scheme}://{name}" + ("" if _PORTS[scheme] == port else f":{port}")


def _split(url: str) -> SplitResult:
    """The parts of an address, its port known to be one."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise OriginError("it is no address, or its port is none") from None
    return parts


def is_loopback(host: str) -> bool:
    """Is the host this machine itself, by its name or address?"""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
