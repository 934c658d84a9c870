"""From an invoice's number to why it was matched as it was.

Belongs here: which stored rows belong to an explanation. Not here: its shape (explanation.py), the
checks in words (comparisons.py), printing (report/explain.py). Nothing is matched anew: what is
told is what is stored, so that it is what was decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from finsync_dagster.lineage.comparisons import Units, comparisons
from finsync_dagster.lineage.documents_beside import payments_of, postings_of, problems_of
from finsync_dagster.lineage.explanation import (
    Consumed,
    InvoiceExplained,
    LineExplained,
    Problem,
    Source,
    Variances,
)
from finsync_dagster.lineage.shelf import Row, Shelf
from finsync_dagster.matching.telling.text import money, price, quantity

_SYSTEM, _OBJECT, _KEY = "source_system", "source_object", "source_pk"


@dataclass(frozen=True)
class Books:
    """What stands beside the tables: open exceptions, currencies of the legal entities."""

    exceptions: pl.DataFrame
    """Of the register, at least those of the invoice's legal entity."""
    functional: Mapping[str, str]


def explain(shelf: Shelf, invoice: Row, books: Books) -> InvoiceExplained:
    """One invoice (a canonical row) with all its lines, in the order of their numbers."""
    key = invoice["invoice_id"]
    result = shelf.one("invoice_results", "invoice_id", key) or {}
    lines = shelf.by("invoice_lines", "invoice_id", [key])
    lines.sort(key=lambda row: (len(row["line_no"]), row["line_no"], row["invoice_line_id"]))
    found = _Found.of(shelf, invoice, lines, books)
    ours = problems_of(books.exceptions, [key])
    postings = postings_of(shelf, invoice, found.receipt_documents)
    return InvoiceExplained(
        entity_id=invoice["entity_id"],
        number=invoice["invoice_no_supplier"],
        invoice_id=key,
        kind=invoice["kind"],
        status=invoice["status_canon"],
        supplier=_supplier(shelf, invoice["supplier_src_id"]),
        invoice_date=invoice["invoice_date"],
        posting_date=invoice["posting_date"],
        ccy=invoice["ccy"],
        net=invoice["net"],
        tax=invoice["tax"],
        gross=invoice["gross"],
        payable=result.get("payable_amount"),
        outcome=result.get("outcome", ""),
        reason=result.get("reason") or _unmatched(invoice),
        release=result.get("release") or "",
        as_of=result.get("as_of"),
        policy=result.get("policy_version", ""),
        comparisons=tuple(comparisons(found.checks.get(key, []), found.units)),
        problems=tuple(ours),
        lines=tuple(found.line(row) for row in lines),
        payments=tuple(payments_of(shelf, key)),
        sources=(source("invoice", invoice["invoice_no_supplier"], invoice), *postings),
    )


def source(what: str, number: str, row: Row) -> Source:
    """Where a canonical row comes from."""
    return Source(what, number, row[_SYSTEM], row[_OBJECT], row[_KEY])


def _unmatched(invoice: Row) -> str:
    if invoice["status_canon"] == "void":
        return "It is void, so that it is compared with nothing."
    return "It was not compared yet: it came after the last run, or that was of an earlier day."


def _supplier(shelf: Shelf, key: str) -> str:
    known = shelf.one("suppliers", "supplier_src_id", key)
    return f"{known['name']} ({key})" if known else key


