"""XML of OData 2: Atom feeds and entries.

Belongs here: feeds, entries, properties, what comes expanded within an entry, and errors, as
OData 2 writes them in JSON. Not here: what spells moments as ISO 8601 (values.epoch_dates), for
which they are ``/Date(…)/`` here as there.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin

from finsync_dagster.connectors.http.exact_json import Json, Number
from finsync_dagster.connectors.http.xml_answers.elements import XML, Element, NotXmlError

_ATOM = "http://www.w3.org/2005/Atom"
_META = "http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"
_RELATED = "http://schemas.microsoft.com/ado/2007/08/dataservices/related/"
_BASE, _LANGUAGE = (XML, "base"), (XML, "lang")
_TYPE, _NULL, _ETAG = (_META, "type"), (_META, "null"), (_META, "etag")
_EPOCH, _MILLISECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)
_WHOLE = re.compile(r"-?\d+")
_NUMBERS = {"Edm.Byte", "Edm.SByte", "Edm.Int16", "Edm.Int32"}
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,12}))?(Z|[+-]\d\d:\d\d)?", re.ASCII
)


def is_atom(root: Element) -> bool:
    """A feed, an entry, or an error of OData 2."""
    return (root.space, root.name) in {(_ATOM, "feed"), (_ATOM, "entry"), (_META, "error")}


def atom_value(root: Element) -> Json:
    """``{"d": {"results": […]}}`` of a feed, ``{"d": {…}}`` of an entry, ``{"error": {…}}``.

    Raises:
        NotXmlError: it is none of them.
    """
    if not is_atom(root):
        raise NotXmlError(f"an Atom feed or entry is expected, and its root is {root.name[:80]}")
    if root.name == "error":
        return {"error": _error(root)}
    return {"d": _feed(root, "") if root.name == "feed" else _entry(root, "")}


def _feed(feed: Element, base: str) -> dict[str, Json]:
    made: dict[str, Json] = {}
    base = _address(base, feed.attributes.get(_BASE, ""))
    count = _child(feed, _META, "count")
    if count is not None:
        made["__count"] = count.text.strip()
    made["results"] = [_entry(e, base) for e in feed.children if _is(e, _ATOM, "entry")]
    for link in _links(feed):
        if link.attributes.get("rel") == "next":
            made["__next"] = _address(base, link.attributes.get("href", ""))
    return made


def _entry(entry: Element, base: str) -> dict[str, Json]:
    base = _address(base, entry.attributes.get(_BASE, ""))
    made: dict[str, Json] = {"__metadata": _metadata(entry)}
    content = _child(entry, _ATOM, "content")
    # A record that stands for a file has its properties beside the content.
    held = _child(content, _META, "properties") if content else None
    held = held or _child(entry, _META, "properties")
    made |= _properties(held) if held else {}
    for link in _links(entry):
        rel = str(link.attributes.get("rel", ""))
        if rel.startswith(_RELATED):
            made[rel.removeprefix(_RELATED)] = _related(link, base)
    return made


def _metadata(entry: Element) -> dict[str, Json]:
    uri = _child(entry, _ATOM, "id")
    category = _child(entry, _ATOM, "category")
    made: dict[str, Json] = {}
    if uri is not None:
        made |= {"id": uri.text.strip(), "uri": uri.text.strip()}
    if category is not None:
        made["type"] = category.attributes.get("term")
    if _ETAG in entry.attributes:
        made["etag"] = entry.attributes[_ETAG]
    return made


def _related(link: Element, base: str) -> Json:
    """What came expanded, or where it is."""
    inline = _child(link, _META, "inline")
    if inline is None:
        return {"__deferred": {"uri": _address(base, link.attributes.get("href", ""))}}
    feed, entry = _child(inline, _ATOM, "feed"), _child(inline, _ATOM, "entry")
    if feed is not None:
        return _feed(feed, base)
    if entry is not None:
        return _entry(entry, base)
    many = "type=feed" in str(link.attributes.get("type", "")).replace(" ", "")
    return {"results": []} if many else None


def _properties(held: Element) -> dict[str, Json]:
    return {child.name: _property(child) for child in held.children}


def _property(element: Element) -> Json:
    kind = element.attributes.get(_TYPE, "Edm.String")
    if element.attributes.get(_NULL) == "true":
        return None
    if kind.startswith(("Bag(", "Collection(")):
        return {"results": [_property(child) for child in element.children]}
    if element.children or not kind.startswith("Edm."):
        return _properties(element)
    return _scalar(element.text, kind)


def _scalar(text: str, kind: str) -> Json:
    bare = text.strip()
    if kind in _NUMBERS and _WHOLE.fullmatch(bare):
        return Number(bare)
    if kind == "Edm.Boolean" and bare in ("true", "false", "1", "0"):
        return bare in ("true", "1")
    if kind in ("Edm.DateTime", "Edm.DateTimeOffset"):
        return _moment(bare, zoned=kind == "Edm.DateTimeOffset")
    return text if kind == "Edm.String" else bare or None


def _moment(text: str, *, zoned: bool) -> str | None:
    """``/Date(milliseconds)/``, as JSON has it; what is no moment stays as it is."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        return text or None
    whole, fraction, zone = found.groups()
    try:
        at = datetime.fromisoformat(whole + (zone or "Z").replace("Z", "+00:00"))
    except ValueError:
        return text
    # JSON has no more than milliseconds; what is finer is cut off there as well.
    milliseconds = (at - _EPOCH) // _MILLISECOND + int(((fraction or "") + "000")[:3])
    return f"/Date({milliseconds}{'+0000' if zoned else ''})/"


def _error(root: Element) -> dict[str, Json]:
    made: dict[str, Json] = {}
    for child in root.children:
        if child.name == "message":
            language = child.attributes.get(_LANGUAGE)
            made["message"] = {"lang": language, "value": child.text.strip()}
        elif child.name == "innererror":
            made["innererror"] = _inner(child)
        else:
            made[child.name] = child.text.strip()
    return made


def _inner(element: Element) -> Json:
    if not element.children:
        return element.text.strip()
    if {child.name for child in element.children} == {"errordetail"}:
        return [_inner(child) for child in element.children]
    return {child.name: _inner(child) for child in element.children}


def _links(element: Element) -> list[Element]:
    return [child for child in element.children if _is(child, _ATOM, "link")]


def _child(element: Element, space: str, name: str) -> Element | None:
    return next((child for child in element.children if _is(child, space, name)), None)


def _is(element: Element, space: str, name: str) -> bool:
    return element.name == name and element.space == space


def _address(base: str, link: str) -> str:
    try:
        return urljoin(base, link)
    except ValueError:
        return link
