"""Suppliers, and how each system knows them.

Belongs here: companies, their accounts, and which entity buys from which (``s_pool``). Not here:
what is wrong with any of them (faults/).

Regular suppliers are bought from; reserve suppliers are there for faults that concern a supplier
as a whole, so that such a fault touches no other supplier's documents.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt

import duckdb

from finsync_dagster.sandbox.world import names
from finsync_dagster.sandbox.world.check_digits import bban, iban, tax_id
from finsync_dagster.sandbox.world.company_load import write
from finsync_dagster.sandbox.world.draws import Draws

_INDUSTRIES = tuple(names.TRADES)
# Where suppliers sit: one letter pair per chance.
_COUNTRIES = (
    *["DE"] * 4,
    *["FR"] * 3,
    *["GB"] * 3,
    *["US"] * 3,
    "IE",
    "IE",
    "AT",
    "CH",
    "NL",
    "BE",
    "JP",
)
_TERMS = (14, 30, 30, 30, 45, 60)
_SYSTEMS = ("group_sap", "group_s4", "group_coupa", "group_netsuite")
_TAX_TYPE = "0"


@dataclass(frozen=True)
class Supplier:
    """A company as it really is."""

    number: int
    name: str
    form: str
    country: str
    tax_id: str
    iban: str | None
    bank_account: str
    duns: str
    industry: str
    street: str
    city: str
    postal_code: str
    since: str


def counts(scale_100: int) -> tuple[int, int]:
    """Regular and reserve suppliers at a scale in hundredths."""
    regular = max(20, 31 * isqrt(scale_100) // 10)
    return regular, 12 * max(1, min(scale_100, 5000) // 100)


def load_suppliers(connection: duckdb.DuckDBPyConnection, draws: Draws, scale_100: int) -> None:
    """Suppliers and their accounts in every system; ``s_pool`` says who is bought from."""
    regular, reserve = counts(scale_100)
    taken: set[str] = set()
    suppliers = [_supplier(n, draws, taken) for n in range(1, regular + reserve + 1)]
    write(connection, "supplier", [_row(s) for s in suppliers])
    accounts: list[list[object]] = []
    for system in _SYSTEMS:
        for supplier in suppliers:
            accounts.append(_account(len(accounts) + 1, system, supplier, draws))
    write(connection, "supplier_account", accounts)
    connection.execute(_POOL.format(regular=regular))
    connection.execute("CREATE TEMP TABLE s_new_account (supplier_id BIGINT, account VARCHAR)")
    changed = [[s.number, _other_account(s, draws)] for s in suppliers[regular:]]
    connection.executemany("INSERT INTO s_new_account VALUES (?, ?)", changed)


def _supplier(number: int, draws: Draws, taken: set[str]) -> Supplier:
    industry = _INDUSTRIES[number % len(_INDUSTRIES)]
    country = _COUNTRIES[draws.upto("country", number, len(_COUNTRIES))]
    brand = names.BRANDS[draws.upto("brand", number, len(names.BRANDS))]
    trade = names.TRADES[industry][draws.upto("trade", number, len(names.TRADES[industry]))]
    city, postal = names.CITIES[country][draws.upto("city", number, len(names.CITIES[country]))]
    name = f"{brand} {trade}"
    if name in taken:
        name = f"{brand} {trade} {city}"
    if name in taken:
        name = f"{brand} & {names.BRANDS[(number * 7) % len(names.BRANDS)]} {trade} {number}"
    taken.add(name)
    forms = names.LEGAL_FORMS[country]
    account = bban(country, draws.digits("bank account", number, 23))
    number_iban = iban(country, account) if account else None
    return Supplier(
        number,
        name,
        forms[draws.upto("form", number, len(forms))],
        country,
        tax_id(country, draws.digits("tax id", number, 14)),
        number_iban,
        number_iban or draws.digits("account", number, 10),
        draws.digits("duns", number, 9),
        industry,
        f"{names.STREETS[country]} {1 + draws.upto('house', number, 120)}",
        city,
        postal,
        f"2024-{1 + draws.upto('month', number, 12):02d}-{1 + draws.upto('day', number, 28):02d}",
    )


def _other_account(s: Supplier, draws: Draws) -> str:
    """An account the supplier does not have yet."""
    account = bban(s.country, draws.digits("other bank account", s.number, 23))
    return iban(s.country, account) if account else draws.digits("other account", s.number, 10)


def _row(s: Supplier) -> list[object]:
    since = f"{s.since} 09:00:00"
    return [
        s.number, f"{s.name} {s.form}", s.country, s.city, s.postal_code, s.street, s.tax_id,
        s.iban, s.country, s.bank_account, s.duns, names.CURRENCY[s.country], s.industry,
        "active", since, since,
    ]  # fmt: skip


def _account(key: int, system: str, s: Supplier, draws: Draws) -> list[object]:
    about = f"{system}{s.number}"
    way = 0 if draws.upto("as registered", about, 2) else draws.upto("way", about, names.SPELLINGS)
    sap = system in ("group_sap", "group_s4")
    number = {
        "group_sap": f"{10_000 + s.number:010d}",
        "group_s4": f"{300_000 + s.number:010d}",
        "group_coupa": f"S-{20_000 + s.number}",
        "group_netsuite": f"V{5_000 + s.number}",
    }[system]
    known = system != "group_netsuite"
    discount = draws.upto("discount", s.number, 10) < 3
    entered = f"{s.since} {8 + key % 9:02d}:{key % 60:02d}:00"
    return [
        key, s.number, system,
        {"group_s4": "lumen_ie", "group_netsuite": "lumen_us"}.get(system),
        number, names.respelled(s.name, s.form, way), s.country, s.city, s.postal_code, s.street,
        s.tax_id if known else None, f"{s.country}{_TAX_TYPE}" if sap else None,
        s.iban if known else None, s.bank_account if known else None, s.country,
        s.duns if known else None, names.CURRENCY[s.country],
        _TERMS[draws.upto("terms", s.number, len(_TERMS))],
        10 if discount else 0, "2.00" if discount else "0",
        "active", 6 + key % 2, entered, entered,
    ]  # fmt: skip


_POOL = """
CREATE TEMP TABLE s_account AS SELECT * FROM supplier_account;
CREATE TEMP TABLE s_pool AS
SELECT e.entity_id, s.supplier_id, s.industry, s.country, s.currency,
    a.supplier_account_id, c.supplier_account_id AS copy_account_id,
    a.terms_days, a.discount_days, CAST(a.discount_pct * 100 AS BIGINT) AS discount_bp,
    row_number() OVER by_taste - 1 AS k, count(*) OVER (PARTITION BY e.entity_id) AS pool_size
FROM entity AS e
JOIN supplier AS s ON s.supplier_id <= {regular}
JOIN supplier_account AS a ON a.supplier_id = s.supplier_id AND a.system = e.order_system
LEFT JOIN supplier_account AS c ON c.supplier_id = s.supplier_id AND c.system = e.order_copy_system
WHERE upto('in pool', e.entity_id || s.supplier_id, 100)
    < CASE WHEN s.country = e.country THEN 100 ELSE 55 END
WINDOW by_taste AS (PARTITION BY e.entity_id ORDER BY
    upto('taste', e.entity_id || s.supplier_id, 100)
    + CASE WHEN s.currency = e.currency THEN 0 ELSE 45 END, s.supplier_id);
"""
