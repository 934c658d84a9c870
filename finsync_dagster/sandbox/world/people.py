"""People of the group: enough of each role that no one has to hold two.

Belongs here: rows of employee, and who can be picked for what (``s_staff``). Not here: documents.
"""

from __future__ import annotations

from math import isqrt

import duckdb

from finsync_dagster.sandbox.world import company
from finsync_dagster.sandbox.world.company_load import write
from finsync_dagster.sandbox.world.draws import Draws

_FIRST = {
    "lumen_de": [
        "Anna",
        "Jonas",
        "Lena",
        "Paul",
        "Mia",
        "Felix",
        "Clara",
        "Emil",
        "Greta",
        "Moritz",
        "Ida",
        "Oskar",
    ],
    "lumen_fr": [
        "Camille",
        "Louis",
        "Manon",
        "Hugo",
        "Chloé",
        "Jules",
        "Inès",
        "Arthur",
        "Léa",
        "Gabriel",
        "Zoé",
        "Noé",
    ],
    "lumen_ie": [
        "Aoife",
        "Cian",
        "Niamh",
        "Oisín",
        "Saoirse",
        "Conor",
        "Ciara",
        "Darragh",
        "Roisin",
        "Eoin",
        "Orla",
        "Sean",
    ],
    "lumen_uk": [
        "Olivia",
        "Harry",
        "Emily",
        "George",
        "Poppy",
        "Alfie",
        "Grace",
        "Oscar",
        "Ruby",
        "Archie",
        "Holly",
        "Max",
    ],
    "lumen_us": [
        "Emma",
        "Liam",
        "Ava",
        "Noah",
        "Mason",
        "Sophia",
        "Ethan",
        "Harper",
        "Logan",
        "Zoey",
        "Wyatt",
        "Nora",
    ],
}
_LAST = {
    "lumen_de": [
        "Weber",
        "Schulz",
        "Krüger",
        "Hoffmann",
        "Lorenz",
        "Vogel",
        "Brandt",
        "Seidel",
        "Pohl",
        "Arndt",
    ],
    "lumen_fr": [
        "Moreau",
        "Laurent",
        "Girard",
        "Fontaine",
        "Rousseau",
        "Marchand",
        "Perrin",
        "Blanc",
        "Guérin",
        "Roy",
    ],
    "lumen_ie": [
        "Byrne",
        "Kelly",
        "Walsh",
        "Murphy",
        "Nolan",
        "Doyle",
        "Quinn",
        "Keane",
        "Lynch",
        "Healy",
    ],
    "lumen_uk": [
        "Turner",
        "Hughes",
        "Palmer",
        "Foster",
        "Barnes",
        "Chapman",
        "Webb",
        "Dixon",
        "Marsh",
        "Lowe",
    ],
    "lumen_us": [
        "Parker",
        "Collins",
        "Reyes",
        "Brooks",
        "Hayes",
        "Bennett",
        "Foster",
        "Griffin",
        "Sanders",
        "Price",
    ],
}
_ASCII = str.maketrans("äöüéèíçóú", "aoueeicou")
_SINCE = "2024-03-0{} 08:00:00"

# Role, how many, approval limit in the entity's currency, cost centre.
_ROLES = (
    ("director", 1, 5_000_000, "100"),
    ("approver", 2, 25_000, "100"),
    ("buyer", 2, 0, "300"),
    ("receiver", 2, 0, "300"),
    ("accountant", 3, 0, "500"),
)
_DEPARTMENTS = ("200", "210", "400", "510", "600")


def load_people(connection: duckdb.DuckDBPyConnection, draws: Draws, scale_100: int) -> None:
    """Employees of every entity; ``scale_100`` is the scale in hundredths."""
    requesters = max(4, 6 * isqrt(scale_100) // 10)
    rows: list[list[object]] = []
    taken: set[str] = set()
    for entity in company.ENTITY_IDS:
        plan = [r for r in _ROLES for _ in range(r[1])]
        plan += [("requester", 1, 0, _DEPARTMENTS[i % 5]) for i in range(requesters)]
        director = len(rows) + 1
        for place, (role, _, limit, center) in enumerate(plan):
            number = len(rows) + 1
            first, last, login = _name(entity, place, draws, taken)
            manager = None if role == "director" else director
            if role not in ("director", "approver"):
                manager = director + 1 + place % 2
            since = _SINCE.format(1 + place % 9)
            user = login.split("@")[0].replace(".", "").upper()[:12]
            rows.append(
                [number, login, user, first, last, entity, role, manager, center, limit,
                 True, since, since]
            )  # fmt: skip
    write(connection, "employee", rows)
    connection.execute(_STAFF)


def _name(entity: str, place: int, draws: Draws, taken: set[str]) -> tuple[str, str, str]:
    first = _FIRST[entity][place % len(_FIRST[entity])]
    last = _LAST[entity][draws.upto("last name", f"{entity}{place}", len(_LAST[entity]))]
    base = f"{first}.{last}".lower().translate(_ASCII)
    login, again = base, 1
    while login in taken:
        again += 1
        login = f"{base}{again}"
    taken.add(login)
    return first, last, f"{login}@lumen.example"


_STAFF = """
CREATE TEMP TABLE s_staff AS
SELECT e.entity_id, e.country, e.currency AS entity_ccy, e.order_system, e.order_copy_system,
    e.requisition_system, e.receipt_system, e.invoice_system, e.payment_system, e.ledger_system,
    e.company_code,
    list(p.employee_id ORDER BY p.employee_id) FILTER (p.role = 'requester') AS requesters,
    list(p.employee_id ORDER BY p.employee_id) FILTER (p.role = 'buyer') AS buyers,
    list(p.employee_id ORDER BY p.employee_id) FILTER (p.role = 'receiver') AS receivers,
    list(p.employee_id ORDER BY p.employee_id) FILTER (p.role = 'accountant') AS accountants,
    list(p.employee_id ORDER BY p.employee_id) FILTER (p.role = 'approver') AS approvers,
    min(p.employee_id) FILTER (p.role = 'director') AS director
FROM entity AS e JOIN employee AS p USING (entity_id)
GROUP BY ALL;
"""
