"""Writes what is fixed about the group, and exchange rates.

Belongs here: rows of entity, taxes, accounts, cost centres, projects, units, rates. Not here:
people (people.py), suppliers, items.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import duckdb
import polars as pl

from finsync_dagster.sandbox.world import company
from finsync_dagster.sandbox.world.schema import BY_NAME


def write(connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Sequence[Any]]) -> None:
    """Inserts rows, in the order of the table's columns; values are given as they read."""
    names = BY_NAME[table].names
    texts = [[None if value is None else str(value) for value in row] for row in rows]
    if texts:
        frame = pl.DataFrame(texts, schema=dict.fromkeys(names, pl.String), orient="row")
        connection.register("rows_to_write", frame)
        connection.execute(f"INSERT INTO {table} SELECT * FROM rows_to_write")
        connection.unregister("rows_to_write")


def numbered(rows: Iterable[Sequence[Any]]) -> list[list[Any]]:
    """The rows with a key from 1 in front."""
    return [[number, *row] for number, row in enumerate(rows, 1)]


def load_company(connection: duckdb.DuckDBPyConnection) -> None:
    """Entities, taxes, accounts, cost centres, projects, units of measure."""
    entities = company.ENTITY_IDS
    write(connection, "entity", company.ENTITIES)
    taxes = [
        (e, code, f"{bp // 100}.{bp % 100:02d}", name, c)
        for e, code, bp, name, c in company.TAX_CODES
    ]
    write(connection, "tax_code", numbered(taxes))
    accounts = [
        (e, account, name, kind, account != company.CLOSED_ACCOUNT)
        for e in entities
        for account, name, kind in company.GL_ACCOUNTS
    ]
    write(connection, "gl_account", numbered(accounts))
    centers = [
        (
            e,
            code,
            name,
            code != company.DISSOLVED,
            "2025-03-31" if code == company.DISSOLVED else None,
        )
        for e in entities
        for code, name in company.COST_CENTERS
    ]
    write(connection, "cost_center", numbered(centers))
    projects = [(e, code, name, True) for e in entities for code, name in company.PROJECTS]
    write(connection, "project", numbered(projects))
    units = [
        (system, uom, code, default)
        for family, uom, code, default in company.UOM_CODES
        for system in company.UOM_SYSTEMS[family]
    ]
    write(connection, "uom_code", numbered(units))


_RATES = """
CREATE TEMP TABLE s_rate AS
WITH day AS (
    SELECT w, weekday(w) AS rate_date FROM (SELECT unnest(range(0, {last} + 1)) AS w)
), to_eur AS (
    -- A slow walk around the middle: by month, with a little of each day.
    SELECT w, rate_date, ccy, CASE WHEN ccy = 'EUR' THEN mid ELSE half_up(mid * (100000
        + upto('fx month', ccy || (w // 21), 4000) - 2000 + upto('fx day', ccy || w, 600) - 300),
        100000) END AS eur8
    FROM day, (VALUES {middles}) AS m (ccy, mid)
)
SELECT f.w, f.rate_date, f.ccy AS from_ccy, t.ccy AS to_ccy,
    CASE WHEN f.ccy = t.ccy THEN 100000000
         ELSE half_up(CAST(f.eur8 AS HUGEINT) * 100000000, t.eur8) END AS fx8
FROM to_eur AS f JOIN to_eur AS t USING (w)
WHERE t.ccy IN ('EUR', 'GBP', 'USD');
INSERT INTO fx_rate_used
SELECT row_number() OVER (), * FROM (
    SELECT from_ccy, to_ccy, rate_date, rate8(fx8) FROM s_rate
    WHERE from_ccy <> to_ccy ORDER BY rate_date, from_ccy, to_ccy);
"""


def load_rates(connection: duckdb.DuckDBPyConnection, last: int) -> None:
    """Reference rates of every weekday; kept as ``s_rate`` for the stages that follow."""
    middles = ", ".join(f"('{c}', {mid})" for c, mid in company.CURRENCIES_IN_EUR8.items())
    connection.execute(_RATES.format(last=last, middles=middles))
