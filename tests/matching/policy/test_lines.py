"""How lines are matched, where the policy says another thing than the source."""

from __future__ import annotations

import polars as pl

from finsync_dagster.landscape.policy_model import Policy
from finsync_dagster.matching.match import match
from finsync_dagster.matching.policy.lines import DEFAULTS, said, under_policy
from tests.matching.ledger import AS_OF, ENTITY, Ledger, on_day, outcome
from tests.matching.policy.rules import matched, ruled

BOOK = (
    Ledger()
    .supplier()
    .item("X1", category="services")
    .order()
    .line("1", "100", item_id="X1")
    .line("1", "100", no="2")
    .quantity_invoice("I1", "1", "100")
    .quantity_invoice("I2", "1", "100", "PO1-2", day=3)
)


def lines(policy: Policy, *columns: str) -> list[tuple[object, ...]]:
    docs = under_policy(BOOK.documents(), policy, ENTITY)
    return docs.purchase_order_lines.sort("po_line_id").select(columns).rows()


def test_without_rules_nothing_is_touched() -> None:
    docs = BOOK.documents()
    assert under_policy(docs, ruled(), ENTITY) is docs
    frame = docs.purchase_order_lines.with_columns(
        said(docs.purchase_order_lines, w) for w in DEFAULTS
    )
    assert frame.select(*DEFAULTS).unique().rows() == [("po_cumulative", "hold", 0)]


def test_services_are_matched_without_a_receipt() -> None:
    rules = ruled(matched(category="services", set_match_type="2w"))
    assert lines(rules, "match_type") == [("2w",), ("3w",)]
    result = match(BOOK.documents(), rules, AS_OF, ENTITY)
    assert outcome(result, "I1") == "MATCHED"
    assert outcome(result, "I2") == "PENDING_RECEIPT"
    status = result.order_line_status.select("po_line_id", "match_type").rows()
    assert status == [("PO1-1", "2w"), ("PO1-2", "3w")]


def test_each_word_comes_from_the_narrowest_rule_that_says_it() -> None:
    rules = ruled(
        matched(receipt_basis="receipt_specific", invoice_before_receipt="block"),
        matched(supplier="S1", grace_days=3),
        matched(category="services", invoice_before_receipt="allow"),
        matched(order="PO1", order_line="2", grace_days=9),
    )
    words = ("receipt_basis", "invoice_before_receipt", "grace_days")
    assert lines(rules, *words) == [
        ("receipt_specific", "allow", 3),
        ("receipt_specific", "block", 9),
    ]


def test_what_no_rule_says_of_a_line_is_the_default() -> None:
    rules = ruled(matched(item="X1", grace_days=3, set_match_basis="amount"))
    assert lines(rules, "grace_days", "match_basis") == [(3, "amount"), (0, "qty")]


def test_the_day_of_the_order_counts() -> None:
    late = ruled(matched(set_match_type="2w", from_=on_day(1)))
    assert lines(late, "match_type") == [("3w",), ("3w",)]
    early = ruled(matched(set_match_type="2w", until=on_day(0)))
    assert lines(early, "match_type") == [("2w",), ("2w",)]


def test_the_order_of_lines_stays() -> None:
    docs = BOOK.documents()
    rules = ruled(matched(item="X1", set_match_type="2w"))
    after = under_policy(docs, rules, ENTITY).purchase_order_lines
    assert after["po_line_id"].equals(docs.purchase_order_lines["po_line_id"])
    assert after.schema["match_type"] == pl.String


def test_one_rule_for_all_lines_gives_way_to_the_entity_s() -> None:
    rules = ruled(matched(grace_days=2), matched(grace_days=5, entity=ENTITY))
    assert lines(rules, "grace_days") == [(5,), (5,)]
    other = ruled(matched(grace_days=2), matched(grace_days=5, entity="other"))
    assert lines(other, "grace_days") == [(2,), (2,)]
    days = under_policy(BOOK.documents(), rules, ENTITY).purchase_order_lines
    assert days.schema["grace_days"] == pl.Int64
