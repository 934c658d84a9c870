"""Lines of transactions and what they post, as SQL over the world.

Belongs here: the tables transactionline and transactionaccountingline. Not here: the transactions
(projection_transactions.py), the lines of bills and payments (projection_bill_lines.py), what lines
of every kind have in common (line_columns.py).

Line 0 is the main line: the vendor's side of a bill, the bank's side of a payment. Signs (from
memory): an amount is positive where it is a debit. So the main line of an order, bill or payment is
negative and its other lines are positive; of a credit it is the other way round. Quantities are
positive where goods or services come: of orders, receipts and bills; negative on credits and on
receipts that return or take back. ``rate`` is the price of one unit of ``units``, to ten
places. ``foreignamount`` is in the transaction's currency, ``netamount`` in the subsidiary's. The
supplier's number is ``documentnumber`` of the main line: of a bill its invoice number, of a receipt
its delivery note. ``isclosed``: a line that was cancelled, or on which nothing more is expected
although not all has come. ``matchbilltoreceipt``: three-way match. Freight is billed as an item of
type OthCharge. A tax line has its rate in ``ratepercent`` and its code in ``memo``. The main line,
too, names in ``createdfrom`` what the document was made from; that of a bill tells what is paid of
it and what is not (a cash discount counts as paid), that of a payment or a credit what of it is
used: without sign, but of a bill paid beyond its total less than nothing is unpaid.
"""

from __future__ import annotations

from finsync_dagster.sandbox.vendors.netsuite.line_columns import (
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
from finsync_dagster.sandbox.vendors.netsuite.numbering import Numbering, vendor
from finsync_dagster.sandbox.vendors.netsuite.projection_bill_lines import bill, payment


def lines(numbers: Numbering) -> dict[str, str]:
    """The SELECT of each table, by its name."""
    parts = (
        *_requisition(numbers),
        *_order(numbers),
        *_receipt(numbers),
        *bill(numbers),
        *payment(numbers),
    )
    every = " UNION ALL ".join(parts)
    line = f"""SELECT * EXCLUDE (_fx), id AS linesequencenumber FROM ({every})
        ORDER BY transaction, id"""
    return {"transactionline": line, "transactionaccountingline": _posted(every)}


def _requisition(numbers: Numbering) -> tuple[str, ...]:
    where = "WHERE r.system = 'group_netsuite'"
    source = rows_of("requisition", "r")
    main = select(
        f"{source} {where}",
        **main_line("requisition", "r", numbers),
        foreignamount="-r.net_amount",
        netamount="CASE WHEN r.currency = e.currency THEN -r.net_amount END",
    )
    rate = unit_rate(
        "l.price", "l.price_unit", "CAST(1 AS DECIMAL(18,6))", "CAST(1 AS DECIMAL(18,6))"
    )
    line = select(
        f"""{source} JOIN requisition_line l ON l.requisition_id = r.requisition_id
        {item_of("l.item_id")} {UNIT} l.uom
        {assigned("r.entity_id", "l.cost_center", "l.gl_account", "NULL")} {where}""",
        **{
            **header("requisition", "r", numbers),
            **OF_LINE,
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
    source = rows_of("purchase_order", "o")
    made_from = numbers.transaction("requisition", "q.requisition_id")
    main = select(
        f"""{source} LEFT JOIN (
            SELECT ol.purchase_order_id, min(rl.requisition_id) AS requisition_id
            FROM purchase_order_line ol JOIN requisition_line rl USING (requisition_line_id)
            GROUP BY ol.purchase_order_id
        ) q ON q.purchase_order_id = o.purchase_order_id {where}""",
        **main_line("purchase_order", "o", numbers),
        entity=vendor("o.supplier_account_id"),
        foreignamount="-o.net_amount",
        netamount=base("-o.net_amount", "o.fx_rate"),
        createdfrom=f"CASE WHEN q.requisition_id IS NOT NULL THEN {made_from} END",
    )
    rate = unit_rate("l.price", "l.price_unit", "l.price_uom_numerator", "l.price_uom_denominator")
    line = select(
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
        {item_of("l.item_id")} {UNIT} l.uom
        {assigned("o.entity_id", "a.cost_center", "a.gl_account", "a.project")} {where}""",
        **{
            **header("purchase_order", "o", numbers),
            **OF_LINE,
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
    source = rows_of("receipt", "r")
    main = select(
        f"""{source} JOIN (
            SELECT rl.receipt_id, sum(rl.amount) AS amount,
                sum(rl.amount_entity) AS amount_entity, min(x.purchase_order_id) AS order_id
            FROM receipt_line rl JOIN purchase_order_line x USING (purchase_order_line_id)
            GROUP BY rl.receipt_id
        ) s ON s.receipt_id = r.receipt_id {where}""",
        **main_line("receipt", "r", numbers),
        entity=vendor("r.supplier_account_id"),
        documentnumber="nullif(r.delivery_note, '')",
        foreignamount="-s.amount",
        netamount="-s.amount_entity",
        createdfrom=numbers.transaction("purchase_order", "s.order_id"),
    )
    line = select(
        f"""{source} JOIN receipt_line l ON l.receipt_id = r.receipt_id
        JOIN purchase_order_line ol ON ol.purchase_order_line_id = l.purchase_order_line_id
        LEFT JOIN purchase_order_assignment a
            ON a.purchase_order_line_id = l.purchase_order_line_id AND a.assignment_no = 1
        {item_of("ol.item_id")} {UNIT} l.uom
        {assigned("r.entity_id", "a.cost_center", "a.gl_account", "a.project")} {where}""",
        **{
            **header("receipt", "r", numbers),
            **OF_LINE,
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
