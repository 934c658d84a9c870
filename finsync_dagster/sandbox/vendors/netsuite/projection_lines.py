"""Lines of transactions and what they post, as SQL over the world.

Belongs here: the tables transactionline and transactionaccountingline. Not here: the transactions
(projection_transactions.py).

Line 0 is the main line: the vendor's side of a bill, the bank's side of a payment. Signs (from
memory): an amount is positive where it is a debit. So the main line of an order, bill or payment is
negative and its other lines are positive; of a credit it is the other way round. Quantities are
positive where goods or services come: of orders, receipts and bills; negative on credits and on
receipts that return or take back. ``rate`` is the price of one unit of ``units``, to ten
places. ``foreignamount`` is in the transaction's currency, ``netamount`` in the subsidiary's. The
supplier's number is ``documentnumber`` of the main line: of a bill its invoice number, of a receipt
its delivery note. ``isclosed``: a line that was cancelled, or on which nothing more is expected
although not all has come. ``matchbilltoreceipt``: three-way match. Freight is billed as an item of
type OthCharge. A tax line has its rate in ``ratepercent`` and its code in ``memo``.
"""

from __future__ import annotations

from finsync_dagster.sandbox.vendors.netsuite.numbering import FREIGHT, Numbering, vendor
from finsync_dagster.sandbox.vendors.netsuite.projection_transactions import deleted

# As text, so that each SELECT of the union gives them in this order.
_COLUMNS = (
    *("transaction", "id", "uniquekey", "mainline", "taxline", "entity", "subsidiary"),
    *("documentnumber", "memo", "foreignamount", "netamount", "quantity", "units", "rate"),
    *("item", "itemtype", "expenseaccount", "department", "class", "createdfrom", "isclosed"),
    *("matchbilltoreceipt", "quantitybilled", "quantityshiprecv", "quantityrejected"),
    *("ratepercent", "expectedreceiptdate", "linelastmodifieddate"),
    *("_created", "_changed", "_deleted", "_fx"),
)
_EMPTY = {
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
}
_UNIT = """LEFT JOIN uom_code u ON u.system = 'group_netsuite' AND u.is_default AND u.uom = """


def lines(numbers: Numbering) -> dict[str, str]:
    """The SELECT of each table, by its name."""
    parts = (
        *_requisition(numbers),
        *_order(numbers),
        *_receipt(numbers),
        *_bill(numbers),
        *_payment(numbers),
    )
    every = " UNION ALL ".join(parts)
    line = f"""SELECT * EXCLUDE (_fx), id AS linesequencenumber FROM ({every})
        ORDER BY transaction, id"""
    return {"transactionline": line, "transactionaccountingline": _posted(every)}


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


def _select(source: str, **columns: str) -> str:
    given = {**_EMPTY, **columns}
    wanted = ", ".join(f"{given[name]} AS {name}" for name in _COLUMNS)
    return f"SELECT {wanted} {source}"


def _assigned(entity: str, cost_center: str, account: str, project: str) -> str:
    return f"""
    LEFT JOIN cost_center c ON c.entity_id = {entity} AND c.code = {cost_center}
    LEFT JOIN gl_account g ON g.entity_id = {entity} AND g.account = {account}
    LEFT JOIN project j ON j.entity_id = {entity} AND j.code = {project}"""


def _item(key: str) -> str:
    return (
        f"LEFT JOIN item t ON t.item_id = {key} AND EXISTS (SELECT 1 FROM item_code ic "
        f"WHERE ic.item_id = {key} AND ic.system = 'group_netsuite')"
    )


_ITEM_TYPE = """CASE WHEN t.item_id IS NULL THEN NULL
    WHEN t.is_service THEN 'Service' ELSE 'InvtPart' END"""
_OF_LINE = {
    "item": "t.item_id",
    "itemtype": _ITEM_TYPE,
    # A unit nobody gave a name to stands there as it was entered; an amount has none.
    "units": "CASE WHEN l.qty IS NOT NULL THEN coalesce(u.code, l.uom) END",
    "department": "c.cost_center_id",
    "expenseaccount": "g.gl_account_id",
}
_CONVERTED = ("purchase_order", "invoice", "payment")
_SUBSIDIARY = {"subsidiary": "CAST(e.subsidiary_id AS BIGINT)"}


