"""Every pair of documents that may be one, by the strongest rule that they share.

Belongs here: the list of rules, in their order. Not here: the rules, nor wording (notes.py).
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.matching.linking.billing import live_invoices
from finsync_dagster.matching.linking.duplicates import DUP_EXACT, counting, exact_copies
from finsync_dagster.matching.match import MatchResult
from finsync_dagster.reconciliation.duplicates.amounts import close_together, same_day
from finsync_dagster.reconciliation.duplicates.deliveries import (
    billed_before,
    proven_apart,
)
from finsync_dagster.reconciliation.duplicates.expenses import paid_as_expense
from finsync_dagster.reconciliation.duplicates.numbers import similar_numbers
from finsync_dagster.reconciliation.duplicates.pairs import (
    EXPENSE,
    as_pairs,
    with_the_first,
)
from finsync_dagster.reconciliation.duplicates.parties import (
    other_entities,
    other_suppliers,
)
from finsync_dagster.reconciliation.duplicates.rules import EXACT, RULES, SAME_NUMBER

DUP_SUSPECT = "DUP_SUSPECT"

_KEY = ["invoice_id", "earlier_invoice_id"]


def duplicates(docs: Documents, match: MatchResult) -> pl.DataFrame:
    """Pairs of an invoice and an earlier document, sorted by key; no pair twice.

    Void invoices, those that credits took back in full, and an invoice with what corrects it are
    no pair. An exact copy is told once: what resembles it resembles its original.

    Returns:
        ``PAIR``, ``reason_code``, and of both documents what a person needs: number, date, total;
        those of the earlier one prefixed ``earlier_``.
    """
    live = live_invoices(docs)
    copies = exact_copies(live, docs)
    invoices = counting(live, docs).join(copies, on="invoice_id", how="anti", maintain_order="left")
    close, numbered = close_together(invoices), _same_number(invoices)
    apart = [proven_apart(close, match), proven_apart(numbered, match, strictly=True)]
    found = pl.concat(
        [
            as_pairs(copies, EXACT),
            numbered.join(apart[1], on=_KEY, how="anti"),
            similar_numbers(invoices),
            other_suppliers(invoices, docs),
            other_entities(invoices, docs),
            same_day(invoices),
            close.join(apart[0], on=_KEY, how="anti"),
            billed_before(docs, match).join(copies, on="invoice_id", how="anti"),
            paid_as_expense(invoices, docs),
        ]
    )
    rank = pl.col("rule").replace_strict({r: n for n, r in enumerate(RULES)}, return_dtype=pl.Int64)
    once = found.sort(rank, *_KEY).unique(_KEY, keep="first", maintain_order=True)
    exact = pl.col("rule") == EXACT
    told = _with_facts(_without_corrections(once, docs), live, docs)
    return told.with_columns(
        reason_code=pl.when(exact).then(pl.lit(DUP_EXACT)).otherwise(pl.lit(DUP_SUSPECT))
    ).sort(_KEY)


def _same_number(invoices: pl.DataFrame) -> pl.DataFrame:
    """Equal numbers over other amounts: equal ones are exact copies, and not among these."""
    numbered = invoices.filter(pl.col("invoice_no_norm") != "")
    return with_the_first(numbered, ["golden", "side", "invoice_no_norm"], SAME_NUMBER)


def _without_corrections(pairs: pl.DataFrame, docs: Documents) -> pl.DataFrame:
    """Without an invoice and the document that says it corrects it."""
    said = docs.invoices.filter(pl.col("corrects_invoice_id").is_not_null())
    links = said.select("invoice_id", earlier_invoice_id="corrects_invoice_id")
    turned = links.select(invoice_id="earlier_invoice_id", earlier_invoice_id="invoice_id")
    return pairs.join(pl.concat([links, turned]), on=_KEY, how="anti", maintain_order="left")


def _with_facts(pairs: pl.DataFrame, live: pl.DataFrame, docs: Documents) -> pl.DataFrame:
    facts = ("invoice_no_supplier", "invoice_date", "ccy", "gross")
    party = ("entity_id", "supplier_src_id")
    others = docs.group_invoices.select("invoice_id", *facts, *party)
    known = pl.concat([live.select("invoice_id", *facts, *party), others])
    of_expenses = docs.expense_lines.select(
        invoice_id="expense_line_id",
        invoice_no_supplier="line_no",
        invoice_date="transaction_date",
        ccy="ccy",
        gross="amount",
        entity_id="entity_id",
        supplier_src_id="merchant",
    ).join(
        pairs.filter(pl.col("earlier_type") == EXPENSE),
        left_on="invoice_id",
        right_on="earlier_invoice_id",
        how="semi",
    )
    asked = pl.concat([pairs["invoice_id"], pairs["earlier_invoice_id"]]).unique()
    known = known.filter(pl.col("invoice_id").is_in(asked.implode()))
    earlier = pl.concat([known, of_expenses]).rename(
        {c: f"earlier_{c}" for c in ("invoice_id", *facts, *party)}
    )
    mine = known.select("invoice_id", *facts, "supplier_src_id").unique("invoice_id")
    return pairs.join(mine, on="invoice_id").join(
        earlier.unique("earlier_invoice_id"), on="earlier_invoice_id"
    )
