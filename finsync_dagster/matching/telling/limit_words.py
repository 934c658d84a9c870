"""The limit that decided a check, in words.

Belongs here: the words. Not here: which limit decides (policy/evaluate.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from finsync_dagster.matching.telling.text import money, quantity


def limit_words(row: Mapping[str, Any], ccy: str) -> str:
    """``tolerance 10.00 EUR``, ``tolerance 5 %``, ``no tolerance``: of a check result in money."""
    value = row["limit_value"]
    if not value:
        return "no tolerance"
    if row["limit_binding"].endswith("_pct"):
        return f"tolerance {quantity(value)} %"
    return f"tolerance {money(value, ccy)}"


def share_words(row: Mapping[str, Any]) -> str:
    """`` (12.5 %)``: the variance in per cent of what was expected; empty where that was 0."""
    pct = row["variance_pct"]
    return "" if pct is None else f" ({quantity(round(pct, 2))} %)"
