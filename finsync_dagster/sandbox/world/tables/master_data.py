"""Tables: items, units, taxes, what costs are assigned to, exchange rates.

Belongs here: what documents refer to. Not here: companies and people (parties.py).
"""

from __future__ import annotations

from finsync_dagster.sandbox.world.table import table

TABLES = (
    table(
        "item",
        "Something that is bought again and again",
        """
item_id ID! key
description TEXT! name
category TEXT! category of spend
industry TEXT! industry of the suppliers that sell it
is_service FLAG! a service
base_uom TEXT! base unit, UN/ECE Rec. 20: EA, KGM, MTR, HUR, BX
order_uom TEXT! unit it is ordered in
price_uom TEXT! unit it is priced in
price_unit QTY! price is for so many price units
list_price PRICE! usual price in EUR
gtin TEXT GTIN-13 with check digit; null for services
created_at MOMENT! entered
changed_at MOMENT! last change
""",
    ),
    table(
        "item_code",
        "Code of an item in one system",
        """
item_code_id ID! key
item_id ID! item
system TEXT! system
code TEXT! its number there
""",
    ),
    table(
        "uom_code",
        "How a system writes a unit",
        """
uom_code_id ID! key
system TEXT! system
uom TEXT! canonical code, UN/ECE Rec. 20
code TEXT! code there
is_default FLAG! the code the system writes on its documents (several may be understood)
""",
    ),
    table(
        "uom_ratio",
        "Exact conversion: numerator from-units are denominator to-units",
        """
uom_ratio_id ID! key
item_id ID item it holds for; null: for all
from_uom TEXT! canonical unit
to_uom TEXT! canonical unit
numerator QTY! 1 from-unit is numerator/denominator to-units
denominator QTY! see numerator
""",
    ),
    table(
        "tax_code",
        "A tax code of an entity",
        """
tax_code_id ID! key
entity_id TEXT! entity
code TEXT! code on documents
rate_pct PCT! rate in percent
name TEXT! name
country TEXT! country of the tax
""",
    ),
    table(
        "cost_center",
        "A cost centre",
        """
cost_center_id ID! key
entity_id TEXT! entity
code TEXT! code
name TEXT! name
active FLAG! may be used
blocked_from DAY not to be used from this day on
""",
    ),
    table(
        "gl_account",
        "An account of the general ledger",
        """
gl_account_id ID! key
entity_id TEXT! entity
account TEXT! number
name TEXT! name
kind TEXT! expense, stock, grir, payable, tax, bank, discount, freight, employee, card, ...
active FLAG! may be posted to
""",
    ),
    table(
        "project",
        "A project costs are assigned to",
        """
project_id ID! key
entity_id TEXT! entity
code TEXT! code
name TEXT! name
active FLAG! may be used
""",
    ),
    table(
        "fx_rate_used",
        "Reference exchange rates, one a weekday",
        """
fx_rate_used_id ID! key
from_currency TEXT! ISO 4217
to_currency TEXT! ISO 4217
rate_date DAY! day it holds for
rate RATE! 1 from is so many to
""",
    ),
    table(
        "deletion",
        "What was deleted in a system: it is no longer shown there",
        """
deletion_id ID! key
system TEXT! system
object TEXT! requisition, purchase_order, receipt, invoice, payment or supplier_account
object_id ID! key of the row in the table of that name
number TEXT! number the document had
deleted_at MOMENT! when
deleted_by ID! employee
""",
    ),
    table(
        "integration_error",
        "A hand-over to another system that failed, as the sending system logs it",
        """
integration_error_id ID! key
system TEXT! system that handed over
target_system TEXT! system that refused
object TEXT! purchase_order
object_id ID! key of the row in the table of that name
occurred_at MOMENT! when
code TEXT! code of the error
message TEXT! what the other system answered
""",
    ),
)
