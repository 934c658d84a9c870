"""Identity, severity, owner; and what is left out because it only repeats something graver."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from finsync_dagster.exceptions.classify import (
    RepeatedFindingError,
    classify,
    exception_id,
    suppress_dependent,
)
from finsync_dagster.exceptions.reasons import UnknownReasonError
from finsync_dagster.findings import FINDINGS
from tests.exceptions.support import ENTITIES, REASONS, entity, finding, found


def classified(*rows: dict[str, Any], **entities: Any) -> list[dict[str, Any]]:
    return classify(found(*rows), {**ENTITIES, **entities}, REASONS).to_dicts()


def left(*rows: dict[str, Any]) -> list[tuple[str, str]]:
    frame = suppress_dependent(found(*rows))
    return sorted(frame.select("reason_code", "subject_id").rows())


def test_a_finding_takes_owner_and_deadline_from_its_reason() -> None:
    (row,) = classified(finding("PRICE_OVER"))
    assert row["severity"] == "HIGH"
    assert row["owner_role"] == "buyer"
    assert row["triage_class"] == "upstream_data"
    assert row["sla_hours"] == 24
    assert row["message"] == "what is wrong"


def test_the_id_is_the_hash_of_what_the_exception_is_about() -> None:
    (row,) = classified(finding("PO_NOT_APPROVED", "I1", subject_type="invoice", counter_key="PO1"))
    plain = "PO_NOT_APPROVED|acme|invoice|I1|PO1"
    assert row["exception_id"] == hashlib.sha256(plain.encode()).hexdigest()
    assert row["exception_id"] == exception_id("PO_NOT_APPROVED", "acme", "invoice", "I1", "PO1")


@pytest.mark.parametrize(
    "other",
    [
        {"reason": "PRICE_UNDER"},
        {"entity_id": "other"},
        {"subject_type": "invoice"},
        {"subject": "L2"},
        {"counter_key": "x"},
    ],
    ids=["reason", "entity", "subject type", "subject", "counter key"],
)
def test_every_part_of_the_identity_counts(other: dict[str, Any]) -> None:
    assert len({row["exception_id"] for row in classified(finding(), finding(**other))}) == 2


def test_what_is_told_is_no_part_of_the_identity() -> None:
    (first,) = classified(finding(message="a", amount_at_risk=Decimal(1), subject_label="x"))
    (then,) = classified(finding(message="b", amount_at_risk=Decimal(2), subject_label="y"))
    assert first["exception_id"] == then["exception_id"]


@pytest.mark.parametrize(
    ("reason", "amount", "severity"),
    [
        ("PRICE_UNDER", "999.9999", "LOW"),
        ("PRICE_UNDER", "1000", "MEDIUM"),
        ("PO_AFTER_INVOICE", "1000", "HIGH"),
        ("PRICE_OVER", "1000", "CRITICAL"),
        ("PAID_TWICE", "1000", "CRITICAL"),
        ("PAID_TWICE", "0", "CRITICAL"),
    ],
)
def test_from_materiality_on_one_step_more_severe(reason: str, amount: str, severity: str) -> None:
    (row,) = classified(finding(reason, amount_at_risk=Decimal(amount)))
    assert row["severity"] == severity


def test_materiality_is_the_entitys_own() -> None:
    rows = classified(
        finding(amount_at_risk=Decimal(5000)),
        finding(amount_at_risk=Decimal(5000), entity_id="large"),
        large=entity("100000"),
    )
    assert {r["entity_id"]: r["severity"] for r in rows} == {"acme": "CRITICAL", "large": "HIGH"}


def test_an_amount_in_another_currency_raises_nothing() -> None:
    (row,) = classified(finding(amount_at_risk=Decimal(10**9), ccy="JPY"))
    assert row["severity"] == "HIGH"


def test_over_received_replaces_receipt_missing_on_the_same_line() -> None:
    assert left(
        finding("RECEIPT_MISSING", "L1"),
        finding("QTY_OVER_RECEIVED", "L1"),
        finding("RECEIPT_MISSING", "L2"),
        finding("RECEIPT_MISSING", "L1", entity_id="other"),
    ) == [("QTY_OVER_RECEIVED", "L1"), ("RECEIPT_MISSING", "L1"), ("RECEIPT_MISSING", "L2")]


def test_variances_of_a_duplicate_do_not_matter() -> None:
    variances = ["PRICE_OVER", "QTY_OVER_ORDERED", "LINE_TOTAL_EXCEEDED", "TAX_OVER"]
    others = ["PO_NOT_APPROVED", "DOC_NOT_BALANCED"]
    rows = [finding(code, "I1", subject_type="invoice") for code in [*variances, *others]]
    assert left(*rows, finding("DUP_EXACT", "I1", subject_type="invoice", counter_key="I0")) == [
        ("DOC_NOT_BALANCED", "I1"),
        ("DUP_EXACT", "I1"),
        ("PO_NOT_APPROVED", "I1"),
    ]


def lines_of(*pairs: tuple[str, str], entity_id: str = "acme") -> pl.DataFrame:
    return pl.DataFrame(
        [(entity_id, invoice, line) for invoice, line in pairs],
        schema=["entity_id", "invoice_id", "invoice_line_id"],
        orient="row",
    )


def test_variances_on_the_lines_of_a_duplicate_do_not_matter_either() -> None:
    rows = [
        finding("DUP_EXACT", "I1", subject_type="invoice", counter_key="I0"),
        finding("PRICE_OVER", "I1/1"),
        finding("QTY_OVER_RECEIVED", "I1/2"),
        finding("LINK_MISSING", "I1/2"),
        finding("PRICE_OVER", "I0/1"),
        finding("PRICE_OVER", "I1/1", entity_id="other"),
    ]
    lines = lines_of(("I1", "I1/1"), ("I1", "I1/2"), ("I0", "I0/1"))
    kept = suppress_dependent(found(*rows), lines).sort(FINDINGS.key)
    assert kept.select("reason_code", "entity_id", "subject_id").rows() == [
        ("DUP_EXACT", "acme", "I1"),
        ("LINK_MISSING", "acme", "I1/2"),
        ("PRICE_OVER", "acme", "I0/1"),
        ("PRICE_OVER", "other", "I1/1"),
    ]


def test_only_an_invoice_passes_its_duplicate_on_to_lines() -> None:
    rows = [finding("DUP_EXACT", "I1", subject_type="payment"), finding("PRICE_OVER", "I1/1")]
    assert suppress_dependent(found(*rows), lines_of(("I1", "I1/1"))).height == 2


def test_a_suspicion_of_a_duplicate_leaves_its_variances() -> None:
    rows = [finding("DUP_SUSPECT", "I1"), finding("PRICE_OVER", "I1")]
    assert left(*rows) == [("DUP_SUSPECT", "I1"), ("PRICE_OVER", "I1")]


def test_an_unknown_reason_is_refused() -> None:
    with pytest.raises(UnknownReasonError, match="NO_SUCH_REASON"):
        classified(finding(), finding("NO_SUCH_REASON"))


def test_two_findings_of_one_identity_are_refused() -> None:
    with pytest.raises(RepeatedFindingError, match="PRICE_OVER"):
        classified(finding(message="a"), finding(message="b"))


def test_nothing_found_is_nothing_classified() -> None:
    assert classified() == []
