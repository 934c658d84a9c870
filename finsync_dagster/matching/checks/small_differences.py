"""BALANCE_SMALL_DIFF: differences of a whole invoice too small to be worth anybody's time.

Belongs here: the balance of an invoice and what follows if it is small. Not here: the checks whose
differences add up to it.

Source: SAP tolerance key BD (small differences are posted to an account of their own) and
total-based acceptance; Oracle ARC. The balance is what the invoice bills beyond what its order
lines, charges, tax and arithmetic let expect. If it is within the limits (absolute ones: nothing is
expected, so that per cent would allow nothing), and so is each difference, those differences are
accepted. Missing goods, and other figures that are no money, are never small. The policy has to say
so: without a limit above 0 nothing is small.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from finsync_dagster.matching.checks.charges import CHARGE_PLANNED, CHARGE_UNPLANNED
from finsync_dagster.matching.checks.family import Family
from finsync_dagster.matching.checks.tax_lines import TAX_LINE
from finsync_dagster.matching.compared import Compared
from finsync_dagster.matching.figures.exact import guard_prices, value_at_price
from finsync_dagster.matching.linking.billing import QUANTITY
from finsync_dagster.matching.linking.gates import blocking
from finsync_dagster.matching.telling.limit_words import limit_words
from finsync_dagster.matching.telling.notes import Note, Said
from finsync_dagster.matching.telling.text import money
from finsync_dagster.matching.tolerance import (
    DOC_ARITHMETIC,
    LINE_TOTAL,
    PRICE_UNIT,
    TAX_TOTAL,
    Comparison,
    Limits,
    differing,
)
from finsync_dagster.money import AMOUNT, PRICE, minor_unit_expr, round_decimal

BALANCE_SMALL_DIFF = "BALANCE_SMALL_DIFF"
DOCUMENT = "document"
ROUNDING = "rounding"

IN_MONEY = (
    PRICE_UNIT,
    "PRICE_VALUE",
    LINE_TOTAL,
    TAX_LINE,
    TAX_TOTAL,
    CHARGE_PLANNED,
    CHARGE_UNPLANNED,
    DOC_ARITHMETIC,
)
"""Checks whose differences may be small."""
_IN_BALANCE = (TAX_TOTAL, CHARGE_PLANNED, CHARGE_UNPLANNED)
_KEY = ["subject_type", "subject_id"]
_ZERO = pl.lit(0, dtype=PRICE)


def settled(compared: Compared, checks: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    """The check results, with those of invoices whose differences are small passed.

    Such an invoice gets a row of BALANCE_SMALL_DIFF, whose limit decided in their place.
    """
    if not _states_any(limits):
        return checks
    rows = _of_invoices(compared, checks)
    rows = rows.join(_serious(compared, rows), on="invoice_id", how="anti")
    balances = _balances(compared, rows)
    decided = limits.evaluate(_subjects(balances, "balance"), BALANCE_SMALL_DIFF, DOCUMENT)
    small = decided.filter(pl.col("passed") & (pl.col("limit_binding") != "none"))
    single = rows.filter(~pl.col("passed") & (pl.col("check") != PRICE_UNIT))
    each = limits.evaluate(_subjects(single, "variance"), BALANCE_SMALL_DIFF, DOCUMENT)
    large = each.filter(~pl.col("passed")).select("subject_id").unique()
    small = small.join(large, on="subject_id", how="anti")
    return _accepted(checks, rows, small)


def _states_any(limits: Limits) -> bool:
    stated = [limits.by_check[BALANCE_SMALL_DIFF].tolerance]
    stated += [rule.limits for rule in limits.narrower.get(BALANCE_SMALL_DIFF, ())]
    return any(each.upper_abs or each.lower_abs for each in stated)


def _of_invoices(compared: Compared, checks: pl.DataFrame) -> pl.DataFrame:
    """Check results of invoices and lines, with ``invoice_id`` and the signed ``variance``."""
    of_lines = checks.filter(pl.col("subject_type") == "invoice_line")
    mine = compared.lines.filter(
        pl.col("invoice_line_id").is_in(of_lines["subject_id"].unique().implode())
    ).select(subject_id="invoice_line_id", invoice_id="invoice_id")
    of_invoices = checks.filter(pl.col("subject_type") == "invoice")
    rows = pl.concat(
        [
            of_lines.join(mine, on="subject_id"),
            of_invoices.with_columns(invoice_id="subject_id"),
        ]
    )
    return rows.with_columns(variance=pl.col("actual") - pl.col("expected"))


def _serious(compared: Compared, rows: pl.DataFrame) -> pl.DataFrame:
    """``invoice_id`` of invoices that more than money is wrong with; and of credits."""
    failed = rows.filter(~pl.col("passed") & ~pl.col("check").is_in(IN_MONEY))
    mine = compared.lines.join(rows.select("invoice_id").unique(), on="invoice_id", how="semi")
    gated = mine.join(blocking(compared.failed), on="invoice_line_id", how="semi")
    waiting = compared.valued.filter(pl.col("needs_receipt") & ~pl.col("any_received"))
    sides = (failed, gated, mine.filter("credit"), waiting, compared.copies)
    return pl.concat([side.select("invoice_id") for side in sides]).unique()


def _balances(compared: Compared, rows: pl.DataFrame) -> pl.DataFrame:
    """``invoice_id`` and ``balance``, where it is not 0."""
    ids = rows.select("invoice_id").unique()
    document = (pl.col("check") == DOC_ARITHMETIC) & (pl.col("subject_type") == "invoice")
    stated = rows.filter(pl.col("check").is_in(_IN_BALANCE) | document)
    priced = compared.priced.join(ids, on="invoice_id", how="semi")
    valued = compared.valued.join(ids, on="invoice_id", how="semi")
    rounding = compared.lines.filter(pl.col("type") == "rounding").join(
        ids, on="invoice_id", how="semi"
    )
    beyond = pl.max_horizontal(pl.col("invoiced_net") - pl.col("due"), pl.lit(0, dtype=AMOUNT))
    of_total = pl.when("sole").then(pl.col("net_amount") - pl.col("due")).otherwise(beyond)
    parts = [
        stated.select("invoice_id", balance="variance"),
        _of_prices(priced),
        valued.select("invoice_id", balance=of_total.cast(PRICE)),
        rounding.select("invoice_id", balance=pl.col("net_amount").cast(PRICE)),
    ]
    total = pl.concat(parts).group_by("invoice_id").agg(pl.col("balance").sum())
    return total.filter(pl.col("balance") != 0)


def _of_prices(priced: pl.DataFrame) -> pl.DataFrame:
    """What lines bill beyond their quantity at the order's price."""
    billed = priced.filter((pl.col("billing") == QUANTITY) & pl.col("units").is_not_null())
    billed = billed.select(
        "invoice_id",
        "units",
        "minor",
        "net_amount",
        unit_price="po_unit_price",
        price_unit="po_price_unit",
    )
    guard_prices(billed, "units")
    beyond = pl.col("net_amount") - value_at_price("units", pl.col("minor"))
    return billed.select("invoice_id", balance=beyond.cast(PRICE))


