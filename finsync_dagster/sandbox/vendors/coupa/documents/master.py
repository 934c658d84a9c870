"""Coupa's small objects: currencies, units, tax codes, commodities, items, departments.

Belongs here: what documents refer to and the world keeps as master data. Not here: people and
suppliers (people.py), keeping them at hand (references.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finsync_dagster.sandbox.vendors.coupa.making import Object, make
from finsync_dagster.sandbox.vendors.view import Row

if TYPE_CHECKING:
    from finsync_dagster.sandbox.vendors.coupa.documents.references import References

# The entities that write anything in Coupa.
ENTITIES = """
    SELECT entity_id, name, country, currency FROM entity
    WHERE {here} IN (requisition_system, order_system, receipt_system, invoice_system,
        payment_system)
    ORDER BY entity_id"""
SINCE = "SELECT min(created_at) AS since FROM employee"
CURRENCIES = """
    SELECT DISTINCT currency FROM (
        SELECT currency FROM entity UNION SELECT currency FROM purchase_order
        UNION SELECT currency FROM invoice UNION SELECT currency FROM payment
        UNION SELECT currency FROM supplier_account UNION SELECT currency FROM requisition)
    ORDER BY currency"""
UOMS = """
    SELECT uom_code_id, uom, code FROM uom_code
    WHERE system = {here} AND is_default ORDER BY uom_code_id"""
TAX_CODES = """
    SELECT tax_code_id, entity_id, code, rate_pct, name, country FROM tax_code
    ORDER BY tax_code_id"""
COST_CENTERS = """
    SELECT cost_center_id, entity_id, code, name, active FROM cost_center
    ORDER BY cost_center_id"""
CATEGORIES = """
    SELECT DISTINCT category FROM (
        SELECT category FROM item UNION SELECT category FROM purchase_order_line
        UNION SELECT category FROM requisition_line)
    ORDER BY category"""
ITEMS = """
    SELECT i.item_id, i.description, i.category, i.order_uom, c.code, i.created_at, i.changed_at
    FROM item i JOIN item_code c ON c.item_id = i.item_id AND c.system = {here}
    ORDER BY i.item_id"""
TERMS = """
    SELECT DISTINCT terms_days, discount_days, discount_pct FROM (
        SELECT terms_days, discount_days, discount_pct FROM supplier_account WHERE system = {here}
        UNION SELECT terms_days, discount_days, discount_pct FROM purchase_order
            WHERE system = {here}
        UNION SELECT terms_days, discount_days, discount_pct FROM invoice WHERE system = {here})
    ORDER BY ALL"""
ACCOUNTS = """
    SELECT DISTINCT entity_id, gl_account, cost_center, project FROM (
        SELECT h.entity_id, a.gl_account, a.cost_center, a.project
            FROM purchase_order_assignment a
            JOIN purchase_order_line l USING (purchase_order_line_id)
            JOIN purchase_order h USING (purchase_order_id) WHERE {here}
        UNION SELECT h.entity_id, l.gl_account, l.cost_center, l.project
            FROM invoice_line l JOIN invoice h USING (invoice_id) WHERE {here}
        UNION SELECT h.entity_id, l.gl_account, l.cost_center, NULL
            FROM requisition_line l JOIN requisition h USING (requisition_id) WHERE {here})
    ORDER BY ALL"""

_CURRENCY_NAMES = {
    "CHF": ("Swiss Franc", "CHF"),
    "EUR": ("Euro", "€"),
    "GBP": ("Pound Sterling", "£"),
    "JPY": ("Yen", "¥"),
    "USD": ("US Dollar", "$"),
}
_WITHOUT_MINOR_UNIT = frozenset({"JPY"})
_UOM_NAMES = {
    "BX": "Box",
    "C62": "One",
    "EA": "Each",
    "HUR": "Hour",
    "KGM": "Kilogram",
    "MTR": "Metre",
}


def decimals_of(currency: str) -> int:
    """How many decimals a currency has."""
    return 0 if currency in _WITHOUT_MINOR_UNIT else 2


def currencies(found: list[Row]) -> dict[str, Object]:
    """Currencies by code."""
    known = {}
    for number, row in enumerate(found, start=1):
        code = row["currency"]
        name, symbol = _CURRENCY_NAMES.get(code, (code, code))
        values = {
            "id": number,
            "code": code,
            "decimals": decimals_of(code),
            "enabled": True,
            "name": name,
            "symbol": symbol,
        }
        known[code] = make("Currency", values)
    return known


def uoms(found: list[Row], about: References) -> dict[str, Object]:
    """Units by their canonical code."""
    known = {}
    for row in found:
        values = {
            "id": row["uom_code_id"],
            "code": row["code"],
            "name": _UOM_NAMES.get(row["uom"], row["code"]),
            "active": True,
            "allowable-precision": 6,
        }
        known[row["uom"]] = make("Uom", values | _stamps(about))
    return known


def tax_codes(found: list[Row], about: References) -> dict[tuple[str, str], Object]:
    """Tax codes by entity and code."""
    known = {}
    for row in found:
        values = {
            "id": row["tax_code_id"],
            "code": row["code"],
            "description": row["name"],
            "percentage": row["rate_pct"],
            "active": True,
            "country": country(row["country"]),
        }
        known[row["entity_id"], row["code"]] = make("TaxCode", values | _stamps(about))
    return known


def commodities(found: list[Row], about: References) -> dict[str, Object]:
    """Commodities by the category of spend they stand for."""
    known = {}
    for number, row in enumerate(found, start=1):
        values = {
            "id": number,
            "name": row["category"],
            "translated-name": row["category"],
            "active": True,
            "children-count": 0,
            "imported-from-taxonomy": False,
        }
        known[row["category"]] = make("Commodity", values | _stamps(about))
    return known


def items(found: list[Row], about: References) -> dict[int, Object]:
    """Items by their key."""
    known = {}
    for row in found:
        values = {
            "id": row["item_id"],
            "item-number": row["code"],
            "name": row["description"],
            "description": row["description"],
            "active": True,
            "commodity": about.commodities.get(row["category"]),
            "uom": about.uoms.get(row["order_uom"]),
            "created-at": row["created_at"],
            "updated-at": row["changed_at"],
        }
        known[row["item_id"]] = make("Item", values)
    return known


def department(row: Row, about: References) -> Object:
    """A cost centre as a department."""
    values = {
        "id": row["cost_center_id"],
        "name": f"{row['code']} {row['name']}",
        "active": row["active"],
    }
    return make("Department", values | _stamps(about))


def country(code: str) -> Object:
    """A country as an address shows it. Its id is told by its two letters."""
    number = (ord(code[0]) - 64) * 26 + ord(code[1]) - 64
    values = {"id": number, "code": code, "name": code, "translated-name": code}
    return make("Country", values)


def _stamps(about: References) -> Object:
    return {"created-at": about.since, "updated-at": about.since}
