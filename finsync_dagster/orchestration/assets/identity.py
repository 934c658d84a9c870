"""Assets of the identity stage: golden suppliers of the whole group.

Belongs here: reading, calling, writing. The rules are in identity/.
"""

from collections.abc import Iterator

import dagster as dg

from finsync_dagster.canonical.tables import TABLES as CANONICAL
from finsync_dagster.identity.resolve import resolve
from finsync_dagster.identity.tables import TABLES
from finsync_dagster.landscape.model import Landscape
from finsync_dagster.orchestration.assets.canonical import canonical_key
from finsync_dagster.orchestration.assets.entity import stage_key, stage_specs
from finsync_dagster.orchestration.assets.reference import legal_entity_rows
from finsync_dagster.orchestration.workshop import Workshop, WorkshopResource
from finsync_dagster.schema import require_valid

STAGE = "identity"


def identity_asset(landscape: Landscape, shop: Workshop) -> dg.AssetsDefinition:
    """``identity/<table>``, not partitioned: one supplier may serve several entities."""
    deps = [
        canonical_key(system, "suppliers")
        for system in landscape.systems
        if "suppliers" in shop.mappings(system).tables
    ]

    @dg.multi_asset(
        name=STAGE, specs=stage_specs(landscape, STAGE, TABLES, deps, partitioned=False)
    )
    def identity(
        context: dg.AssetExecutionContext, workshop: WorkshopResource
    ) -> Iterator[dg.MaterializeResult]:
        shop = workshop.open()
        suppliers = shop.lake.current(CANONICAL["suppliers"]).collect()
        result = resolve(suppliers, legal_entity_rows(shop.landscape))
        for spec in TABLES:
            frame = require_valid(spec, spec.conform(getattr(result, spec.name)))
            shop.lake.replace(spec, frame)
            yield dg.MaterializeResult(
                asset_key=stage_key(STAGE, spec.name),
                metadata={"dagster/row_count": frame.height, "source suppliers": suppliers.height},
            )

    return identity
