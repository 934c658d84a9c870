"""Receiving landed records into the holding: what is new or changed, what is gone, what repeats.

Belongs here: which of several versions of a record counts. Not here: what the records mean
(evaluate.py and after).

Leaves behind, per object ``o``: ``touched_o`` (``_id`` of records new or changed), ``gone_o`` (of
records no longer there), ``before_o`` (what was held of either, if other objects look it up) and
``in_o`` (what came, the newest of each record). Conforming anew, everything is new: ``touched_o``
stays empty, there is no ``in_o``, and ``held_o`` is what came.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from finsync_dagster.canonical.expressions import identifier
from finsync_dagster.canonical.holding import Holding
from finsync_dagster.canonical.landed import (
    ID,
    KEY,
    LANDING_COLUMNS,
    Deletions,
    Incoming,
    ObjectRules,
    keyed,
)

RECORDS = "records"


@dataclass(frozen=True)
class Received:
    """Measure → total of all records received, and of those replaced by a later one among them."""

    received: Mapping[str, Decimal]
    superseded: Mapping[str, Decimal]

    def with_superseded(self, more: Mapping[str, Decimal]) -> Received:
        """The same, with more of it replaced."""
        return Received(self.received, {m: n + more[m] for m, n in self.superseded.items()})


def receive(
    h: Holding,
    name: str,
    rules: ObjectRules,
    incoming: Incoming | None,
    missing: Collection[str],
    *,
    anew: bool,
    looked_up: bool,
) -> Received:
    """Bring an object's holding up to what came in; None: nothing was extracted since.

    ``missing``: fields that a mapping reads and the source does not deliver; they are held empty.
    ``looked_up``: other objects' records find those of this one.
    """
    h.run(f"DROP TABLE IF EXISTS in_{name}")
    for kind in ("touched", "gone"):
        h.run(f"CREATE OR REPLACE TEMP TABLE {kind}_{name} ({ID} VARCHAR)")
    if incoming is None:
        h.run(f"CREATE OR REPLACE TEMP TABLE before_{name} AS FROM held_{name} LIMIT 0")
        return Received(_nothing(rules.measures), _nothing(rules.measures))
    if anew:
        h.hold(name, [*incoming.fields, *sorted(missing)])
        target = f"held_{name}"
    else:
        target = f"in_{name}"
        h.run(f"CREATE OR REPLACE TEMP TABLE {target} AS FROM held_{name} LIMIT 0")
    _load(h, target, rules.key, incoming)
    received = totals(h, target, rules.measures)
    taken_out = _drop_gone(h, target, rules, incoming)
    superseded = _drop_superseded(h, target, rules.measures)
    superseded = {m: n + taken_out[m] for m, n in superseded.items()}
    if anew:
        h.run(f"CREATE OR REPLACE TEMP TABLE before_{name} AS FROM held_{name} LIMIT 0")
    else:
        _merge(h, name, everything=incoming.everything, looked_up=looked_up)
    return Received(received, superseded)


def delete_fed(
    h: Holding, name: str, feed: Deletions, measures: Sequence[str]
) -> dict[str, Decimal]:
    """Take out of the holding what the feed says was deleted; the totals of what was taken out."""
    theirs = " || '|' || ".join(f"whole(feed.{identifier(f)})" for f in feed.key)
    when = f"stamp(feed.{identifier(feed.at)})" if feed.at else "NULL"
    h.guarded(
        f"CREATE OR REPLACE TEMP TABLE fed AS SELECT DISTINCT own.{ID} FROM held_{name} AS own "
        f"JOIN held_{feed.object} AS feed ON own.{KEY} = {theirs} "
        f"WHERE TRY({when}) IS NULL OR own.extracted_at <= TRY({when})"
    )
    taken = totals(h, f"(FROM held_{name} SEMI JOIN fed USING ({ID}))", measures)
    h.run(
        f"INSERT INTO before_{name} SELECT own.* FROM held_{name} AS own SEMI JOIN fed USING ({ID})"
    )
    h.run(f"INSERT INTO gone_{name} SELECT {ID} FROM fed")
    h.run(f"DELETE FROM touched_{name} WHERE {ID} IN (FROM fed)")
    h.run(f"DELETE FROM held_{name} WHERE {ID} IN (FROM fed)")
    return taken


def totals(h: Holding, source: str, measures: Sequence[str]) -> dict[str, Decimal]:
    """Number of rows and sum of each measure; a value that is no number has no amount."""
    sums = [f"coalesce(sum(TRY_CAST({identifier(m)} AS DECIMAL(38, 6))), 0)" for m in measures]
    row = h.row(f"SELECT {', '.join(['count(*)', *sums])} FROM {source}")
    values = [Decimal(str(v)) for v in row]
    return dict(zip([RECORDS, *measures], values, strict=True))


def _nothing(measures: Sequence[str]) -> dict[str, Decimal]:
    return dict.fromkeys([RECORDS, *measures], Decimal(0))


def _load(h: Holding, target: str, key: Sequence[str], incoming: Incoming) -> None:
    present = set(incoming.fields)
    held = h.fields(target.removeprefix("held_").removeprefix("in_"))
    texts = [identifier(f) if f in present else f"NULL AS {identifier(f)}" for f in held]
    hashed = ", ".join(identifier(f) for f in held if f in present)
    for frame in incoming.frames:
        h.run(
            f"INSERT INTO {target} SELECT {ID}, {KEY}, hash({hashed}), {', '.join(texts)}, "
            f"{', '.join(LANDING_COLUMNS)} FROM given",
            keyed(frame, key),
        )


def _drop_gone(
    h: Holding, target: str, rules: ObjectRules, incoming: Incoming
) -> dict[str, Decimal]:
    """Leave out what came before the source said that it is gone; the totals of that."""
    h.run(f"CREATE OR REPLACE TEMP TABLE lost ({KEY} VARCHAR, extracted_at TIMESTAMPTZ)")
    for frame in incoming.gone:
        h.run(f"INSERT INTO lost SELECT {KEY}, extracted_at FROM given", keyed(frame, rules.key))
    older = (
        f"{target} AS own WHERE EXISTS (FROM lost WHERE lost.{KEY} = own.{KEY} "
        "AND own.extracted_at <= lost.extracted_at)"
    )
    found = totals(h, older, rules.measures)
    if found[RECORDS]:
        h.run(f"DELETE FROM {older}")
    return found


def _drop_superseded(h: Holding, target: str, measures: Sequence[str]) -> dict[str, Decimal]:
    # Rows keep the order of insertion: of several with one id the last counts. If it only repeats
    # what came before it, it is as old as what it repeats.
    h.run(
        f"CREATE OR REPLACE TEMP TABLE repeated AS SELECT {ID}, arg_max(_hash, rowid) AS _hash "
        f"FROM {target} GROUP BY {ID} HAVING count(*) > 1"
    )
    h.run(
        f"CREATE OR REPLACE TEMP TABLE counting AS SELECT min(place) AS place FROM ("
        f"SELECT t.{ID}, t.rowid AS place, r._hash = t._hash AS same, "
        f"max(t.rowid) FILTER (r._hash <> t._hash) OVER (PARTITION BY t.{ID}) AS other "
        f"FROM {target} AS t JOIN repeated AS r USING ({ID})) "
        f"WHERE same AND place > coalesce(other, -1) GROUP BY {ID}"
    )
    older = (
        f"{target} WHERE {ID} IN (SELECT {ID} FROM repeated) "
        "AND rowid NOT IN (SELECT place FROM counting)"
    )
    found = totals(h, older, measures)
    if found[RECORDS]:
        h.run(f"DELETE FROM {older}")
    return found


def _merge(h: Holding, name: str, *, everything: bool, looked_up: bool) -> None:
    h.run(
        f"INSERT INTO touched_{name} SELECT new.{ID} FROM in_{name} AS new LEFT JOIN "
        f"(SELECT {ID}, _hash FROM held_{name}) AS old USING ({ID}) "
        "WHERE old._hash IS DISTINCT FROM new._hash"
    )
    if everything:
        h.run(
            f"INSERT INTO gone_{name} SELECT {ID} FROM held_{name} ANTI JOIN in_{name} USING ({ID})"
        )
    else:
        # What came after it was gone, is there again.
        h.run(
            f"INSERT INTO gone_{name} SELECT {ID} FROM held_{name} "
            f"SEMI JOIN lost USING ({KEY}) ANTI JOIN in_{name} USING ({ID})"
        )
    h.run(f"CREATE OR REPLACE TEMP TABLE old AS FROM touched_{name} UNION ALL FROM gone_{name}")
    kept = f"{ID} IN (FROM old)" if looked_up else "FALSE"
    h.run(f"CREATE OR REPLACE TEMP TABLE before_{name} AS SELECT * FROM held_{name} WHERE {kept}")
    h.run(f"DELETE FROM held_{name} WHERE {ID} IN (FROM old)")
    h.run(f"INSERT INTO held_{name} FROM in_{name} SEMI JOIN touched_{name} USING ({ID})")
