"""The columns of a line, and what lines of every kind have in common, as SQL.

Belongs here: the notation of one SELECT of lines, prices and amounts converted exactly, the joins
of units, items and accounts. Not here: lines of any one kind (projection_lines.py,
projection_bill_lines.py).
"""

from __future__ import annotations

from finsync_dagster.sandbox.vendors.netsuite.numbering import Numbering
from finsync_dagster.sandbox.vendors.netsuite.projection_transactions import deleted

# As text, so that each SELECT of the union gives them in this order.
COLUMNS = (
    *("transaction", "id", "uniquekey", "mainline", "taxline", "entity", "subsidiary"),
    *("documentnumber", "memo", "foreignamount", "netamount", "quantity", "units", "rate"),
    *("item", "itemtype", "expenseaccount", "department", "class", "createdfrom", "isclosed"),
    *("matchbilltoreceipt", "quantitybilled", "quantityshiprecv", "quantityrejected"),
    *("ratepercent", "expectedreceiptdate", "linelastmodifieddate"),
    *("foreignamountpaid", "foreignamountunpaid"),
    *("foreignpaymentamountused", "foreignpaymentamountunused"),
    *("_created", "_changed", "_deleted", "_fx"),
)
EMPTY = {
    "mainline": "'F'",
    "taxline": "'F'",
    "isclosed": "'F'",
    "matchbilltoreceipt": "'F'",
    "entity": "CAST(NULL AS BIGINT)",
    "documentnumber": "CAST(NULL AS VARCHAR)",
    "memo": "CAST(NULL AS VARCHAR)",
    "quantity": "CAST(NULL AS DECIMAL(18,6))",
    "units": "CAST(NULL AS VARCHAR)",
    "rate": "CAST(NULL AS DECIMAL(36,10))",
    "item": "CAST(NULL AS BIGINT)",
    "itemtype": "CAST(NULL AS VARCHAR)",
    "expenseaccount": "CAST(NULL AS BIGINT)",
    "department": "CAST(NULL AS BIGINT)",
    "class": "CAST(NULL AS BIGINT)",
    "createdfrom": "CAST(NULL AS BIGINT)",
    "quantitybilled": "CAST(NULL AS DECIMAL(18,6))",
    "quantityshiprecv": "CAST(NULL AS DECIMAL(18,6))",
    "quantityrejected": "CAST(NULL AS DECIMAL(18,6))",
    "ratepercent": "CAST(NULL AS DECIMAL(9,4))",
    "_fx": "CAST(1 AS DECIMAL(18,12))",
    "expectedreceiptdate": "CAST(NULL AS DATE)",
    "foreignamountpaid": "CAST(NULL AS DECIMAL(18,4))",
    "foreignamountunpaid": "CAST(NULL AS DECIMAL(18,4))",
    "foreignpaymentamountused": "CAST(NULL AS DECIMAL(18,4))",
    "foreignpaymentamountunused": "CAST(NULL AS DECIMAL(18,4))",
}
UNIT = """LEFT JOIN uom_code u ON u.system = 'group_netsuite' AND u.is_default AND u.uom = """


def base(amount: str, rate: str) -> str:
    """An amount in the subsidiary's currency, rounded half up to cents."""
    return f"round(CAST({amount} AS DECIMAL(20,4)) * CAST({rate} AS DECIMAL(18,12)), 2)"


def unit_rate(price: str, unit: str, numerator: str, denominator: str) -> str:
    """The price of one unit, exact to ten places: whole numbers only, divided half up."""
    tens = {column: f"CAST({column} * 1000000 AS HUGEINT)" for column in (unit, numerator)}
    above = f"(CAST({price} * 10000000000 AS HUGEINT) * {tens[numerator]} * 1000000)"
    below = f"({tens[unit]} * CAST({denominator} * 1000000 AS HUGEINT))"
    whole = f"((2 * {above} + {below}) // (2 * {below}))"
    return f"CAST({whole} AS DECIMAL(25,0)) * CAST('0.0000000001' AS DECIMAL(11,10))"


def select(source: str, **columns: str) -> str:
    """A SELECT of lines: the columns given, the others as they are where nothing is known."""
    given = {**EMPTY, **columns}
    wanted = ", ".join(f"{given[name]} AS {name}" for name in COLUMNS)
    return f"SELECT {wanted} {source}"


def assigned(entity: str, cost_center: str, account: str, project: str) -> str:
    """Joins: cost centre ``c``, account ``g`` and project ``j`` of an entity, by their codes."""
    return f"""
    LEFT JOIN cost_center c ON c.entity_id = {entity} AND c.code = {cost_center}
    LEFT JOIN gl_account g ON g.entity_id = {entity} AND g.account = {account}
    LEFT JOIN project j ON j.entity_id = {entity} AND j.code = {project}"""


def item_of(key: str) -> str:
    """A join: the item ``t`` of a key, where the account has it."""
    return (
        f"LEFT JOIN item t ON t.item_id = {key} AND EXISTS (SELECT 1 FROM item_code ic "
        f"WHERE ic.item_id = {key} AND ic.system = 'group_netsuite')"
    )


ITEM_TYPE = """CASE WHEN t.item_id IS NULL THEN NULL
    WHEN t.is_service THEN 'Service' ELSE 'InvtPart' END"""
OF_LINE = {
    "item": "t.item_id",
    "itemtype": ITEM_TYPE,
    # A unit nobody gave a name to stands there as it was entered; an amount has none.
    "units": "CASE WHEN l.qty IS NOT NULL THEN coalesce(u.code, l.uom) END",
    "department": "c.cost_center_id",
    "expenseaccount": "g.gl_account_id",
}
_CONVERTED = ("purchase_order", "invoice", "payment")
_SUBSIDIARY = {"subsidiary": "CAST(e.subsidiary_id AS BIGINT)"}


def header(table: str, alias: str, numbers: Numbering) -> dict[str, str]:
    """The columns every line has from its transaction."""
    key = f"{alias}.{table}_id"
    return {
        "transaction": numbers.transaction(table, key),
        "linelastmodifieddate": f"{alias}.changed_at",
        "_created": f"{alias}.created_at",
        "_changed": f"{alias}.changed_at",
        "_deleted": "d.deleted_at",
        "_fx": f"{alias}.fx_rate" if table in _CONVERTED else EMPTY["_fx"],
        **_SUBSIDIARY,
    }


def rows_of(table: str, alias: str) -> str:
    """FROM a table of documents, with their entity ``e`` and deletion ``d``."""
    key = f"{alias}.{table}_id"
    return f"""FROM {table} {alias} JOIN entity e ON e.entity_id = {alias}.entity_id
    {deleted(table, "d", key)}"""


def main_line(table: str, alias: str, numbers: Numbering) -> dict[str, str]:
    """The columns every main line has."""
    return {
        **header(table, alias, numbers),
        "id": "CAST(0 AS BIGINT)",
        "uniquekey": numbers.line(table, f"{alias}.{table}_id", 0),
        "mainline": "'T'",
    }