@dataclass(frozen=True)
class _Found:
    """Everything the lines of one invoice refer to, by id."""

    units: Units
    results: dict[str, Row]
    checks: dict[str, list[Row]]
    order_lines: dict[str, Row]
    orders: dict[str, Row]
    status: dict[str, Row]
    allocations: dict[str, list[Row]]
    receipts: dict[str, Row]
    receipt_status: dict[str, list[Row]]
    problems: pl.DataFrame
    credit: bool

    @classmethod
    def of(cls, shelf: Shelf, invoice: Row, lines: list[Row], books: Books) -> _Found:
        ids = [row["invoice_line_id"] for row in lines]
        results = shelf.by("invoice_line_results", "invoice_line_id", ids)
        allocated = shelf.by("allocations", "invoice_line_id", ids)
        on = {r["po_line_id"] for r in (*results, *allocated)}
        standing = shelf.by("receipt_status", "po_line_id", on)
        checks = shelf.by("check_results", "subject_id", [*ids, invoice["invoice_id"]])
        order_lines = shelf.by("purchase_order_lines", "po_line_id", on)
        orders = {r["po_id"] for r in results} | {r["po_id"] for r in order_lines}
        wanted = {r["receipt_line_id"] for r in (*allocated, *standing)}
        ccy, entity = invoice["ccy"], invoice["entity_id"]
        return cls(
            units=Units(ccy, books.functional.get(entity, ccy)),
            results={r["invoice_line_id"]: r for r in results},
            checks=_grouped(sorted(checks, key=_by_check), "subject_id"),
            order_lines={r["po_line_id"]: r for r in order_lines},
            orders={r["po_id"]: r for r in shelf.by("purchase_orders", "po_id", orders)},
            status={r["po_line_id"]: r for r in shelf.by("order_line_status", "po_line_id", on)},
            allocations=_grouped(
                sorted(allocated, key=lambda r: (r["po_line_id"], r["sequence_no"])),
                "invoice_line_id",
            ),
            receipts={
                r["receipt_line_id"]: r
                for r in shelf.by("receipt_lines", "receipt_line_id", wanted)
            },
            receipt_status=_grouped(
                sorted(standing, key=lambda r: (r["posting_date"], r["receipt_line_id"])),
                "po_line_id",
            ),
            problems=books.exceptions,
            credit=invoice["kind"].startswith("credit"),
        )

    @property
    def receipt_documents(self) -> list[Row]:
        """Receipts that the invoice bills."""
        billed = {a["receipt_line_id"] for rows in self.allocations.values() for a in rows}
        return [self.receipts[key] for key in sorted(billed & set(self.receipts))]

    def line(self, row: Row) -> LineExplained:
        key = row["invoice_line_id"]
        result = self.results.get(key, {})
        on = result.get("po_line_id")
        order_line = self.order_lines.get(on or "")
        order = self.orders.get(result.get("po_id") or (order_line or {}).get("po_id") or "")
        status = self.status.get(on or "", {})
        units = Units(self.units.ccy, self.units.books, status.get("uom_order") or "")
        consumed = [self._consumed(each, units.uom) for each in self.allocations.get(key, [])]
        compared = None
        if result and order_line and result["ccy"] == status.get("ccy"):
            compared = {**result, **self._terms(row, order_line, status)}
        made = comparisons(self.checks.get(key, []), units, compared)
        # Charges and taxes bill no goods.
        others = self._others(key, on or "", units.uom) if row["type"] == "item" else []
        return LineExplained(
            line_no=row["line_no"],
            invoice_line_id=key,
            type=row["type"],
            outcome=result.get("outcome", ""),
            reason=result.get("reason", ""),
            release=result.get("release") or "",
            billed=_billed(row, self.units.ccy),
            ordered=_ordered(order, order_line, status),
            due=result.get("expected_amount"),
            net=row["net_amount"],
            payable=result.get("payable_amount", Decimal(0)),
            comparisons=tuple(made),
            uncompared="" if made else _why_not(row, result, self.credit),
            consumed=tuple(consumed),
            other_receipts=tuple(others),
            variances=self._variances(key, row["net_amount"]),
            problems=tuple(self._problems(key, on)),
            sources=tuple(self._sources(row, order, order_line, key)),
        )

    def _terms(self, row: Row, order_line: Row, status: Row) -> Row:
        """What decides which checks are made of a line, and what stands in their figures."""
        parts = self.allocations.get(row["invoice_line_id"], [])
        over = order_line["over_delivery_pct"] or order_line["unlimited_over"]
        return {
            "match_type": status["match_type"],
            "credit": self.credit or row["net_amount"] < 0,
            "over_delivery": bool(over),
            "specific": any(part["method"] == "explicit" for part in parts),
        }

    def _consumed(self, part: Row, uom: str) -> Consumed:
        receipt = self.receipts.get(part["receipt_line_id"] or "")
        if part["po_line_id"] in self.status:
            uom = self.status[part["po_line_id"]]["uom_order"]
        return Consumed(
            quantity=part["qty"],
            uom=uom,
            amount=part["amount_at_po_price"],
            method=part["method"],
            posted=receipt["posting_date"] if receipt else None,
            source=_receipt(receipt) if receipt else None,
        )

    def _others(self, key: str, on: str, uom: str) -> list[Consumed]:
        mine = {part["receipt_line_id"] for part in self.allocations.get(key, [])}
        rows = [r for r in self.receipt_status.get(on, []) if r["receipt_line_id"] not in mine]
        return [
            Consumed(
                quantity=row["qty_available"] - row["qty_invoiced"],
                uom=uom,
                amount=Decimal(0),
                method="",
                posted=row["posting_date"],
                source=_receipt(self.receipts[row["receipt_line_id"]]),
            )
            for row in rows
            if row["receipt_line_id"] in self.receipts
        ]

    def _variances(self, key: str, net: Decimal) -> Variances | None:
        parts = self.allocations.get(key, [])
        if not parts:
            return None
        names = ("amount_at_po_price", "price_variance", "rounding")
        exact, over, rounded = (sum((p[n] for p in parts), Decimal(0)) for n in names)
        beyond = net - exact - over - rounded
        exchanged = [p["fx_variance"] for p in parts]
        known = None not in exchanged
        exchange = sum(exchanged, Decimal(0)) if known else None
        return Variances(exact, over, rounded, beyond, exchange, self.units.books)

    def _problems(self, key: str, on: str | None) -> list[Problem]:
        return problems_of(self.problems, [key, *([on] if on else [])])

    def _sources(
        self, row: Row, order: Row | None, order_line: Row | None, key: str
    ) -> list[Source]:
        found = [source("invoice line", row["line_no"], row)]
        if order:
            found.append(source("order", order["po_number"], order))
        if order_line:
            found.append(source("order line", order_line["line_no"], order_line))
        billed = [part["receipt_line_id"] for part in self.allocations.get(key, [])]
        known = dict.fromkeys(k for k in billed if k in self.receipts)
        return [*found, *(_receipt(self.receipts[k]) for k in known)]


