"""What a person sees on a materialization: schemas, counts, money, a small chart.

Belongs here: turning frames and declarations into Dagster metadata.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

import dagster as dg

from finsync_dagster.canonical.mapping import Mapping as CanonicalMapping
from finsync_dagster.canonical.tables.audit import AUDIT_COLUMNS
from finsync_dagster.money import round_decimal
from finsync_dagster.schema import TableSpec

_BAR_CELLS = 24
RawMetadata: TypeAlias = Any
"""A value Dagster accepts as metadata; it does not export the union."""


def column_schema(spec: TableSpec) -> dg.TableSchema:
    """The declared columns, as Dagster shows them: what matters to the business first."""
    columns = sorted(spec.columns(), key=lambda c: c.name in AUDIT_COLUMNS)
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=c.name,
                type=c.sql_type,
                description=c.description,
                constraints=dg.TableColumnConstraints(nullable=c.nullable),
            )
            for c in columns
        ]
    )


def table_facts(spec: TableSpec) -> dict[str, RawMetadata]:
    """Metadata of the table itself, known before any run."""
    return {
        "dagster/column_schema": column_schema(spec),
        "dagster/table_name": spec.full_name,
        "grain": f"one row per {spec.grain}",
        "key": ", ".join(spec.key),
    }


def column_lineage(system: str, mappings: Sequence[CanonicalMapping]) -> dg.TableColumnLineage:
    """Canonical column ← source fields, read off the mappings' expressions."""
    deps: dict[str, list[dg.TableColumnDep]] = {}
    for mapping in mappings:
        for column, fields in mapping.lineage.items():
            deps.setdefault(column, []).extend(
                dg.TableColumnDep(dg.AssetKey(["landing", system, f.object]), f.field)
                for f in fields
            )
    return dg.TableColumnLineage({c: list(dict.fromkeys(d)) for c, d in deps.items()})


def money(amount: Decimal | None, currency: str) -> str:
    """An amount for people: 1,234.56 USD."""
    return f"{round_decimal(amount or Decimal(0), 2):,} {currency}"


def bar_chart(title: str, figures: Mapping[str, Decimal | int], unit: str) -> dg.MetadataValue:
    """A small horizontal bar chart, in text so that it shows wherever Markdown does."""
    top = max((abs(Decimal(v)) for v in figures.values()), default=Decimal(0)) or Decimal(1)
    lines = [f"**{title}** ({unit})", "", "| | | |", "|:--|:--|--:|"]
    for label, value in figures.items():
        cells = int(abs(Decimal(value)) / top * _BAR_CELLS)
        lines.append(f"| {label} | `{'█' * cells or '▏'}` | {value:,} |")
    return dg.MetadataValue.md("\n".join(lines))
