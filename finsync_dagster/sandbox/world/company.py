"""What is fixed about the group: its entities, systems, taxes, accounts, units.

Belongs here: constants, as rows of their tables. Not here: what depends on seed or scale.
"""

from __future__ import annotations

SYSTEMS = ("group_sap", "group_s4", "group_coupa", "group_netsuite", "group_concur")

_SAP, _S4, _COUPA, _NS = SYSTEMS[:4]

# In the order of the table's columns.
ENTITIES: tuple[tuple[str | int | None, ...], ...] = (
    ("lumen_de", "Lumen Technik GmbH", "DE", "EUR", _COUPA, _COUPA, _SAP, _SAP, _COUPA, _SAP,
     _SAP, "1000", None, "DE01", "DE129273398"),
    ("lumen_fr", "Lumen France SAS", "FR", "EUR", _SAP, _SAP, None, _SAP, _SAP, _SAP,
     _SAP, "1200", None, "FR01", "FR83404833048"),
    ("lumen_ie", "Lumen Ireland Ltd", "IE", "EUR", None, _S4, None, _S4, _S4, _S4,
     _S4, "2000", None, "IE01", "IE6388047V"),
    ("lumen_uk", "Lumen UK Ltd", "GB", "GBP", _COUPA, _COUPA, None, _COUPA, _COUPA, _COUPA,
     None, None, None, "UK01", "GB980780684"),
    ("lumen_us", "Lumen Inc.", "US", "USD", _NS, _NS, None, _NS, _NS, _NS,
     None, None, 5, "US01", "84-2750193"),
)  # fmt: skip

ENTITY_IDS = tuple(str(row[0]) for row in ENTITIES)

# Entity, code, rate in hundredths of a percent, name, country.
TAX_CODES = (
    ("lumen_de", "V0", 0, "No tax, or due by the recipient", "DE"),
    ("lumen_de", "V1", 1900, "Input tax 19 %", "DE"),
    ("lumen_fr", "V0", 0, "No tax, or due by the recipient", "FR"),
    ("lumen_fr", "VF", 2000, "TVA déductible 20 %", "FR"),
    ("lumen_ie", "V0", 0, "No tax, or due by the recipient", "IE"),
    ("lumen_ie", "VI", 2300, "Input VAT 23 %", "IE"),
    ("lumen_uk", "GB0", 0, "Zero rated or reverse charge", "GB"),
    ("lumen_uk", "GB20", 2000, "Standard rate 20 %", "GB"),
    ("lumen_us", "EX", 0, "Exempt", "US"),
    ("lumen_us", "TX", 825, "Sales tax 8.25 %", "US"),
)

# Account, name, kind: the same chart in every entity.
GL_ACCOUNTS = (
    ("160000", "Trade payables", "payable"),
    ("191100", "Goods received, invoices received", "grir"),
    ("154000", "Input tax", "tax"),
    ("113100", "Bank", "bank"),
    ("300000", "Raw materials and components", "stock"),
    ("400000", "Consumption of materials", "expense"),
    ("415000", "Office supplies", "expense"),
    ("417000", "External services", "expense"),
    ("418000", "IT services and licences", "expense"),
    ("471000", "Facility services", "expense"),
    ("474100", "Travel: transport", "expense"),
    ("474200", "Travel: accommodation", "expense"),
    ("474300", "Travel: meals", "expense"),
    ("475000", "Freight", "freight"),
    ("281500", "Price differences", "price_difference"),
    ("276000", "Cash discounts received", "discount"),
    ("230010", "Exchange rate differences", "exchange"),
    ("176000", "Payable to employees", "employee"),
    ("176500", "Company card clearing", "card"),
    ("417999", "External services (closed account)", "expense"),
)

CLOSED_ACCOUNT = "417999"

COST_CENTERS = (
    ("100", "Management"), ("200", "Production"), ("210", "Maintenance"), ("300", "Logistics"),
    ("400", "Sales"), ("500", "Finance"), ("510", "IT"), ("600", "Development"),
    ("990", "Dissolved department"),
)  # fmt: skip

DISSOLVED = "990"

PROJECTS = (("P-100", "New assembly line"), ("P-200", "ERP rollout"), ("P-300", "Site move"))

# System, canonical, code there, whether it is the one written.
UOM_CODES = tuple(
    (system, *row)
    for system, rows in {
        "sap": (("EA", "ST", True), ("EA", "EA", False), ("EA", "PC", False), ("KGM", "KG", True),
                ("MTR", "M", True), ("HUR", "H", True), ("HUR", "STD", False), ("BX", "BX", True),
                ("XPX", "PAL", True)),
        "coupa": (("EA", "EA", True), ("KGM", "KG", True), ("MTR", "M", True), ("HUR", "HR", True),
                  ("BX", "BX", True), ("XPX", "PAL", True)),
        "netsuite": (("EA", "Each", True), ("KGM", "Kg", True), ("MTR", "M", True),
                     ("HUR", "Hour", True), ("BX", "Box", True),
                     ("XPX", "Pallet", True)),
    }.items()
    for row in rows
)  # fmt: skip

UOM_SYSTEMS = {"sap": (_SAP, _S4), "coupa": (_COUPA,), "netsuite": (_NS,)}

CURRENCIES_IN_EUR8 = {
    "EUR": 100_000_000,
    "USD": 92_150_000,
    "GBP": 117_420_000,
    "CHF": 105_310_000,
    "JPY": 612_000,
}
"""Middle of the reference rates, in 1e-8."""
