"""Asset: which payment settled which invoice, per legal entity.

Belongs here: reading, calling, writing. The rules are in canonical/settlement.py.
"""

import dagster as dg
import polars as pl

from finsync_dagster.canonical.settlement import settle
from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.identity.tables import TABLES as IDENTITY
from finsync_dagster.landscape.model import Landscape
from finsync_dagster.orchestration.assets.canonical import canonical_key
from finsync_dagster.orchestration.assets.entity import stage_key
from finsync_dagster.orchestration.documents import documents
from finsync_dagster.orchestration.metadata import table_facts
from finsync_dagster.orchestration.partitions import legal_entities
from finsync_dagster.orchestration.workshop import Workshop, WorkshopResource, as_of
from finsync_dagster.schema import require_valid

SETTLEMENT = dg.AssetKey(["canonical", "payment_allocations"])
ALLOCATIONS = TABLES["payment_allocations"]
_READS = ("payments", "invoices", "payment_applications")


def settlement_asset(landscape: Landscape, shop: Workshop) -> dg.AssetsDefinition:
    """``canonical/payment_allocations``, one partition per legal entity."""
    deps = [
        canonical_key(system, table)
        for system in landscape.systems
        for table in shop.mappings(system).tables
        if table in _READS
    ]

    @dg.asset(
        key=SETTLEMENT,
        # Which payee is which supplier is known by then.
        deps=[*deps, *(stage_key("identity", spec.name) for spec in IDENTITY)],
        group_name="canonical",
        owners=sorted({e.owner for e in landscape.legal_entities.values()}),
        kinds={"polars", "delta"},
        partitions_def=legal_entities(landscape),
        description=ALLOCATIONS.model.__doc__,
        metadata=table_facts(ALLOCATIONS),
    )
    def payment_allocations(
        context: dg.AssetExecutionContext, workshop: WorkshopResource
    ) -> dg.MaterializeResult:
        shop, entity_id = workshop.open(), context.partition_key
        # A copy in another system would make it seem that several payments fit an invoice.
        docs = documents(shop.lake, entity_id, shop.landscape, as_of(context))
        payments, frame = docs.payments, settle(docs)
        require_valid(ALLOCATIONS, frame)
        shop.lake.replace(ALLOCATIONS, frame, entity_id=entity_id)
        without = payments.join(frame, on="payment_id", how="anti")
        return dg.MaterializeResult(
            metadata={
                "dagster/partition_row_count": frame.height,
                "payments": payments.height,
                "payments without a stated or proven invoice": without.height,
                "stated": frame.filter(pl.col("method") == "stated").height,
                "allocated": str(frame["amount_applied"].sum()),
                "paid": str(payments.select(pl.col("amount").sum()).item()),
            }
        )

    return payment_allocations
