"""One invoice booked for two suppliers that are one, or for two legal entities of the group.

Belongs here: equal number, currency and total where supplier or legal entity differs. Not here: who
is who (identity), nor which invoices of the group are at hand (canonical/documents.py).
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.identity.names import registration
from finsync_dagster.matching.linking.duplicates import counting
from finsync_dagster.reconciliation.duplicates.pairs import as_pairs, no_pairs, with_company
from finsync_dagster.reconciliation.duplicates.rules import OTHER_ENTITY, OTHER_SUPPLIER

_BILL = ["side", "invoice_no_norm", "ccy", "gross"]


def other_suppliers(invoices: pl.DataFrame, docs: Documents) -> pl.DataFrame:
    """Pairs of two suppliers that share a bank account or a tax registration."""
    rows = with_company(
        invoices.filter((pl.col("invoice_no_norm") != "") & (pl.col("gross") != 0)), _BILL
    ).with_row_index("place")
    met = rows.join(rows, on=_BILL, suffix="_2").filter(
        (pl.col("place") > pl.col("place_2")) & (pl.col("golden") != pl.col("golden_2"))
    )
    if met.is_empty():
        return no_pairs()
    marks = _marks(docs, pl.concat([met["golden"], met["golden_2"]]).unique())
    shared = met.join(marks, on="golden").join(
        marks.rename({"golden": "golden_2"}), on=["golden_2", "mark"], how="semi"
    )
    firsts = shared.sort("place", "place_2").unique("place", keep="first", maintain_order=True)
    return as_pairs(firsts.rename({"invoice_id_2": "earlier_invoice_id"}), OTHER_SUPPLIER)


def _marks(docs: Documents, goldens: pl.Series) -> pl.DataFrame:
    """``golden``, ``mark``: bank accounts and tax registrations of the suppliers."""
    mine = docs.golden(docs.suppliers).filter(pl.col("golden").is_in(goldens.implode()))
    taxes = [registration(value) for value in mine["tax_id"]]
    marks = mine.select("golden", bank="bank_account_hash", tax=pl.Series(taxes, dtype=pl.String))
    return (
        marks.unpivot(index="golden", variable_name="kind", value_name="value")
        .drop_nulls("value")
        .select("golden", mark=pl.concat_str("kind", "value", separator=":"))
        .unique()
    )


def other_entities(invoices: pl.DataFrame, docs: Documents) -> pl.DataFrame:
    """Pairs with an earlier invoice of the same supplier to another legal entity.

    The later of the two is reported, in its own legal entity; of one day, the greater key.
    """
    if docs.group_invoices.is_empty():
        return no_pairs()
    theirs = counting(docs.group_invoices, docs).select(
        "golden", *_BILL, earlier_invoice_id="invoice_id", earlier_date="invoice_date"
    )
    numbered = invoices.filter((pl.col("invoice_no_norm") != "") & (pl.col("gross") != 0))
    met = numbered.join(theirs, on=["golden", *_BILL])
    earlier = (pl.col("earlier_date") < pl.col("invoice_date")) | (
        (pl.col("earlier_date") == pl.col("invoice_date"))
        & (pl.col("earlier_invoice_id") < pl.col("invoice_id"))
    )
    found = met.filter(earlier).sort("invoice_id", "earlier_date", "earlier_invoice_id")
    firsts = found.unique("invoice_id", keep="first", maintain_order=True)
    return as_pairs(firsts, OTHER_ENTITY)
