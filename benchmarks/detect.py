"""What the rules find of the faults planted in a generated world: precision and recall per reason.

Runs the whole pipeline over the sandbox's five companies, and compares the exceptions that are open
with what was planted. About two minutes.

    python -m benchmarks.detect                  # seed 7, scale 1
    python -m benchmarks.detect --seed 8         # another world
    python -m benchmarks.detect --false          # each finding that nothing explains
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping
from pathlib import Path

import duckdb

from finsync_dagster.matching.telling import notes
from finsync_dagster.reconciliation import actions
from tests.systems.group.cases import cases, findings, grown_old
from tests.systems.group.company import company, serving, world_file
from tests.systems.group.real import stages
from tests.systems.group.scoring import Limit, Score, score

# Codes of findings that are about sources, not about documents of the world.
_ABOUT_SOURCES = frozenset({"EXTRACT_INCOMPLETE", "SCHEMA_DRIFT", "STALE_SOURCE"})

SAID_AS: Mapping[str, str] = {
    # An order with a record in quarantine is not compared, and reported as such.
    "MAPPING_MISSING": "EXTRACT_INCOMPLETE",
    # An amount that names an order and none of its lines is compared with the order as a whole.
    "LINK_MISSING": "LINE_TOTAL_EXCEEDED",
}
"""Reason code planted → the one that reports it."""

ENTAILED: Mapping[str, frozenset[str]] = {
    # What is set aside settles nothing, bills nothing and is received for nobody.
    "MAPPING_MISSING": frozenset(
        {
            "EXTRACT_INCOMPLETE",
            "PAID_NOT_INVOICED",
            "LINK_MISSING",
            "GRIR_AGED",
            "XSYS_DELETED_AT_SOURCE",
        }
    ),
    "LINK_MISSING": frozenset({"LINE_TOTAL_EXCEEDED"}),
    # Two invoices bear the number that the books of another system name as paid.
    "DUP_EXACT": frozenset({"PAID_NOT_INVOICED"}),
    # What is billed once more brings its freight once more.
    "DUP_SUSPECT": frozenset({"PAID_NOT_INVOICED", "CHARGE_VARIANCE"}),
    # In SAP's books an invoice is cleared once: what is paid beyond it stays on account.
    "PAID_TWICE": frozenset({"PAID_NOT_INVOICED"}),
    "OVERPAID": frozenset({"PAID_NOT_INVOICED"}),
    # What went back, or never came, was not delivered, if the order is closed.
    "RETURN_NOT_CREDITED": frozenset({"UNDER_DELIVERY"}),
    "QTY_OVER_RECEIVED": frozenset({"UNDER_DELIVERY"}),
}
"""Reason code planted → others that follow from it, beside those that the world names."""

LIMITS: tuple[Limit, ...] = (
    Limit(
        "SOD_CONFLICT",
        "NetSuite does not say who received, and SAP names people otherwise than Coupa",
        entities=("lumen_us", "lumen_de"),
    ),
    Limit(
        "BANK_CHANGE_UNVERIFIED",
        "a change is seen between two extracts, of which this makes one",
    ),
    Limit(
        "PO_CLOSED",
        "what SAP and NetSuite stamp as an order's last change also moves when it is billed",
        systems=("group_sap", "group_s4", "group_netsuite"),
    ),
    Limit(
        "PO_CANCELLED",
        "NetSuite has no cancelled purchase order: it is closed, and once billed like any other",
        systems=("group_netsuite",),
        seed=11,
    ),
    Limit(
        "SUPPLIER_BLOCKED",
        "NetSuite has no hold on a vendor's payments, and a vendor that is billed stays active",
        systems=("group_netsuite",),
        seed=8,
    ),
    Limit(
        "PAID_NOT_INVOICED",
        "Coupa names a payment's supplier by what it pays: without an invoice it is in quarantine",
        systems=("group_coupa",),
        seed=8,
    ),
    Limit(
        "MAPPING_MISSING",
        "the unit, a pallet, is one that SAP ships and the connector knows",
        systems=("group_sap", "group_s4"),
        seed=8,
    ),
)
"""Plants of a code that is decided which nothing can find yet."""

NOT_PLANTED: Mapping[str, str] = {
    "NO_INVOICE_SYSTEM": "every company has one",
}
"""Codes that rules decide and no plant bears."""

NOT_DECIDED_YET = frozenset(
    {
        "DIM_INVALID",
        "GRNI_GL_DIFF",
        "PARITY_FORMAT",
        "PARITY_LATE",
        "PARITY_PERMISSION",
    }
)
"""Codes that are planted and that no rule raises."""


def decided_codes() -> frozenset[str]:
    """The reason codes that rules about documents raise, and those said by another code."""
    raised = frozenset(notes.ACTIONS) | frozenset(actions.ACTIONS)
    return (raised | frozenset(SAID_AS)) - _ABOUT_SOURCES


def table(scores: Mapping[str, Score]) -> str:
    """The scores as text: a line per reason code, those not decided after them."""
    decided = decided_codes()
    lines = [
        f"{'reason code':24} {'planted':>7} {'found':>6} {'recall':>7} {'findings':>9} "
        f"{'false':>6} {'precision':>10}"
    ]
    for code, each in scores.items():
        if code in decided or each.findings:
            lines.append(
                f"{code:24} {len(each.planted):7} {each.found:6} "
                f"{_share(each.found, len(each.planted)):>7} {each.findings:9} "
                f"{len(each.false):6} {_share(each.findings - len(each.false), each.findings):>10}"
            )
    later = {c: e for c, e in scores.items() if c not in decided and e.planted}
    lines += ["", "not decided yet:"]
    lines += [f"{code:24} {len(each.planted):7}" for code, each in later.items()]
    lines += ["", "beyond the rules:"]
    for limit in LIMITS:
        covered = sum(limit.covers(case) for each in scores.values() for case in each.beyond)
        lines.append(f"{limit.reason_code:24} {covered:7} {limit.why}")
    return "\n".join(lines)


def detected(folder: Path, seed: int) -> dict[str, Score]:
    """Runs the pipeline over a world in a folder; the scores."""
    with serving(folder, seed=seed) as group:
        company(folder / "company", group).run()
    with (
        stages.opened(str(world_file(folder, seed=seed))) as world,
        duckdb.connect(
            str(folder / "company" / "home" / "warehouse.duckdb"), read_only=True
        ) as warehouse,
    ):
        return scored(world, warehouse)


def scored(
    world: duckdb.DuckDBPyConnection, warehouse: duckdb.DuckDBPyConnection
) -> dict[str, Score]:
    """The scores of what a warehouse reports of a world (with the views of ``stages``)."""
    found = findings(world, warehouse)
    (day,) = warehouse.execute("SELECT max(as_of) FROM reconciliation.gr_ir").fetchall()[0]
    old = grown_old(world, day)
    return score(cases(world, "planted"), found, LIMITS, SAID_AS, ENTAILED, old)


def _share(part: int, whole: int) -> str:
    return f"{100 * part // whole} %" if whole else "-"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--false", action="store_true", help="print what nothing explains")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        scores = detected(Path(folder), asked.seed)
    print(table(scores))
    for code, each in scores.items():
        for case in each.missed if code in decided_codes() else []:
            print(f"missed: {case}")
        for finding in each.false if asked.false else []:
            print(f"false: {finding}")


if __name__ == "__main__":
    main()
