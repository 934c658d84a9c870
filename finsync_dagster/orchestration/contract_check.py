"""The asset check ``contract`` of a landed extract: what a person sees of its drift.

Belongs here: turning drift into a check result. Not here: finding it (contracts.py).
"""

from __future__ import annotations

import dagster as dg
import polars as pl

from finsync_dagster.contracts.drift import worst
from finsync_dagster.contracts.tables import ERROR, WARNING
from finsync_dagster.landing.manifest import Manifest
from finsync_dagster.orchestration.contracts import check_contract
from finsync_dagster.orchestration.workshop import Workshop

CONTRACT = "contract"
"""Name of the check."""
_TOLD = 3
_ROWS_SHOWN = 50


def contract_check(shop: Workshop, manifest: Manifest) -> dg.AssetCheckResult:
    """The result of the check; failed by a warning or an error, never by mere information.

    Whatever goes wrong while checking is told by the check itself: records that were landed are
    not lost because their shape could not be compared.
    """
    try:
        findings = check_contract(shop, manifest)
    except (Exception, pl.exceptions.PanicException) as error:
        # Polars panics, which is no Exception, over a file that was cut short.
        return dg.AssetCheckResult(
            check_name=CONTRACT,
            passed=False,
            severity=dg.AssetCheckSeverity.WARN,
            description=f"The shape could not be compared: {type(error).__name__}: {error}",
        )
    gravest = worst(findings)
    return dg.AssetCheckResult(
        check_name=CONTRACT,
        passed=gravest not in (ERROR, WARNING),
        severity=dg.AssetCheckSeverity.ERROR if gravest == ERROR else dg.AssetCheckSeverity.WARN,
        description=_summary(findings),
        metadata={"findings": findings.height, "drift": dg.MetadataValue.md(_markdown(findings))},
    )


def _summary(findings: pl.DataFrame) -> str:
    if findings.is_empty():
        return "as expected"
    said = findings["message"].head(_TOLD).to_list()
    more = findings.height - len(said)
    return " ".join(said) + (f" And {more} more." if more else "")


def _markdown(findings: pl.DataFrame) -> str:
    """A table of the findings, gravest first."""
    if findings.is_empty():
        return "Nothing differs."
    lines = ["| Severity | Difference | Field | Before | Now | What to do |", "|:--" * 6 + "|"]
    shown = findings.head(_ROWS_SHOWN).select(
        "severity", "drift", "field", "before", "now", "action"
    )
    for row in shown.iter_rows():
        cells = (str(cell).replace("|", "\\|").replace("\n", " ") for cell in row)
        lines.append(f"| {' | '.join(cells)} |")
    more = findings.height - shown.height
    return "\n".join(lines) + (f"\n\nAnd {more} more, in operations.drift." if more else "")
