"""The result tables of invoices, put together from what was decided.

Belongs here: outcome and reason per invoice line and per invoice. Not here: the decisions.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from finsync_dagster.matching.allocation.allocate import HEADER_TOTAL
from finsync_dagster.matching.checks.small_differences import BALANCE_SMALL_DIFF, DOCUMENT
from finsync_dagster.matching.figures.exact import to_qty
from finsync_dagster.matching.figures.positions import INVOICE_POS, looked_up
from finsync_dagster.matching.linking.references import NO_PO
from finsync_dagster.matching.outcomes import DECIDED
from finsync_dagster.matching.tables import OUTCOMES
from finsync_dagster.matching.tolerance import DOC_ARITHMETIC
from finsync_dagster.money import AMOUNT, QTY

_ZERO = pl.lit(0, dtype=AMOUNT)

_CLEAN = {
    "NOT_REQUIRED": "Nothing here has to be compared with an order.",
    "MATCHED": "Agrees with the order and what was received.",
    "MATCHED_WITHIN_TOLERANCE": "Differs from the order or what was received within the policy.",
    "MATCHED_SMALL_DIFF": "Differs by so little that the policy has it posted away.",
    "PENDING_RECEIPT": "Nothing was received yet.",
    "PARTIALLY_MATCHED": "Only a part of it is covered by receipts.",
    "NO_PO": "Names no order.",
    "BLOCKED": "Disagrees with the order.",
    "REJECTED_DUPLICATE": "A copy of an earlier invoice.",
}
"""The sentence where no note says more."""


def line_results(
    lines: pl.DataFrame,
    decided: Iterable[pl.DataFrame],
    blocked: pl.DataFrame,
    copied: pl.DataFrame,
    stretches: pl.DataFrame,
    totals: pl.DataFrame,
    notes: pl.DataFrame,
) -> pl.DataFrame:
    """One row per line of a live invoice, without the columns that name the run.

    Args:
        lines: all lines.
        decided: the lines decided, in frames with at least ``DECIDED``.
        blocked: ``invoice_line_id`` of lines that a gate blocks, whatever was decided.
        copied: ``invoice_line_id`` of lines of an exact copy: rejected, whatever else is said.
        stretches: valued allocations.
        totals: what they add up to (by_event.py).
        notes: what there is to say (a frame of NOTES), in the order to be read.
    """
    known = pl.concat([frame.select(DECIDED) for frame in decided], rechunk=True)
    all_lines = lines
    for side in (known, _allocated(stretches, totals)):
        found = looked_up(lines["event_no"], side, "event_no", lines.height)
        all_lines = all_lines.hstack(found)
    remarks = _remarks(blocked, copied, notes)
    keys = lines.select("invoice_line_id")
    said = keys.join(remarks, on="invoice_line_id", how="left", maintain_order="left")
    all_lines = all_lines.hstack(said.drop("invoice_line_id"))
    gate, copy = (pl.col(name).fill_null(False) for name in ("_gate", "_copy"))
    without_order = (pl.col("problem") == NO_PO).fill_null(False)
    outcome = (
        pl.when(copy)
        .then(pl.lit("REJECTED_DUPLICATE"))
        .when(gate & without_order)
        .then(pl.lit("NO_PO"))
        .when(gate)
        .then(pl.lit("BLOCKED"))
        .otherwise(pl.col("outcome"))
    )
    all_lines = all_lines.with_columns(
        pl.col("amount_allocated").fill_null(_ZERO),
        outcome=outcome,
        po_id=pl.coalesce("order_id", "po_id"),
        po_line_id="link_id",
        payable_amount=pl.when(gate | copy).then(_ZERO).otherwise("payable_amount"),
    )
    return all_lines.with_columns(reason=_reason())


def _remarks(blocked: pl.DataFrame, copied: pl.DataFrame, notes: pl.DataFrame) -> pl.DataFrame:
    """Per line that anything is to be said of: ``_gate``, ``_copy``, ``said``, ``release``."""
    told = _told(notes, "invoice_line_id")
    for marked, name in ((blocked, "_gate"), (copied, "_copy")):
        mark = marked.select("invoice_line_id", pl.lit(True).alias(name))
        told = told.join(mark, on="invoice_line_id", how="full", coalesce=True)
    return told


def _allocated(stretches: pl.DataFrame, totals: pl.DataFrame) -> pl.DataFrame:
    # Only a total bills several order lines at once, maybe in several units.
    by_total = stretches.filter(pl.col("method") == HEADER_TOTAL).group_by("event_no")
    spread = by_total.agg(pl.col("po_line_id").n_unique()).filter(pl.col("po_line_id") > 1)
    one_unit = ~pl.col("event_no").is_in(spread["event_no"].implode())
    return totals.select(
        "event_no",
        amount_allocated="covered_at_po_price",
        qty_allocated=pl.when((pl.col("receipts") > 0) & one_unit)
        .then(to_qty("covered"))
        .cast(QTY),
    )


def invoice_results(
    invoices: pl.DataFrame,
    lines: pl.DataFrame,
    checks: pl.DataFrame,
    copies: pl.DataFrame,
    notes: pl.DataFrame,
) -> pl.DataFrame:
    """One row per live invoice. A document that does not add up, or bills too much tax, is blocked
    as a whole, with nothing to pay; a copy (``copies``: ``invoice_id``) is rejected as a whole.
    """
    rank = pl.col("outcome").replace_strict(
        {name: n for n, name in enumerate(OUTCOMES)}, return_dtype=pl.Int64
    )
    clear = ["NOT_REQUIRED", "MATCHED", "REJECTED_DUPLICATE"]
    lines = lines.select(
        "invoice_id",
        INVOICE_POS,
        "event_no",
        "outcome",
        "payable_amount",
        "release",
        message="reason",
        _rank=rank,
    )
    told = lines.filter(~pl.col("outcome").is_in(clear)).sort(
        "_rank", "event_no", descending=[True, False]
    )
    worst = lines.group_by(INVOICE_POS).agg(
        pl.col("_rank").max(), _payable=pl.col("payable_amount").sum()
    )
    every = pl.int_range(invoices.height, eager=True)
    both = invoices.hstack(looked_up(every, worst, INVOICE_POS, invoices.height))
    for side in (_of_documents(checks), copies.select("invoice_id", _copy=pl.lit(True))):
        both = both.join(side, on="invoice_id", how="left", maintain_order="left")
    flags = ("_blocked", "_small", "_varies", "_copy")
    blocked, small, varies, copy = (pl.col(c).fill_null(False) for c in flags)
    level = pl.max_horizontal(
        pl.col("_rank").fill_null(0),
        pl.when(copy)
        .then(OUTCOMES.index("REJECTED_DUPLICATE"))
        .when(blocked)
        .then(OUTCOMES.index("BLOCKED"))
        .when(small)
        .then(OUTCOMES.index("MATCHED_SMALL_DIFF"))
        .when(varies)
        .then(OUTCOMES.index("MATCHED_WITHIN_TOLERANCE"))
        .otherwise(0),
    )
    outcome = level.replace_strict(dict(enumerate(OUTCOMES)), return_dtype=pl.String)
    # What does not add up by so little that it is posted away is paid as well.
    posted_away = pl.when(small).then("_unbalanced").fill_null(_ZERO).cast(AMOUNT)
    payable = pl.col("_payable").fill_null(_ZERO) + posted_away
    both = both.with_columns(
        outcome=outcome,
        payable_amount=pl.when(blocked).then(_ZERO).otherwise(payable),
    )
    repeated = told.select("invoice_id", "message", "release").unique(maintain_order=True)
    own = notes.select("invoice_id", "message", "release").drop_nulls("invoice_id")
    told = _told(pl.concat([own, repeated]), "invoice_id")
    both = both.join(told, on="invoice_id", how="left", maintain_order="left")
    return both.with_columns(reason=_reason())


def _of_documents(checks: pl.DataFrame) -> pl.DataFrame:
    return (
        checks.filter(pl.col("subject_type") == "invoice")
        .group_by(invoice_id="subject_id")
        .agg(
            _blocked=(pl.col("effect") == "block").any(),
            _varies=(pl.col("variance_abs") != 0).any(),
            _small=(
                (pl.col("check") == BALANCE_SMALL_DIFF)
                & (pl.col("basis") == DOCUMENT)
                & pl.col("passed")
            ).any(),
            _unbalanced=(pl.col("actual") - pl.col("expected"))
            .filter(pl.col("check") == DOC_ARITHMETIC)
            .sum(),
        )
    )


_SHOWN = 3


def _told(notes: pl.DataFrame, key: str) -> pl.DataFrame:
    """Per ``key``: ``said``, the first sentences and how many more there are, and ``release``."""
    told = notes.select(key, "message", "release").drop_nulls(key)
    alone = told[key].is_unique()
    single, several = told.filter(alone), told.filter(~alone)
    return pl.concat([single.select(key, said="message", release="release"), _joined(several, key)])


def _joined(notes: pl.DataFrame, key: str) -> pl.DataFrame:
    told = notes.group_by(key, maintain_order=True).agg("message", "release")
    count, releases = pl.col("message").list.len(), pl.col("release").list.drop_nulls()
    first = pl.col("message").list.head(_SHOWN).list.join(" ")
    each = releases.list.unique(maintain_order=True).list.head(_SHOWN).list.join(" ")
    more = pl.when(count > _SHOWN).then(pl.format("{} And {} more.", first, count - _SHOWN))
    return told.select(
        key,
        said=more.otherwise(first),
        release=pl.when(releases.list.len() > 0).then(each),
    )


def _reason() -> pl.Expr:
    clean = pl.col("outcome").replace_strict(_CLEAN, return_dtype=pl.String)
    return pl.coalesce("said", clean)
