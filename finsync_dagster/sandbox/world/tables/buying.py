"""Tables: requisitions, approvals, orders, receipts.

Belongs here: what was wanted, ordered, and arrived. Not here: what was billed (billing.py).
"""

from __future__ import annotations

from finsync_dagster.sandbox.world.table import table

TABLES = (
    table(
        "requisition",
        "A requisition",
        """
requisition_id ID! key
entity_id TEXT! entity
system TEXT! system it is in
requisition_number TEXT! number
requester_id ID! employee who asks
status TEXT! draft, pending_approval, approved, ordered, rejected or cancelled
currency TEXT! ISO 4217
net_amount MONEY! sum of its lines
submitted_at MOMENT handed in
approved_at MOMENT last approval; null if not approved
created_at MOMENT! entered
changed_at MOMENT! last change
""",
    ),
    table(
        "requisition_line",
        "A line of a requisition",
        """
requisition_line_id ID! key
requisition_id ID! requisition
line_no INT! 10, 20, ... in SAP; 1, 2, ... elsewhere
item_id ID item; null for free text
description TEXT! what is wanted
category TEXT! category of spend
qty QTY quantity; null where an amount is asked for
uom TEXT canonical unit; null where an amount is asked for
price PRICE! expected price per price_unit; the amount where there is no quantity
price_unit QTY! see price
net_amount MONEY! value
supplier_account_id ID! desired supplier, in the system of the requisition
gl_account TEXT! account
cost_center TEXT! cost centre
need_by DAY! wanted by
cancelled FLAG! no longer wanted
purchase_order_line_id ID order line it became; null if none (yet)
created_at MOMENT! entered
changed_at MOMENT! last change
""",
    ),
    table(
        "approval",
        "A decision on a document",
        """
approval_id ID! key
subject_type TEXT! requisition, purchase_order, invoice or expense_report
subject_id ID! key of the document
entity_id TEXT! entity of the document
system TEXT! system in which it was decided
step INT! 1, 2, ...
actor_id ID! employee who decided
decision TEXT! approved, rejected or pending
limit_amount MONEY! up to what the actor may approve, currency of the entity
decided_at MOMENT! when
""",
    ),
    table(
        "purchase_order",
        "A purchase order, and its copy in a second system if it has one",
        """
purchase_order_id ID! key
entity_id TEXT! entity that orders
system TEXT! home system
po_number TEXT! number, the same in the copy
type TEXT! standard, service or limit
supplier_account_id ID! supplier, in the home system
currency TEXT! ISO 4217
fx_rate RATE! 1 of currency in the entity's currency on the order date
order_date DAY! date of the order
status TEXT! draft, pending_approval, approved, sent, partial, received, closed or cancelled
requester_id ID! employee who asked
buyer_id ID! employee who ordered
approved_at MOMENT last approval; null if not approved
terms_days INT! days net
discount_days INT! days for the cash discount; 0 if none
discount_pct PCT! cash discount in percent
net_amount MONEY! sum of its lines, also where all were cancelled with the order
version_no INT! version, 1 if never changed
created_at MOMENT! entered
changed_at MOMENT! last change
copied_to TEXT system with the copy; null if there is none
copied_at MOMENT when it was copied
copied_supplier_account_id ID supplier of the copy, in that system
copied_currency TEXT currency of the copy
copied_status TEXT status of the copy: approved or cancelled
copied_changed_at MOMENT last change of the copy
""",
    ),
    table(
        "purchase_order_line",
        "A line of a purchase order",
        """
purchase_order_line_id ID! key
purchase_order_id ID! order
line_no INT! 10, 20, ... in SAP; 1, 2, ... elsewhere; in a copy ten times that
requisition_line_id ID requisition line it came from
item_id ID item; null for free text
description TEXT! what is ordered
category TEXT! category of spend
match_type TEXT! 2w, 3w, 4w or limit
match_basis TEXT! qty or amount
receipt_required FLAG! a receipt or service entry is expected
gr_based_invoice FLAG! invoices name the receipt they bill
qty QTY ordered quantity; null on amount lines
uom TEXT order unit, canonical; null on amount lines
price PRICE! net price per price_unit price units; the amount on amount lines
price_unit QTY! price is for so many units of price_uom; 1 on amount lines
price_uom TEXT unit of the price, canonical; null on amount lines
price_uom_numerator QTY! 1 order unit is numerator/denominator price units
price_uom_denominator QTY! see numerator
net_amount MONEY! value, rounded half up to the minor unit
tax_code TEXT! tax code
tax_rate_pct PCT! rate in percent
tax_amount MONEY! tax expected on the line
planned_freight MONEY! freight agreed for the whole line; 0 if none
over_pct PCT! over-delivery tolerated, percent
under_pct PCT! under-delivery tolerated, percent
limit_amount MONEY overall limit of a limit line
expected_amount MONEY expected value of a limit line
valid_from DAY first day of a limit line or service
valid_to DAY last day of a limit line or service
need_by DAY! delivery date
delivery_complete FLAG! no further receipt expected
final_invoice FLAG! no further invoice expected
cancelled FLAG! cancelled
created_at MOMENT! entered
changed_at MOMENT! last change
copied_qty QTY quantity in the copy
copied_price PRICE price in the copy
copied_net_amount MONEY value in the copy
copied_cancelled FLAG cancelled in the copy
""",
    ),
    table(
        "purchase_order_schedule",
        "When a line is to be delivered",
        """
purchase_order_schedule_id ID! key
purchase_order_line_id ID! order line
schedule_no INT! 1, 2, ...
due_date DAY! delivery date
qty QTY quantity; null on amount lines; they add up to the line
amount MONEY! value; they add up to the line
""",
    ),
    table(
        "purchase_order_assignment",
        "What a line is charged to",
        """
purchase_order_assignment_id ID! key
purchase_order_line_id ID! order line
assignment_no INT! 1, 2, ...
gl_account TEXT! account
cost_center TEXT! cost centre
project TEXT project code; null if none
pct PCT! share in percent; they add up to 100
amount MONEY! share of the line's value; they add up to it
""",
    ),
    table(
        "receipt",
        "A receipt, return, reversal or service entry",
        """
receipt_id ID! key
entity_id TEXT! entity
system TEXT! system it is in
receipt_number TEXT! number, unique with fiscal_year and system
fiscal_year INT! year of the posting date
kind TEXT! receipt, return, reversal or service_entry
supplier_account_id ID! supplier, in the receipt's system
delivery_note TEXT delivery note of the supplier
document_date DAY! date on the delivery note
posting_date DAY! when it counts
received_by ID! employee
created_at MOMENT! entered
changed_at MOMENT! last change
""",
    ),
    table(
        "receipt_line",
        "A line of a receipt; a return or reversal has a negative quantity",
        """
receipt_line_id ID! key
receipt_id ID! receipt
line_no INT! 1, 2, ...
purchase_order_line_id ID! order line
kind TEXT! receipt, return, reversal or service_entry
qty QTY signed quantity in uom; null on amount lines
uom TEXT unit it was counted in, canonical; may differ from the order unit
qty_order_uom QTY signed quantity in the order unit
qty_accepted QTY passed inspection, signed, order unit; null where nothing is inspected
qty_rejected QTY failed inspection, signed, order unit; null where nothing is inspected
amount MONEY! signed value at order price, currency of the order
amount_entity MONEY! the same in the entity's currency
delivery_complete FLAG! posted as the last delivery
reverses_receipt_line_id ID line it reverses, or from which goods go back
is_reversed FLAG! a reversal took it back in full
""",
    ),
)
