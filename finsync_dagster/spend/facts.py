"""Spend facts of one legal entity: every stage, in document, functional and group currency.

Belongs here: putting the stages together, and what to say when a rate is missing or old.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.findings import FINDINGS
from finsync_dagster.spend import stages
from finsync_dagster.spend.currency import Conversion, convert
from finsync_dagster.spend.expenses import expensed
from finsync_dagster.spend.tables import FACTS

_OLD = timedelta(days=7)
_BOOKED = "_booked_rate_date"
_IDENTITY = (
    "stage",
    "entity_id",
    "po_line_id",
    "receipt_line_id",
    "invoice_id",
    "invoice_line_id",
    "payment_id",
)


@dataclass(frozen=True)
class Books:
    """A legal entity, the currency it keeps its books in, and the group's."""

    entity_id: str
    functional_ccy: str
    group_ccy: str


@dataclass(frozen=True)
class SpendResult:
    """``facts``: see tables.py. ``findings``: rates that are missing or old."""

    facts: pl.DataFrame
    findings: pl.DataFrame


def spend_facts(
    docs: Documents,
    order_lines: pl.DataFrame,
    allocations: pl.DataFrame,
    crosswalk: pl.DataFrame,
    books: Books,
    rates: pl.DataFrame,
    as_of: date,
) -> SpendResult:
    """Facts of every stage, sorted by fact_id.

    Args:
        docs: the entity's documents up to ``as_of``.
        order_lines: matching.order_line_status of the entity.
        allocations: matching.allocations of the entity.
        crosswalk: canonical.supplier_crosswalk.
        books: the legal entity and the currencies it reports in.
        rates: canonical fx_rates of one rate type.
        as_of: cut-off; also the day whose rate values what is open.
    """
    parts = {
        "committed": stages.committed(docs, order_lines),
        "open_commitment": stages.open_commitment(order_lines, as_of),
        "received": stages.received(docs, order_lines),
        "invoiced": stages.invoiced(docs, order_lines, allocations),
        "paid": stages.paid(docs),
        "accrued": stages.accrued(order_lines, as_of),
        "expensed": expensed(docs),
    }
    rows = pl.concat(
        [
            FACTS.empty().select("stage"),
            *(f.with_columns(pl.lit(s).alias("stage")) for s, f in parts.items()),
        ],
        how="diagonal",
    )
    rows = _described(rows, docs, crosswalk).with_columns(
        pl.lit(books.entity_id).alias("entity_id"),
        pl.lit(books.functional_ccy).alias("functional_ccy"),
        pl.lit(books.group_ccy).alias("group_ccy"),
        pl.col("fact_date").dt.strftime("%Y-%m").alias("period"),
    )
    functional = Conversion("amount_doc", "ccy", "functional_ccy", "fact_date", "amount_functional")
    group = Conversion(
        "amount_functional", "functional_ccy", "group_ccy", "fact_date", "amount_group"
    )
    booked = convert(rows, rates, functional).rename({"rate_date": _BOOKED}).drop("rate_used")
    priced = convert(booked, rates, group).with_columns(_fact_id())
    facts = FACTS.conform(priced).sort("fact_id")
    return SpendResult(facts, _rate_findings(priced, books))


def _described(rows: pl.DataFrame, docs: Documents, crosswalk: pl.DataFrame) -> pl.DataFrame:
    wanted = {n: t for n, t in FACTS.polars_schema.items() if n not in rows.columns}
    keys = (
        "po_id",
        "receipt_line_id",
        "invoice_id",
        "invoice_line_id",
        "payment_id",
        "expense_line_id",
    )
    missing = [pl.lit(None, dtype=pl.String).alias(k) for k in keys if k in wanted]
    return (
        rows.with_columns(missing)
        .join(docs.items.select("item_id", "category"), on="item_id", how="left")
        .join(crosswalk.select("supplier_src_id", "supplier_id"), on="supplier_src_id", how="left")
    )


def _fact_id() -> pl.Expr:
    ids = {"payment_id": pl.coalesce("payment_id", "expense_line_id")}
    parts = [ids.get(c, pl.col(c)).fill_null("") for c in _IDENTITY]
    # A key people can read and join on, made of the documents themselves.
    return pl.concat_str(parts, separator="|").alias("fact_id")


def _rate_findings(priced: pl.DataFrame, books: Books) -> pl.DataFrame:
    rows = []
    for ccy, part in _by_currency(priced.filter(pl.col("amount_group").is_null())):
        rows.append(
            _finding(
                "FX_RATE_MISSING",
                books.entity_id,
                ccy,
                f"Amounts in {ccy} that could not be converted, for want of a rate on or before "
                f"their day: {part.height}.",
                "Load the missing rates; the amounts are converted with the next run.",
            )
        )
    for ccy, part in _by_currency(_old(priced)):
        age = pl.col("fact_date") - pl.col("used")
        worst = part.sort(age, "fact_date", descending=True).row(0, named=True)
        rows.append(
            _finding(
                "FX_RATE_STALE",
                books.entity_id,
                ccy,
                f"Amounts in {ccy} converted at a rate more than {_OLD.days} days older than they "
                f"are: {part.height}. For {worst['fact_date']} the last rate known is that of "
                f"{worst['used']}.",
                "Load newer rates; the amounts are converted anew with the next run.",
            )
        )
    return pl.DataFrame(rows, schema=FINDINGS.polars_schema).sort(FINDINGS.key)


def _old(priced: pl.DataFrame) -> pl.DataFrame:
    """Conversions at an old rate: the currency converted, the day of the amount and of the rate."""
    used = [
        priced.select("fact_date", "ccy", used=_BOOKED),
        priced.select("fact_date", ccy="functional_ccy", used="rate_date"),
    ]
    return pl.concat(used).filter(pl.col("fact_date") - pl.col("used") > _OLD)


def _by_currency(facts: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    parts = facts.partition_by("ccy", as_dict=True)
    return sorted((str(key[0]), part) for key, part in parts.items())


def _finding(reason: str, entity_id: str, ccy: str, message: str, action: str) -> dict[str, object]:
    return {
        "reason_code": reason,
        "entity_id": entity_id,
        "subject_type": "currency",
        "subject_id": ccy,
        "subject_label": ccy,
        "counter_key": "",
        "supplier_src_id": None,
        "amount_at_risk": 0,
        "ccy": ccy,
        "message": message,
        "action": action,
    }
