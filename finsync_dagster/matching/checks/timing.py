"""Invoices that come too early: before the goods, or before the day agreed for them.

Belongs here: expected and actual of SEQUENCE and DATE_VALUE. Not here: what a failure says
(timing_notes.py), nor invoices dated before their order (gates.py).

Sources: SEQUENCE: receipt before invoice, SAP's goods-receipt-based invoice verification.
DATE_VALUE: SAP tolerance key ST, "date variance (value x days)".
"""

from __future__ import annotations

from functools import partial

import polars as pl

from finsync_dagster.matching.checks.family import Family
from finsync_dagster.matching.checks.late_receipts import NEEDS_RECEIPT, received_later
from finsync_dagster.matching.checks.limited import limited
from finsync_dagster.matching.checks.timing_notes import before_receipt, billed_early
from finsync_dagster.matching.compared import Compared
from finsync_dagster.matching.figures.exact import guard_product
from finsync_dagster.matching.linking.gates import comparable
from finsync_dagster.matching.policy.lines import GRACE_DAYS, INVOICE_BEFORE_RECEIPT
from finsync_dagster.matching.telling.notes import Said
from finsync_dagster.matching.tolerance import Comparison, Limits, differing
from finsync_dagster.money import AMOUNT_SCALE, PRICE, from_scaled, to_scaled

SEQUENCE = "SEQUENCE"
DATE_VALUE = "DATE_VALUE"
RECEIPT_DATE = "receipt date"
DUE_DATE = "due date"


def compare(c: Compared, limits: Limits) -> list[Comparison]:
    """SEQUENCE and DATE_VALUE of every line that bills what has to be received."""
    ruled = INVOICE_BEFORE_RECEIPT in c.book.lines.columns
    return [
        *([_sequence(c)] if ruled or limited(limits, SEQUENCE) else []),
        *([_early(c)] if limited(limits, DATE_VALUE) else []),
    ]


def tell(c: Compared, checks: pl.DataFrame) -> list[Said]:
    """One note per invoice that came before its goods, and per invoice billed before it was due."""
    sequence = checks.filter(pl.col("check") == SEQUENCE)
    early = checks.filter(pl.col("check") == DATE_VALUE)
    return [
        *(before_receipt(c, sequence, received_later(c)) if sequence.height else []),
        *(billed_early(c, early) if early.height else []),
    ]


def _sequence(c: Compared) -> Comparison:
    """Days by which goods came after their invoice, against the days of grace.

    What follows is what the limits of SEQUENCE say, unless the policy's matching rules say of the
    order line that nothing follows (``invoice_before_receipt: allow``) or that it is blocked for
    good (``block``). ``hold`` is what happens to any line: it waits until its goods are there.
    """
    late = received_later(c)
    ruled = c.book.lines.select(
        link_id="po_line_id",
        _word=_word(c.book.lines, INVOICE_BEFORE_RECEIPT, pl.String),
        _grace=_word(c.book.lines, GRACE_DAYS, pl.Int64).fill_null(0),
    )
    linked = c.lines.select("invoice_line_id", "link_id").join(
        late, on="invoice_line_id", how="semi"
    )
    about = linked.join(ruled, on="link_id", how="left").drop("link_id")
    rows = late.join(about, on="invoice_line_id").filter(
        (pl.col("_word") != "allow").fill_null(True)
    )
    blocked = rows.filter(pl.col("_word") == "block")["invoice_line_id"]
    return differing(
        rows.select(
            subject_type=pl.lit("invoice_line"),
            subject_id="invoice_line_id",
            expected=pl.min_horizontal(pl.col("_grace").fill_null(0), "days").cast(PRICE),
            actual=pl.col("days").cast(PRICE),
        ),
        SEQUENCE,
        RECEIPT_DATE,
        partial(_stopped, blocked) if len(blocked) else None,
    )


def _stopped(blocked: pl.Series, found: pl.DataFrame) -> pl.DataFrame:
    """The check results, those of the lines that the policy blocks for good failed."""
    # A line that is to be blocked is, also where nobody limits the days.
    beyond = ~pl.col("passed") | (pl.col("limit_binding") == "none")
    stopped = beyond & pl.col("subject_id").is_in(blocked.implode())
    return found.with_columns(
        passed=pl.col("passed") & ~stopped,
        effect=pl.when(stopped).then(pl.lit("block")).otherwise("effect"),
    )


def _word(lines: pl.DataFrame, word: str, dtype: type[pl.DataType]) -> pl.Expr:
    """What the policy's matching rules say of order lines; null where they say nothing."""
    return pl.col(word).cast(dtype) if word in lines.columns else pl.lit(None, dtype=dtype)


def _early(c: Compared) -> Comparison:
    """Amount times days by which a line is billed before its goods were to come."""
    early = c.lines.filter(pl.col("due_date") > pl.col("invoice_date"))
    early = early.filter(pl.col("match_type").is_in(NEEDS_RECEIPT) & ~pl.col("credit"))
    early = early.filter(comparable(early, c.failed)).join(
        c.copied, on="invoice_line_id", how="anti"
    )
    days = (pl.col("due_date") - pl.col("invoice_date")).dt.total_days()
    net = to_scaled(pl.col("net_amount"), AMOUNT_SCALE)
    guard_product(early, ("net_amount", AMOUNT_SCALE), days)
    return differing(
        early.select(
            subject_type=pl.lit("invoice_line"),
            subject_id="invoice_line_id",
            expected=pl.lit(0).cast(PRICE),
            actual=from_scaled(net * days.cast(pl.Int128), AMOUNT_SCALE).cast(PRICE),
        ),
        DATE_VALUE,
        DUE_DATE,
    )


FAMILY = Family(checks=(SEQUENCE, DATE_VALUE), compare=compare, tell=tell)
