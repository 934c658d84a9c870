"""CHARGE_PLANNED and CHARGE_UNPLANNED: freight and other charges against what orders agreed to.

Belongs here: which charges are checked. Not here: what they are compared with (charges.py of the
package above) and wording (charge_notes.py).

Source: SAP tolerance key KW (planned delivery costs), D365 charges matching. Where the order agreed
to charges of a kind, what was billed of it so far is compared with its share for the goods billed
so far; what it did not agree to, with nothing: there the limit is a cap per invoice and kind.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.matching.checks.charge_notes import charge_notes
from finsync_dagster.matching.checks.family import Family
from finsync_dagster.matching.compared import Compared
from finsync_dagster.matching.telling.notes import Said
from finsync_dagster.matching.tolerance import Comparison, Limits, differing

CHARGE_PLANNED = "CHARGE_PLANNED"
CHARGE_UNPLANNED = "CHARGE_UNPLANNED"
LINE = "line"
HEADER = "header"


def _compare(compared: Compared, limits: Limits) -> list[Comparison]:
    if compared.charges.is_empty():
        return []
    charges = compared.charges.filter(~pl.col("credit"))
    # Less than agreed is only told when the invoice bills no more of the kind.
    counts = (pl.col("actual") > pl.col("expected")) | pl.col("last")
    planned = charges.filter(pl.col("planned") & counts)
    unplanned = charges.filter(~pl.col("planned"))
    return [
        differing(rows, check, basis)
        for check, mine in ((CHARGE_PLANNED, planned), (CHARGE_UNPLANNED, unplanned))
        for basis, rows in ((LINE, _of_lines(mine)), (HEADER, _of_headers(mine)))
    ]


def _of_lines(charges: pl.DataFrame) -> pl.DataFrame:
    return charges.filter(pl.col("invoice_line_id").is_not_null()).select(
        "expected", "actual", subject_type=pl.lit("invoice_line"), subject_id="invoice_line_id"
    )


def _of_headers(charges: pl.DataFrame) -> pl.DataFrame:
    """Charges of headers, and discounts not deducted: of all orders of an invoice together."""
    heads = charges.filter(pl.col("invoice_line_id").is_null())
    return heads.group_by(subject_id="invoice_id").agg(
        pl.lit("invoice").alias("subject_type"), pl.col("expected", "actual").sum()
    )


def _tell(compared: Compared, failed: pl.DataFrame) -> list[Said]:
    return charge_notes(compared, failed, CHARGE_PLANNED)


FAMILY = Family(checks=(CHARGE_PLANNED, CHARGE_UNPLANNED), compare=_compare, tell=_tell)
