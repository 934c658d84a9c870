"""Rates and spend facts of a small ledger."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.identity.tables import SUPPLIER_CROSSWALK
from finsync_dagster.schema import require_valid
from finsync_dagster.spend.facts import Books, SpendResult, spend_facts
from finsync_dagster.spend.tables import FACTS
from tests.matching.ledger import AS_OF, ENTITY, Ledger, on_day

RATES = TABLES["fx_rates"]
_AT = datetime(2024, 1, 1, tzinfo=UTC)
DOLLARS = Books(ENTITY, "USD", "EUR")
"""Books in dollars in a group that reports in euro."""


def rates(*quoted: tuple[str, date, str], base: str = "EUR") -> pl.DataFrame:
    """Canonical rates: (currency, day, units for one unit of the base)."""
    rows = [
        {
            **dict.fromkeys(RATES.polars_schema),
            "from_ccy": base,
            "to_ccy": ccy,
            "rate_date": day,
            "rate_type": "ecb_reference",
            "rate": Decimal(rate),
            "source_deleted": False,
            "landing_row": 0,
            "extracted_at": _AT,
            "valid_from": _AT,
        }
        for ccy, day, rate in quoted
    ]
    return pl.DataFrame(rows, schema=RATES.polars_schema)


FRESH = rates(*(("USD", on_day(n), "1.25") for n in range(366)))
"""A rate for every day of the year."""
MONTHLY = FRESH.filter(pl.col("rate_date").dt.day() == 1)


def crosswalk(**known: str) -> pl.DataFrame:
    rows = [
        {
            "supplier_src_id": source,
            "supplier_id": golden,
            "source_system": "erp",
            "entity_id": ENTITY,
            "method": "single",
            "evidence": "no shared identifier",
        }
        for source, golden in known.items()
    ]
    return pl.DataFrame(rows, schema=SUPPLIER_CROSSWALK.polars_schema)


def spend(
    ledger: Ledger,
    fx: pl.DataFrame = FRESH,
    books: Books = DOLLARS,
    as_of: date = AS_OF,
    **looser: Any,
) -> SpendResult:
    """Facts of a ledger, matched first."""
    matched = ledger.match(as_of, **looser)
    result = spend_facts(
        ledger.documents().until(as_of),
        matched.order_line_status,
        matched.allocations,
        crosswalk(S1="G1"),
        books,
        fx,
        as_of,
    )
    require_valid(FACTS, result.facts)
    return result


def of(result: SpendResult, stage: str) -> pl.DataFrame:
    return result.facts.filter(pl.col("stage") == stage)


def total(result: SpendResult, stage: str) -> Decimal:
    return sum(of(result, stage)["amount_doc"].to_list(), Decimal(0))
