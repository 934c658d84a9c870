"""What a policy may ask of a document: its order, item, supplier, match type, day and currency.

Belongs here: looking these up for the few rows that need them. Not here: which rule wins
(scopes.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.landscape.policy_model import Policy, ToleranceRule
from finsync_dagster.matching.figures.functional import (
    functional_currency,
    referred,
    with_functional_rate,
)
from finsync_dagster.matching.policy.evaluate import RATE
from finsync_dagster.matching.policy.ruling import RULE
from finsync_dagster.matching.policy.scopes import (
    CATEGORY,
    DAY,
    ITEM,
    LINE,
    MATCH_TYPE,
    ORDER,
    SUPPLIER,
    TOLERANCE_STEPS,
    Names,
    decided,
)
from finsync_dagster.money import RATE_SCALE, to_scaled

_ID = "subject_id"


@dataclass(frozen=True)
class _Kind:
    """Where a type of subject is kept: its document, with the day that counts, and its line."""

    document: str
    key: str
    day: str
    lines: str = ""
    line_key: str = ""


_INVOICE = _Kind("invoices", "invoice_id", "invoice_date")
_ORDER = _Kind("purchase_orders", "po_id", "order_date")
_PAYMENT = _Kind("payments", "payment_id", "payment_date")
_ORDER_LINE = _Kind("purchase_orders", "po_id", "order_date", "purchase_order_lines", "po_line_id")
_KINDS = {
    "invoice": _INVOICE,
    "invoice_id": _INVOICE,
    "invoice_line": _Kind(
        "invoices", "invoice_id", "invoice_date", "invoice_lines", "invoice_line_id"
    ),
    "purchase_order": _ORDER,
    "purchase_order_line": _ORDER_LINE,
    "receipt_line": _Kind(
        "purchase_orders", "po_id", "order_date", "receipt_lines", "receipt_line_id"
    ),
    "payment": _PAYMENT,
    "payment_id": _PAYMENT,
}
"""Types of subjects, as check results and reconciliation name them."""


@dataclass(frozen=True)
class DocumentSubjects:
    """The subjects of check results among one entity's documents.

    ``lines`` are invoice lines as matching linked them (``invoice_line_id``, ``link_id``,
    ``order_id``); without them, an invoice line is about the order line it names itself.
    """

    docs: Documents
    policy: Policy
    lines: pl.DataFrame | None = None

    def rates(self, rows: pl.DataFrame) -> pl.DataFrame | None:
        """The rows with ``_rate``; None if nobody knows the currency of the entity's books.

        Of an invoice and its lines the rate it was booked at, else the reference rate of its day
        (matching/figures/functional.py); of any other document the reference rate of its own day.
        """
        if functional_currency(self.docs.functional_rates) is None:
            return None
        numbered = rows.with_row_index("_n")
        known = self._each_kind(numbered, self._rates)
        scaled = to_scaled(pl.col("functional_rate"), RATE_SCALE).alias(RATE)
        return numbered.join(
            known.select("_n", scaled), on="_n", how="left", maintain_order="left"
        ).drop("_n")

    def ruled(self, rows: pl.DataFrame, rules: tuple[ToleranceRule, ...]) -> pl.DataFrame:
        """The rows with ``_rule``: position of the rule about each, null where none is.

        Raises:
            PolicyError: two rules are about the same row, and neither is narrower.
        """
        if rows.is_empty():
            return rows.with_columns(pl.lit(None, dtype=pl.Int32).alias(RULE))
        numbered = rows.with_row_index("_n")
        names = Names(self.docs, self.policy.supplier_groups)
        facts = self._each_kind(numbered, self.facts)
        found = decided(facts, rules, TOLERANCE_STEPS, names)
        return numbered.join(found, on="_n", how="left", maintain_order="left").drop("_n")

    def facts(self, subject_type: str, rows: pl.DataFrame) -> pl.DataFrame:
        """``_n`` of the rows with what rules ask of their subjects; null where it has none.

        Args:
            subject_type: type of all their subjects.
            rows: ``_n``, ``subject_id``.

        Raises:
            ValueError: nothing is known of subjects of this type.
        """
        kind, found = _kind(subject_type), self._with_keys(subject_type, rows)
        header: pl.DataFrame = getattr(self.docs, kind.document)
        header = header.select(kind.key, "supplier_src_id", _own_day=kind.day).join(
            found.select(kind.key), on=kind.key, how="semi"
        )
        header = self.docs.golden(header).rename({"golden": SUPPLIER}).drop("supplier_src_id")
        found = found.join(header, on=kind.key, how="left", maintain_order="left")
        day = pl.coalesce(DAY, "_own_day").alias(DAY)
        return self._with_order_line(found.select("_n", LINE, ORDER, ITEM, SUPPLIER, day))

    def _each_kind(
        self, numbered: pl.DataFrame, look_up: Callable[[str, pl.DataFrame], pl.DataFrame]
    ) -> pl.DataFrame:
        parts = numbered.partition_by("subject_type", as_dict=True, maintain_order=True)
        if not parts:
            return look_up("invoice", numbered)
        return pl.concat([look_up(str(name), part) for (name,), part in parts.items()])

    def _rates(self, subject_type: str, rows: pl.DataFrame) -> pl.DataFrame:
        """``_n``, ``functional_rate``."""
        kind, found = _kind(subject_type), self._with_keys(subject_type, rows)
        document: pl.DataFrame = getattr(self.docs, kind.document)
        mine = document.join(found.select(kind.key), on=kind.key, how="semi")
        rates = self.docs.functional_rates
        if kind.document == _INVOICE.document:
            rated = with_functional_rate(mine, rates)
        else:
            rated = referred(mine.select(kind.key, "ccy", kind.day), rates, pl.col(kind.day))
            rated = rated.rename({"reference_rate": "functional_rate"})
        return found.join(
            rated.select(kind.key, "functional_rate"), on=kind.key, how="left"
        ).select("_n", "functional_rate")

    def _with_keys(self, subject_type: str, rows: pl.DataFrame) -> pl.DataFrame:
        """``_n``, the key of the document, the order line, order and item the row itself names,
        and the day if it is not the document's.
        """
        kind, ids = _kind(subject_type), rows.select("_n", _ID)
        nothing = pl.lit(None, dtype=pl.String)
        named = {LINE: nothing, ORDER: nothing, ITEM: nothing, DAY: pl.lit(None, dtype=pl.Date)}
        if not kind.lines:
            order = {ORDER: pl.col(_ID)} if kind.document == _ORDER.document else {}
            return ids.with_columns(pl.col(_ID).alias(kind.key), **{**named, **order})
        lines: pl.DataFrame = getattr(self.docs, kind.lines)
        lines = lines.join(ids.select(**{kind.line_key: _ID}), on=kind.line_key, how="semi")
        if subject_type == "invoice_line" and self.lines is not None:
            linked = self.lines.select(kind.line_key, po_line_id="link_id", po_id="order_id")
            lines = lines.drop("po_line_id", "po_id").join(linked, on=kind.line_key, how="left")
        named |= {LINE: pl.col("po_line_id"), ORDER: pl.col("po_id")}
        if "item_id" in lines.columns:
            named[ITEM] = pl.col("item_id")
        if subject_type == "receipt_line":
            named[DAY] = pl.col("posting_date")
        mine = lines.select(pl.col(kind.line_key).alias(_ID), kind.key, **named)
        return ids.join(mine, on=_ID, how="left", maintain_order="left")

    def _with_order_line(self, found: pl.DataFrame) -> pl.DataFrame:
        """Adds item, category and match type of the order line."""
        order_lines = self.docs.purchase_order_lines.select(
            pl.col("po_line_id").alias(LINE),
            pl.col("match_type").alias(MATCH_TYPE),
            _item_ordered="item_id",
            _order_of="po_id",
        ).join(found.select(LINE), on=LINE, how="semi")
        found = found.join(order_lines, on=LINE, how="left", maintain_order="left").with_columns(
            pl.coalesce("_item_ordered", ITEM).alias(ITEM),
            pl.coalesce("_order_of", ORDER).alias(ORDER),
        )
        items = self.docs.items.select(
            pl.col("item_id").alias(ITEM), pl.col("category").alias(CATEGORY)
        )
        return found.join(items, on=ITEM, how="left", maintain_order="left").drop(
            "_item_ordered", "_order_of"
        )


def _kind(subject_type: str) -> _Kind:
    if subject_type not in _KINDS:
        raise ValueError(f"the policy knows nothing of a {subject_type}; see policy/subjects.py")
    return _KINDS[subject_type]
