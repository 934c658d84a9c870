"""How the lines of orders are matched, where the policy says another thing than the source.

Belongs here: the words of matching rules as columns of order lines. Not here: what follows from
them (orders.py, allocate.py, checks/timing.py).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.landscape.policy_model import MATCHING_WORDS, MatchingRule, Policy
from finsync_dagster.matching.policy.ruling import RULE
from finsync_dagster.matching.policy.scopes import MATCHING_STEPS, Names, decided, rank
from finsync_dagster.matching.policy.subjects import DocumentSubjects

RECEIPT_BASIS = "receipt_basis"
INVOICE_BEFORE_RECEIPT = "invoice_before_receipt"
GRACE_DAYS = "grace_days"

DEFAULTS: dict[str, str | int] = {
    RECEIPT_BASIS: "po_cumulative",
    INVOICE_BEFORE_RECEIPT: "hold",
    GRACE_DAYS: 0,
}
"""What holds for a line of which no rule says otherwise."""

_COLUMN = {"set_match_type": "match_type", "set_match_basis": "match_basis"}


def under_policy(docs: Documents, policy: Policy, entity_id: str) -> Documents:
    """The documents with their order lines as the policy has them matched.

    ``match_type`` and ``match_basis`` are those of the policy where it states some;
    ``receipt_basis``, ``invoice_before_receipt`` and ``grace_days`` are added if any rule states
    them. Rules are looked up by the day of the order, since all that bills an order line is to be
    matched in one way. Without matching rules, the documents are returned as they are.

    Raises:
        PolicyError: two rules are about the same line, and neither is narrower.
    """
    rules = policy.matching_of(entity_id)
    if not rules or docs.purchase_order_lines.is_empty():
        return docs
    lines = docs.purchase_order_lines.with_row_index("_n")
    narrow: dict[str, list[MatchingRule]] = {}
    for word in MATCHING_WORDS:
        saying = [rule for rule in rules if getattr(rule, word) is not None]
        if saying and all(map(_of_all, saying)):
            one = min(saying, key=lambda rule: rank(rule, MATCHING_STEPS))
            lines = lines.with_columns(_same_for_all(one, word))
        elif saying:
            narrow[word] = saying
    if narrow:
        # A rule may be about the match type the source states, not one that another rule made.
        facts = DocumentSubjects(docs, policy).facts(
            "purchase_order_line", lines.select("_n", subject_id="po_line_id")
        )
        names = Names(docs, policy.supplier_groups)
        for word, saying in narrow.items():
            found = decided(facts, saying, MATCHING_STEPS, names)
            lines = _with_word(lines, word, saying, found)
    return replace(docs, purchase_order_lines=lines.drop("_n"))


def _of_all(rule: MatchingRule) -> bool:
    """Is the rule about every line of the entity, on every day?"""
    _, *narrower = rule.scope
    return not rule.from_ and not rule.until and all(named is None for named in narrower)


def _same_for_all(rule: MatchingRule, word: str) -> pl.Expr:
    value = getattr(rule, word)
    dtype = pl.Int64 if isinstance(value, int) else pl.String
    return pl.lit(value, dtype=dtype).alias(_COLUMN.get(word, word))


def said(frame: pl.DataFrame, word: str) -> pl.Expr:
    """What the policy says of each row of order lines (or what was joined from them).

    Args:
        frame: may have the column, or not, where no rule says anything.
        word: one of ``DEFAULTS``.
    """
    default = pl.lit(DEFAULTS[word])
    return pl.col(word).fill_null(default) if word in frame.columns else default.alias(word)


def _with_word(
    lines: pl.DataFrame, word: str, rules: list[MatchingRule], found: pl.DataFrame
) -> pl.DataFrame:
    values: list[Any] = [getattr(rule, word) for rule in rules]
    stated = pl.DataFrame({RULE: pl.Series(range(len(rules)), dtype=pl.Int32), "_said": values})
    joined = lines.join(
        found.join(stated, on=RULE).drop(RULE), on="_n", how="left", maintain_order="left"
    )
    column = _COLUMN.get(word, word)
    otherwise = pl.col(column) if column in lines.columns else pl.lit(DEFAULTS.get(word))
    return joined.with_columns(pl.coalesce("_said", otherwise).alias(column)).drop("_said")