def _header(table: str, alias: str, numbers: Numbering) -> dict[str, str]:
    key = f"{alias}.{table}_id"
    return {
        "transaction": numbers.transaction(table, key),
        "linelastmodifieddate": f"{alias}.changed_at",
        "_created": f"{alias}.created_at",
        "_changed": f"{alias}.changed_at",
        "_deleted": "d.deleted_at",
        "_fx": f"{alias}.fx_rate" if table in _CONVERTED else _EMPTY["_fx"],
        **_SUBSIDIARY,
    }


def _from(table: str, alias: str) -> str:
    key = f"{alias}.{table}_id"
    return f"""FROM {table} {alias} JOIN entity e ON e.entity_id = {alias}.entity_id
    {deleted(table, "d", key)}"""


def _main(table: str, alias: str, numbers: Numbering) -> dict[str, str]:
    return {
        **_header(table, alias, numbers),
        "id": "CAST(0 AS BIGINT)",
        "uniquekey": numbers.line(table, f"{alias}.{table}_id", 0),
        "mainline": "'T'",
    }


def _requisition(numbers: Numbering) -> tuple[str, ...]:
    where = "WHERE r.system = 'group_netsuite'"
    source = _from("requisition", "r")
    main = _select(
        f"{source} {where}",
        **_main("requisition", "r", numbers),
        foreignamount="-r.net_amount",
        netamount="CASE WHEN r.currency = e.currency THEN -r.net_amount END",
    )
    rate = unit_rate(
        "l.price", "l.price_unit", "CAST(1 AS DECIMAL(18,6))", "CAST(1 AS DECIMAL(18,6))"
    )
    line = _select(
        f"""{source} JOIN requisition_line l ON l.requisition_id = r.requisition_id
        {_item("l.item_id")} {_UNIT} l.uom
        {_assigned("r.entity_id", "l.cost_center", "l.gl_account", "NULL")} {where}""",
        **{
            **_header("requisition", "r", numbers),
            **_OF_LINE,
            "id": "CAST(l.line_no AS BIGINT)",
            "uniquekey": numbers.line("requisition", "l.requisition_line_id", 1),
            "entity": vendor("l.supplier_account_id"),
            "memo": "l.description",
            "foreignamount": "l.net_amount",
            "netamount": "CASE WHEN r.currency = e.currency THEN l.net_amount END",
            "quantity": "l.qty",
            "rate": f"CASE WHEN l.qty IS NOT NULL THEN {rate} END",
            "isclosed": "CASE WHEN l.cancelled THEN 'T' ELSE 'F' END",
            "expectedreceiptdate": "l.need_by",
            "linelastmodifieddate": "l.changed_at",
            "_changed": "l.changed_at",
        },
    )
    return main, line


def _order(numbers: Numbering) -> tuple[str, ...]:
    where = "WHERE o.system = 'group_netsuite'"
    source = _from("purchase_order", "o")
    main = _select(
        f"{source} {where}",
        **_main("purchase_order", "o", numbers),
        entity=vendor("o.supplier_account_id"),
        foreignamount="-o.net_amount",
        netamount=base("-o.net_amount", "o.fx_rate"),
    )
    rate = unit_rate("l.price", "l.price_unit", "l.price_uom_numerator", "l.price_uom_denominator")
    made_from = numbers.transaction("requisition", "q.requisition_id")
    line = _select(
        f"""{source} JOIN purchase_order_line l ON l.purchase_order_id = o.purchase_order_id
        LEFT JOIN requisition_line q ON q.requisition_line_id = l.requisition_line_id
        LEFT JOIN (
            SELECT purchase_order_line_id, sum(qty_order_uom) AS qty FROM receipt_line
            GROUP BY purchase_order_line_id
        ) come ON come.purchase_order_line_id = l.purchase_order_line_id
        LEFT JOIN (
            SELECT purchase_order_line_id, sum(qty) AS qty FROM invoice_line
            WHERE type = 'item' GROUP BY purchase_order_line_id
        ) billed ON billed.purchase_order_line_id = l.purchase_order_line_id
        LEFT JOIN purchase_order_assignment a
            ON a.purchase_order_line_id = l.purchase_order_line_id AND a.assignment_no = 1
        {_item("l.item_id")} {_UNIT} l.uom
        {_assigned("o.entity_id", "a.cost_center", "a.gl_account", "a.project")} {where}""",
        **{
            **_header("purchase_order", "o", numbers),
            **_OF_LINE,
            "id": "CAST(l.line_no AS BIGINT)",
            "uniquekey": numbers.line("purchase_order", "l.purchase_order_line_id", 1),
            "entity": vendor("o.supplier_account_id"),
            "memo": "l.description",
            "foreignamount": "l.net_amount",
            "netamount": base("l.net_amount", "o.fx_rate"),
            "quantity": "l.qty",
            "rate": f"CASE WHEN l.qty IS NOT NULL THEN {rate} END",
            "class": "j.project_id",
            "createdfrom": f"CASE WHEN q.requisition_id IS NOT NULL THEN {made_from} END",
            "isclosed": """CASE WHEN l.cancelled OR (l.delivery_complete AND l.qty IS NOT NULL
                AND coalesce(come.qty, 0) < l.qty) THEN 'T' ELSE 'F' END""",
            "matchbilltoreceipt": "CASE WHEN l.match_type IN ('3w', '4w') THEN 'T' ELSE 'F' END",
            "quantitybilled": "CASE WHEN l.qty IS NOT NULL THEN coalesce(billed.qty, 0) END",
            "quantityshiprecv": "CASE WHEN l.qty IS NOT NULL THEN coalesce(come.qty, 0) END",
            "expectedreceiptdate": "l.need_by",
            "linelastmodifieddate": "l.changed_at",
            "_changed": "l.changed_at",
        },
    )
    return main, line


