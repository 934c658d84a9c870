"""Supplier records that are one company, kept twice in one system.

Belongs here: SUPPLIER_DUPLICATE. Not here: who is who (identity), nor what different systems keep
of one company, which is as it should be.
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.identity.names import registration
from finsync_dagster.matching.telling.notes import NO_CURRENCY, Note

SUPPLIER_DUPLICATE = "SUPPLIER_DUPLICATE"

_ONE_LIST = ["golden", "source_system", "entity_id"]


def supplier_duplicates(docs: Documents) -> pl.DataFrame:
    """Active records of one golden supplier in one system's list, each later one with the first.

    Lists that a system keeps per legal entity are lists of their own. A record that is blocked or
    inactive has been dealt with. The lower number is the earlier record: systems number upwards.

    Returns:
        ``supplier_src_id``, ``supplier_no``, ``name``, ``tax_id``, ``bank_account_hash`` of the
        later record, the same of the earlier one prefixed ``first_``; sorted by key.
    """
    active = docs.golden(docs.suppliers.filter(pl.col("status") == "active"))
    shared = active.group_by(_ONE_LIST).len().filter(pl.col("len") > 1)
    rows = active.join(shared, on=_ONE_LIST, how="semi").sort(
        pl.col("supplier_no").str.len_bytes(), "supplier_no", "supplier_src_id"
    )
    told = ("supplier_src_id", "supplier_no", "name", "tax_id", "bank_account_hash")
    first = [pl.col(c).first().over(_ONE_LIST).alias(f"first_{c}") for c in told]
    pairs = rows.with_columns(first)
    later = pairs.filter(pl.col("supplier_src_id") != pl.col("first_supplier_src_id"))
    return later.select(*told, *(f"first_{c}" for c in told)).sort("supplier_src_id")


def supplier_notes(pairs: pl.DataFrame) -> list[Note]:
    """A note per later record."""
    return [
        Note(
            reason_code=SUPPLIER_DUPLICATE,
            subject_type="supplier",
            subject_id=row["supplier_src_id"],
            subject_label=row["supplier_no"],
            supplier_src_id=row["supplier_src_id"],
            amount=Decimal(0),
            ccy=NO_CURRENCY,
            message=f"Supplier {row['supplier_no']} ({row['name']}) is {row['first_supplier_no']} "
            f"({row['first_name']}) once more: the two {_shared(row)}.",
            counter_key=row["first_supplier_src_id"],
        )
        for row in pairs.iter_rows(named=True)
    ]


def _shared(row: dict[str, str | None]) -> str:
    tax = registration(row["tax_id"])
    if tax is not None and tax == registration(row["first_tax_id"]):
        return f"have tax registration {row['tax_id']}"
    account = row["bank_account_hash"]
    if account is not None and account == row["first_bank_account_hash"]:
        return "have the same bank account and name"
    return "share an identifier each with a third record"
