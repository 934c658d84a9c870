"""What another policy would change, for a person, a machine or a spreadsheet.

Belongs here: sums, lists, the file for a spreadsheet. Not here: matching (orchestration/shadow.py).
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.text import Text

from finsync_dagster.money import AMOUNT, minor_unit, round_decimal
from finsync_dagster.orchestration.shadow import CHANGES, Shadow, unmet
from finsync_dagster.report.text import plain, shown, spreadsheet_cell

_MONEY = ("released", "blocked")
_NO_RATE = "no exchange rate"


def sums(shadows: Sequence[Shadow]) -> pl.DataFrame:
    """Per legal entity and currency: invoices, money released and blocked."""
    return (
        _all(shadows)
        .group_by("entity_id", "ccy")
        .agg(invoices=pl.len(), **{name: pl.col(name).sum() for name in _MONEY})
        .sort("entity_id", "ccy")
    )


def total(shadows: Sequence[Shadow]) -> dict[str, Any]:
    """Money released and blocked in group currency, and invoices that have no rate for it."""
    changes = _all(shadows)
    unknown = pl.col("released_group").is_null() | pl.col("blocked_group").is_null()
    return {
        "group_ccy": next(iter(changes["group_ccy"].drop_nulls()), None),
        **{name: changes[f"{name}_group"].sum() for name in _MONEY},
        "invoices_without_rate": changes.filter(unknown).height,
    }


def print_shadow(shadows: Sequence[Shadow], limit: int, console: Console) -> None:
    """The two policies, sums, then at most ``limit`` invoices, most money first."""
    for each in shadows:
        changed, told = each.verdicts.height, each.changes.height - each.verdicts.height
        said = (
            f"{each.entity_id}: {each.invoices:,} invoices as of {each.as_of}, policy "
            f"{each.in_force} and {each.proposed} beside it: {changed:,} with another verdict"
        )
        console.print(Text(said + (f", {told:,} with other reasons only" if told else "")))
        _print_total([each], "  in all", console)
        for row in each.orders.iter_rows(named=True):
            console.print(
                Text(f"  orders: {row['reason_code']} +{row['gained']:,} -{row['lost']:,}")
            )
    for rule, what in unmet(shadows).items():
        said = f"noticed: {rule} is about {what}, which none of these legal entities has"
        console.print(Text(said, "yellow"))
    if _all(shadows).is_empty():
        console.print("No invoice would be treated otherwise. Nothing was written.")
        return
    console.print(_sums_table(shadows))
    _print_total(shadows, "in all legal entities", console)
    console.print(_invoice_table(shadows, limit))
    left = _all(shadows).height - limit
    if left > 0:
        console.print(f"and {left:,} more: --limit, --csv or --json shows them")
    console.print("Nothing was written: the policy in force is the same as before.")


def as_json(shadows: Sequence[Shadow]) -> dict[str, Any]:
    """Everything, for machines; amounts as text, so that no digit is lost."""
    return {
        "entities": [
            {
                "entity_id": each.entity_id,
                "in_force": each.in_force,
                "proposed": each.proposed,
                "as_of": each.as_of.isoformat(),
                "invoices": each.invoices,
                "other_verdict": each.verdicts.height,
                "total": {k: _text(v) for k, v in total([each]).items()},
                "orders": each.orders.to_dicts(),
            }
            for each in shadows
        ],
        "rules_about_nothing": unmet(shadows),
        "sums": _texts(sums(shadows)),
        "total": {k: _text(v) for k, v in total(shadows).items()},
        "invoices": _texts(_all(shadows)),
    }


def write_csv(shadows: Sequence[Shadow], path: Path) -> None:
    """One line per invoice, as a spreadsheet opens it without computing anything.

    UTF-8 with a byte-order mark, by which spreadsheets know it.

    Raises:
        OSError: the file cannot be written.
    """
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(CHANGES)
        for row in _texts(_all(shadows)):
            writer.writerow([spreadsheet_cell(value) for value in row.values()])


def _all(shadows: Sequence[Shadow]) -> pl.DataFrame:
    return pl.concat([pl.DataFrame(schema=CHANGES), *(each.changes for each in shadows)])


def _sums_table(shadows: Sequence[Shadow]) -> Any:
    table = plain(
        "Money that may be paid, net",
        "entity",
        "currency",
        "invoices",
        "released",
        "blocked",
        right=("invoices", *_MONEY),
    )
    for row in sums(shadows).iter_rows(named=True):
        amounts = [_amount(row[name], row["ccy"]) for name in _MONEY]
        table.add_row(shown(row["entity_id"]), row["ccy"], f"{row['invoices']:,}", *amounts)
    return table


def _print_total(shadows: Sequence[Shadow], where: str, console: Console) -> None:
    found = total(shadows)
    ccy, missing = found["group_ccy"], found["invoices_without_rate"]
    if ccy:
        said = ", ".join(f"{_amount(found[name], ccy)} {ccy} {name}" for name in _MONEY)
        left_out = f" ({missing:,} invoices left out: {_NO_RATE})" if missing else ""
        console.print(Text(f"{where}: {said}{left_out}"))


def _invoice_table(shadows: Sequence[Shadow], limit: int) -> Any:
    table = plain(
        "Invoices",
        "entity",
        "invoice",
        "supplier",
        "from",
        "to",
        "released",
        "blocked",
        "",
        "reasons",
        right=_MONEY,
    )
    moved = pl.max_horizontal("released_group", "blocked_group")
    ordered = _all(shadows).sort(moved, "entity_id", "invoice_id", descending=[True, False, False])
    for row in ordered.head(limit).iter_rows(named=True):
        signs = [f"+{c}" for c in _codes(row["reasons_gained"])]
        signs += [f"-{c}" for c in _codes(row["reasons_lost"])]
        table.add_row(
            shown(row["entity_id"]),
            shown(row["invoice_no"], 30),
            shown(row["supplier"], 30),
            row["outcome_from"],
            row["outcome_to"],
            _amount(row["released"], row["ccy"]),
            _amount(row["blocked"], row["ccy"]),
            row["ccy"],
            shown(" ".join(signs), 200),
        )
    return table


def _codes(listed: str) -> list[str]:
    return listed.split(", ") if listed else []


def _amount(value: Any, ccy: str) -> str:
    return f"{round_decimal(value, minor_unit(ccy)):,f}" if value is not None else _NO_RATE


def _texts(frame: pl.DataFrame) -> list[dict[str, Any]]:
    plainly = [n for n, dtype in frame.schema.items() if dtype in (AMOUNT, pl.Date)]
    return frame.with_columns(pl.col(plainly).cast(pl.String)).to_dicts()


def _text(value: Any) -> Any:
    return value if value is None or isinstance(value, int | str) else f"{value:f}"
