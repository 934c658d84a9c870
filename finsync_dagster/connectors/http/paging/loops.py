"""Finding that links or tokens go round in circles, without keeping all of them.

Belongs here: Brent's cycle detection over what a position can hold. Not here: links and tokens.

One earlier token is remembered as a mark. It moves up whenever as many tokens have passed as a
power of two, so that sooner or later it lies within the circle, and the power exceeds its length.
A circle of any length is found within three times the tokens that there are in all.
"""

from __future__ import annotations

import hashlib
from typing import TypedDict


class Trail(TypedDict):
    """What is known of the tokens so far."""

    mark: str
    power: int
    since: int


def seen(trail: Trail | None, token: str) -> Trail | None:
    """The trail with one more token; None if it is the marked one again: a circle."""
    fingerprint = hashlib.blake2b(token.encode(errors="replace"), digest_size=16).hexdigest()
    if trail is None:
        return {"mark": fingerprint, "power": 1, "since": 0}
    if fingerprint == trail["mark"]:
        return None
    since = trail["since"] + 1
    if since == trail["power"]:
        return {"mark": fingerprint, "power": 2 * trail["power"], "since": 0}
    return {**trail, "since": since}
