"""Chance that is none: every draw is a hash of the seed, a purpose and a key.

Belongs here: SQL macros for draws, exact rounding, working days. Not here: what is drawn for what.

Generators compute in whole numbers: money in hundredths, quantities in thousandths (``q``), prices
in ten-thousandths (``p``), exchange rates in 1e-8 (``fx8``), rates of tax and discount in
hundredths of a percent (``bp``), days as numbers of weekdays since the first (``w``).
"""

from __future__ import annotations

import hashlib

import duckdb

LAST_WEEKDAY = 391
"""2026-10-30, a Friday: the calendar of a world ends the day after, 2026-10-31."""

_MACROS = """
CREATE TEMP MACRO draw(purpose, key) AS md5_number_lower('{seed}|' || purpose || '|' || key);
CREATE TEMP MACRO upto(purpose, key, n) AS CAST(draw(purpose, key) % n AS BIGINT);
CREATE TEMP MACRO skewed(purpose, key, n) AS
    CAST((upto(purpose, key, 10000) * upto(purpose, key, 10000) * n) // 100000000 AS BIGINT);
CREATE TEMP MACRO half_up(a, b) AS
    CAST(CASE WHEN a < 0 THEN -((2 * (-CAST(a AS HUGEINT)) + b) // (2 * CAST(b AS HUGEINT)))
         ELSE (2 * CAST(a AS HUGEINT) + b) // (2 * CAST(b AS HUGEINT)) END AS BIGINT);
CREATE TEMP MACRO minor(ccy) AS CASE WHEN ccy = 'JPY' THEN 100 ELSE 1 END;
CREATE TEMP MACRO in_minor(a, b, ccy) AS half_up(a, b * minor(ccy)) * minor(ccy);
CREATE TEMP MACRO worth(q, p, num, den, pu, ccy) AS
    in_minor(CAST(q AS HUGEINT) * p * num, CAST(100000 AS HUGEINT) * den * pu, ccy);
CREATE TEMP MACRO weekday(w) AS DATE '2025-04-28' + CAST((w + 3) // 5 * 7 + (w + 3) % 5 AS INTEGER);
CREATE TEMP MACRO moment(w, purpose, key) AS
    CAST(weekday(w) AS TIMESTAMP) + to_seconds(25200 + upto(purpose, key, 36000));
CREATE TEMP MACRO money(c) AS CAST(CAST(c AS DECIMAL(18, 0)) * 0.01 AS DECIMAL(18, 4));
CREATE TEMP MACRO qty(q) AS CAST(CAST(q AS DECIMAL(18, 0)) * 0.001 AS DECIMAL(18, 6));
CREATE TEMP MACRO price(p) AS CAST(CAST(p AS DECIMAL(18, 0)) * 0.0001 AS DECIMAL(28, 10));
CREATE TEMP MACRO rate8(r) AS CAST(CAST(r AS DECIMAL(18, 0)) * 0.00000001 AS DECIMAL(18, 12));
CREATE TEMP MACRO pct(bp) AS CAST(CAST(bp AS DECIMAL(9, 0)) * 0.01 AS DECIMAL(9, 4));
CREATE TEMP MACRO ascii_key(purpose, key, n) AS upper(left(md5('{seed}|' || purpose || key), n));
"""


def define(connection: duckdb.DuckDBPyConnection, seed: int) -> None:
    """Defines the macros for a seed on a connection."""
    connection.execute(_MACROS.format(seed=int(seed)))


class Draws:
    """The same chance for what is generated row by row."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def upto(self, purpose: str, key: object, n: int) -> int:
        """A number from 0 to n - 1."""
        digest = hashlib.sha256(f"{self._seed}|{purpose}|{key}".encode()).digest()
        return int.from_bytes(digest, "big") % n

    def digits(self, purpose: str, key: object, count: int) -> str:
        """So many decimal digits, the first of them not 0."""
        low = int(10 ** (count - 1))
        return str(low + self.upto(purpose, key, 9 * low))
