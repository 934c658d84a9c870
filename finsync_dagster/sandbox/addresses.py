"""Addresses that ask for a sandbox: ``sandbox://tryton``, ``sandbox://group/coupa``.

Belongs here: telling such an address from any other. Not here: what is started (on_demand.py).
"""

from __future__ import annotations

SCHEME = "sandbox://"


def sandbox_of(url: str | None) -> str | None:
    """The server that an address asks for; None for any other address."""
    return url.removeprefix(SCHEME) if url and url.startswith(SCHEME) else None
