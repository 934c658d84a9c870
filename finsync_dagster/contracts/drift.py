"""In what an extract differs: from what is read of it, and from the extracts before it.

Belongs here: the comparisons and how grave each difference is. Not here: observing (shape.py),
setting records aside (canonical), telling people (orchestration). docs/contracts.md is its
description for people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import polars as pl

from finsync_dagster.contracts.kinds import EMPTY, MEASURES, TEXT, fits, join, narrowest
from finsync_dagster.contracts.layouts import unknown_layouts
from finsync_dagster.contracts.needs import CodeNeed, Needs
from finsync_dagster.contracts.shape import FieldShape, ObjectShape
from finsync_dagster.contracts.tables import (
    CHANGED_TYPE,
    DRIFT,
    DRIFTS,
    ERROR,
    HEADER_VARIANT,
    INFO,
    MISSING_FIELD,
    NEW_CODE,
    NEW_FIELD,
    NULL_SHARE,
    ROW_COUNT,
    SEVERITIES,
    WARNING,
)
from finsync_dagster.contracts.wording import ACTIONS, told, values_told

FULL_EXTRACTS = 5
"""The number of records is compared with the median of this many full extracts."""
ROWS_AT_LEAST = 50
"""Per cent of that median below which the number of records is a finding."""
ROWS_AT_MOST = 200
"""Per cent of that median above which it is one."""
ROWS_APART = 10
"""Records by which it must differ: two records instead of one are no sudden change."""
NULLS_MOVED = 20
"""Percentage points by which the share of records without a value may move."""
ROWS_FOR_A_SHARE = 100
"""Records below which a share says nothing."""


@dataclass(frozen=True)
class Finding:
    """One difference. ``field`` is empty if it is about all records."""

    field: str
    drift: str
    severity: str
    before: str
    now: str
    message: str


def compare(now: ObjectShape, earlier: Sequence[ObjectShape], needs: Needs) -> pl.DataFrame:
    """Rows of DRIFT for an extract, gravest first; none if nothing differs.

    Args:
        now: the extract.
        earlier: extracts of the same object before it, oldest first. Those that were not complete
            are not compared with.
        needs: what is read of the object. An extract that is the first is compared with this only.
    """
    known = [shape for shape in earlier if shape.complete]
    found = list(_row_count(now, known))
    if now.rows:
        found += chain(
            _missing_fields(now, known, needs),
            _unlisted_codes(now, needs),
            _new_fields(now, known, needs),
            _changed_types(now, known, needs),
            _new_layouts(now, known),
            _moved_nulls(now, known, needs),
        )
    place = {name: i for i, name in enumerate(now.fields)}
    found.sort(
        key=lambda f: (
            SEVERITIES.index(f.severity),
            DRIFTS.index(f.drift),
            place.get(f.field, 0),
            f.field,
            f.now,
        )
    )
    return pl.DataFrame([_row(now, f) for f in found], schema=DRIFT.polars_schema)


def worst(findings: pl.DataFrame) -> str | None:
    """The gravest severity among rows of DRIFT; None if there are none."""
    there = set(findings["severity"])
    return next((severity for severity in SEVERITIES if severity in there), None)


def _row(now: ObjectShape, finding: Finding) -> dict[str, object]:
    return {
        "extract_id": now.extract_id,
        "source_system": now.system,
        "source_object": now.object,
        "observed_at": now.observed_at,
        "field": finding.field,
        "drift": finding.drift,
        "severity": finding.severity,
        "before": finding.before,
        "now": finding.now,
        "message": finding.message,
        "action": ACTIONS[finding.drift],
    }


def _missing_fields(
    now: ObjectShape, known: Sequence[ObjectShape], needs: Needs
) -> Iterator[Finding]:
    last = known[-1].fields if known else {}
    for name in dict.fromkeys([*needs.fields, *last]):
        need, here = needs.fields.get(name), now.fields.get(name)
        # Files have every field that the connector declares, be it in no header.
        in_no_file = bool(now.layouts) and here is not None and here.kind == EMPTY
        if here is not None and not (in_no_file and need is not None and need.required):
            continue
        if need is not None:
            effect = (
                "records cannot be taken without it"
                if need.required
                else "without it that stays empty"
            )
            severity, said = ERROR, f"it is read for {told(need.feeds)}, and {effect}"
        elif needs.reads_every_field:
            severity, said = WARNING, "its values were read as rows"
        else:
            severity, said = INFO, "nothing reads it"
        before = last[name].kind if name in last else ""
        lost, state = ("has no value in any file", "empty") if here else ("is missing", "missing")
        message = f"Field {name} {lost}: {said}."
        yield Finding(name, MISSING_FIELD, severity, before, state, message)


def _new_fields(now: ObjectShape, known: Sequence[ObjectShape], needs: Needs) -> Iterator[Finding]:
    if not known:
        return
    seen = {name for shape in known for name in shape.fields}
    for name, field in now.fields.items():
        if name not in seen:
            read = "it is read" if needs.reads(name) else "nothing reads it yet"
            message = f"Field {name} was not there before; {read}."
            yield Finding(name, NEW_FIELD, INFO, "", field.kind, message)


def _changed_types(
    now: ObjectShape, known: Sequence[ObjectShape], needs: Needs
) -> Iterator[Finding]:
    for name, field in now.fields.items():
        # Of all extracts known, since an increment of whole numbers does not make decimals new.
        before = narrowest(s.fields[name].kind for s in known if name in s.fields)
        if before == EMPTY or fits(field.kind, before):
            continue
        need = needs.fields.get(name)
        spoilt = before in MEASURES and join(before, field.kind) == TEXT
        if need is not None and need.measure and spoilt:
            severity, said = ERROR, f"; it is read for {told(need.feeds)}"
        elif needs.reads(name):
            severity, said = WARNING, f"; it is read for {told(need.feeds)}" if need else ""
        else:
            severity, said = INFO, "; nothing reads it"
        message = f"Field {name} held {before} values only, and now holds {_kinds(field)}{said}."
        yield Finding(name, CHANGED_TYPE, severity, before, _kinds(field), message)


def _unlisted_codes(now: ObjectShape, needs: Needs) -> Iterator[Finding]:
    for name, maps in needs.codes.items():
        codes = now.fields[name].codes if name in now.fields else None
        sure = [need for need in maps if need.certain]
        for severity, asked in ((ERROR, sure), (WARNING, [m for m in maps if m not in sure])):
            unlisted = _unlisted(codes or {}, asked)
            if severity == WARNING:
                for value in _unlisted(codes or {}, sure):
                    unlisted.pop(value, None)
            if unlisted:
                effect = "are" if severity == ERROR else "may be"
                message = (
                    f"Field {name} holds codes that the code map "
                    f"{told(sorted(m.map for m in asked))} does not list: "
                    f"{values_told(unlisted)}. Their records {effect} set aside."
                )
                yield Finding(name, NEW_CODE, severity, "", values_told(unlisted), message)


def _unlisted(codes: Mapping[str, int], maps: Sequence[CodeNeed]) -> dict[str, int]:
    found: dict[str, int] = {}
    for value, times in codes.items():
        # The macro code() of the mappings' dialect trims blanks too.
        code = value.strip(" ")
        if any(code not in need.listed for need in maps):
            found[code] = found.get(code, 0) + times
    return found


def _row_count(now: ObjectShape, known: Sequence[ObjectShape]) -> Iterator[Finding]:
    full = sorted([s.rows for s in known if s.mode == "full"][-FULL_EXTRACTS:])
    if now.mode != "full" or not full:
        return
    # Twice the median, which is a whole number also between two of them.
    twice = full[(len(full) - 1) // 2] + full[len(full) // 2]
    usual = f"{twice // 2:,}"
    few, many = 200 * now.rows < ROWS_AT_LEAST * twice, 200 * now.rows > ROWS_AT_MOST * twice
    if (few or many) and (not now.rows or abs(2 * now.rows - twice) > 2 * ROWS_APART):
        severity = WARNING if now.rows else ERROR
        message = (
            f"{now.rows:,} records arrived; the last {len(full)} full extract(s) had about {usual}."
        )
        yield Finding("", ROW_COUNT, severity, usual, f"{now.rows:,}", message)


def _moved_nulls(now: ObjectShape, known: Sequence[ObjectShape], needs: Needs) -> Iterator[Finding]:
    # Changes alone are compared with changes alone: what is new is often not complete yet.
    like = [s for s in known if s.mode == now.mode and s.rows >= ROWS_FOR_A_SHARE]
    if now.rows < ROWS_FOR_A_SHARE:
        return
    for name, field in now.fields.items():
        last = next((s for s in reversed(like) if name in s.fields), None)
        if last is None:
            continue
        nulls = last.fields[name].nulls
        moved = abs(field.nulls * last.rows - nulls * now.rows)
        if 100 * moved > NULLS_MOVED * now.rows * last.rows:
            before, share = _share(nulls, last.rows), _share(field.nulls, now.rows)
            message = f"Field {name} is empty in {share} of the records, before in {before}."
            severity = WARNING if needs.reads(name) else INFO
            yield Finding(name, NULL_SHARE, severity, before, share, message)


def _new_layouts(now: ObjectShape, known: Sequence[ObjectShape]) -> Iterator[Finding]:
    seen = [layout for shape in known for layout in shape.layouts]
    for layout, difference in unknown_layouts(now.layouts, seen, ROWS_FOR_A_SHARE):
        files = f"File {layout.example}"
        if layout.files > 1:
            files = f"{layout.files} files ({layout.example} and others)"
        message = f"{files} have columns as in no file before: {difference}."
        if layout.files == 1:
            message = message.replace(" have ", " has ", 1)
        yield Finding("", HEADER_VARIANT, WARNING, "", f"{layout.example}: {difference}", message)


def _kinds(field: FieldShape) -> str:
    if len(field.kinds) == 1:
        return f"{field.kind} values"
    return " and ".join(f"{n:,} {kind}" for kind, n in field.kinds.items()) + " values"


def _share(part: int, whole: int) -> str:
    return f"{(200 * part + whole) // (2 * whole)} %"