def _receipt(numbers: Numbering) -> tuple[str, ...]:
    where = "WHERE r.system = 'group_netsuite'"
    source = _from("receipt", "r")
    main = _select(
        f"""{source} JOIN (
            SELECT receipt_id, sum(amount) AS amount, sum(amount_entity) AS amount_entity
            FROM receipt_line GROUP BY receipt_id
        ) s ON s.receipt_id = r.receipt_id {where}""",
        **_main("receipt", "r", numbers),
        entity=vendor("r.supplier_account_id"),
        documentnumber="nullif(r.delivery_note, '')",
        foreignamount="-s.amount",
        netamount="-s.amount_entity",
    )
    line = _select(
        f"""{source} JOIN receipt_line l ON l.receipt_id = r.receipt_id
        JOIN purchase_order_line ol ON ol.purchase_order_line_id = l.purchase_order_line_id
        LEFT JOIN purchase_order_assignment a
            ON a.purchase_order_line_id = l.purchase_order_line_id AND a.assignment_no = 1
        {_item("ol.item_id")} {_UNIT} l.uom
        {_assigned("r.entity_id", "a.cost_center", "a.gl_account", "a.project")} {where}""",
        **{
            **_header("receipt", "r", numbers),
            **_OF_LINE,
            "id": "CAST(l.line_no AS BIGINT)",
            "uniquekey": numbers.line("receipt", "l.receipt_line_id", 1),
            "entity": vendor("r.supplier_account_id"),
            "memo": "ol.description",
            "foreignamount": "l.amount",
            "netamount": "l.amount_entity",
            "quantity": "l.qty",
            "class": "j.project_id",
            "createdfrom": numbers.transaction("purchase_order", "ol.purchase_order_id"),
            "isclosed": "CASE WHEN l.delivery_complete THEN 'T' ELSE 'F' END",
            "quantityrejected": "l.qty_rejected",
        },
    )
    return main, line


