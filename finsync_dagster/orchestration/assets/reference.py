"""Assets of reference data of the whole group: the legal entities themselves.

Belongs here: tables that the landscape states. Exchange rates come from a system and are made by
landing.py and canonical.py like any other object.
"""

import dagster as dg
import polars as pl

from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.landscape.model import Landscape
from finsync_dagster.orchestration.metadata import table_facts
from finsync_dagster.orchestration.workshop import WorkshopResource
from finsync_dagster.schema import require_valid

LEGAL_ENTITIES = dg.AssetKey(["canonical", "legal_entities"])


@dg.asset(
    key=LEGAL_ENTITIES,
    group_name="canonical",
    owners=["team:finance-systems"],
    kinds={"yaml", "polars", "delta"},
    description="Companies of the group, as the landscape declares them.",
    metadata=table_facts(TABLES["legal_entities"]),
)
def legal_entities(workshop: WorkshopResource) -> dg.MaterializeResult:
    """Write the landscape's legal entities as a table."""
    shop = workshop.open()
    frame = require_valid(TABLES["legal_entities"], legal_entity_rows(shop.landscape))
    shop.lake.replace(TABLES["legal_entities"], frame)
    return dg.MaterializeResult(metadata={"dagster/row_count": frame.height})


def legal_entity_rows(landscape: Landscape) -> pl.DataFrame:
    """One row per legal entity of the landscape."""
    return pl.DataFrame(
        [
            {
                "entity_id": name,
                "name": entity.name,
                "country": entity.country,
                "functional_ccy": entity.functional_currency,
                "group_ccy": landscape.group_currency,
            }
            for name, entity in sorted(landscape.legal_entities.items())
        ],
        schema=TABLES["legal_entities"].polars_schema,
    )
