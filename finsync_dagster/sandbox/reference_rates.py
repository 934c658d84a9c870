"""Reference rates of a generated world, as the European Central Bank would publish them.

Belongs here: the file. Not here: the rates (world/company_load.py), nor who reads it.

A world is made up, and so are the rates its companies book at: the bank's own are no reference for
them. Whoever reads this file instead of the bank's compares like with like.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from finsync_dagster.sandbox.world.reading import World

FILE = "eurofxref-hist.csv"
_BASE = "EUR"
_PLACES = Decimal("0.00000001")


def write_rates(world: World, folder: Path) -> Path:
    """Writes the file of the world into a folder and returns its path.

    One row per day, newest first, one column per currency: units of it for one euro, with eight
    decimals, N/A where a day has none. A file that is there already is written anew.
    """
    connection = world.connect()
    try:
        rows = connection.execute(
            "SELECT rate_date, from_currency, rate FROM fx_rate_used WHERE to_currency = ?"
            " ORDER BY ALL",
            [_BASE],
        ).fetchall()
    finally:
        connection.close()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    aside = path.with_suffix(".part")
    aside.write_text("".join(f"{line}\n" for line in _lines(rows)), encoding="ascii")
    aside.rename(path)
    return path


def _lines(rows: Iterable[tuple[date, str, Decimal]]) -> Iterator[str]:
    days: dict[date, dict[str, Decimal]] = {}
    for day, ccy, in_euros in rows:
        days.setdefault(day, {})[ccy] = in_euros
    currencies = sorted({ccy for rates in days.values() for ccy in rates})
    # The bank ends its lines with a comma, too.
    yield ",".join(["Date", *currencies, ""])
    for day, rates in sorted(days.items(), reverse=True):
        yield ",".join([day.isoformat(), *(_quoted(rates.get(c)) for c in currencies), ""])


def _quoted(in_euros: Decimal | None) -> str:
    if in_euros is None:
        return "N/A"
    return str((1 / in_euros).quantize(_PLACES, rounding=ROUND_HALF_UP))
