"""The result tables of invoices, put together from what was decided.

Belongs here: outcome and reason per invoice line and per invoice. Not here: the decisions.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from finsync_dagster.matching.exact import to_qty
from finsync_dagster.matching.outcomes import DECIDED
from finsync_dagster.matching.references import NO_PO
from finsync_dagster.matching.tables import OUTCOMES
from finsync_dagster.money import AMOUNT, QTY

_ZERO = pl.lit(0, dtype=AMOUNT)

_CLEAN = {
    "NOT_REQUIRED": "Nothing here has to be compared with an order.",
    "MATCHED": "Agrees with the order and what was received.",
    "MATCHED_WITHIN_TOLERANCE": "Differs from the order or what was received within the policy.",
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
    notes: pl.DataFrame,
) -> pl.DataFrame:
    """One row per line of a live invoice, without the columns that name the run.

    Args:
        lines: all lines.
        decided: the lines decided, in frames with at least ``DECIDED``.
        blocked: ``invoice_line_id`` of lines that a gate blocks, whatever was decided.
        copied: ``invoice_line_id`` of lines of an exact copy: rejected, whatever else is said.
        stretches: valued allocations.
        notes: what there is to say (a frame of NOTES), in the order to be read.
    """
    known = pl.concat([frame.select(DECIDED) for frame in decided])
    all_lines = lines.join(known, on="invoice_line_id", how="left")
    all_lines = all_lines.join(_allocated(stretches), on="invoice_line_id", how="left")
    for marked, name in ((blocked, "_gate"), (copied, "_copy")):
        mark = marked.select("invoice_line_id", pl.lit(True).alias(name))
        all_lines = all_lines.join(mark, on="invoice_line_id", how="left")
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
    return (
        _with_reason(all_lines.with_columns(outcome=outcome), notes, "invoice_line_id")
        .with_columns(
            pl.col("amount_allocated").fill_null(_ZERO),
            po_id=pl.coalesce("order_id", "po_id"),
            po_line_id="link_id",
            payable_amount=pl.when(gate | copy).then(_ZERO).otherwise("payable_amount"),
        )
        .sort("invoice_line_id")
    )


def _allocated(stretches: pl.DataFrame) -> pl.DataFrame:
    real = stretches.filter(pl.col("receipt_line_id").is_not_null())
    one_line = pl.col("po_line_id").n_unique() == 1
    totals = real.group_by("invoice_line_id").agg(
        _qty=pl.when(one_line).then(pl.col("qty").sum()),
        amount_allocated=pl.col("amount_at_po_price").sum(),
    )
    return totals.with_columns(qty_allocated=to_qty("_qty").cast(QTY)).drop("_qty")


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
    told = lines.filter(~pl.col("outcome").is_in(clear)).sort(
        rank, "event_no", descending=[True, False]
    )
    worst = lines.group_by("invoice_id").agg(
        _rank=rank.max(), _payable=pl.col("payable_amount").sum()
    )
    both = invoices.join(worst, on="invoice_id", how="left")
    for side in (_of_documents(checks), copies.select("invoice_id", _copy=pl.lit(True))):
        both = both.join(side, on="invoice_id", how="left")
    flags = ("_blocked", "_varies", "_copy")
    blocked, varies, copy = (pl.col(c).fill_null(False) for c in flags)
    level = pl.max_horizontal(
        pl.col("_rank").fill_null(0),
        pl.when(copy)
        .then(OUTCOMES.index("REJECTED_DUPLICATE"))
        .when(blocked)
        .then(OUTCOMES.index("BLOCKED"))
        .when(varies)
        .then(OUTCOMES.index("MATCHED_WITHIN_TOLERANCE"))
        .otherwise(0),
    )
    outcome = level.replace_strict(dict(enumerate(OUTCOMES)), return_dtype=pl.String)
    both = both.with_columns(
        outcome=outcome,
        payable_amount=pl.when(blocked).then(_ZERO).otherwise(pl.col("_payable").fill_null(_ZERO)),
    )
    repeated = told.select("invoice_id", message="reason", release="release").unique(
        maintain_order=True
    )
    own = notes.select("invoice_id", "message", "release").drop_nulls("invoice_id")
    return _with_reason(both, pl.concat([own, repeated]), "invoice_id").sort("invoice_id")


def _of_documents(checks: pl.DataFrame) -> pl.DataFrame:
    return (
        checks.filter(pl.col("subject_type") == "invoice")
        .group_by(invoice_id="subject_id")
        .agg(
            _blocked=(pl.col("effect") == "block").any(),
            _varies=(pl.col("variance_abs") != 0).any(),
        )
    )


_SHOWN = 3


def _with_reason(frame: pl.DataFrame, notes: pl.DataFrame, key: str) -> pl.DataFrame:
    """Adds ``reason``, the first sentences about the row and how many more there are, and
    ``release``, what would release it (null where nothing has to be released).
    """
    more = pl.len() - _SHOWN
    told = notes.drop_nulls(key).group_by(key, maintain_order=True)
    joined = told.agg(
        _said=pl.col("message").head(_SHOWN).str.join(" "),
        _more=pl.when(pl.len() > _SHOWN)
        .then(pl.format(" And {} more.", more))
        .otherwise(pl.lit("")),
        release=pl.col("release").drop_nulls().unique(maintain_order=True).head(_SHOWN),
    )
    clean = pl.col("outcome").replace_strict(_CLEAN, return_dtype=pl.String)
    found = frame.join(joined, on=key, how="left", maintain_order="left")
    return found.with_columns(
        reason=pl.coalesce(pl.col("_said") + pl.col("_more"), clean),
        release=pl.when(pl.col("release").list.len() > 0).then(pl.col("release").list.join(" ")),
    ).drop("_said", "_more")
