"""What another policy would change: the same documents matched by two, side by side.

Belongs here: reading, matching twice, telling the invoices whose verdict differs. Not here:
printing (report/shadow.py). Nothing is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.canonical.functional_rates import functional_rates
from finsync_dagster.landscape.policy_model import Policy
from finsync_dagster.landscape.words import Period
from finsync_dagster.matching.figures.functional import referred
from finsync_dagster.matching.match import MatchResult
from finsync_dagster.matching.parts import match_in_parts
from finsync_dagster.matching.policy.scopes import Names
from finsync_dagster.money import (
    AMOUNT,
    AMOUNT_SCALE,
    RATE_SCALE,
    minor_unit,
    multiply_half_up,
    round_half_up,
)
from finsync_dagster.orchestration.documents import documents, quoted
from finsync_dagster.orchestration.workshop import Workshop

CHANGES: dict[str, pl.DataType | type[pl.DataType]] = {
    "entity_id": pl.String,
    "invoice_id": pl.String,
    "invoice_no": pl.String,
    "supplier": pl.String,
    "invoice_date": pl.Date,
    "ccy": pl.String,
    "net": AMOUNT,
    "outcome_from": pl.String,
    "outcome_to": pl.String,
    "payable_from": AMOUNT,
    "payable_to": AMOUNT,
    "released": AMOUNT,
    "blocked": AMOUNT,
    "group_ccy": pl.String,
    "released_group": AMOUNT,
    "blocked_group": AMOUNT,
    "reasons_gained": pl.String,
    "reasons_lost": pl.String,
}
"""One row per invoice that another policy treats otherwise. ``released`` is what more, ``blocked``
what less may be paid, net, in ``ccy`` and in group currency (null: no rate is known)."""

_RESULT = ("outcome", "payable_amount")


@dataclass(frozen=True)
class Shadow:
    """What a policy would change for one legal entity."""

    entity_id: str
    in_force: str
    """Version and digest of the policy in force."""
    proposed: str
    """The same of the other one."""
    as_of: date
    invoices: int
    """Live invoices looked at."""
    changes: pl.DataFrame
    """``CHANGES``, sorted by invoice."""
    orders: pl.DataFrame
    """``reason_code``, ``gained``, ``lost``: findings about orders and their lines."""
    unmet: dict[str, str]
    """Rule of the other policy → what it names that no document of the entity bears."""

    @property
    def verdicts(self) -> pl.DataFrame:
        """Those changes in which the outcome or what may be paid is another one."""
        same = (pl.col("outcome_from") == pl.col("outcome_to")) & (
            pl.col("payable_from") == pl.col("payable_to")
        )
        return self.changes.filter(~same)


def shadow(
    shop: Workshop, entity_id: str, policies: tuple[Policy, Policy], as_of: date, invoiced: Period
) -> Shadow:
    """Match the stored documents of an entity by two policies, and tell where they differ.

    All documents are matched, since quantities and totals accumulate; only invoices dated within
    the period are told of.

    Args:
        shop: where the documents are.
        entity_id: the legal entity.
        policies: the one in force, and the other one.
        as_of: documents dated after this day are left out.
        invoiced: dates of the invoices to be told of.

    Raises:
        KeyError: a policy lacks a row for a check.
    """
    docs = documents(shop.lake, entity_id, shop.landscape, as_of).until(as_of)
    now, then = (match_in_parts(docs, policy, as_of, entity_id) for policy in policies)
    wanted = docs.invoices.filter(
        pl.col("invoice_date").is_between(invoiced.first, invoiced.last)
    ).select("invoice_id", "invoice_date")
    group = shop.landscape.group_currency
    rates = functional_rates(quoted(shop.lake, entity_id, shop.landscape).collect(), group)
    changed = _changes(docs, now, then).join(wanted, on="invoice_id")
    return Shadow(
        entity_id=entity_id,
        in_force=policies[0].label,
        proposed=policies[1].label,
        as_of=as_of,
        invoices=now.invoice_results.join(wanted, on="invoice_id", how="semi").height,
        changes=_in_group_currency(changed, rates, group),
        orders=_of_orders(now, then),
        unmet=_unmet(docs, policies[1], entity_id),
    )


def unmet(shadows: Sequence[Shadow]) -> dict[str, str]:
    """Rules that name what none of the legal entities looked at has: perhaps misspelt."""
    every = [each.unmet for each in shadows]
    return {rule: what for rule, what in every[0].items() if all(rule in e for e in every)}


def _unmet(docs: Documents, policy: Policy, entity_id: str) -> dict[str, str]:
    names = Names(docs, policy.supplier_groups)
    found = {}
    for where, rules in (("rules", policy.rules), ("matching", policy.matching)):
        for i, rule in enumerate(rules):
            other = rule.entity not in (None, entity_id)
            what = f"entity {rule.entity}" if other else names.unknown(rule)
            if what:
                found[f"{where}.{i} ({rule.label})"] = what
    return found


def _changes(docs: Documents, now: MatchResult, then: MatchResult) -> pl.DataFrame:
    before = now.invoice_results.select(
        "entity_id",
        "invoice_id",
        "supplier_src_id",
        "ccy",
        "net",
        invoice_no="invoice_no_supplier",
        outcome_from=pl.col("outcome").cast(pl.String),
        payable_from="payable_amount",
    )
    after = then.invoice_results.select(
        "invoice_id",
        outcome_to=pl.col("outcome").cast(pl.String),
        payable_to="payable_amount",
    )
    names = docs.suppliers.select("supplier_src_id", supplier="name").unique("supplier_src_id")
    both = before.join(after, on="invoice_id").join(names, on="supplier_src_id", how="left")
    both = both.with_columns(supplier=pl.coalesce("supplier", "supplier_src_id"))
    one, other = (_reasons(result, docs.invoice_lines) for result in (now, then))
    gained = _listed(other.join(one, on=other.columns, how="anti"), "reasons_gained")
    lost = _listed(one.join(other, on=one.columns, how="anti"), "reasons_lost")
    both = both.join(gained, on="invoice_id", how="left").join(lost, on="invoice_id", how="left")
    same = (
        (pl.col("outcome_from") == pl.col("outcome_to"))
        & (pl.col("payable_from") == pl.col("payable_to"))
        & pl.col("reasons_gained").is_null()
        & pl.col("reasons_lost").is_null()
    )
    more = pl.col("payable_to") - pl.col("payable_from")
    zero = pl.lit(0, dtype=AMOUNT)
    return both.filter(~same).with_columns(
        pl.col("reasons_gained", "reasons_lost").fill_null(""),
        released=pl.when(more > 0).then(more).otherwise(zero),
        blocked=pl.when(more < 0).then(zero - more).otherwise(zero),
    )


def _reasons(result: MatchResult, lines: pl.DataFrame) -> pl.DataFrame:
    """``invoice_id``, ``reason_code``, each once: findings about invoices and their lines."""
    findings = result.findings
    whole = findings.filter(pl.col("subject_type") == "invoice")
    of_line = findings.filter(pl.col("subject_type") == "invoice_line").join(
        lines.select("invoice_id", subject_id="invoice_line_id"), on="subject_id"
    )
    return pl.concat(
        [
            whole.select("reason_code", invoice_id="subject_id"),
            of_line.select("reason_code", "invoice_id"),
        ]
    ).unique()


def _listed(reasons: pl.DataFrame, name: str) -> pl.DataFrame:
    codes = pl.col("reason_code").unique().sort().str.join(", ").alias(name)
    return reasons.group_by("invoice_id").agg(codes)


def _of_orders(now: MatchResult, then: MatchResult) -> pl.DataFrame:
    key = ["reason_code", "subject_type", "subject_id", "counter_key"]
    one, other = (
        r.findings.filter(~pl.col("subject_type").is_in(["invoice", "invoice_line"])).select(key)
        for r in (now, then)
    )
    gained = other.join(one, on=key, how="anti").group_by("reason_code").agg(gained=pl.len())
    lost = one.join(other, on=key, how="anti").group_by("reason_code").agg(lost=pl.len())
    both = gained.join(lost, on="reason_code", how="full", coalesce=True)
    counts = pl.col("gained", "lost").fill_null(0).cast(pl.Int64)
    return both.with_columns(counts).sort("reason_code")


def _in_group_currency(changed: pl.DataFrame, rates: pl.DataFrame, group: str) -> pl.DataFrame:
    rated = referred(changed, rates, pl.col("invoice_date"))
    rate = pl.col("reference_rate")

    def worth(name: str) -> pl.Expr:
        exact = multiply_half_up(pl.col(name), AMOUNT_SCALE, rate, RATE_SCALE, RATE_SCALE)
        return round_half_up(exact, RATE_SCALE, minor_unit(group)).cast(AMOUNT)

    told = rated.with_columns(
        group_ccy=pl.lit(group),
        released_group=worth("released"),
        blocked_group=worth("blocked"),
    )
    named = [pl.col(name).cast(dtype) for name, dtype in CHANGES.items()]
    return told.select(named).sort("entity_id", "invoice_id")
