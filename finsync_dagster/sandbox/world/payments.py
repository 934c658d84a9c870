"""Stages payments: weekly runs that pay what is due, take discounts, set off credits.

Belongs here: ``s_payment``, ``s_application``. Not here: how the ledger shows them (ledger.py).
"""

from __future__ import annotations

import duckdb

_LAST_DAY = "DATE '2026-10-31'"

# Runs are on Thursdays. A discount is taken if a run falls between posting and its last day.
_DUE = """
CREATE TEMP MACRO thursday_from(d) AS d + CAST((11 - isodow(d)) % 7 AS INTEGER);
CREATE TEMP MACRO thursday_until(d) AS d - CAST((isodow(d) + 3) % 7 AS INTEGER);
CREATE TEMP TABLE s_due AS
WITH dated AS (
    SELECT v.*, t.gross, t.net + t.charges AS discountable,
        thursday_until(weekday(v.w) + CAST(v.discount_days AS INTEGER)) AS discount_run,
        thursday_from(greatest(weekday(v.w) + CAST(v.terms_days AS INTEGER),
            weekday(v.pw) + 1)) AS due_run
    FROM s_invoice AS v JOIN s_total AS t USING (n, i)
    WHERE v.payable AND v.block IS NULL AND v.state = 'posted'
)
SELECT n, i, corr_i, gross, pw, ccy,
    CASE WHEN takes THEN discount_run ELSE due_run END AS run,
    CASE WHEN takes THEN in_minor(gross * discount_bp, 10000, ccy) ELSE 0 END AS discount
FROM (SELECT *, kind = 'invoice' AND discount_days > 0 AND discount_run > weekday(pw)
    AND upto('takes discount', n * 40 + i, 10) < 7 AS takes FROM dated);

-- A credit is set off with the invoice it corrects, if it came before that was paid.
CREATE TEMP TABLE s_settled AS
SELECT d.n, d.i, d.gross, d.discount, d.ccy, CASE WHEN d.corr_i IS NULL THEN d.run ELSE c.run END
    AS run
FROM s_due AS d LEFT JOIN s_due AS c ON c.n = d.n AND c.i = d.corr_i
WHERE d.corr_i IS NULL OR weekday(d.pw) < c.run;
"""

_PAYMENT = f"""
CREATE TEMP TABLE s_application AS
SELECT min(s.n * 40 + s.i) OVER same_run AS pkey, s.n, s.i, s.gross - s.discount AS amount,
    s.discount, sum(s.gross - s.discount) OVER same_run AS total, s.run,
    v.entity_id, v.ccy, v.entity_ccy, coalesce(o.copy_acct, v.acct) AS acct
FROM s_settled AS s JOIN s_invoice AS v USING (n, i) JOIN s_order AS o USING (n)
WHERE s.run <= {_LAST_DAY}
WINDOW same_run AS (PARTITION BY v.entity_id, coalesce(o.copy_acct, v.acct), v.ccy, s.run);
DELETE FROM s_application WHERE total <= 0;
CREATE TEMP TABLE s_payment AS
SELECT pkey, run AS day, entity_id, ccy, entity_ccy, acct, CAST(sum(amount) AS BIGINT) AS amount,
    'confirmed' AS status, CAST(NULL AS BIGINT) AS released_by, CAST(NULL AS BIGINT) AS second_by,
    CAST(NULL AS BIGINT) AS fx8
FROM s_application GROUP BY ALL;
ALTER TABLE s_application DROP total;
"""

_RATES = """
CREATE TEMP TABLE s_rated_payment AS
SELECT y.* REPLACE (r.fx8 AS fx8, e.accountants[3] AS released_by, e.director AS second_by)
FROM s_payment AS y JOIN s_staff AS e USING (entity_id)
LEFT JOIN s_rate AS r
    ON r.rate_date = y.day AND r.from_ccy = y.ccy AND r.to_ccy = y.entity_ccy;
DROP TABLE s_payment;
ALTER TABLE s_rated_payment RENAME TO s_payment;
"""


def stage_payments(connection: duckdb.DuckDBPyConnection) -> None:
    """Stages the payment runs until the calendar ends."""
    for script in (_DUE, _PAYMENT):
        connection.execute(script)


def complete_payments(connection: duckdb.DuckDBPyConnection) -> None:
    """Rates and releases of every payment, planted ones included."""
    connection.execute(_RATES)
