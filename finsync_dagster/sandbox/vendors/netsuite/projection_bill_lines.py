"""Lines of bills, credits and payments, as SQL over the world.

Belongs here: those lines, and what is settled of a document. Not here: lines of what was ordered
and received, and the signs of them all (projection_lines.py).
"""

from __future__ import annotations

from finsync_dagster.sandbox.vendors.netsuite.line_columns import (
    ITEM_TYPE,
    OF_LINE,
    UNIT,
    assigned,
    base,
    header,
    item_of,
    main_line,
    rows_of,
    select,
    unit_rate,
)
from finsync_dagster.sandbox.vendors.netsuite.numbering import FREIGHT, Numbering, vendor
from finsync_dagster.sandbox.vendors.netsuite.projection_transactions import BILL_TYPE

# What payments have settled of a bill or of a credit, signed as it is.
_SETTLED = """LEFT JOIN (
        SELECT a.invoice_id, sum(a.amount + a.discount_amount) AS settled
        FROM payment_application a JOIN payment p USING (payment_id)
        WHERE p.status NOT IN ('void', 'failed') GROUP BY a.invoice_id
    ) y ON y.invoice_id = i.invoice_id"""


def _of_bill(amount: str) -> str:
    return _where_settled("=", amount)


def _of_credit(amount: str) -> str:
    return _where_settled("<>", amount)


def _where_settled(relation: str, amount: str) -> str:
    value = amount.replace("settled", "coalesce(y.settled, 0)")
    return f"CASE WHEN {BILL_TYPE} {relation} 'VendBill' THEN {value} END"


# The order whose line a bill's line bills, or which it names and no line of it.
_ORDER = "coalesce(ol.purchase_order_id, po.purchase_order_id)"
_ORDERED = """LEFT JOIN purchase_order_line ol
        ON ol.purchase_order_line_id = l.purchase_order_line_id
    LEFT JOIN purchase_order po ON po.po_number = l.po_number_ref
        AND po.system = 'group_netsuite'"""
_BILLS = "WHERE i.system = 'group_netsuite'"


def bill(numbers: Numbering) -> tuple[str, ...]:
    """The SELECTs of bills and credits: main lines, items and charges, taxes."""
    return _bill_main(numbers), _bill_line(numbers), _bill_tax(numbers)


def _made_from(numbers: Numbering, order: str) -> str:
    """A credit is made from the bill it corrects or takes back, a bill from the order."""
    before = "coalesce(i.corrects_invoice_id, i.reverses_invoice_id)"
    return f"""CASE
        WHEN {before} IS NOT NULL THEN {numbers.transaction("invoice", before)}
        WHEN {order} IS NOT NULL THEN {numbers.transaction("purchase_order", order)} END"""


def _bill_main(numbers: Numbering) -> str:
    return select(
        f"""{rows_of("invoice", "i")} LEFT JOIN (
            SELECT l.invoice_id, min({_ORDER}) AS order_id FROM invoice_line l {_ORDERED}
            GROUP BY l.invoice_id
        ) s ON s.invoice_id = i.invoice_id {_SETTLED} {_BILLS}""",
        **{
            **main_line("invoice", "i", numbers),
            "entity": vendor("i.supplier_account_id"),
            "documentnumber": "nullif(i.invoice_number, '')",
            "foreignamount": "-i.gross_amount",
            "netamount": base("-i.gross_amount", "i.fx_rate"),
            "createdfrom": _made_from(numbers, "s.order_id"),
            "foreignamountpaid": _of_bill("settled"),
            "foreignamountunpaid": _of_bill("i.gross_amount - settled"),
            "foreignpaymentamountused": _of_credit("-settled"),
            "foreignpaymentamountunused": _of_credit("settled - i.gross_amount"),
        },
    )


