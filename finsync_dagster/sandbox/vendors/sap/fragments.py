"""How a value looks on the wire, as SQL.

Belongs here: the text of each type in JSON v2, Atom XML and JSON v4, and keys within addresses.
Not here: where in a document the text goes (the format's module).

Decimals keep all digits of their scale, whatever they are worth. In v4 an amount whose scale
follows its currency has two digits, three where it needs them.
"""

from __future__ import annotations

from collections.abc import Callable
from json.encoder import encode_basestring
from xml.sax.saxutils import escape

from finsync_dagster.sandbox.vendors.sap.edm import EntitySet, Property

Wire = Callable[[Property, str], str]
"""The SQL of a value's text on the wire, from the SQL of the value; strings are told raw."""

TEXTS = frozenset({"String", "Guid", "Binary"})
_NUMBERS = frozenset({"Decimal", "Double"})


json_text: Callable[[str], str] = encode_basestring
"""A string in JSON."""


def xml_text(value: str) -> str:
    """A string in XML; a character XML cannot hold becomes a space."""
    if not value.isprintable():
        value = "".join(each if each >= " " or each in "\t\n\r" else " " for each in value)
    return escape(value)


def v2_json(prop: Property, sql: str) -> str:
    """The JSON of OData v2: numbers and dates as strings."""
    if prop.edm in _NUMBERS:
        return f"""('"' || CAST({sql} AS VARCHAR) || '"')"""
    if prop.edm == "DateTime":
        return f"""COALESCE('"/Date(' || epoch_ms({sql}) || ')/"', 'null')"""
    if prop.edm == "DateTimeOffset":
        return f"""COALESCE('"/Date(' || epoch_ms({sql}) || '+0000)/"', 'null')"""
    if prop.edm == "Time":
        return f"""('"' || {_duration(sql)} || '"')"""
    return f"CAST({sql} AS VARCHAR)"


def v2_xml(prop: Property, sql: str) -> str:
    """The whole element of Atom's m:properties; of a string, its content."""
    name = prop.name
    if prop.edm in TEXTS:
        return sql
    text = f"CAST({sql} AS VARCHAR)"
    if prop.edm == "DateTime":
        text = f"strftime({sql}, '%Y-%m-%dT%H:%M:%S')"
    elif prop.edm == "DateTimeOffset":
        text = f"strftime({sql}, '%Y-%m-%dT%H:%M:%SZ')"
    elif prop.edm == "Time":
        text = _duration(sql)
    opening = f'<d:{name} m:type="Edm.{prop.edm}">'
    return f"""COALESCE('{opening}' || {text} || '</d:{name}>', '<d:{name} m:null="true"/>')"""


def v4_json(prop: Property, sql: str) -> str:
    """The JSON of OData v4: numbers are numbers, dates as ISO 8601."""
    if prop.edm == "Messages":
        return "'[]'"
    if prop.edm == "Date":
        return f"""COALESCE('"' || strftime({sql}, '%Y-%m-%d') || '"', 'null')"""
    if prop.edm == "DateTimeOffset":
        return f"""COALESCE('"' || strftime({sql}, '%Y-%m-%dT%H:%M:%SZ') || '"', 'null')"""
    if prop.edm == "TimeOfDay":
        return f"""('"' || CAST({sql} AS VARCHAR) || '"')"""
    if prop.scale_varies:
        return f"regexp_replace(CAST({sql} AS VARCHAR), '0$', '')"
    return f"CAST({sql} AS VARCHAR)"


def retyped(wire: Wire, names: frozenset[str], other: Wire) -> Wire:
    """The same, but decimals of these names in the other way there is (a fault on demand)."""

    def told(prop: Property, sql: str) -> str:
        if prop.name in names and prop.edm in _NUMBERS:
            return other(prop, sql)
        return wire(prop, sql)

    return told


def key_sql(entity_set: EntitySet, value: Callable[[Property], str]) -> str:
    """The SQL of an entity's key as it is in its address: ``('4500000001')``."""
    keys = entity_set.keys
    if len(keys) == 1:
        return f"'(' || {_in_address(keys[0], value(keys[0]))} || ')'"
    parts = [f"'{key.name}=' || {_in_address(key, value(key))}" for key in keys]
    return "'(' || " + " || ',' || ".join(parts) + " || ')'"


def _in_address(prop: Property, sql: str) -> str:
    if prop.edm == "String":
        return f"'''' || url_encode(replace({sql}, '''', '''''')) || ''''"
    if prop.edm in {"DateTime", "DateTimeOffset"}:
        word = prop.edm.lower()
        return f"'{word}''' || strftime({sql}, '%Y-%m-%dT%H%%3A%M%%3A%S') || ''''"
    return f"CAST({sql} AS VARCHAR)"


def _duration(sql: str) -> str:
    return f"printf('PT%02dH%02dM%02dS', hour({sql}), minute({sql}), second({sql}))"
