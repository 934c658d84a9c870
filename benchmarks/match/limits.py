"""The tolerances that are matched with.

Belongs here: what differs from the demo's. Not here: what a tolerance is (landscape).
"""

from __future__ import annotations

import yaml

from finsync_dagster.landscape.load import DEMO
from finsync_dagster.landscape.model import Policy, Tolerance

LIMITS = {
    "PRICE_UNIT": {"upper_pct": "2", "lower_pct": "2"},
    "LINE_TOTAL": {"upper_pct": "2"},
    "TAX_TOTAL": {"upper_abs": "0.10", "lower_abs": "0.10"},
}
"""What a company would let pass; every other check has the limits of the demo."""


def policy() -> Policy:
    """All checks on."""
    stated = yaml.safe_load(DEMO.read_text())["policy"]["tolerances"]
    rows = {check: Tolerance(**limits) for check, limits in (stated | LIMITS).items()}
    return Policy(version="benchmark", tolerances=rows)
