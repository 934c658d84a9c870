"""Reading an answer's body: as much as is allowed, in the time that is allowed, as text.

Belongs here: the limits. Not here: what the text says.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from email.message import Message

import requests
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from finsync_dagster.connectors.errors import FaultKind

_SENDS = "Ask whoever runs the source what it sends; nothing of this answer was used"
_NO_SUCCESS = 300
_LARGEST_QUOTED = 1_000_000
_PIECE = 1 << 16
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_PACKED = {"", "identity", "gzip", "x-gzip", "deflate"}
_XML = re.compile(rb"""^\s*<\?xml[^>]*\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
# How XML begins in them, when it has no mark.
_WIDE = ((b"<\x00?\x00", "utf-16-le"), (b"\x00<\x00?", "utf-16-be"))


class BodyError(Exception):
    """A body that cannot be taken; ``again``: another attempt may help."""

    kind: FaultKind = "upstream_data"

    def __init__(self, what: str, *, again: bool, remedy: str = _SENDS) -> None:
        self.what = what
        self.remedy = remedy
        self.again = again
        super().__init__(what)


def read_text(response: requests.Response, largest: int, late: Callable[[], bool]) -> str:
    """The body, unpacked and decoded.

    Raises:
        BodyError: it is larger than ``largest`` bytes, ``late`` became true before its end, it was
            cut off, is packed in an unknown way, or is no text in the encoding it claims. Not
            beside an error or a redirect, where the status counts and the body is only quoted: what
            can be read of it is returned.
    """
    kind = response.headers.get("Content-Type")
    if response.status_code < _NO_SUCCESS:
        _check_announced(response, largest)
        return decoded(_content(response.raw, largest, late), kind)
    content = b""
    try:
        _check_announced(response, _LARGEST_QUOTED)
        content = _content(response.raw, min(largest, _LARGEST_QUOTED), late)
        return decoded(content, kind)
    except BodyError:
        if late():
            raise
        return content.decode(errors="replace")


def _check_announced(response: requests.Response, largest: int) -> None:
    packed = response.headers.get("Content-Encoding", "").lower()
    unknown = {way.strip() for way in packed.split(",")} - _PACKED
    if unknown:
        raise BodyError(
            "the answer is packed in a way that was not asked for "
            f"({_quoted(', '.join(sorted(unknown)))})",
            again=False,
        )
    length = response.headers.get("Content-Length", "")
    # Unpacked it is hardly ever smaller.
    if length.isascii() and length.isdigit() and (len(length) > 18 or int(length) > largest):
        raise _too_large(largest)


def _too_large(largest: int) -> BodyError:
    return BodyError(
        f"the answer is larger than {largest:,} bytes",
        again=False,
        remedy="Ask for less at once (rows_per_page of the object), or raise largest_answer in its "
        "system.yaml",
    )


def _content(raw: BaseHTTPResponse, largest: int, late: Callable[[], bool]) -> bytes:
    content = bytearray()
    try:
        # read1 returns what is there, so that it is soon seen that it is late.
        while piece := raw.read1(_PIECE, decode_content=True):
            content += piece
            if len(content) > largest:
                raise _too_large(largest)
            if late():
                break
    except (HTTPError, OSError) as error:
        if not late():
            what = f"the answer was cut off or is garbled ({type(error).__name__})"
            raise BodyError(what, again=True) from None
    # An answer of no announced length ends wherever the connection does, be it cut by ourselves.
    if late():
        raise BodyError("the answer took too long to arrive", again=True)
    return bytes(content)


def decoded(content: bytes, content_type: str | None) -> str:
    """Bytes as text: by their mark, by what the header or the XML declaration says, else UTF-8.

    Raises:
        BodyError: they are no text in that encoding.
    """
    encoding = _encoding(content, content_type)
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        what = f"the answer is no valid {_quoted(encoding.upper())} at byte {error.start + 1}"
        raise BodyError(what, again=False) from None
    except (LookupError, ValueError):
        what = f"the answer claims an encoding that is none, {_quoted(encoding)}"
        raise BodyError(what, again=False) from None


def _encoding(content: bytes, content_type: str | None) -> str:
    for mark, encoding in (*_BOMS, *_WIDE):
        if content.startswith(mark):
            return encoding
    header = Message()
    header["Content-Type"] = content_type or ""
    declared = header.get_content_charset()
    if declared:
        return declared
    found = _XML.match(content[:200])
    said = found[1].decode().lower() if found else "utf-8"
    # Where these bytes can be read as they are, it is not that: the declaration was left over.
    return "utf-8" if said.startswith(("utf-16", "utf16", "utf-32", "ucs-2", "ucs-4")) else said


def _quoted(word: str) -> str:
    """A server's word, fit to be shown."""
    return "".join(c for c in word[:40] if c.isprintable())
