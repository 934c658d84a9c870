"""Why an invoice was matched as it was, for a person at a terminal of 80 columns, and for machines.

Belongs here: printing. Not here: what is told (lineage/explaining.py). Everything that a source
states goes through ``shown``, so that nothing in it commands the terminal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.text import Text

from finsync_dagster.lineage.explanation import (
    Comparison,
    Consumed,
    InvoiceExplained,
    LineExplained,
    Problem,
    Source,
)
from finsync_dagster.matching.telling.text import money, quantity
from finsync_dagster.report.text import shown

_COLUMNS = 80
_LONGEST = 2_000
_NAME = 10
_EFFECT = {"block": "BLOCKS", "warn": "warns", "none": ""}
_HOW = {
    "explicit": "named by the document",
    "fifo": "oldest receipt first",
    "lifo_credit": "credit, newest first",
    "header_total": "the total equals what was received",
}
_STYLE = {"BLOCKED": "red", "REJECTED_DUPLICATE": "red", "NO_PO": "red", "MATCHED": "green"}
_SHOWN_RECEIPTS = 20


def as_json(found: Sequence[InvoiceExplained]) -> list[dict[str, Any]]:
    """The same for machines: figures and days as text."""
    return [_plain(asdict(each)) for each in found]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, str | bool) else str(value)


def print_explained(invoice: InvoiceExplained, console: Console) -> None:
    """One invoice: what became of it, then line by line why."""
    page = _Page(console)
    page.head(f"Invoice {invoice.number} of {invoice.supplier}", invoice.outcome)
    parts = [f"{money(invoice.net, invoice.ccy)} net"]
    if invoice.tax is not None:
        parts.append(f"{money(invoice.tax, invoice.ccy)} tax")
    parts.append(f"{money(invoice.gross, invoice.ccy)} gross")
    page.fact("Amount", ", ".join(parts))
    if invoice.payable is not None:
        page.fact("Payable", f"{money(invoice.payable, invoice.ccy)} net")
    booked = f", booked {invoice.posting_date}" if invoice.posting_date else ""
    page.fact("Document", f"{invoice.kind}, {invoice.status}, dated {invoice.invoice_date}{booked}")
    page.fact("Entity", invoice.entity_id)
    # What is said of one line alone is said there.
    if invoice.reason not in [line.reason for line in invoice.lines]:
        page.fact("Why", invoice.reason)
        if invoice.release:
            page.fact("Release", invoice.release)
    if invoice.as_of:
        page.fact("Compared", f"as of {invoice.as_of}, policy {invoice.policy}")
    page.comparisons(invoice.comparisons)
    page.problems(invoice.problems)
    for paid in invoice.payments:
        page.fact(
            "Paid",
            f"{money(paid.amount, paid.ccy)} on {paid.paid} by {paid.source.number} "
            f"({paid.source.system}, {paid.method})",
        )
    page.sources(invoice.sources)
    for line in invoice.lines:
        _print_line(line, invoice.ccy, page)


def _print_line(line: LineExplained, ccy: str, page: _Page) -> None:
    kind = "" if line.type == "item" else f" ({line.type})"
    page.head(f"Line {line.line_no}{kind}", line.outcome)
    page.fact("Billed", line.billed)
    if line.ordered:
        page.fact("Ordered", line.ordered)
    if line.due is not None:
        page.fact("Expected", f"{money(line.due, ccy)} net may be billed by this line")
    page.fact("Payable", f"{money(line.payable, ccy)} net")
    if line.reason:
        page.fact("Why", line.reason)
    if line.release:
        page.fact("Release", line.release)
    page.comparisons(line.comparisons)
    if line.uncompared and line.uncompared != line.reason:
        page.fact("Checks", line.uncompared)
    page.receipts(line.consumed, line.other_receipts, ccy)
    if line.variances:
        v = line.variances
        said = (
            f"{money(line.net, ccy)} = {money(v.at_order_price, ccy)} at the order's price, "
            f"{money(v.price, ccy)} price, {_exact(v.rounding, ccy)} rounding"
        )
        if v.beyond:
            said += f", {money(v.beyond, ccy)} beyond what was billed"
        if v.exchange:
            said += f"; exchange {money(v.exchange, v.functional_ccy)}"
        page.fact("Variance", said)
    page.problems(line.problems)
    page.sources(line.sources)


def _exact(value: Any, ccy: str) -> str:
    """Rounding may be less than a minor unit: all its digits, if there is any."""
    return f"{quantity(value)} {ccy}" if value else money(value, ccy)


class _Page:
    """Names on the left, sentences on the right, at most 80 columns."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._width = min(console.width, _COLUMNS)

    def head(self, title: str, outcome: str) -> None:
        text = Text("\n") + shown(title, _LONGEST, style="bold")
        if outcome:
            text += Text(": ") + Text(outcome, style=_STYLE.get(outcome, "yellow"))
        self._console.print(text, width=self._width)

    def fact(self, name: str, said: str) -> None:
        self.text(f"{name:<{_NAME}}", said)

    def text(self, name: str, said: str) -> None:
        lines = shown(said, _LONGEST).wrap(self._console, self._width - _NAME - 2)
        for n, part in enumerate(lines):
            part.rstrip()
            begin = Text("  ") + Text(name if n == 0 else " " * _NAME, style="dim")
            self._console.print(begin + part, soft_wrap=True)

    def comparisons(self, made: Sequence[Comparison]) -> None:
        name = "Checks"
        for each in made:
            figures = ", ".join(part for part in (each.expected, each.actual) if part)
            limit = f" ({each.limit})" if each.limit else ""
            effect = f" {_EFFECT[each.effect]}" if _EFFECT[each.effect] else ""
            difference = f": {each.difference}" if each.difference else ""
            self.fact(name, f"{each.check}{effect}: {figures}{difference}{limit}")
            name = ""

    def receipts(self, mine: Sequence[Consumed], others: Sequence[Consumed], ccy: str) -> None:
        name = "Receipts"
        for each in mine[:_SHOWN_RECEIPTS]:
            worth = f"{quantity(each.quantity, each.uom)} = {money(each.amount, ccy)}"
            if each.source is None:
                self.fact(name, f"{worth}: no receipt")
            else:
                self.fact(
                    name,
                    f"{worth}: receipt {each.source.number} of {each.posted} "
                    f"({each.source.system}), {_HOW.get(each.method, each.method)}",
                )
            name = ""
        if len(mine) > _SHOWN_RECEIPTS:
            self.fact(name, f"and {len(mine) - _SHOWN_RECEIPTS} more; --json lists all")
        for each in others[:_SHOWN_RECEIPTS]:
            left = quantity(each.quantity, each.uom)
            number = each.source.number if each.source else ""
            said = (
                f"not billed by this line: receipt {number} of {each.posted}, {left} left to bill"
            )
            self.fact(name, said)
            name = ""
        if len(others) > _SHOWN_RECEIPTS:
            rest = len(others) - _SHOWN_RECEIPTS
            self.fact(name, f"and {rest} more not billed by this line; --json lists all")

    def problems(self, found: Sequence[Problem]) -> None:
        for each in found:
            self.fact(
                "Exception",
                f"{each.reason_code}, {each.severity}, {money(each.amount, each.ccy)} at risk; "
                f"{each.state}, {each.owner}, due {each.due}. {each.action}",
            )

    def sources(self, found: Sequence[Source]) -> None:
        name = "Says who"
        for each in found:
            self.fact(
                name,
                f"{each.what} {each.number}: {each.system}, {each.object} {each.key}",
            )
            name = ""
