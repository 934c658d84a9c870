"""A filter's tree as SQL.

Belongs here: what may be compared with what, what may be filtered or sorted by, the SQL of it.
Not here: the grammar (grammar.py), which SQL stands for a property (the store).

Types are never mixed silently: a text compared with a number is refused, as the gateway does.
Item numbers are compared as numbers, so that '00010' is '10' and '9' comes before it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal

from finsync_dagster.sandbox.vendors.sap.edm import EntitySet, Property
from finsync_dagster.sandbox.vendors.sap.errors import ODataError, bad_request
from finsync_dagster.sandbox.vendors.sap.filters.grammar import (
    Both,
    Call,
    Compare,
    Literal,
    Name,
    Node,
    Not,
    OneOf,
    parse,
)
from finsync_dagster.sandbox.vendors.sap.filters.words import Value

Expression = Callable[[Property], str]
"""The SQL that stands for a property's value."""

_OPERATORS = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_TYPE_OF = {
    "String": "text",
    "Guid": "guid",
    "Boolean": "flag",
    "DateTime": "day",
    "Date": "day",
    "DateTimeOffset": "moment",
    "Time": "clock",
    "TimeOfDay": "clock",
}
_TYPE_OF |= dict.fromkeys(("Decimal", "Double", "Int16", "Int32", "Int64"), "number")
# A call's SQL, and the types of its arguments and its result.
_CALLS: Mapping[str, tuple[str, tuple[str, ...], str]] = {
    "startswith": ("starts_with({0}, {1})", ("text", "text"), "flag"),
    "endswith": ("ends_with({0}, {1})", ("text", "text"), "flag"),
    "contains": ("contains({0}, {1})", ("text", "text"), "flag"),
    "substringof": ("contains({1}, {0})", ("text", "text"), "flag"),
    "tolower": ("lower({0})", ("text",), "text"),
    "toupper": ("upper({0})", ("text",), "text"),
    "trim": ("trim({0})", ("text",), "text"),
    "length": ("length({0})", ("text",), "number"),
    "concat": ("({0} || {1})", ("text", "text"), "text"),
    "indexof": ("(strpos({0}, {1}) - 1)", ("text", "text"), "number"),
    "year": ("year({0})", ("time",), "number"),
    "month": ("month({0})", ("time",), "number"),
    "day": ("day({0})", ("time",), "number"),
}


@dataclass(frozen=True)
class _Term:
    """SQL and its type; for a property or a literal also that."""

    sql: str
    type: str
    property: Property | None = None
    value: Value = None


def filter_sql(text: str, entity_set: EntitySet, version: int, expression: Expression) -> str:
    """The condition of a $filter.

    Raises:
        ODataError: 400, what it says is not understood or not allowed.
    """
    return _Writer(entity_set, expression).condition(parse(text, version))


@dataclass(frozen=True)
class Order:
    """A part of an order: SQL, the property it is about, whether it descends."""

    sql: str
    property: Property
    descends: bool


def order_sql(text: str, entity_set: EntitySet, expression: Expression) -> tuple[Order, ...]:
    """The parts of an $orderby.

    Raises:
        ODataError: 400, there is no such property, or it is not to be sorted by.
    """
    parts = []
    for part in text.split(","):
        name, _, direction = part.strip().partition(" ")
        if direction.strip() not in {"", "asc", "desc"}:
            raise bad_request(f"Invalid order direction '{direction.strip()}'")
        found = known(entity_set, name)
        if not found.sortable:
            raise bad_request(f"Property '{name}' is not sortable")
        sql = _comparable(found, expression(found))
        parts.append(Order(sql, found, direction.strip() == "desc"))
    return tuple(parts)


def known(entity_set: EntitySet, name: str) -> Property:
    """The property of that name.

    Raises:
        ODataError: 400, there is none.
    """
    found = entity_set.properties.get(name)
    if found is None or found.edm == "Messages":
        raise ODataError(
            400,
            "/IWBEP/CM_MGW_RT/024",
            f"Property '{name}' not found in type '{entity_set.type}'",
        )
    return found


def sql_literal(value: Value) -> str:
    """A value as SQL."""
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, Decimal):
        if len(value.as_tuple().digits) > 38:
            raise bad_request(f"Invalid literal '{value}'")
        return format(value, "f")
    if value is None or isinstance(value, bool):
        return str(value) if value is not None else "NULL"
    word = "TIME" if isinstance(value, time) else "DATE"
    if isinstance(value, datetime):
        word = "TIMESTAMP"
    return f"{word} '{value.isoformat()}'"


