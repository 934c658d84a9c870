"""The grammar of a filter: words to a tree.

Belongs here: precedence, comparisons, functions and how many arguments they take. Not here:
whether a property exists or may be compared (sql.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from finsync_dagster.sandbox.vendors.sap.errors import bad_request
from finsync_dagster.sandbox.vendors.sap.filters.words import Word, words

COMPARISONS = frozenset({"eq", "ne", "gt", "ge", "lt", "le"})
# Name: how many arguments, by version; those of two versions are in both.
_BOTH = {"startswith": (2,), "endswith": (2,), "tolower": (1,), "toupper": (1,), "length": (1,)}
_BOTH |= {"trim": (1,), "concat": (2,), "indexof": (2,), "year": (1,), "month": (1,), "day": (1,)}
FUNCTIONS = {
    2: {**_BOTH, "substringof": (2,), "substring": (2, 3)},
    4: {**_BOTH, "contains": (2,), "substring": (2, 3)},
}
# Deeper ones are refused, so that no filter exhausts the stack.
_DEEPEST = 50
_LONGEST = 4000


@dataclass(frozen=True)
class Literal:
    """A value that was written down."""

    word: Word


@dataclass(frozen=True)
class Name:
    """A property."""

    name: str


@dataclass(frozen=True)
class Call:
    """A function and its arguments."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Compare:
    """Two sides and eq, ne, gt, ge, lt or le."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True)
class OneOf:
    """A value and those it may be (v4 ``in``)."""

    left: Node
    values: tuple[Node, ...]


@dataclass(frozen=True)
class Not:
    """The opposite."""

    of: Node


@dataclass(frozen=True)
class Both:
    """``and`` or ``or``."""

    operator: str
    left: Node
    right: Node


Node = Literal | Name | Call | Compare | OneOf | Not | Both


def parse(text: str, version: int) -> Node:
    """The tree of a filter.

    Raises:
        ODataError: 400, naming the position.
    """
    found = words(text, version)
    if len(found) > _LONGEST:
        raise bad_request("The filter has too many parts")
    parser = _Parser(found, version)
    tree = parser.disjunction()
    parser.end()
    return tree


class _Parser:
    def __init__(self, found: list[Word], version: int) -> None:
        self._words = found
        self._version = version
        self._next = 0
        self._depth = 0

    def disjunction(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise bad_request("The filter is nested too deeply")
        left = self._conjunction()
        while self._take_name("or"):
            left = Both("or", left, self._conjunction())
        self._depth -= 1
        return left

    def end(self) -> None:
        if self._next < len(self._words):
            raise self._wrong()

    def _conjunction(self) -> Node:
        left = self._negation()
        while self._take_name("and"):
            left = Both("and", left, self._negation())
        return left

    def _negation(self) -> Node:
        negated = False
        while self._take_name("not"):
            negated = not negated
        node = self._comparison()
        return Not(node) if negated else node

    def _comparison(self) -> Node:
        left = self._operand()
        word = self._peek()
        if word is None or word.kind != "name":
            return left
        operator = str(word.value)
        if operator in COMPARISONS:
            self._next += 1
            return Compare(operator, left, self._operand())
        if operator == "in" and self._version == 4:
            self._next += 1
            return OneOf(left, self._arguments())
        return left

    def _operand(self) -> Node:
        word = self._peek()
        if word is None:
            raise self._wrong()
        if word.kind == "(":
            self._next += 1
            inner = self.disjunction()
            self._expect(")")
            return inner
        self._next += 1
        if word.kind in {")", ","}:
            self._next -= 1
            raise self._wrong()
        if word.kind != "name":
            return Literal(word)
        name = str(word.value)
        if (following := self._peek()) is not None and following.kind == "(":
            return self._call(name, word)
        return Name(name)

    def _call(self, name: str, word: Word) -> Call:
        counts = FUNCTIONS[self._version].get(name)
        if counts is None:
            raise bad_request(f"Invalid function '{name}' at position {word.at}")
        arguments = self._arguments()
        if len(arguments) not in counts:
            raise bad_request(f"Invalid number of arguments for function '{name}'")
        return Call(name, arguments)

    def _arguments(self) -> tuple[Node, ...]:
        self._expect("(")
        found = [self.disjunction()]
        while (word := self._peek()) is not None and word.kind == ",":
            self._next += 1
            found.append(self.disjunction())
        self._expect(")")
        return tuple(found)

    def _peek(self) -> Word | None:
        return self._words[self._next] if self._next < len(self._words) else None

    def _take_name(self, name: str) -> bool:
        word = self._peek()
        taken = word is not None and word.kind == "name" and word.value == name
        self._next += taken
        return taken

    def _expect(self, mark: str) -> None:
        word = self._peek()
        if word is None or word.kind != mark:
            raise self._wrong()
        self._next += 1

    def _wrong(self) -> Exception:
        word = self._peek()
        if word is None:
            return bad_request("Expression incomplete: the filter ends too early")
        return bad_request(f"Invalid token detected at position {word.at}")
