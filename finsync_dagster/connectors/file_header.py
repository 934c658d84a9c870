"""What the columns of a file are called by us: many headers, one object.

Belongs here: names of columns. Not here: finding the header in a file (file_look.py), nor when two
names are the same (file_names.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from finsync_dagster.connectors.file_find import fits
from finsync_dagster.connectors.file_model import RESERVED, FieldNames, FileObject
from finsync_dagster.connectors.file_names import normal, plain


class HeaderError(ValueError):
    """A header that cannot be used; the message goes on from «the header »."""


def our_names(spec: FileObject, header: Sequence[str]) -> tuple[str, ...]:
    """Our name of each column of a header, the nameless ones at its end left out.

    A field of the object under its own name, any other column under the one it has; a column
    without a name is ``column_4``, by its position.

    Raises:
        HeaderError: no column, a column twice, two for one field, or a name that is reserved.
    """
    received = [plain(name) for name in header]
    while received and not received[-1]:
        received.pop()
    if not received:
        raise HeaderError("is empty")
    variants = _variants(spec)
    found: dict[str, tuple[str, str]] = {}
    for position, name in enumerate(received, start=1):
        ours = variants.get(normal(name), name or f"column_{position}")
        if normal(ours) in found:
            before = found[normal(ours)][1]
            what = (
                f"names {name} twice"
                if normal(before) == normal(name)
                else (f"has two columns for {ours}: {before} and {name}")
            )
            raise HeaderError(what)
        if ours in RESERVED:
            raise HeaderError(f"has a column {ours}, a name that every record has already")
        found[normal(ours)] = (ours, name)
    return tuple(ours for ours, _ in found.values())


def known(spec: FileObject, header: Sequence[str]) -> int:
    """How many columns of a header are fields that the object declares."""
    variants = _variants(spec)
    return len({variants[normal(name)] for name in header if normal(name) in variants})


def needed(spec: FileObject) -> list[str]:
    """Fields without which a file cannot be read."""
    required = [name for name, field in spec.fields.items() if field.required]
    return [name for name in dict.fromkeys([*spec.key, *required]) if name not in RESERVED]


def constants(
    spec: FileObject, file: str, header: Sequence[str], ours: Iterable[str]
) -> dict[str, str]:
    """The constant fields of a file, by its name and header.

    Raises:
        HeaderError: a constant that is a column too, or that is given twice.
    """
    there, names = {normal(name) for name in header}, {normal(name) for name in ours}
    found: dict[str, str] = {}
    for given in spec.constants:
        if given.files is not None and not fits(file, given.files):
            continue
        if given.header is not None and normal(given.header) not in there:
            continue
        for field, value in given.set.items():
            if normal(field) in names:
                raise HeaderError(f"has a column {field}, which is declared as a constant")
            if found.get(field, value) != value:
                raise HeaderError(f"fits two declarations of the constant {field}")
            found[field] = value
    return found


def united(spec: FileObject, files: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """The columns of all files: declared fields, constants, then others as they first appear."""
    fixed = [*spec.fields, *(field for given in spec.constants for field in given.set)]
    found = {normal(name): name for name in fixed}
    for names in files:
        for name in names:
            found.setdefault(normal(name), name)
    return tuple(found.values())


def _variants(spec: FileObject) -> dict[str, str]:
    """Normal form of each name → our field. Fields of the key need not be declared."""
    fields = {**{name: FieldNames() for name in spec.key}, **spec.fields}
    return {normal(name): ours for ours, field in fields.items() for name in (ours, *field.names)}