def _all_of(node: Both) -> list[Node]:
    """The parts of a chain of one operator, however long: a list of keys is one."""
    parts: list[Node] = []
    here: Node = node
    while isinstance(here, Both) and here.operator == node.operator:
        parts.append(here.right)
        here = here.left
    return [here, *reversed(parts)]


def _comparable(found: Property, sql: str) -> str:
    return f"TRY_CAST({sql} AS BIGINT)" if found.counts else sql


class _Writer:
    def __init__(self, entity_set: EntitySet, expression: Expression) -> None:
        self._set = entity_set
        self._expression = expression

    def condition(self, node: Node) -> str:
        term = self._term(node)
        if term.type != "flag":
            raise bad_request("The filter is no condition")
        return term.sql

    def _term(self, node: Node) -> _Term:
        if isinstance(node, Literal):
            value = node.word.value
            return _Term(sql_literal(value), node.word.kind, value=value)
        if isinstance(node, Name):
            return self._property(node.name)
        if isinstance(node, Call):
            return self._call(node)
        return _Term(self._test(node), "flag")

    def _test(self, node: Not | Both | OneOf | Compare) -> str:
        if isinstance(node, Not):
            # Unknown (a date that is not there) is not true, so its opposite is.
            return f"(NOT COALESCE({self.condition(node.of)}, false))"
        if isinstance(node, Both):
            word = f" {node.operator.upper()} "
            return "(" + word.join(self.condition(each) for each in _all_of(node)) + ")"
        if isinstance(node, OneOf):
            tests = [self._compared("eq", node.left, value) for value in node.values]
            return "(" + " OR ".join(tests) + ")"
        return self._compared(node.operator, node.left, node.right)

    def _property(self, name: str) -> _Term:
        found = known(self._set, name)
        if not found.filterable:
            raise bad_request(f"Property '{name}' is not filterable")
        return _Term(self._expression(found), _TYPE_OF[found.edm], found)

    def _call(self, node: Call) -> _Term:
        terms = [self._term(argument) for argument in node.arguments]
        if node.function == "substring":
            return self._substring(terms)
        sql, types, result = _CALLS[node.function]
        for term, wanted in zip(terms, types, strict=True):
            self._expect(term, wanted, node.function)
        return _Term("(" + sql.format(*(term.sql for term in terms)) + ")", result)

    def _substring(self, terms: list[_Term]) -> _Term:
        self._expect(terms[0], "text", "substring")
        for term in terms[1:]:
            self._expect(term, "number", "substring")
        text, start, *length = (term.sql for term in terms)
        rest = f", {length[0]}" if length else ""
        return _Term(f"substring({text}, ({start}) + 1{rest})", "text")

    @staticmethod
    def _expect(term: _Term, wanted: str, function: str) -> None:
        if term.type != wanted and not (wanted == "time" and term.type in {"day", "moment"}):
            raise bad_request(f"Invalid parameter type for function '{function}'")

    def _compared(self, operator: str, left: Node, right: Node) -> str:
        one, other = self._term(left), self._term(right)
        if "null" in {one.type, other.type}:
            return self._with_null(operator, one, other)
        if one.type != other.type:
            raise bad_request(
                f"Operator '{operator}' is not defined for the types of its two sides"
            )
        first, second = _as_numbers(one, other)
        if operator == "eq":
            return f"({first} = {second})"
        if operator == "ne":
            return f"({first} IS DISTINCT FROM {second})"
        return f"({first} {_OPERATORS[operator]} {second})"

    @staticmethod
    def _with_null(operator: str, one: _Term, other: _Term) -> str:
        if operator not in {"eq", "ne"}:
            raise bad_request(f"Operator '{operator}' is not defined for null")
        word = "IS NOT DISTINCT FROM" if operator == "eq" else "IS DISTINCT FROM"
        return f"({one.sql} {word} {other.sql})"


def _as_numbers(one: _Term, other: _Term) -> tuple[str, str]:
    """Both sides; as numbers where an item number meets a text of digits."""
    for here, there in ((one, other), (other, one)):
        if here.property is None or not here.property.counts:
            continue
        if isinstance(there.value, str) and there.value.isdecimal() and there.value.isascii():
            number = str(int(there.value[-18:]))
            cast = _comparable(here.property, here.sql)
            return (cast, number) if here is one else (number, cast)
    return one.sql, other.sql
