"""Which rule decides: the order of the search, names, days, and no choice where it is open."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.landscape.policy_model import Policy
from finsync_dagster.matching.match import match
from finsync_dagster.matching.policy.scopes import (
    MATCHING_STEPS,
    TOLERANCE_STEPS,
    PolicyError,
    rank,
)
from finsync_dagster.matching.policy.subjects import DocumentSubjects
from finsync_dagster.matching.tolerance import Limits, differing
from tests.matching.ledger import AS_OF, ENTITY, Ledger, on_day, outcome
from tests.matching.policy.rules import matched, rule, ruled

GROUPS = {"metal": ("S1", "S9")}
# Every scope there is for the line billed below, narrowest first.
SCOPES: list[dict[str, Any]] = [
    {"order": "PO1", "order_line": "1"},
    {"order": "PO1"},
    {"item": "X1", "supplier": "S1"},
    {"item": "X1", "supplier_group": "metal"},
    {"item": "X1"},
    {"category": "bolts", "supplier": "S1"},
    {"category": "bolts", "supplier_group": "metal"},
    {"category": "bolts"},
    {"supplier": "S1"},
    {"supplier_group": "metal"},
    {"entity": ENTITY, "match_type": "3w"},
    {"entity": ENTITY},
    {"match_type": "3w"},
    {},
]


def ledger(**more: Any) -> Ledger:
    """One line of item X1 at 100 from supplier S1, received and billed at 110."""
    return (
        Ledger()
        .supplier("S1", name="Schrauben AG")
        .item("X1", category="bolts")
        .order()
        .line("1", "100", item_id="X1", **more)
        .receipt("R1", "1")
        .quantity_invoice("I1", "1", "110")
    )


def decided_by(docs: Documents, policy: Policy) -> tuple[str, bool]:
    """The rule that decides on the price of 110, and whether it is within."""
    limits = Limits.of(policy, ENTITY, ("PRICE_UNIT",)).about(DocumentSubjects(docs, policy))
    frame = pl.DataFrame(
        {
            "subject_type": ["invoice_line"],
            "subject_id": ["I1/1"],
            "expected": [100],
            "actual": [110],
        }
    )
    found = limits.judged([differing(frame, "PRICE_UNIT", "order")])
    return found.select("limit_rule", "passed").row(0)


@pytest.mark.parametrize("narrowest", range(len(SCOPES)))
def test_the_narrowest_rule_decides(narrowest: int) -> None:
    # The widest come first: the order in which they are written says nothing.
    left = SCOPES[narrowest:]
    rules = [rule("PRICE_UNIT", upper_pct="0", **scope) for scope in reversed(left[1:])]
    rules.insert(len(rules) // 2, rule("PRICE_UNIT", upper_pct="10", **left[0]))
    found = decided_by(ledger().documents(), ruled(*rules, supplier_groups=GROUPS))
    label = next(r.label for r in rules if r.upper_pct == 10)
    assert found == (label, True)


def test_the_nine_steps_are_in_their_order() -> None:
    assert TOLERANCE_STEPS[2:] == (
        ("item", "supplier"),
        ("item", "supplier_group"),
        ("item", ""),
        ("category", "supplier"),
        ("category", "supplier_group"),
        ("category", ""),
        ("", "supplier"),
        ("", "supplier_group"),
        ("", ""),
    )


def test_how_lines_are_matched_asks_the_supplier_before_the_category() -> None:
    category, supplier = (
        matched(grace_days=1, **scope) for scope in ({"category": "b"}, {"supplier": "S1"})
    )
    assert rank(supplier, MATCHING_STEPS) < rank(category, MATCHING_STEPS)
    assert rank(category, TOLERANCE_STEPS) < rank(supplier, TOLERANCE_STEPS)


@pytest.mark.parametrize(
    "scope",
    [
        {"order": "PO1", "order_line": "2"},
        {"order": "PO2"},
        {"item": "X2"},
        {"category": "nuts"},
        {"supplier": "S2"},
        {"supplier_group": "wood"},
        {"entity": "other"},
        {"match_type": "2w"},
        {"item": "X1", "supplier": "S2"},
        {"until": on_day(1)},
        {"from_": on_day(3)},
    ],
)
def test_a_rule_about_something_else_does_not(scope: dict[str, Any]) -> None:
    loose = ruled(rule("PRICE_UNIT", upper_pct="10", **scope), supplier_groups={"wood": ("S2",)})
    assert decided_by(ledger().documents(), loose) == ("default", False)


@pytest.mark.parametrize(
    ("scope", "label"),
    [
        ({"from_": on_day(2), "until": on_day(2)}, "default from 2024-01-03 until 2024-01-03"),
        ({"supplier": "Schrauben AG"}, "supplier Schrauben AG"),
        ({"item": "X1", "from_": on_day(0)}, "item X1 from 2024-01-01"),
    ],
)
def test_days_are_included_and_names_are_enough(scope: dict[str, Any], label: str) -> None:
    loose = ruled(rule("PRICE_UNIT", upper_pct="10", **scope))
    assert decided_by(ledger().documents(), loose) == (label, True)


def test_a_golden_supplier_stands_for_its_records() -> None:
    docs = ledger().documents()
    crosswalk = pl.DataFrame({"supplier_src_id": ["S1"], "supplier_id": ["G7"]})
    docs = type(docs)(**{**vars(docs), "supplier_crosswalk": crosswalk})
    for name in ("G7", "S1", "Schrauben AG"):
        loose = ruled(rule("PRICE_UNIT", upper_pct="10", supplier=name))
        assert decided_by(docs, loose) == (f"supplier {name}", True)


def test_an_order_is_judged_by_its_own_day_and_an_invoice_by_its_own() -> None:
    short = (
        Ledger()
        .order(day=0)
        .line("10", "1", delivery_complete=True)
        .receipt("R1", "9", day=5)
        .order("PO2", day=8)
        .line("10", "1", "PO2", delivery_complete=True)
        .receipt("R2", "9", "PO2-1", day=9)
    )
    loose = ruled(rule("UNDER_DELIVERY", lower_pct="10", until=on_day(4)))
    checks = match(short.documents(), loose, AS_OF, ENTITY).check_results
    checks = checks.filter(pl.col("check") == "UNDER_DELIVERY")
    assert checks.select("subject_id", "passed").rows() == [("PO1-1", True), ("PO2-1", False)]


def test_two_rules_that_mean_one_supplier_by_two_names_stop_the_run() -> None:
    both = ruled(
        rule("PRICE_UNIT", upper_pct="10", supplier="S1"),
        rule("PRICE_UNIT", upper_pct="20", supplier="Schrauben AG"),
    )
    said = (
        r"two rules of the policy hold for the same document: PRICE_UNIT \(supplier S1\) and "
        r"PRICE_UNIT \(supplier Schrauben AG\)"
    )
    with pytest.raises(PolicyError, match=said):
        decided_by(ledger().documents(), both)


def test_rules_follow_one_another() -> None:
    rules = ruled(
        rule("PRICE_UNIT", upper_pct="0", until=on_day(1)),
        rule("PRICE_UNIT", upper_pct="10", from_=on_day(2)),
        rule("LINE_TOTAL", upper_pct="10"),
    )
    book = (
        Ledger()
        .supplier()
        .order()
        .line("1", "100")
        .line("1", "100", no="2")
        .receipt("R1", "1")
        .receipt("R2", "1", "PO1-2")
        .quantity_invoice("I1", "1", "110", day=1)
        .quantity_invoice("I2", "1", "110", "PO1-2", day=2)
    )
    result = match(book.documents(), rules, AS_OF, ENTITY)
    assert outcome(result, "I1") == "BLOCKED"
    assert outcome(result, "I2") == "MATCHED_WITHIN_TOLERANCE"