def _by_check(row: Row) -> tuple[str, str, str]:
    return row["subject_id"], row["check"], row["basis"]


def _grouped(rows: list[Row], key: str) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[key], []).append(row)
    return groups


def _receipt(row: Row) -> Source:
    return source("receipt", f"{row['receipt_no']} line {row['line_no']}", row)


def _billed(row: Row, ccy: str) -> str:
    """``10 EA at 10.30 USD = 103.00 USD``, with what the line says."""
    net = money(row["net_amount"], ccy)
    if row["qty"] is None:
        return f"{net} net, no quantity stated"
    amount = quantity(row["qty"], row["uom"] or "")
    if row["unit_price"] is None:
        return f"{amount} for {net}, no price stated"
    return f"{amount} at {price(row['unit_price'], ccy)}{_per(row['price_unit'])} = {net}"


def _ordered(order: Row | None, line: Row | None, status: Row) -> str:
    if order is None:
        return ""
    placed = f"order {order['po_number']} of {order['order_date']}, {order['status_canon']}"
    if line is None:
        return placed
    amount = quantity(line["qty_ordered"], line["uom_order"] or "")
    what = f"{amount} at {price(line['unit_price'], order['ccy'])}{_per(line['price_unit'])}"
    kind = status.get("match_type") or line["match_type"]
    if kind == "limit" and line["limit_amount"] is not None:
        what = f"up to {money(line['limit_amount'], order['ccy'])}"
    return (
        f"{what}, order {order['po_number']} line {line['line_no']} of {order['order_date']}, "
        f"{order['status_canon']}; match type {kind}"
    )


def _per(price_unit: Decimal | None) -> str:
    return f" per {quantity(price_unit)}" if price_unit and price_unit != 1 else ""


def _why_not(row: Row, result: Row, credit: bool) -> str:
    if not result:
        return "The line was not matched."
    if result["outcome"] == "NOT_REQUIRED":
        return "Nothing here has to be compared with an order."
    if row["type"] != "item":
        return "A charge: what was agreed and what is billed do not differ."
    if credit:
        return "A credit takes back what was billed; of its figures only its own sum is checked."
    return "Nothing could be compared: the reason above comes before any figure."
