"""Legal entities as partitions.

The set is read from the landscape when the code location loads: the assets of a new system are
made at that moment too, so that a dynamic set could only fall out of step (docs/decisions/0006).
"""

from __future__ import annotations

import dagster as dg

from finsync_dagster.landscape.model import Landscape


def legal_entities(landscape: Landscape) -> dg.StaticPartitionsDefinition:
    """One partition per legal entity."""
    return dg.StaticPartitionsDefinition(sorted(landscape.legal_entities))
