"""Tables: invoices, payments, the ledger.

Belongs here: what was billed, paid and posted. Not here: expenses (expenses.py).
"""

from __future__ import annotations

from finsync_dagster.sandbox.world.table import table

TABLES = (
    table(
        "invoice",
        "An invoice or credit of a supplier; credits have negative amounts",
        """
invoice_id ID! key
entity_id TEXT! entity that is billed
system TEXT! system it is in
document_number TEXT! number of the document there, unique with fiscal_year and system
fiscal_year INT! year of the posting date
invoice_number TEXT! the supplier's number
kind TEXT! invoice, credit_qty, credit_value, debit_value or prepayment
supplier_account_id ID! supplier, in the invoice's system
currency TEXT! ISO 4217
fx_rate RATE! rate booked: 1 of currency in the entity's currency
invoice_date DAY! date on the document
received_at MOMENT! arrived
posting_date DAY! when it counts
due_date DAY! to be paid by
terms_days INT! days net
discount_days INT! days for the cash discount; 0 if none
discount_pct PCT! cash discount in percent
net_amount MONEY! sum of item lines, signed
charges_amount MONEY! sum of charge lines, signed
tax_amount MONEY! tax, signed
rounding_amount MONEY! sum of rounding lines
gross_amount MONEY! what is to be paid, signed
corrects_invoice_id ID invoice that a credit or debit corrects
reverses_invoice_id ID invoice that this one takes back in full
is_reversed FLAG! another document took it back in full
payment_block TEXT block code (R price or quantity, A manual); null if none
channel TEXT! edi, email, portal or paper
state TEXT! received, parked, posted, blocked, approved, paid, part_paid or void
approved_by ID employee who approved it; null if nobody had to
posted_by ID! employee who entered or posted it
created_at MOMENT! entered
changed_at MOMENT! last change
""",
    ),
    table(
        "invoice_line",
        "A line of an invoice; quantities and amounts are signed",
        """
invoice_line_id ID! key
invoice_id ID! invoice
line_no INT! 1, 2, ...
type TEXT! item, charge, tax, rounding or text
po_number_ref TEXT order number as stated; null if none is
po_line_ref INT line of the order as stated (line_no of the home system); null if none is
purchase_order_line_id ID the order line stated, where there is one in the home system
receipt_line_id ID receipt line stated; null if none is
receipt_ref TEXT number of the receipt stated
delivery_note TEXT delivery note stated
corrects_invoice_line_id ID line that a credit corrects
item_id ID item; null for free text and charges
description TEXT! text
qty QTY signed quantity; null where only an amount is billed
uom TEXT unit, canonical; null where only an amount is billed
price PRICE price per price_unit price units; null where only an amount is billed
price_unit QTY! see price
price_uom TEXT unit of the price, canonical; null where there is no price
price_uom_numerator QTY! 1 unit is numerator/denominator price units
price_uom_denominator QTY! see numerator
net_amount MONEY! signed
tax_code TEXT tax code; null if none is stated
tax_rate_pct PCT! rate in percent
tax_amount MONEY! share of the tax; they add up to the tax per code
charge_code TEXT freight for charges
gl_account TEXT! account
cost_center TEXT! cost centre
project TEXT project code
service_date DAY when goods or services were delivered, as stated
""",
    ),
    table(
        "invoice_tax",
        "Tax of an invoice per code",
        """
invoice_tax_id ID! key
invoice_id ID! invoice
tax_no INT! 1, 2, ...
tax_code TEXT tax code; null if none is stated
tax_rate_pct PCT! rate in percent
base_amount MONEY! signed
tax_amount MONEY! signed; base x rate, rounded half up
""",
    ),
    table(
        "payment",
        "A payment to a supplier",
        """
payment_id ID! key
entity_id TEXT! entity that pays
system TEXT! system it is in
payment_number TEXT! number, unique with fiscal_year and system
fiscal_year INT! year of the payment date
supplier_account_id ID! supplier, in the payment's system
method TEXT! transfer, direct_debit, check or card
currency TEXT! ISO 4217
fx_rate RATE! 1 of currency in the entity's currency on the payment date
amount MONEY! paid
payment_date DAY! when
value_date DAY! when the bank moved the money
status TEXT! confirmed, sent, failed or void
bank_account TEXT! account it went to
released_by ID! employee who released it
second_release_by ID second release; null if there was none
created_at MOMENT! entered
changed_at MOMENT! last change
""",
    ),
    table(
        "payment_application",
        "What a payment settles",
        """
payment_application_id ID! key
payment_id ID! payment
invoice_id ID invoice; null: on account, no invoice is named
amount MONEY! money applied, without the discount; negative for a credit set off
discount_amount MONEY! cash discount taken
""",
    ),
    table(
        "gl_line",
        "A ledger line of the entities in SAP; debits positive; a document adds up to 0",
        """
gl_line_id ID! key
system TEXT! group_sap or group_s4
entity_id TEXT! entity
company_code TEXT! company code
fiscal_year INT! year of the posting date
document_number TEXT! accounting document, unique with company_code and fiscal_year
line_no INT! 1, 2, ...
document_type TEXT! RE logistics invoice, KR invoice by interface, KZ payment, WE receipt, SA
posting_date DAY! when it counts
document_date DAY! date of the document behind it
created_at MOMENT! entered
changed_at MOMENT! last change: when it was cleared, else created_at
gl_account TEXT! account
line_kind TEXT! vendor, expense, stock, grir, tax, freight, price_difference, bank, discount
supplier_account_id ID supplier of a vendor line, in the ledger's system
amount MONEY! signed, company code currency
currency TEXT! company code currency
transaction_amount MONEY! signed, transaction currency
transaction_currency TEXT! ISO 4217
reference TEXT the supplier's invoice number (document reference); delivery note for WE
source_document TEXT supplier invoice (RE), receipt (WE), payment (KZ) behind it, by its number
po_number TEXT order number on goods receipt / invoice receipt lines
po_line_no INT line of the order in SAP (10, 20, ...)
tax_code TEXT tax code
cost_center TEXT cost centre
due_date DAY due date of a vendor line
payment_block TEXT block of a vendor line
clearing_document TEXT document that cleared the line
clearing_fiscal_year INT year of that document
clearing_date DAY when it was cleared
is_reversal FLAG! the document takes back another one
is_reversed FLAG! the document was taken back
text TEXT line text
""",
    ),
)
