"""Names of suppliers: composed, so that none is a real company's on purpose.

Belongs here: words and how systems misspell what they make. Not here: rows (suppliers.py).
"""

from __future__ import annotations

BRANDS = [
    "Kessler",
    "Brandis",
    "Ostermann",
    "Vallier",
    "Dunmore",
    "Halloran",
    "Pemberton",
    "Ashdown",
    "Carrick",
    "Lindqvist",
    "Rautenberg",
    "Falkner",
    "Mirbach",
    "Sorel",
    "Tessier",
    "Beaumont",
    "Castelan",
    "Delcourt",
    "Harrow",
    "Winfield",
    "Thornbury",
    "Callister",
    "Okafor",
    "Yamada",
    "Hoshino",
    "Zellweger",
    "Aebischer",
    "Grönberg",
    "Müllner",
    "Schönfeld",
    "Bäcker",
    "Köhlers",
    "Laforge",
    "Montclair",
    "Riordan",
    "Stanhope",
    "Prescott",
    "Whitlock",
    "Calderwood",
    "Nakagawa",
    "Imhof",
    "Veldhuis",
    "Janssens",
    "Peeters",
    "Hofstede",
    "Kirchweger",
    "Leitgeb",
    "Auerbach",
    "Tanguy",
    "Marchetti",
]

TRADES = {
    "components": ("Antriebstechnik", "Bearings", "Electronics", "Sensorik", "Fasteners"),
    "metals": ("Stahl", "Metals", "Aluminium", "Edelstahl", "Wire"),
    "office": ("Office Supply", "Bürobedarf", "Papeterie", "Stationery", "Workspace"),
    "it": ("Systems", "Software", "Datentechnik", "Informatique", "Cloud"),
    "consulting": ("Consulting", "Advisory", "Conseil", "Beratung", "Partners"),
    "logistics": ("Spedition", "Logistics", "Transports", "Freight", "Cargo"),
    "facility": ("Facility Services", "Gebäudedienste", "Cleaning", "Maintenance", "Propreté"),
}

LEGAL_FORMS = {
    "DE": ("GmbH", "AG", "GmbH & Co. KG"),
    "AT": ("GmbH",),
    "CH": ("AG", "GmbH"),
    "FR": ("SAS", "SARL", "SA"),
    "BE": ("BV", "NV"),
    "NL": ("B.V.",),
    "IE": ("Ltd", "DAC"),
    "GB": ("Ltd", "PLC", "LLP"),
    "US": ("Inc.", "LLC", "Corp."),
    "JP": ("K.K.",),
}

CITIES = {
    "DE": (("Hamburg", "20457"), ("Stuttgart", "70173"), ("Köln", "50667"), ("Leipzig", "04109")),
    "AT": (("Linz", "4020"), ("Graz", "8010")),
    "CH": (("Winterthur", "8400"), ("Basel", "4051")),
    "FR": (("Lyon", "69002"), ("Lille", "59800"), ("Nantes", "44000")),
    "BE": (("Gent", "9000"), ("Antwerpen", "2000")),
    "NL": (("Eindhoven", "5611 AZ"), ("Rotterdam", "3011 AA")),
    "IE": (("Cork", "T12 W8KX"), ("Dublin", "D02 X285")),
    "GB": (("Leeds", "LS1 4DY"), ("Bristol", "BS1 4ST"), ("Manchester", "M2 5DB")),
    "US": (("Columbus", "43215"), ("Raleigh", "27601"), ("Denver", "80202")),
    "JP": (("Nagoya", "450-0002"), ("Osaka", "530-0001")),
}

STREETS = {
    "DE": "Industriestraße", "AT": "Werkstraße", "CH": "Industrieweg", "FR": "Rue des Ateliers",
    "BE": "Havenlaan", "NL": "Fabrieksweg", "IE": "Harbour Road", "GB": "Station Road",
    "US": "Commerce Drive", "JP": "Sakura-dori",
}  # fmt: skip

CURRENCY = {
    "DE": "EUR", "AT": "EUR", "CH": "CHF", "FR": "EUR", "BE": "EUR", "NL": "EUR",
    "IE": "EUR", "GB": "GBP", "US": "USD", "JP": "JPY",
}  # fmt: skip

_SPELLED = {
    "GmbH": "G.m.b.H.", "AG": "Aktiengesellschaft", "Ltd": "Limited", "Inc.": "Incorporated",
    "SAS": "S.A.S.", "SARL": "S.A.R.L.", "B.V.": "BV", "LLC": "L.L.C.", "PLC": "plc",
    "Corp.": "Corporation", "K.K.": "KK", "BV": "B.V.", "NV": "N.V.", "SA": "S.A.",
    "DAC": "D.A.C.", "LLP": "L.L.P.", "GmbH & Co. KG": "GmbH und Co. KG",
}  # fmt: skip
_CAPITALS = {ord("Ä"): "AE", ord("Ö"): "OE", ord("Ü"): "UE"}
_PLAIN = {
    ord(plain): said
    for plain, said in {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "è": "e"}.items()
}

SPELLINGS = 5
"""How many ways ``respelled`` knows."""


def respelled(name: str, form: str, way: int) -> str:
    """The name with its legal form as someone typed it; way 0 as registered."""
    if way == 1:
        return f"{name} {form}".upper().translate(_CAPITALS)
    if way == 2:
        return f"{name} {_SPELLED[form]}"
    if way == 3:
        return f"{name.translate(_PLAIN)} {form}"
    if way == 4:
        return f"{name.translate(_PLAIN)}, {_SPELLED[form]}"
    return f"{name} {form}"
