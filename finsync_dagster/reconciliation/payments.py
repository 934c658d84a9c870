"""Invoices against payments, from both sides.

Belongs here: what is open on each invoice and what is unapplied of each payment. Not here: which
payment settles which invoice (canonical/settlement.py decides that, and only where it is proven).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.canonical.stated_settlement import judged
from finsync_dagster.landscape.model import Domain
from finsync_dagster.matching.linking.billing import live_invoices
from finsync_dagster.matching.telling.notes import Note
from finsync_dagster.matching.telling.text import day, money
from finsync_dagster.matching.tolerance import Limits
from finsync_dagster.money import AMOUNT

OPEN_BALANCE = "OPEN_BALANCE"
MOVED = ("sent", "confirmed")
"""Payments of which the money has left; proposed, failed and void ones settle nothing."""

_ZERO = pl.lit(0, dtype=AMOUNT)


def moved_allocations(docs: Documents) -> pl.DataFrame:
    """Allocations of payments of which the money has left."""
    idle = docs.payments.filter(~pl.col("status_canon").is_in(MOVED))
    return docs.payment_allocations.join(idle, on="payment_id", how="anti")


def payables(
    docs: Documents, limits: Limits, as_of: date, domains: set[Domain], stated_is_current: bool
) -> pl.DataFrame:
    """One row per live invoice, sorted by key.

    Only allocations in the invoice's currency count. Balances stated by a source are those of
    today: they are compared only if the caller says that ``as_of`` is today, and only for an
    entity whose payments are known.
    """
    applied = (
        moved_allocations(docs)
        .group_by("invoice_id", "ccy")
        .agg(
            applied=pl.col("amount_applied").sum(),
            discount=pl.col("discount_taken").sum(),
        )
    )
    invoices = live_invoices(docs).join(
        applied, on=["invoice_id", "ccy"], how="left", maintain_order="left"
    )
    invoices = invoices.with_columns(pl.col("applied", "discount").fill_null(_ZERO)).with_columns(
        open_amount=pl.col("gross") - pl.col("applied") - pl.col("discount")
    )
    comparable = stated_is_current and Domain.PAYMENTS in domains
    compared = _agreement(
        invoices, "invoice_id", "open_amount", "open_amount_stated", limits, comparable
    )
    late = (pl.lit(as_of) - pl.col("due_date")).dt.total_days().clip(0, None)
    overdue = pl.when(pl.col("open_amount") > 0).then(late).otherwise(0)
    return compared.with_columns(
        overdue_days=pl.when(pl.col("due_date").is_not_null()).then(overdue),
        difference=pl.when(pl.col("agrees").is_not_null()).then(
            pl.col("open_amount_stated") - pl.col("open_amount")
        ),
    )


def _agreement(
    frame: pl.DataFrame, key: str, computed: str, stated: str, limits: Limits, comparable: bool
) -> pl.DataFrame:
    """Adds ``agrees``: null where there is nothing to compare."""
    if not comparable:
        return frame.with_columns(agrees=pl.lit(None, dtype=pl.Boolean))
    results = limits.evaluate(
        frame.select(subject_type=pl.lit(key), subject_id=key, expected=computed, actual=stated),
        OPEN_BALANCE,
        "payments",
    )
    verdict = results.select(pl.col("subject_id").alias(key), agrees="passed")
    return frame.join(verdict, on=key, how="left", maintain_order="left")


def payment_applications(docs: Documents, limits: Limits, stated_is_current: bool) -> pl.DataFrame:
    """One row per payment of which the money has left, sorted by key."""
    links = (
        moved_allocations(docs)
        .group_by("payment_id")
        .agg(
            applied=pl.col("amount_applied").sum(),
            invoices=pl.col("invoice_id").n_unique(),
            method=pl.col("method").unique().sort().str.join("+"),
            confidence=pl.col("confidence").unique().sort().str.join("+"),
        )
    )
    payments = docs.payments.filter(pl.col("status_canon").is_in(MOVED)).sort("payment_id")
    # The payment's own method is how it was paid; here it is how its links are known.
    payments = payments.drop("method")
    payments = payments.join(links, on="payment_id", how="left", maintain_order="left")
    payments = payments.with_columns(
        pl.col("applied").fill_null(_ZERO),
        pl.col("invoices").fill_null(0),
        unapplied_stated="unapplied_amount_stated",
    ).with_columns(unapplied=pl.col("amount") - pl.col("applied"))
    return _agreement(
        payments, "payment_id", "unapplied", "unapplied_stated", limits, stated_is_current
    )


def overpaid_notes(rows: pl.DataFrame) -> list[Note]:
    """Notes on invoices paid beyond their total."""
    notes = []
    # A credit has a negative total, from which nothing follows about overpayment.
    overpaid = rows.filter((pl.col("gross") >= 0) & (pl.col("open_amount") < 0))
    for row in overpaid.iter_rows(named=True):
        ccy = row["ccy"]
        said = (
            f"{money(row['applied'], ccy)} paid{_discount(row)} on a total of "
            f"{money(row['gross'], ccy)}: "
            f"{money(-row['open_amount'], ccy)} too much."
        )
        notes.append(_invoice_note(row, "OVERPAID", said))
    return notes


def balance_notes(rows: pl.DataFrame) -> list[Note]:
    """Notes on invoices of which the source states another balance than payments leave."""
    notes = []
    for row in rows.filter(~pl.col("agrees")).iter_rows(named=True):
        ccy = row["ccy"]
        said = (
            f"the source states {money(row['open_amount_stated'], ccy)} open; its total of "
            f"{money(row['gross'], ccy)} less {money(row['applied'], ccy)} of payments allocated "
            f"to it{_discount(row)} leaves {money(row['open_amount'], ccy)}."
        )
        notes.append(_invoice_note(row, "XSYS_VALUE_DRIFT", said))
    return notes


def _discount(row: Mapping[str, Any]) -> str:
    return f" and {money(row['discount'], row['ccy'])} of discount taken" if row["discount"] else ""


def _invoice_note(row: Mapping[str, Any], code: str, said: str) -> Note:
    drift = code == "XSYS_VALUE_DRIFT"
    amount = row["difference"] if drift else row["open_amount"]
    return Note(
        reason_code=code,
        subject_type="invoice",
        subject_id=row["invoice_id"],
        subject_label=row["invoice_no_supplier"],
        supplier_src_id=row["supplier_src_id"],
        amount=amount,
        ccy=row["ccy"],
        message=f"Invoice {row['invoice_no_supplier']}: {said}",
        counter_key="open_amount" if drift else "",
    )


def refused_statements(docs: Documents) -> dict[str, str]:
    """Payment → why what its source says of the invoices it settles does not count."""
    found = judged(docs.payment_applications, docs.payments, docs.invoices)
    first = found.drop_nulls("refused").sort("application_id").group_by("payment_id")
    return dict(first.agg(pl.col("refused").first()).iter_rows())


def payment_notes(rows: pl.DataFrame, refused: Mapping[str, str]) -> list[Note]:
    """A note per payment that is not, or not wholly, allocated to invoices.

    ``refused``: see refused_statements.
    """
    notes = []
    for row in rows.filter(pl.col("unapplied") != 0).iter_rows(named=True):
        ccy = row["ccy"]
        why = refused.get(row["payment_id"])
        part = "of which" if row["invoices"] else "and for"
        message = (
            f"Payment {row['payment_no']} of {day(row['payment_date'])} moved "
            f"{money(row['amount'], ccy)}, {part} {money(row['unapplied'], ccy)} finsync could not "
            f"prove which invoices it settles{': ' + why if why else ''}."
        )
        notes.append(
            Note(
                reason_code="PAID_NOT_INVOICED",
                subject_type="payment",
                subject_id=row["payment_id"],
                subject_label=row["payment_no"],
                supplier_src_id=row["supplier_src_id"],
                amount=row["unapplied"],
                ccy=ccy,
                message=message,
            )
        )
    return notes
