"""Whom the company buys from.

Belongs here: the suppliers, with what identifies them. Not here: what they sell (products.py).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from .company import ABROAD
from .erp import model, one


class Supplier(NamedTuple):
    """A supplier; ``vat`` is empty where the company never noted it."""

    name: str
    country: str
    city: str
    vat: str
    term: str = "30 Tage netto"


_HALVES = "Hälfte nach 30, Hälfte nach 60 Tagen"
SUPPLIERS = {
    "fahrenkamp": Supplier("Fahrenkamp Schraubtechnik GmbH", "DE", "Hagen", "DE271840500"),
    "lindqvist": Supplier("Lindqvist Verktyg AB", "SE", "Eskilstuna", "SE556188840401"),
    "brenner": Supplier("Brenner Zerspanung KG", "DE", "Remscheid", "DE811534121"),
    "alpenstahl": Supplier("Alpenstahl Handels GmbH", "AT", "Linz", "ATU13585627"),
    "delft": Supplier("Delft Precision B.V.", "NL", "Delft", "NL004495445B01"),
    "garonne": Supplier("Outillage de la Garonne SARL", "FR", "Toulouse", "FR40303265045"),
    "bianchi": Supplier("Bianchi Utensili S.r.l.", "IT", "Brescia", "IT00743110157", _HALVES),
    "wisla": Supplier("Wisła Metal Sp. z o.o.", "PL", "Kraków", "PL8567346215"),
    "meuse": Supplier("Meuse Abrasives NV", "BE", "Luik", "BE0428759497"),
    "ohio": Supplier("Ohio Carbide Works Inc.", "US", "Toledo", ""),
    "cascade": Supplier("Cascade Fasteners LLC", "US", "Tacoma", "", _HALVES),
    "hansen": Supplier("Hansen Bürobedarf", "DE", "Kiel", "DE299304713", "14 Tage netto"),
    # Entered a second time by someone who did not search first.
    "hansen_again": Supplier("Hansen Bürobedarf", "DE", "Kiel", "", "14 Tage netto"),
    "petersen": Supplier("Spedition Petersen GmbH & Co. KG", "DE", "Lübeck", "DE165042884"),
    "kraft": Supplier("Kraft & Licht Elektro GmbH", "DE", "Rostock", "DE300712552"),
}
_COUNTRIES = {
    "AT": "Österreich",
    "BE": "Belgien",
    "FR": "Frankreich",
    "IT": "Italien",
    "NL": "Niederlande",
    "PL": "Polen",
    "SE": "Schweden",
    "US": "USA",
}


def make_suppliers() -> dict[str, Any]:
    """The suppliers' parties by their key in SUPPLIERS."""
    for code, name in _COUNTRIES.items():
        model("country.country")(code=code, name=name).save()
    return {key: _party(supplier) for key, supplier in SUPPLIERS.items()}


def _party(supplier: Supplier) -> Any:
    party = model("party.party")(name=supplier.name)
    address = party.addresses[0]
    address.city = supplier.city
    address.country = one("country.country", ("code", "=", supplier.country))
    if supplier.vat:
        party.identifiers.new(type="eu_vat", code=supplier.vat)
    party.supplier_payment_term = one("account.invoice.payment_term", ("name", "=", supplier.term))
    if supplier.country != "DE":
        party.supplier_tax_rule = one("account.tax.rule", ("name", "=", ABROAD))
    party.save()
    return party
