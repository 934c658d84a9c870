"""Scoring what was found against what was planted: per reason code planted, found, missed, false.

Belongs here: which finding answers which plant, which findings nothing explains, what is left out
and why. Not here: running the pipeline, printing (benchmarks/detect.py).

A plant is found by a finding of its reason code and legal entity on its document (on its line where
both name one); where the two are about documents of different kinds, on the same order. A finding
is false if nothing planted on its order or document has its reason code or entails it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tests.systems.group.cases import Case, Finding, Node


@dataclass(frozen=True)
class Limit:
    """Plants that no rule can find yet, or not in such a system or entity; and why.

    ``seed``: of a world in which there is one; in others there may be none.
    """

    reason_code: str
    why: str
    systems: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    explanation: str = ""
    seed: int = 7

    def covers(self, case: Case) -> bool:
        """Is the plant one of these?"""
        return (
            case.reason_code == self.reason_code
            and (not self.systems or case.system in self.systems)
            and (not self.entities or case.entity_id in self.entities)
            and self.explanation in case.explanation
        )


@dataclass
class Score:
    """Of one reason code."""

    planted: list[Case] = field(default_factory=list)
    missed: list[Case] = field(default_factory=list)
    beyond: list[Case] = field(default_factory=list)
    false: list[Finding] = field(default_factory=list)
    findings: int = 0

    @property
    def found(self) -> int:
        """Plants that were found."""
        return len(self.planted) - len(self.missed)


def score(
    plants: Iterable[Case],
    findings: Iterable[Finding],
    limits: Iterable[Limit],
    said_as: Mapping[str, str],
    entailed: Mapping[str, frozenset[str]],
    old: frozenset[Node] = frozenset(),
) -> dict[str, Score]:
    """Per reason code of a plant or a finding, sorted.

    ``limits``: plants that need not be found. ``said_as``: reason code planted → the one it is
    reported by. ``entailed``: reason code planted → others that follow from it, beside those that
    the world says itself. ``old``: orders that time alone has made GRIR_AGED.
    """
    cases, every, beyond = list(plants), list(findings), list(limits)
    scores: dict[str, Score] = {}
    for case in cases:
        of_code = scores.setdefault(case.reason_code, Score())
        if any(limit.covers(case) for limit in beyond):
            of_code.beyond.append(case)
            continue
        of_code.planted.append(case)
        wanted = said_as.get(case.reason_code, case.reason_code)
        if not any(f.reason_code == wanted and answers(f, case) for f in every):
            of_code.missed.append(case)
    for finding in every:
        of_code = scores.setdefault(finding.reason_code, Score())
        of_code.findings += 1
        if finding.reason_code == "GRIR_AGED" and finding.nodes & old:
            continue
        if not any(_explains(case, finding, said_as, entailed) for case in cases):
            of_code.false.append(finding)
    return dict(sorted(scores.items()))


def answers(finding: Finding, case: Case) -> bool:
    """Is the finding about the plant's document?"""
    if finding.entity_id != case.entity_id:
        return False
    if finding.kind is not case.kind:
        return bool(finding.nodes & case.nodes)
    if finding.document != case.document:
        return False
    return finding.line is None or case.line is None or finding.line == case.line


def _explains(
    case: Case,
    finding: Finding,
    said_as: Mapping[str, str],
    entailed: Mapping[str, frozenset[str]],
) -> bool:
    codes = {case.reason_code, said_as.get(case.reason_code), *case.entails}
    codes |= entailed.get(case.reason_code, frozenset())
    return finding.reason_code in codes and bool(finding.nodes & case.nodes)


def reported_innocents(innocents: Iterable[Case], findings: Iterable[Finding]) -> list[Finding]:
    """Findings about what only looks wrong, of the code that a careless checker would give."""
    every = list(findings)
    return [
        finding
        for case in innocents
        for finding in every
        if finding.reason_code == case.reason_code and answers(finding, case)
    ]
