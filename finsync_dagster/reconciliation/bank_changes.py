"""Money sent to a bank account that had just been entered for a supplier.

Belongs here: BANK_CHANGE_UNVERIFIED. Not here: finding the changes (canonical/bank_changes.py).
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.matching.telling.notes import Note
from finsync_dagster.matching.telling.text import day, money
from finsync_dagster.reconciliation.payments import MOVED

BANK_CHANGE_UNVERIFIED = "BANK_CHANGE_UNVERIFIED"

_DAYS = 90
"""After so many days without a payment the account is no news; longer than any usual terms."""


def bank_change_notes(docs: Documents) -> list[Note]:
    """A note per change of a supplier's bank account that a payment followed within 90 days.

    No system that is read says who verified a change (a call back to a number known before is what
    auditors ask for): it counts as unverified until the exception is waived, for which finsync asks
    for a second person. A change back to the account before takes the note away.
    """
    changes = docs.bank_changes
    if changes.is_empty():
        return []
    paid = docs.payments.filter(pl.col("status_canon").is_in(MOVED) & (pl.col("amount") > 0))
    since = (pl.col("payment_date") - pl.col("changed_on")).dt.total_days()
    names = docs.suppliers.select("supplier_src_id", "supplier_no", "name")
    found = (
        changes.join(paid, on="supplier_src_id")
        .filter(since.is_between(0, _DAYS))
        .join(names, on="supplier_src_id")
        .sort("supplier_src_id", "changed_on", "payment_date", "payment_id")
        .unique(["supplier_src_id", "changed_on"], keep="first", maintain_order=True)
    )
    return [
        Note(
            reason_code=BANK_CHANGE_UNVERIFIED,
            subject_type="supplier",
            subject_id=row["supplier_src_id"],
            subject_label=row["supplier_no"],
            supplier_src_id=row["supplier_src_id"],
            amount=row["amount"],
            ccy=row["ccy"],
            message=f"The bank account of supplier {row['supplier_no']} ({row['name']}) was "
            f"changed on {day(row['changed_on'])}; payment {row['payment_no']} of "
            f"{day(row['payment_date'])} over {money(row['amount'], row['ccy'])} was the first "
            "after it, and no system says that anyone verified the change.",
            counter_key=day(row["changed_on"]),
        )
        for row in found.iter_rows(named=True)
    ]
