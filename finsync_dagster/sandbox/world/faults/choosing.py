"""Which order carries which fault: at most one, so that no fault touches another's documents.

Belongs here: what an order is eligible for (``s_eligible``), the choice (``s_fault``). Not here:
what a fault changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import duckdb

from finsync_dagster.sandbox.world.draws import LAST_WEEKDAY
from finsync_dagster.sandbox.world.faults.fault import Fault

# finished: billed in full with room for what a fault adds. paid: the run that pays it has been.
# recent: received less than 90 days before the end; old: more than that.
_ELIGIBLE = f"""
CREATE TEMP TABLE s_eligible AS
WITH lines AS (
    SELECT n, min(q) AS least_q, max(bp) AS bp, bool_or(gr_based) AS gr_based,
        max(freight) AS freight, min(l) FILTER (num <> den) AS ratio_l,
        min(box) FILTER (l = 1) AS box, min(q) FILTER (l = 1) AS q, min(pu) FILTER (l = 1) AS pu,
        min(over_bp) FILTER (l = 1) AS over_bp, min(uom) FILTER (l = 1) AS uom,
        min(p) FILTER (l = 1) AS p, max(net) AS max_net
    FROM s_line GROUP BY n
)
SELECT o.n, o.w, o.entity_id, o.kind, o.trait, o.nd, o.nlines, o.lead, o.ccy, o.each_billed,
    o.last_w, o.ccy <> o.entity_ccy AS abroad, o.sap_like, lines.* EXCLUDE (n),
    o.trait = 'plain' AND o.last_w + 14 <= {LAST_WEEKDAY} AS plain,
    weekday(o.last_w + 10) + CAST(o.terms_days AS INTEGER) + 20 <= DATE '2026-10-31' AS paid,
    o.last_w > {LAST_WEEKDAY} - 60 AS recent, o.last_w < {LAST_WEEKDAY} - 75 AS old,
    draw('chance', o.n) AS chance,
    upto('has requisition', o.n, 100) < 88 AND o.entity_id <> 'lumen_ie' AS requested
FROM s_order AS o JOIN lines USING (n);
CREATE TEMP TABLE s_fault (n BIGINT, fault VARCHAR);
CREATE TEMP TABLE s_reserved (n BIGINT, supplier_id BIGINT, fault VARCHAR);
"""

# Entities take turns, in an order of each fault's own: one hash an order, salted per fault.
_CHOOSE = """
INSERT INTO s_fault
SELECT n, '{fault}' FROM (
    SELECT n, entity_id, row_number() OVER (PARTITION BY entity_id ORDER BY xor(chance, {salt}), n)
        AS turn
    FROM s_eligible AS e WHERE ({where}) AND NOT EXISTS (FROM s_fault AS f WHERE f.n = e.n))
ORDER BY turn, draw('entity {fault}', entity_id), n LIMIT {count};
"""


def choose_victims(
    connection: duckdb.DuckDBPyConnection, faults: Iterable[Fault], scale_100: int
) -> None:
    """Fills ``s_fault``: so many orders for each fault as the scale asks for, where there are."""
    connection.execute(_ELIGIBLE)
    for fault in faults:
        count = max(1 if scale_100 >= 50 else 0, fault.per_100 * scale_100 // 100)
        salt = int.from_bytes(hashlib.sha256(fault.name.encode()).digest()[:8], "big")
        connection.execute(
            _CHOOSE.format(
                fault=fault.name, where=fault.where, count=count, salt=f"{salt}::UBIGINT"
            )
        )