def _bill(numbers: Numbering) -> tuple[str, ...]:
    where = "WHERE i.system = 'group_netsuite'"
    source = _from("invoice", "i")
    header = _header("invoice", "i", numbers)
    supplier = {"entity": vendor("i.supplier_account_id")}
    # A credit is made from the bill it corrects or takes back, a bill's line from the order: the
    # one whose line it bills, or the one it names and no line of it.
    order = "coalesce(ol.purchase_order_id, po.purchase_order_id)"
    before = "coalesce(i.corrects_invoice_id, i.reverses_invoice_id)"
    made_from = f"""CASE
        WHEN {before} IS NOT NULL THEN {numbers.transaction("invoice", before)}
        WHEN {order} IS NOT NULL THEN {numbers.transaction("purchase_order", order)} END"""
    main = _select(
        f"{source} {where}",
        **_main("invoice", "i", numbers),
        **supplier,
        documentnumber="nullif(i.invoice_number, '')",
        foreignamount="-i.gross_amount",
        netamount=base("-i.gross_amount", "i.fx_rate"),
    )
    rate = unit_rate("l.price", "l.price_unit", "l.price_uom_numerator", "l.price_uom_denominator")
    line = _select(
        f"""{source} JOIN invoice_line l ON l.invoice_id = i.invoice_id AND l.type <> 'tax'
        LEFT JOIN purchase_order_line ol ON ol.purchase_order_line_id = l.purchase_order_line_id
        LEFT JOIN purchase_order po ON po.po_number = l.po_number_ref
            AND po.system = 'group_netsuite'
        {_item("l.item_id")} {_UNIT} l.uom
        {_assigned("i.entity_id", "l.cost_center", "l.gl_account", "l.project")} {where}""",
        **{
            **header,
            **supplier,
            **_OF_LINE,
            "item": f"CASE WHEN l.type = 'charge' THEN {FREIGHT} ELSE t.item_id END",
            "itemtype": f"CASE WHEN l.type = 'charge' THEN 'OthCharge' ELSE {_ITEM_TYPE} END",
            "id": "CAST(l.line_no AS BIGINT)",
            "uniquekey": numbers.line("invoice", "l.invoice_line_id", 1),
            "memo": "l.description",
            "foreignamount": "l.net_amount",
            "netamount": base("l.net_amount", "i.fx_rate"),
            "quantity": "l.qty",
            "rate": f"CASE WHEN l.qty IS NOT NULL AND l.price IS NOT NULL THEN {rate} END",
            "class": "j.project_id",
            "createdfrom": made_from,
        },
    )
    tax = _select(
        f"""{source} JOIN invoice_tax x ON x.invoice_id = i.invoice_id
            AND (x.tax_amount <> 0 OR x.tax_rate_pct <> 0)
        JOIN (SELECT invoice_id, max(line_no) AS last FROM invoice_line GROUP BY invoice_id) n
            ON n.invoice_id = i.invoice_id
        LEFT JOIN gl_account g ON g.entity_id = i.entity_id AND g.kind = 'tax' {where}""",
        **{
            **header,
            **supplier,
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
    return main, line, tax


def _payment(numbers: Numbering) -> tuple[str, ...]:
    where = "WHERE p.system = 'group_netsuite'"
    source = f"""{_from("payment", "p")} LEFT JOIN (
        SELECT payment_id, sum(discount_amount) AS discount FROM payment_application
        GROUP BY payment_id
    ) s ON s.payment_id = p.payment_id"""
    whole = "(p.amount + coalesce(s.discount, 0))"
    supplier = {"entity": vendor("p.supplier_account_id")}
    main = _select(
        f"{_from('payment', 'p')} {where}",
        **_main("payment", "p", numbers),
        **supplier,
        foreignamount="-p.amount",
        netamount=base("-p.amount", "p.fx_rate"),
    )
    settled = _select(
        f"{source} {where}",
        **_header("payment", "p", numbers),
        **supplier,
        id="CAST(1 AS BIGINT)",
        uniquekey=numbers.line("payment", "p.payment_id", 1),
        foreignamount=whole,
        netamount=base(whole, "p.fx_rate"),
    )
    discount = _select(
        f"{source} {where} AND s.discount <> 0",
        **_header("payment", "p", numbers),
        **supplier,
        id="CAST(2 AS BIGINT)",
        uniquekey=numbers.line("payment", "p.payment_id", 2),
        foreignamount="-s.discount",
        netamount=base("-s.discount", "p.fx_rate"),
    )
    return main, settled, discount


def _posted(every: str) -> str:
    """What lines post in the primary book, in the subsidiary's currency."""
    return f"""
SELECT CAST(1 AS BIGINT) AS accountingbook, transaction, id AS transactionline,
    CASE WHEN mainline = 'T' THEN (
        SELECT min(gl_account_id) FROM gl_account g JOIN entity n USING (entity_id)
        WHERE n.subsidiary_id = subsidiary AND g.kind = 'payable')
    ELSE expenseaccount END AS account,
    netamount AS amount, netamount, _fx AS exchangerate,
    CASE WHEN netamount > 0 THEN netamount END AS debit,
    CASE WHEN netamount < 0 THEN -netamount END AS credit,
    CASE WHEN transaction % 8 IN (1, 2) THEN 'F' ELSE 'T' END AS posting,
    _created, _changed, _deleted
FROM ({every}) ORDER BY transaction, id
"""
