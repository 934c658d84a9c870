"""Records of an answer as flat rows of text.

Belongs here: which values become fields, and how they are spelled. Not here: paging, nor what a
field means.

Text stays as it is, a number is its digits, true and false are words, null is null. What is nested
stays JSON in one field, its numbers as text. A record that is no object, that has fields beyond
reason, or that holds characters no file can, is landed as it was received, with the reason, and
waits in quarantine.
"""

from __future__ import annotations

import json
import string
from collections.abc import Iterable, Mapping, Sequence

from finsync_dagster.connectors.extraction import DEFECT, FILE, LINE, RAW, Row
from finsync_dagster.connectors.http.exact_json import Json, Number, landed, plain
from finsync_dagster.connectors.http.paths import Path, pick
from finsync_dagster.connectors.http.stamps import as_date
from finsync_dagster.connectors.http.values_model import Values

# Names that the landing and canonical stages use themselves.
_RESERVED = {FILE, LINE, DEFECT, RAW, "landing_page", "landing_row", "extract_id", "extracted_at"}

# Beyond that, names are data, and each row would have a place for every one of them.
_MOST_FIELDS = 5000
_LONGEST_NAME = 500


class _UnfitError(Exception):
    """A record whose fields cannot be columns; the message is the reason."""


class Columns:
    """The fields seen so far, in the order in which they came. Each has one column.

    ``known``: columns of earlier readings, which come after ``names`` and wait for the fields that
    were called so: ``Name_2`` for a field ``Name`` beside ``name``.
    """

    def __init__(self, names: Iterable[str], known: Iterable[str] = ()) -> None:
        self.names: list[str] = []
        self._of: dict[str, int] = {}
        self._folded: set[str] = set()
        self._waiting: dict[str, int] = {}
        for name in names:
            self.at(name)
        self.wait_for(known)

    def wait_for(self, known: Iterable[str]) -> None:
        """Adds columns of an earlier reading, as that called them."""
        for column in known:
            if column.casefold() not in self._folded:
                self._waiting[column] = len(self.names)
                self._add(column)

    def at(self, field: str) -> int:
        """The place of a field's column, which is added if it is new."""
        place = self._of.get(field)
        if place is None:
            place = self._of[field] = self._place(field)
        return place

    def has(self, field: str) -> bool:
        """Is there a column for it already?"""
        return field in self._of or field in self._waiting

    def _place(self, field: str) -> int:
        # SQL does not tell Name from name.
        name = f"{field}_" if field.lower() in _RESERVED and field not in (DEFECT, RAW) else field
        unique, n = name or "_", 1
        while unique.casefold() in self._folded:
            if unique in self._waiting:
                return self._waiting.pop(unique)
            n += 1
            unique = f"{name or '_'}_{n}"
        self._add(unique)
        return len(self.names) - 1

    def _add(self, column: str) -> None:
        self.names.append(column)
        self._folded.add(column.casefold())


class Flattener:
    """Makes rows of records. ``lift``: column → where in the record its value lies."""

    def __init__(
        self, columns: Columns, values: Values, lift: Mapping[str, Path], booleans: Sequence[str]
    ) -> None:
        self.columns = columns
        self._values, self._lift = values, lift
        self._booleans = frozenset(booleans)
        self._nulls = frozenset(v for v in values.nulls if isinstance(v, str))
        self._false_is_null = False in values.nulls
        self._retold = values.tagged is not None or values.epoch_dates
        self._places: dict[str, int] = {}

    def rows(self, records: Iterable[Json]) -> list[Row]:
        """A row per record, as wide as the columns known once all of them were looked at."""
        found = [self._row(record) for record in records]
        width = len(self.columns.names)
        return [tuple(r) if len(r) == width else (*r, *[None] * (width - len(r))) for r in found]

    def _row(self, record: Json) -> list[str | None]:
        if not isinstance(record, dict):
            return self._defective(record, "it is no object with fields")
        row: list[str | None] = [None] * len(self.columns.names)
        try:
            if len(record) > _MOST_FIELDS:
                raise _UnfitError(f"it has {len(record):,} fields")
            for name, value in record.items():
                if name not in self._lift:
                    self._put(row, name, value)
            for name, path in self._lift.items():
                self._put(row, name, pick(record, path))
        except _UnfitError as error:
            return self._defective(record, str(error))
        except RecursionError:
            return self._defective(record, "it is nested too deeply")
        if not _sound("".join([text for text in row if text is not None])):
            bad = next(p for p, text in enumerate(row) if text is not None and not _sound(text))
            name = self.columns.names[bad]
            return self._defective(record, f"{name} holds a character that no text can hold")
        return row

    def _put(self, row: list[str | None], name: str, value: Json) -> None:
        place = self._places.get(name)
        if place is None:
            place = self._places[name] = self._new_place(name)
        text = self._text(name, value)
        if place >= len(row):
            row.extend([None] * (place + 1 - len(row)))
        row[place] = text

    def _new_place(self, name: str) -> int:
        # A field called like the reserved one is not the reserved one.
        column = f"{name}_" if name in (DEFECT, RAW) else name
        if self.columns.has(column):
            return self.columns.at(column)
        if not _sound(name):
            raise _UnfitError("the name of a field holds a character that no text can hold")
        if len(name) > _LONGEST_NAME:
            raise _UnfitError(f"the name of a field has {len(name):,} characters")
        if len(self.columns.names) >= _MOST_FIELDS:
            raise _UnfitError(
                f"with its field {name} there would be more than {_MOST_FIELDS:,} columns"
            )
        return self.columns.at(column)

    def _defective(self, record: Json, why: str) -> list[str | None]:
        raw = landed(record) or "null"
        safe = json.dumps(raw)[1:-1] if not _sound(raw) else raw
        places = self.columns.at(DEFECT), self.columns.at(RAW)
        row: list[str | None] = [None] * len(self.columns.names)
        row[places[0]], row[places[1]] = why, safe
        return row

    def _text(self, name: str, value: Json) -> str | None:
        if self._retold:
            value = self._told(value)
        kind = type(value)
        if kind is Number:
            # Some servers keep true and false as 1 and 0.
            if name in self._booleans:
                return {"1": "true", "0": "false"}.get(value, value)
            return plain(value)
        if kind is str:
            return None if value in self._nulls else str(value)
        if value is False and self._false_is_null and name not in self._booleans:
            return None
        return landed(value)

    def _told(self, value: Json) -> Json:
        """The value without its tag, within lists and objects too."""
        if isinstance(value, dict):
            tag = self._values.tagged
            form = tag.forms.get(str(value.get(tag.field))) if tag else None
            if form is not None:
                return _formatted(form, value)
            return {key: self._told(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._told(inner) for inner in value]
        if self._values.epoch_dates and isinstance(value, str) and value.startswith("/Date("):
            return as_date(value)
        return value


class _Plain(string.Formatter):
    """Only names of fields: no attributes, no items."""

    def get_field(
        self, field_name: str, args: Sequence[object], kwargs: Mapping[str, object]
    ) -> tuple[object, str]:
        value = kwargs.get(field_name)
        return ("0" if value is None else str(value)), field_name


def _formatted(form: str, value: Mapping[str, Json]) -> str:
    return _Plain().vformat(form, (), value)


def _sound(text: str) -> bool:
    """Can it be written as UTF-8, and does it hold no NUL, which databases refuse?"""
    if "\x00" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
