"""A policy and its history, for a person.

Belongs here: printing. Not here: which version is in force (landscape/policy_versions.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl
from rich.console import Console
from rich.text import Text

from finsync_dagster.landscape.policy_model import (
    MATCHING_WORDS,
    MatchingRule,
    Policy,
    Tolerance,
)
from finsync_dagster.landscape.policy_versions import Entry
from finsync_dagster.report.landing_list import moment
from finsync_dagster.report.text import plain, shown

_LIMITS = ("upper_abs", "upper_pct", "lower_abs", "lower_pct")


def print_policy(policy: Policy, console: Console) -> None:
    """Every limit there is, by check: the general ones, those of entities, then rules."""
    table = plain(
        f"Policy {policy.label}",
        "check",
        "for",
        "above at most",
        "below at most",
        "if above",
        "if below",
    )
    for check in policy.tolerances:
        _add(table, check, "default", policy.tolerances[check])
        for entity, own in policy.entity_tolerances.items():
            if check in own:
                _add(table, check, f"entity {entity}", own[check])
        for rule in policy.rules:
            if rule.check == check:
                _add(table, check, rule.label, rule.limits)
    console.print(table)
    for how in policy.matching:
        console.print(Text("matching, ") + shown(f"{how.label}: {_words(how)}", 200))
    for group, members in policy.supplier_groups.items():
        console.print(Text(f"supplier group {group}: ") + shown(", ".join(members), 300))


def print_in_force(
    policies: Sequence[Policy], entries: Sequence[Entry], day: date, console: Console
) -> None:
    """Which version is in force, since when and by what; the others."""
    now = entries[-1]
    since = f"since {now.day}" if now.day > date.min else "from the beginning"
    console.print(Text(f"in force on {day}: {now.version}, {since} ({now.how})"))
    for policy in policies:
        if policy.version != now.version:
            planned = f"from {policy.in_force_from}" if policy.in_force_from else "from the first"
            console.print(Text(f"  also there: {policy.label}, planned {planned}"))


def print_history(policies: Sequence[Policy], events: pl.DataFrame, console: Console) -> None:
    """What was planned and what people decided, in order of time."""
    table = plain("", "when", "what", "from", "to", "first day", "by", "why")
    for policy in sorted(policies, key=lambda p: p.in_force_from or date.min):
        day = str(policy.in_force_from or "the beginning")
        table.add_row("", "planned", "", policy.label, day, "", shown("the landscape"))
    digests = {policy.version: policy.digest for policy in policies}
    changed = []
    for row in events.sort("event_id").iter_rows(named=True):
        table.add_row(
            moment(row["at"]),
            row["kind"],
            shown(f"{row['from_version']}+{row['from_digest']}"),
            shown(f"{row['to_version']}+{row['to_digest']}"),
            str(row["in_force_from"]),
            shown(row["decided_by"], 40),
            shown(row["reason"], 100),
        )
        if digests.get(row["to_version"], row["to_digest"]) != row["to_digest"]:
            changed.append(row["to_version"])
    console.print(table)
    for version in dict.fromkeys(changed):
        console.print(
            Text(
                f"{version} says something else today than when it was put in force: its digest is "
                f"{digests[version]} now"
            )
        )


def _add(table: object, check: str, scope: str, limits: Tolerance) -> None:
    above, below = limits.effects(check)
    table.add_row(  # type: ignore[attr-defined]
        check,
        shown(scope, 80),
        _limit(limits, "upper"),
        _limit(limits, "lower"),
        above if _limit(limits, "upper") != _UNCHECKED else "",
        below if _limit(limits, "lower") != _UNCHECKED else "",
    )


_UNCHECKED = "not checked"


def _limit(limits: Tolerance, side: str) -> str:
    absolute, share = getattr(limits, f"{side}_abs"), getattr(limits, f"{side}_pct")
    said = [
        f"{absolute:f}" if absolute is not None else "",
        f"{share:f} %" if share is not None else "",
    ]
    word = " and " if limits.combine == "ALL" else " or "
    return word.join(part for part in said if part) or _UNCHECKED


def _words(rule: MatchingRule) -> str:
    stated = {word: getattr(rule, word) for word in MATCHING_WORDS}
    return ", ".join(f"{word} {value}" for word, value in stated.items() if value is not None)