def _bill_line(numbers: Numbering) -> str:
    rate = unit_rate("l.price", "l.price_unit", "l.price_uom_numerator", "l.price_uom_denominator")
    return select(
        f"""{rows_of("invoice", "i")}
        JOIN invoice_line l ON l.invoice_id = i.invoice_id AND l.type <> 'tax'
        {_ORDERED}
        {item_of("l.item_id")} {UNIT} l.uom
        {assigned("i.entity_id", "l.cost_center", "l.gl_account", "l.project")} {_BILLS}""",
        **{
            **header("invoice", "i", numbers),
            **OF_LINE,
            "entity": vendor("i.supplier_account_id"),
            "item": f"CASE WHEN l.type = 'charge' THEN {FREIGHT} ELSE t.item_id END",
            "itemtype": f"CASE WHEN l.type = 'charge' THEN 'OthCharge' ELSE {ITEM_TYPE} END",
            "id": "CAST(l.line_no AS BIGINT)",
            "uniquekey": numbers.line("invoice", "l.invoice_line_id", 1),
            "memo": "l.description",
            "foreignamount": "l.net_amount",
            "netamount": base("l.net_amount", "i.fx_rate"),
            "quantity": "l.qty",
            "rate": f"CASE WHEN l.qty IS NOT NULL AND l.price IS NOT NULL THEN {rate} END",
            "class": "j.project_id",
            "createdfrom": _made_from(numbers, _ORDER),
        },
    )


def _bill_tax(numbers: Numbering) -> str:
    return select(
        f"""{rows_of("invoice", "i")} JOIN invoice_tax x ON x.invoice_id = i.invoice_id
            AND (x.tax_amount <> 0 OR x.tax_rate_pct <> 0)
        JOIN (SELECT invoice_id, max(line_no) AS last FROM invoice_line GROUP BY invoice_id) n
            ON n.invoice_id = i.invoice_id
        LEFT JOIN gl_account g ON g.entity_id = i.entity_id AND g.kind = 'tax' {_BILLS}""",
        **{
            **header("invoice", "i", numbers),
            "entity": vendor("i.supplier_account_id"),
            "id": "CAST(n.last + x.tax_no AS BIGINT)",
            "uniquekey": numbers.line("invoice", "x.invoice_tax_id", 2),
            "taxline": "'T'",
            "memo": "x.tax_code",
            "ratepercent": "x.tax_rate_pct",
            "foreignamount": "x.tax_amount",
            "netamount": base("x.tax_amount", "i.fx_rate"),
            "expenseaccount": "g.gl_account_id",
        },
    )


def payment(numbers: Numbering) -> tuple[str, ...]:
    """The SELECTs of payments: main lines, what is settled, the cash discount."""
    where = "WHERE p.system = 'group_netsuite'"
    source = f"""{rows_of("payment", "p")} LEFT JOIN (
        SELECT payment_id, sum(discount_amount) AS discount,
            sum(amount) FILTER (invoice_id IS NOT NULL) AS used
        FROM payment_application GROUP BY payment_id
    ) s ON s.payment_id = p.payment_id"""
    whole = "(p.amount + coalesce(s.discount, 0))"
    supplier = {"entity": vendor("p.supplier_account_id")}
    main = select(
        f"{source} {where}",
        **main_line("payment", "p", numbers),
        **supplier,
        foreignamount="-p.amount",
        netamount=base("-p.amount", "p.fx_rate"),
        foreignpaymentamountused="coalesce(s.used, 0)",
        foreignpaymentamountunused="p.amount - coalesce(s.used, 0)",
    )
    settled = select(
        f"{source} {where}",
        **header("payment", "p", numbers),
        **supplier,
        id="CAST(1 AS BIGINT)",
        uniquekey=numbers.line("payment", "p.payment_id", 1),
        foreignamount=whole,
        netamount=base(whole, "p.fx_rate"),
    )
    discount = select(
        f"{source} {where} AND s.discount <> 0",
        **header("payment", "p", numbers),
        **supplier,
        id="CAST(2 AS BIGINT)",
        uniquekey=numbers.line("payment", "p.payment_id", 2),
        foreignamount="-s.discount",
        netamount=base("-s.discount", "p.fx_rate"),
    )
    return main, settled, discount
