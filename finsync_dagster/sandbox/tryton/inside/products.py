"""What the company buys, in which unit, at which list price.

Belongs here: units and products. Not here: orders.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from .company import EXPENSE, REVENUE, VAT, account
from .erp import model, one

PACK = "Pack of 10"


class Product(NamedTuple):
    """A product; the price is in euros for one of ``bought_in``."""

    name: str
    price: Decimal
    unit: str = "Unit"
    bought_in: str = ""
    type: str = "goods"


def _goods(name: str, price: str, unit: str = "Unit", bought_in: str = "") -> Product:
    return Product(name, Decimal(price), unit, bought_in or unit)


def _service(name: str, price: str, unit: str = "Hour") -> Product:
    return Product(name, Decimal(price), unit, unit, "service")


PRODUCTS = {
    "BO-06": _goods("Spiralbohrer HSS-G 6 mm", "1.85"),
    "BO-08": _goods("Spiralbohrer HSS-G 8 mm", "2.49"),
    "BO-10": _goods("Spiralbohrer HSS-Co 10 mm", "4.95"),
    "FR-12": _goods("Schaftfräser VHM 12 mm", "38.40"),
    "FR-16": _goods("Schaftfräser VHM 16 mm", "61.75"),
    "WP-01": _goods("Wendeschneidplatte CNMG 120408", "78.90", "Unit", PACK),
    "WP-02": _goods("Wendeschneidplatte APKT 1003", "64.20", "Unit", PACK),
    "SR-M6": _goods("Sechskantschraube M6 x 30", "1.12", "Unit", PACK),
    "SR-M8": _goods("Sechskantschraube M8 x 40", "1.64", "Unit", PACK),
    "TR-125": _goods("Trennscheibe 125 mm", "1.09"),
    "TR-230": _goods("Trennscheibe 230 mm", "2.35"),
    "SB-50": _goods("Schleifband 50 x 2000", "3.80"),
    "ST-C45": _goods("Rundstahl C45 40 mm", "1.95", "Kilogram"),
    "ST-42": _goods("Rundstahl 42CrMo4 60 mm", "2.78", "Kilogram"),
    "AL-20": _goods("Aluminiumprofil 20 x 20", "6.30", "Meter"),
    "KA-3": _goods("Leitung H07RN-F 3G1,5", "1.42", "Meter"),
    "KA-5": _goods("Leitung H07RN-F 5G2,5", "3.18", "Meter"),
    "OEL": _goods("Kühlschmierstoff", "7.45", "Liter"),
    "LED": _goods("LED-Hallenstrahler 150 W", "129.00"),
    "MS-25": _goods("Bügelmessschraube 0-25 mm", "84.50"),
    "PAP": _goods("Kopierpapier A4, Karton", "23.90"),
    "STIFT": _goods("Kugelschreiber blau", "0.79"),
    "WART": _service("Wartung Bearbeitungszentrum", "96.00"),
    "SCHUL": _service("Schulung Maschinensicherheit", "890.00", "Day"),
    "TRANS": _service("Transport Stückgut", "185.00", "Unit"),
}


def make_products() -> dict[str, Any]:
    """The products' variants by code."""
    unit = one("product.uom", ("name", "=", "Unit"))
    pack = model("product.uom")(name=PACK, symbol="P10", category=unit.category)
    pack.factor, pack.rate, pack.rounding, pack.digits = 10.0, 0.1, 1.0, 0
    pack.save()
    category = model("product.category")(name="Wareneinkauf", accounting=True)
    category.account_expense, category.account_revenue = account(EXPENSE), account(REVENUE)
    category.supplier_taxes.append(one("account.tax", ("name", "=", VAT)))
    category.save()
    return {code: _variant(code, product, category) for code, product in PRODUCTS.items()}


def _variant(code: str, product: Product, category: Any) -> Any:
    template = model("product.template")(name=product.name, code=code, type=product.type)
    template.default_uom = one("product.uom", ("name", "=", product.unit))
    template.purchasable = True
    template.purchase_uom = one("product.uom", ("name", "=", product.bought_in))
    template.account_category = category
    template.cost_price_method = "fixed"
    template.save()
    return template.products[0]
