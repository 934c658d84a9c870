"""`finsync explain`: why an invoice was matched as it was, from what is stored.

Belongs here: arguments, messages, exit codes. Not here: what is told (lineage/explaining.py) and
printing (report/explain.py).
"""

from __future__ import annotations

import dataclasses
import json
import sys
from typing import TYPE_CHECKING

import click
from rich.text import Text

if TYPE_CHECKING:
    from finsync_dagster.lineage.explanation import InvoiceExplained
    from finsync_dagster.lineage.shelf import Shelf
    from finsync_dagster.orchestration.workshop import Workshop


@click.command()
@click.argument("invoice")
@click.option("--entity", "-e", help="Only invoices to this legal entity.")
@click.option("--line", "-l", "line_no", help="Only this line.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def explain(invoice: str, entity: str | None, line_no: str | None, as_json: bool) -> None:
    """Show why an invoice was matched as it was: every figure, its limit, and who says so.

    INVOICE is the number the supplier gave it, the number its own system gave it, or its canonical
    id. Several invoices of one number are shown one after another. Reads only, and tells what the
    last run decided; exits 1 if there is no such invoice or line.
    """
    from finsync_dagster.cli import console
    from finsync_dagster.orchestration.explained import stored_shelf
    from finsync_dagster.report import explain as report
    from finsync_dagster.report.text import shown
    from finsync_dagster.shell import usable_workshop

    shop = usable_workshop()
    _require_entity(shop, entity)
    shelf = stored_shelf(shop.lake)
    found = _explained(shop, shelf, invoice, entity)
    chosen = [each for each in found if line_no is None or each.lines]
    if line_no is not None:
        chosen = [only for each in found if (only := _only(each, line_no)).lines]
    if as_json:
        click.echo(json.dumps(report.as_json(chosen), indent=1))
    elif not chosen:
        said = _no_line(found, line_no) if found else _nothing(shelf, invoice, entity)
        console.print(shown(said, 1_000), width=min(console.width, 80))
    else:
        if len(chosen) > 1:
            console.print(Text(f"{len(chosen)} invoices answer to this number:"))
        for each in chosen:
            report.print_explained(each, console)
    sys.exit(0 if chosen else 1)


def _explained(
    shop: Workshop, shelf: Shelf, invoice: str, entity: str | None
) -> list[InvoiceExplained]:
    from finsync_dagster.lineage.explaining import Books, explain
    from finsync_dagster.lineage.invoices_named import invoices_named

    found = invoices_named(shelf, invoice.strip(), entity)
    if not found:
        return []
    register = shop.state.read_exceptions(sorted({row["entity_id"] for row in found}))
    entities = shop.landscape.legal_entities
    books = Books(register, {name: each.functional_currency for name, each in entities.items()})
    return [explain(shelf, row, books) for row in found]


def _only(found: InvoiceExplained, line_no: str) -> InvoiceExplained:
    wanted = line_no.strip().lstrip("0")
    lines = tuple(line for line in found.lines if line.line_no.lstrip("0") == wanted)
    return dataclasses.replace(found, lines=lines)


def _no_line(found: list[InvoiceExplained], line_no: str | None) -> str:
    there = "; ".join(
        f"{each.number} of {each.entity_id} has "
        + (", ".join(line.line_no for line in each.lines) or "none")
        for each in found
    )
    return f"No line {line_no}. Lines: {there}."


def _nothing(shelf: Shelf, invoice: str, entity: str | None) -> str:
    from finsync_dagster.lineage.invoices_named import invoices_named, similar_numbers

    where = f" in {entity}" if entity else ""
    said = f"No invoice answers to {invoice}{where}."
    elsewhere = invoices_named(shelf, invoice.strip()) if entity else []
    if elsewhere:
        names = ", ".join(sorted({row["entity_id"] for row in elsewhere}))
        return f"{said} There is one in {names}."
    similar = similar_numbers(shelf, invoice, entity)
    if similar:
        return f"{said} Numbers like it: {', '.join(similar)}."
    return (
        f"{said} It may not have been entered yet, or wait in quarantine (finsync quarantine ls), "
        "or nothing was run yet (finsync run)."
    )


def _require_entity(shop: Workshop, entity: str | None) -> None:
    from finsync_dagster.orchestration.launch import UnknownNameError

    known = list(shop.landscape.legal_entities)
    if entity is not None and entity not in known:
        raise UnknownNameError(f"no legal entity {entity}; there are: {', '.join(known)}")
