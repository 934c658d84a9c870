"""From a finding to an exception: identity, severity, owner.

Belongs here: what follows from a finding and its reason alone. Not here: history (register.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import polars as pl

from finsync_dagster.exceptions.reasons import Reason, UnknownReasonError
from finsync_dagster.exceptions.tables import SEVERITIES
from finsync_dagster.landscape.model import LegalEntity

_SUBJECT = ["entity_id", "subject_type", "subject_id"]
_VARIANCES = ("PRICE_", "QTY_", "LINE_TOTAL_EXCEEDED", "TAX_")


class RepeatedFindingError(ValueError):
    """Two findings have the same reason, entity, subject and counter key."""


def classify(
    findings: pl.DataFrame,
    entities: Mapping[str, LegalEntity],
    reasons: Mapping[str, Reason],
    invoice_lines: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Findings that count, with exception_id, severity, owner_role, triage_class and sla_hours.

    Severity is one step higher from the entity's materiality on. Materiality is in functional
    currency; a finding in another currency keeps its severity, since nothing is converted here.

    Raises:
        UnknownReasonError: a reason code that reasons.yaml does not list.
        RepeatedFindingError: two findings of one identity, which one exception cannot tell.
    """
    unknown = sorted(set(findings["reason_code"]) - set(reasons))
    if unknown:
        raise UnknownReasonError(f"no entry in exceptions/reasons.yaml for {', '.join(unknown)}")
    kept = suppress_dependent(findings, invoice_lines)
    # The ids are put beside their rows before any join: a join promises no order.
    identified = kept.with_columns(_identity(kept))
    repeated = identified.filter(pl.col("exception_id").is_duplicated())
    if repeated.height:
        raise RepeatedFindingError(f"several findings of one identity: {repeated.row(0)[:6]}")
    return (
        identified.join(_reason_frame(reasons), on="reason_code")
        .join(_entity_frame(entities), on="entity_id", how="left")
        .with_columns(_severity())
        .drop("base_severity", "materiality", "functional_ccy")
        .sort("exception_id")
    )


def suppress_dependent(
    findings: pl.DataFrame, invoice_lines: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Leave out what only repeats a graver finding on the same subject.

    Invoiced beyond what was received says more than that a receipt is missing; a duplicate is not
    to be corrected but stopped, so its variances do not matter.

    Args:
        findings: operations.findings.
        invoice_lines: entity_id, invoice_id and invoice_line_id of the lines that findings may be
            about. Without them only the variances of the invoice as a whole are recognised as
            those of a duplicate, since a finding on a line does not name its invoice.
    """
    over = findings.filter(pl.col("reason_code") == "QTY_OVER_RECEIVED").select(_SUBJECT).unique()
    missing = pl.col("reason_code") == "RECEIPT_MISSING"
    variance = pl.any_horizontal([pl.col("reason_code").str.starts_with(p) for p in _VARIANCES])
    duplicates = _duplicates(findings, invoice_lines)
    repeated = pl.concat(
        [
            findings.filter(missing).join(over, on=_SUBJECT, how="semi"),
            findings.filter(variance).join(duplicates, on=_SUBJECT, how="semi"),
        ]
    )
    return findings.join(repeated, on=["reason_code", *_SUBJECT, "counter_key"], how="anti")


def _duplicates(findings: pl.DataFrame, invoice_lines: pl.DataFrame | None) -> pl.DataFrame:
    """Subjects that are a duplicate, or a line of one."""
    invoices = findings.filter(pl.col("reason_code") == "DUP_EXACT").select(_SUBJECT).unique()
    if invoice_lines is None:
        return invoices
    lines = invoice_lines.select(
        "entity_id", pl.lit("invoice_line").alias("subject_type"), "invoice_line_id", "invoice_id"
    ).join(
        invoices.filter(pl.col("subject_type") == "invoice"),
        left_on=["entity_id", "invoice_id"],
        right_on=["entity_id", "subject_id"],
        how="semi",
    )
    own = lines.select("entity_id", "subject_type", pl.col("invoice_line_id").alias("subject_id"))
    return pl.concat([invoices, own])


def exception_id(reason: str, entity: str, subject_type: str, subject: str, counter: str) -> str:
    """SHA-256 by which an exception is recognised in every later run."""
    return hashlib.sha256(
        "|".join((reason, entity, subject_type, subject, counter)).encode()
    ).hexdigest()


def _identity(findings: pl.DataFrame) -> pl.Series:
    columns = ("reason_code", *_SUBJECT, "counter_key")
    ids = [exception_id(*row) for row in findings.select(columns).iter_rows()]
    return pl.Series("exception_id", ids, dtype=pl.String)


def _severity() -> pl.Expr:
    raised = dict(zip(SEVERITIES, [*SEVERITIES[1:], SEVERITIES[-1]], strict=True))
    material = (pl.col("ccy") == pl.col("functional_ccy")) & (
        pl.col("amount_at_risk") >= pl.col("materiality")
    )
    base = pl.col("base_severity")
    return pl.when(material).then(base.replace_strict(raised)).otherwise(base).alias("severity")


def _reason_frame(reasons: Mapping[str, Reason]) -> pl.DataFrame:
    return pl.DataFrame(
        [(c, r.severity, r.owner, r.triage, r.sla_hours) for c, r in reasons.items()],
        schema={
            "reason_code": pl.String,
            "base_severity": pl.String,
            "owner_role": pl.String,
            "triage_class": pl.String,
            "sla_hours": pl.Int64,
        },
        orient="row",
    )


def _entity_frame(entities: Mapping[str, LegalEntity]) -> pl.DataFrame:
    return pl.DataFrame(
        [(n, e.materiality, e.functional_currency) for n, e in entities.items()],
        schema={
            "entity_id": pl.String,
            "materiality": pl.Decimal(38, 4),
            "functional_ccy": pl.String,
        },
        orient="row",
    )
