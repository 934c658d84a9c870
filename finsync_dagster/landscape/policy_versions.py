"""Which version of the policy is in force on a day.

Belongs here: the days that versions are planned for, and what people decided otherwise. Not here:
where such decisions are kept (storage/state), nor what a policy says (policy_model.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from finsync_dagster.landscape.explain import choices
from finsync_dagster.landscape.policy_model import Policy

How = Literal["planned", "cut-over", "roll-back"]


class PolicyVersionError(ValueError):
    """No version of the policy is in force, or one is named that there is not."""


@dataclass(frozen=True)
class Decided:
    """A version that people put in force from a day on, and the one they left by that."""

    day: date
    version: str
    left: str
    how: How = "cut-over"


@dataclass(frozen=True)
class Entry:
    """A version, the first day from which it is in force, and by what."""

    day: date
    version: str
    how: How


def version_named(policies: Sequence[Policy], name: str) -> Policy:
    """The version of that name.

    Raises:
        PolicyVersionError: there is none; names those there are.
    """
    for policy in policies:
        if policy.version == name:
            return policy
    known = choices([policy.version for policy in policies], name)
    raise PolicyVersionError(f"the landscape has no policy version {name}; {known}")


def timeline(
    policies: Sequence[Policy], day: date, decided: Iterable[Decided] = ()
) -> tuple[Entry, ...]:
    """What was in force one after the other up to a day; the last entry is in force on it.

    A version that was rolled back does not come again by its planned day, but only if it is put in
    force once more. On one and the same day, what people decided outranks what was planned.

    Args:
        policies: the versions of the landscape.
        day: the day documents are compared as of.
        decided: what people decided, in the order in which they did.

    Raises:
        PolicyVersionError: no version is in force yet.
    """
    made = [entry for entry in decided if entry.day <= day]
    gone = {entry.left for entry in made if entry.how == "roll-back"}
    planned = [
        Entry(policy.in_force_from or date.min, policy.version, "planned") for policy in policies
    ]
    begun = [e for e in planned if e.day <= day and e.version not in gone]
    begun += [Entry(entry.day, entry.version, entry.how) for entry in made]
    if not begun:
        raise PolicyVersionError(
            f"no version of the policy is in force on {day}: the first is planned from "
            f"{min(e.day for e in planned)}; give the landscape one that is in force earlier "
            "(in_force_from), or name a later day"
        )
    # Stable: decisions of one day stay in the order in which they were made.
    return tuple(sorted(begun, key=lambda e: (e.day, e.how != "planned")))


def in_force(policies: Sequence[Policy], day: date, decided: Iterable[Decided] = ()) -> Policy:
    """The version in force on a day (``timeline``).

    Raises:
        PolicyVersionError: none is in force yet, or the one decided on is no longer written in
            the landscape.
    """
    return version_named(policies, timeline(policies, day, decided)[-1].version)


def rolled_back_to(policies: Sequence[Policy], day: date, decided: Iterable[Decided] = ()) -> str:
    """The version that comes into force if the one of the day is rolled back.

    Raises:
        PolicyVersionError: it came by a roll-back itself, or there is none before it.
    """
    entries = timeline(policies, day, decided)
    now = entries[-1]
    earlier = [e.version for e in entries[:-1] if e.version != now.version]
    if now.how == "roll-back" or not earlier:
        why = "came by a roll-back itself" if now.how == "roll-back" else "has none before it"
        raise PolicyVersionError(
            f"policy version {now.version} cannot be rolled back: it {why}; name the version you "
            "want: finsync policy cut-over VERSION"
        )
    return earlier[-1]
