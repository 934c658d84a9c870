"""Every canonical table, declared once.

Belongs here: the register. A new table is declared in the module of its subject and listed there.
"""

from finsync_dagster.canonical.tables import expenses, invoicing, parties, purchasing, rates
from finsync_dagster.schema import TableSpec

TABLES: dict[str, TableSpec] = {
    spec.name: spec
    for spec in (
        *parties.TABLES,
        *purchasing.TABLES,
        *invoicing.TABLES,
        *expenses.TABLES,
        *rates.TABLES,
    )
}
