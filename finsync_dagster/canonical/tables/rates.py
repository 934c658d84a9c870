"""Exchange rates as published.

Belongs here: declarations only. How a rate is chosen for a date is spend/currency.py's business.
"""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from finsync_dagster.canonical.tables.audit import Audited
from finsync_dagster.schema import Rate, TableSpec


class FxRates(Audited):
    """Reference rates: one unit of from_ccy buys ``rate`` units of to_ccy."""

    from_ccy: str = pa.Field(str_matches=r"^[A-Z]{3}$", description="Base currency (ISO 4217).")
    to_ccy: str = pa.Field(str_matches=r"^[A-Z]{3}$", description="Quoted currency (ISO 4217).")
    rate_date: pl.Date = pa.Field(description="Day the rate was published for.")
    rate_type: str = pa.Field(description="Which rate it is, for example ecb_reference.")
    rate: Rate = pa.Field(gt=0, description="Units of to_ccy for one unit of from_ccy, as quoted.")


TABLES = (
    TableSpec(
        "canonical",
        "fx_rates",
        "currency pair, day and rate type",
        ("from_ccy", "to_ccy", "rate_date", "rate_type"),
        FxRates,
    ),
)
