"""What is bought: items, their codes in each system, conversions of units.

Belongs here: the catalogue. Not here: prices of a supplier on an order (orders.py).
"""

from __future__ import annotations

import duckdb

from finsync_dagster.sandbox.world.check_digits import gtin
from finsync_dagster.sandbox.world.company_load import numbered, write

# Description, industry, category, base unit, order unit, price unit of measure, price for so many,
# list price in cents of a euro, usual quantity (in order units).
_CATALOGUE: tuple[tuple[str, str, str, str, str, str, int, int, int], ...] = (
    ("Ball bearing 6204", "components", "Components", "EA", "EA", "EA", 1, 612, 200),
    ("Servo motor 400 W", "components", "Components", "EA", "EA", "EA", 1, 28950, 6),
    ("Inductive sensor M12", "components", "Components", "EA", "EA", "EA", 1, 3475, 40),
    ("Hex bolt M8 x 40", "components", "Components", "EA", "EA", "EA", 1000, 8460, 6000),
    ("Washer M8", "components", "Components", "EA", "EA", "EA", 1000, 4230, 8000),
    ("Resistor 10 kOhm 1 %", "components", "Components", "EA", "EA", "EA", 1000, 1890, 20000),
    ("Cable gland M20", "components", "Components", "EA", "EA", "EA", 100, 9650, 500),
    ("Gearbox 1:20", "components", "Components", "EA", "EA", "EA", 1, 64500, 3),
    ("Steel bar 40 mm", "metals", "Raw materials", "KGM", "EA", "KGM", 1, 2000, 100),
    ("Aluminium sheet 2 mm", "metals", "Raw materials", "KGM", "EA", "KGM", 100, 41200, 60),
    ("Stainless tube 20 mm", "metals", "Raw materials", "MTR", "MTR", "MTR", 1, 875, 300),
    ("Copper wire 1.5 mm", "metals", "Raw materials", "KGM", "KGM", "KGM", 1, 1135, 250),
    ("Steel coil", "metals", "Raw materials", "KGM", "KGM", "KGM", 1000, 91500, 4000),
    ("Copy paper A4", "office", "Office", "EA", "EA", "EA", 1, 465, 120),
    ("Toner cartridge", "office", "Office", "EA", "EA", "EA", 1, 8790, 6),
    ("Desk chair", "office", "Office", "EA", "EA", "EA", 1, 31900, 5),
    ("Envelope C5", "office", "Office", "EA", "EA", "EA", 1000, 3950, 3000),
    ("Notebook computer", "it", "IT", "EA", "EA", "EA", 1, 124900, 4),
    ("Docking station", "it", "IT", "EA", "EA", "EA", 1, 17900, 8),
    ("Network cable 3 m", "it", "IT", "EA", "EA", "EA", 100, 31500, 200),
    ("Software development", "it", "IT services", "HUR", "HUR", "HUR", 1, 11500, 80),
    ("System administration", "it", "IT services", "HUR", "HUR", "HUR", 1, 8900, 60),
    ("Process consulting", "consulting", "Consulting", "HUR", "HUR", "HUR", 1, 17500, 64),
    ("Tax advice", "consulting", "Consulting", "HUR", "HUR", "HUR", 1, 23000, 24),
    ("Project management", "consulting", "Consulting", "HUR", "HUR", "HUR", 1, 14200, 96),
    ("Warehouse handling", "logistics", "Logistics", "HUR", "HUR", "HUR", 1, 3950, 120),
    ("Pallet EUR 1", "logistics", "Logistics", "EA", "EA", "EA", 1, 1420, 80),
    ("Stretch film", "logistics", "Logistics", "EA", "EA", "EA", 1, 1865, 50),
    ("Office cleaning", "facility", "Facility", "HUR", "HUR", "HUR", 1, 3125, 160),
    ("Plant maintenance", "facility", "Facility", "HUR", "HUR", "HUR", 1, 6480, 40),
    ("LED tube 150 cm", "facility", "Facility", "EA", "EA", "EA", 1, 1595, 60),
)

# Item, pieces (100) that weigh so many kilograms (num per den pieces), and boxes of pieces.
_WEIGHTS = {"Steel bar 40 mm": (10, 4), "Aluminium sheet 2 mm": (27, 2)}
_BOXES = {"Ball bearing 6204": 10, "Copy paper A4": 5, "Washer M8": 1000, "LED tube 150 cm": 20}

_CODES = {
    "group_sap": "MAT-{:05d}", "group_s4": "I{:06d}",
    "group_coupa": "CAT{:04d}", "group_netsuite": "ITEM{:04d}",
}  # fmt: skip
_SINCE = "2024-02-01 08:00:00"


def load_items(connection: duckdb.DuckDBPyConnection) -> None:
    """Items, codes, unit ratios; ``s_item`` for the stages that follow."""
    items, staged = [], []
    for number, row in enumerate(_CATALOGUE, 1):
        name, industry, category, base, order, priced, per, cents, usual = row
        service = base == "HUR"
        code = None if service else gtin(f"40{1234500000 + number * 37:010d}")
        items.append([number, name, category, industry, service, base, order, priced, per,
                      f"{cents // 100}.{cents % 100:02d}", code, _SINCE, _SINCE])  # fmt: skip
        num, den = _WEIGHTS.get(name, (1, 1))
        staged.append((number, name, industry, category, service, order, priced, per, cents,
                       usual, num, den, _BOXES.get(name, 0)))  # fmt: skip
    write(connection, "item", items)
    codes = [
        (number, system, form.format(number))
        for number in range(1, len(items) + 1)
        for system, form in _CODES.items()
    ]
    write(connection, "item_code", numbered(codes))
    ids = {row[0]: number for number, row in enumerate(_CATALOGUE, 1)}
    ratios = [(ids[name], "EA", "KGM", num, den) for name, (num, den) in _WEIGHTS.items()]
    ratios += [(ids[name], "BX", "EA", pieces, 1) for name, pieces in _BOXES.items()]
    write(connection, "uom_ratio", numbered(ratios))
    connection.execute(_STAGE)
    connection.executemany(f"INSERT INTO s_item VALUES ({', '.join('?' * 13)})", staged)
    connection.execute(_CHOICE)


_STAGE = """
CREATE TEMP TABLE s_item (item_id BIGINT, description VARCHAR, industry VARCHAR, category VARCHAR,
    service BOOLEAN, order_uom VARCHAR, price_uom VARCHAR, pu BIGINT, list_cents BIGINT,
    usual BIGINT, num BIGINT, den BIGINT, box BIGINT);
"""

_CHOICE = """
CREATE TEMP TABLE s_choice AS
SELECT industry, service, list(item_id ORDER BY item_id) AS item_ids FROM s_item GROUP BY ALL;
"""