def _subjects(rows: pl.DataFrame, actual: str) -> pl.DataFrame:
    return rows.select(
        subject_type=pl.lit("invoice"), subject_id="invoice_id", expected=_ZERO, actual=actual
    )


def _accepted(checks: pl.DataFrame, rows: pl.DataFrame, small: pl.DataFrame) -> pl.DataFrame:
    """Differences in money of small invoices, decided by that limit, and the rows that say so."""
    decided = small.select(
        "limit_binding",
        "limit_value",
        invoice_id="subject_id",
        limit_rule=pl.format("small difference: {}", "limit_rule"),
    )
    of_small = rows.filter(pl.col("check").is_in(IN_MONEY)).drop(
        "limit_binding", "limit_value", "limit_rule"
    )
    passed = of_small.join(decided, on="invoice_id").with_columns(
        passed=pl.lit(True), effect=pl.lit("none")
    )
    columns = checks.columns
    others = checks.join(passed, on=[*_KEY, "check", "basis"], how="anti")
    return pl.concat([others, passed.select(columns), small.select(columns)])


def with_small_differences(decided: pl.DataFrame, checks: pl.DataFrame) -> pl.DataFrame:
    """Decided lines (outcomes.py): those within tolerance of invoices whose balance is small."""
    of_small = checks["check"] == BALANCE_SMALL_DIFF
    if not of_small.any():
        return decided
    small = checks.filter(of_small & checks["passed"] & (checks["basis"] == DOCUMENT))
    if small.is_empty():
        return decided
    accepted = (pl.col("outcome") == "MATCHED_WITHIN_TOLERANCE") & pl.col("invoice_id").is_in(
        small["subject_id"].implode()
    )
    outcome = pl.when(accepted).then(pl.lit("MATCHED_SMALL_DIFF")).otherwise("outcome")
    return decided.with_columns(outcome=outcome)


def _compare(compared: Compared, limits: Limits) -> list[Comparison]:
    """Lines that round by more than a minor unit per line of their invoice."""
    rounds = compared.lines["type"] == "rounding"
    if not rounds.any():
        return []
    rounding = compared.lines.select("invoice_id", "ccy", "net_amount").filter(rounds)
    totals = rounding.group_by("invoice_id", "ccy").agg(_total=pl.col("net_amount").sum())
    mine = compared.lines.join(totals, on="invoice_id", how="semi")
    count = mine.group_by("invoice_id").agg(_n=pl.len().cast(pl.Int64))
    minor_unit = minor_unit_expr(pl.col("ccy")).replace_strict(
        {n: 10 ** (4 - n) for n in range(5)}, return_dtype=pl.Int64
    )
    allowed = (minor_unit * pl.col("_n")).cast(pl.Decimal(38, 0))
    rows = totals.join(count, on="invoice_id")
    rows = rows.filter(pl.col("_total").abs() * 10_000 > allowed)
    found = rows.select("invoice_id", actual=pl.col("_total").cast(PRICE))
    return [differing(_subjects(found, "actual"), BALANCE_SMALL_DIFF, ROUNDING)]


def _tell(compared: Compared, failed: pl.DataFrame) -> list[Said]:
    rows = failed.filter(pl.col("basis") == ROUNDING)
    if rows.is_empty():
        return []
    found = rows.join(compared.invoices, left_on="subject_id", right_on="invoice_id")
    return [_said(row) for row in found.sort("subject_id").iter_rows(named=True)]


def _said(row: dict[str, Any]) -> Said:
    number, ccy = row["invoice_no_supplier"], row["ccy"]
    message = (
        f"Invoice {number} calls {money(row['actual'], ccy)} rounding, which is more than a minor "
        f"unit per line; {limit_words(row, ccy)} for small differences."
    )
    note = Note(
        reason_code="DOC_NOT_BALANCED",
        subject_type="invoice",
        subject_id=row["subject_id"],
        subject_label=number,
        supplier_src_id=row["supplier_src_id"],
        amount=round_decimal(row["variance_abs"], 4),
        ccy=ccy,
        message=message,
        counter_key=ROUNDING,
    )
    return Said(note, invoice_id=row["subject_id"], release="What the amount is really for.")


FAMILY = Family(checks=(BALANCE_SMALL_DIFF,), compare=_compare, tell=_tell)
