"""Limits: inclusive, ALL or ANY, infinite percentages, and no check without limits."""

from decimal import Decimal as D

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsync_dagster.landscape.model import Policy, Tolerance
from finsync_dagster.matching.match import match
from finsync_dagster.matching.policy.evaluate import evaluate
from finsync_dagster.matching.policy.ruling import Ruling
from finsync_dagster.money import AMOUNT
from tests.matching.ledger import (
    AS_OF,
    ENTITY,
    EXACT,
    Ledger,
    outcome,
    payable,
    policy,
    reasons,
)


def compare(expected: str, actual: str, **limits: object) -> dict[str, object]:
    frame = pl.DataFrame(
        {
            "subject_type": ["invoice"],
            "subject_id": ["I1"],
            "expected": [D(expected)],
            "actual": [D(actual)],
        },
        schema_overrides={"expected": AMOUNT, "actual": AMOUNT},
    )
    ruling = Ruling.of("", Tolerance(**limits), "default")
    return evaluate(frame, (ruling,)).row(0, named=True)


@pytest.mark.parametrize(
    ("actual", "limits", "passed", "binding"),
    [
        # Case C: expected 100, ten per cent, or 100.00 absolute, or both.
        ("105", {"upper_pct": "10"}, True, "upper_pct"),
        ("150", {"upper_pct": "10"}, False, "upper_pct"),
        ("150", {"upper_abs": "100"}, True, "upper_abs"),
        ("205", {"upper_abs": "100"}, False, "upper_abs"),
        ("150", {"upper_pct": "10", "upper_abs": "100"}, False, "upper_pct"),
        ("150", {"upper_pct": "10", "upper_abs": "100", "combine": "ANY"}, True, "upper_abs"),
        ("110", {"upper_pct": "10", "upper_abs": "5"}, False, "upper_abs"),
        ("200", {"upper_abs": "100"}, True, "upper_abs"),
        ("200.0001", {"upper_abs": "100"}, False, "upper_abs"),
        ("1", {"upper_abs": "0"}, True, "none"),
        ("95", {"lower_pct": "5"}, True, "lower_pct"),
        ("94.9999", {"lower_pct": "5"}, False, "lower_pct"),
        ("100", {"upper_abs": "0", "lower_abs": "0"}, True, "none"),
    ],
)
def test_limits(actual: str, limits: dict[str, object], passed: bool, binding: str) -> None:
    row = compare("100", actual, **limits)
    assert (row["passed"], row["limit_binding"]) == (passed, binding)


def test_nothing_expected_is_an_infinite_variance_that_no_percentage_allows() -> None:
    row = compare("0", "2", upper_pct="25")
    assert row["variance_infinite"]
    assert row["variance_pct"] is None
    assert not row["passed"]
    assert compare("0", "2", upper_abs="2")["passed"]
    assert compare("0", "0", upper_pct="0")["variance_pct"] == 0


def test_percentage_is_of_the_absolute_expected_value() -> None:
    row = compare("-100", "-95", upper_pct="5")
    assert row["direction"] == "over"
    assert row["passed"]
    assert row["variance_pct"] == 5


AMOUNTS = st.decimals("-9999", "9999", places=4)
LIMITS = st.one_of(st.none(), st.decimals("0", "200", places=3))


@settings(max_examples=200, deadline=None)
@given(AMOUNTS, AMOUNTS, LIMITS, LIMITS, st.sampled_from(["ALL", "ANY"]))
def test_limits_equal_their_definition(
    expected: D, actual: D, absolute: D | None, pct: D | None, combine: str
) -> None:
    row = compare(
        str(expected),
        str(actual),
        upper_abs=absolute,
        upper_pct=pct,
        lower_abs=absolute,
        lower_pct=pct,
        combine=combine,
    )
    variance = abs(actual - expected)
    held = []
    if absolute is not None:
        held.append(variance <= absolute)
    if pct is not None:
        held.append(variance * 100 <= pct * abs(expected))
    wanted = (all if combine == "ALL" else any)(held) if held and variance else True
    assert row["passed"] == wanted


@pytest.mark.parametrize("check", sorted(set(EXACT) - {"ORDER_TOTAL", "OPEN_BALANCE"}))
def test_a_check_without_limits_stops_the_run_even_without_documents(check: str) -> None:
    rows = {c: Tolerance(**limits) for c, limits in EXACT.items() if c != check}
    with pytest.raises(KeyError, match=check):
        match(Ledger().documents(), Policy(version="v", tolerances=rows), AS_OF, ENTITY)


