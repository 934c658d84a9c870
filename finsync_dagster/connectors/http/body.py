"""Reading an answer's body: as much as is allowed, in the time that is allowed, as text.

Belongs here: the limits. Not here: what the text says.
"""

from __future__ import annotations

import re
from email.message import Message
from time import monotonic

import requests
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

_PIECE = 1 << 16
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_XML = re.compile(rb"""^<\?xml[^>]*encoding=["']([A-Za-z0-9._-]+)["']""")


class BodyError(Exception):
    """A body that cannot be taken; ``again``: another attempt may help."""

    def __init__(self, what: str, *, again: bool) -> None:
        self.what = what
        self.again = again
        super().__init__(what)


def read_text(response: requests.Response, largest: int, deadline: float) -> str:
    """The body, unpacked and decoded.

    Raises:
        BodyError: it is larger than ``largest`` bytes, is not there by ``deadline`` (of the
            monotonic clock), was cut off, or is no text in the encoding it claims.
    """
    return decoded(_content(response.raw, largest, deadline), response.headers.get("Content-Type"))


def _content(raw: BaseHTTPResponse, largest: int, deadline: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    try:
        # read1 returns what is there, so that a server that drips cannot outlast the deadline.
        while piece := raw.read1(_PIECE, decode_content=True):
            parts.append(piece)
            size += len(piece)
            if size > largest:
                raise BodyError(f"the answer is larger than {largest:,} bytes", again=False)
            if monotonic() > deadline:
                raise BodyError("the answer took too long to arrive", again=True)
    except (HTTPError, OSError) as error:
        raise BodyError(f"the answer was cut off ({type(error).__name__})", again=True) from None
    return b"".join(parts)


def decoded(content: bytes, content_type: str | None) -> str:
    """Bytes as text: by their mark, by what the header or the XML declaration says, else UTF-8.

    Raises:
        BodyError: they are no text in that encoding.
    """
    encoding = _encoding(content, content_type)
    try:
        return content.decode(encoding)
    except LookupError:
        raise BodyError(f"the answer claims an unknown encoding, {encoding}", again=False) from None
    except UnicodeDecodeError as error:
        raise BodyError(
            f"the answer is no valid {encoding.upper()} at byte {error.start + 1}", again=False
        ) from None


def _encoding(content: bytes, content_type: str | None) -> str:
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return encoding
    header = Message()
    header["Content-Type"] = content_type or ""
    declared = header.get_content_charset()
    if declared:
        return declared
    found = _XML.match(content[:200])
    return found[1].decode().lower() if found else "utf-8"
