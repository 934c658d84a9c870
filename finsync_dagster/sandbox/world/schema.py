"""The schema of the world: every table, in an order in which they can be filled.

Belongs here: the list, and creating it in a database. Not here: a table's columns (tables/), how
the notation works (table.py), the rows.

Surrogate keys are dense from 1; those of documents and ledger lines ascend with created_at. What
deletion names keeps its row: who serves a system leaves it out. Moments are UTC. Amounts are
signed: returns, reversals and credits are negative. Systems are group_sap, group_s4, group_coupa,
group_netsuite, group_concur; entities lumen_de, lumen_fr, lumen_ie, lumen_uk, lumen_us. Units are
UN/ECE Rec. 20 codes; uom_code says how a system writes them. Documents name suppliers by
supplier_account_id, always an account of the document's own system.
"""

from __future__ import annotations

import duckdb

from finsync_dagster.sandbox.world.table import Table
from finsync_dagster.sandbox.world.tables import (
    billing,
    buying,
    expenses,
    master_data,
    parties,
    truth,
)

TABLES: tuple[Table, ...] = (
    *parties.TABLES,
    *master_data.TABLES,
    *buying.TABLES,
    *billing.TABLES,
    *expenses.TABLES,
    *truth.TABLES,
)

BY_NAME: dict[str, Table] = {each.name: each for each in TABLES}


def create(connection: duckdb.DuckDBPyConnection) -> None:
    """Creates every table, empty, with its comments."""
    for each in TABLES:
        for statement in each.ddl():
            connection.execute(statement)