def test_the_entity_s_own_limits_come_first() -> None:
    rows = {c: Tolerance(**limits) for c, limits in EXACT.items()}
    own = {ENTITY: {"PRICE_UNIT": Tolerance(upper_pct=D(5)), "LINE_TOTAL": Tolerance()}}
    ledger = Ledger().order().line("1", "100").receipt("R1", "1").quantity_invoice("I1", "1", "105")
    loose = Policy(version="v", tolerances=rows, entity_tolerances=own)
    assert match(ledger.documents(), loose, AS_OF, ENTITY).findings.is_empty()
    strict = Policy(version="v", tolerances=rows)
    found = match(ledger.documents(), strict, AS_OF, ENTITY).findings["reason_code"]
    assert set(found) == {"PRICE_OVER", "LINE_TOTAL_EXCEEDED"}


def priced(price: str) -> Ledger:
    """Ordered and received at 100, billed at a price."""
    return (
        Ledger()
        .supplier()
        .order()
        .line("1", "100")
        .receipt("R1", "1")
        .quantity_invoice("I1", "1", price)
    )


def by_amount(net: str) -> Ledger:
    """Ordered and received for 100, billed by amount."""
    book = Ledger().supplier().order().line("1", "100").receipt("R1", "1")
    return book.invoice("I1", net).bills("I1", net)


@pytest.mark.parametrize(
    ("ledger", "limits", "said", "reason"),
    [
        (priced("90"), {}, "MATCHED_WITHIN_TOLERANCE", "PRICE_UNDER"),
        (
            priced("90"),
            {"PRICE_UNIT": {"below": "block", "lower_pct": "5"}},
            "BLOCKED",
            "PRICE_UNDER",
        ),
        (priced("110"), {"LINE_TOTAL": {}}, "BLOCKED", "PRICE_OVER"),
        (
            priced("110"),
            {"PRICE_UNIT": {"above": "warn", "upper_pct": "5"}, "LINE_TOTAL": {}},
            "MATCHED_WITHIN_TOLERANCE",
            "PRICE_OVER",
        ),
        (by_amount("110"), {}, "BLOCKED", "LINE_TOTAL_EXCEEDED"),
        (
            by_amount("110"),
            {"LINE_TOTAL": {"above": "warn", "upper_abs": "0"}},
            "MATCHED_WITHIN_TOLERANCE",
            "LINE_TOTAL_EXCEEDED",
        ),
        (
            by_amount("90"),
            {"LINE_TOTAL": {"below": "block", "upper_abs": "0", "lower_abs": "5"}},
            "BLOCKED",
            "PRICE_UNDER",
        ),
        (
            Ledger()
            .supplier()
            .order()
            .line("2", "50")
            .receipt("R1", "2")
            .quantity_invoice("I1", "1", "50"),
            {"QTY_ORDERED": {"below": "block", "lower_pct": "10"}},
            "BLOCKED",
            "PRICE_UNDER",
        ),
    ],
)
def test_a_breach_blocks_or_warns_as_the_policy_has_it(
    ledger: Ledger, limits: dict[str, dict[str, object]], said: str, reason: str
) -> None:
    result = ledger.match(**limits)
    assert outcome(result, "I1") == said
    assert (payable(result, "I1") > 0) == (said != "BLOCKED")
    assert reason in reasons(result)


def test_what_is_blocked_below_a_limit_says_so() -> None:
    result = by_amount("90").match(LINE_TOTAL={"below": "block", "lower_pct": "5"})
    messages = set(result.findings["message"])
    assert (
        "Order PO1 line 1: 90.00 USD invoiced up to this invoice, 100.00 USD ordered: 10.00 USD "
        "less; the policy blocks what is more than 5 % below (default)."
    ) in messages
    assert set(result.findings["reason_code"]) == {"PRICE_UNDER"}
    (line,) = result.invoice_line_results.select("outcome", "reason", "release").rows()
    assert line[0] == "BLOCKED"
    assert "5 % below (default)" in line[1]
    assert line[2]


def test_receipts_that_the_policy_only_warns_of_are_not_waited_for() -> None:
    late = Ledger().supplier().order().line("1", "100").quantity_invoice("I1", "1", "100")
    assert outcome(late.match(), "I1") == "PENDING_RECEIPT"
    warned = late.match(QTY_RECEIVED={"upper_abs": "0", "above": "warn"})
    assert outcome(warned, "I1") == "MATCHED_WITHIN_TOLERANCE"
    assert reasons(warned) == ["RECEIPT_MISSING"]


def test_results_name_the_version_and_what_it_says() -> None:
    result = priced("90").match()
    label = f"test+{policy().digest}"
    assert set(result.invoice_results["policy_version"]) == {label}
    other = priced("90").match(PRICE_UNIT={"lower_pct": "1"})
    assert set(other.invoice_results["policy_version"]) != {label}
    assert set(result.check_results["limit_rule"]) == {"default"}
