"""Tables: legal entities, people, suppliers, and how each system knows the suppliers.

Belongs here: who there is. Not here: what they buy (master_data.py), documents.
"""

from __future__ import annotations

from finsync_dagster.sandbox.world.table import table

TABLES = (
    table(
        "entity",
        "A legal entity of the group, and the systems that hold its documents",
        """
entity_id TEXT! lumen_de, lumen_fr, lumen_ie, lumen_uk, lumen_us
name TEXT! legal name; also the legal entity name in the procurement system
country TEXT! ISO 3166 alpha-2
currency TEXT! functional currency, ISO 4217
requisition_system TEXT system of its requisitions; null if it has none
order_system TEXT! system in which its orders are written
order_copy_system TEXT system into which each order is copied; null if none
receipt_system TEXT! system of its receipts
invoice_system TEXT! system of its invoices
payment_system TEXT! system of its payments
ledger_system TEXT system whose ledger gl_line shows; null if none
company_code TEXT company code in SAP; null if it is not there
subsidiary_id INT subsidiary in NetSuite; null if it is not there
org_unit TEXT! organisational unit in Concur
tax_id TEXT! its own VAT or tax registration
""",
    ),
    table(
        "employee",
        "Who requests, buys, approves, receives, posts and spends",
        """
employee_id ID! key
login TEXT! login name, an address such as anna.weber@lumen.example
user_name TEXT! short name of at most 12 capitals, as SAP shows users
first_name TEXT! given name
last_name TEXT! family name
entity_id TEXT! entity that employs
role TEXT! requester, buyer, receiver, accountant, approver or director
manager_id ID employee_id of the manager; null at the top
cost_center TEXT! cost centre the person belongs to
approval_limit MONEY! highest amount the person may approve, currency of the entity; 0 if none
active FLAG! false: has left
created_at MOMENT! known to the systems since
changed_at MOMENT! last change
""",
    ),
    table(
        "supplier",
        "A supplier as it really is: one row per company",
        """
supplier_id ID! key
legal_name TEXT! name in the commercial register
country TEXT! ISO 3166 alpha-2
city TEXT! city
postal_code TEXT! postal code
street TEXT! street and number
tax_id TEXT! VAT registration or tax number, valid for the country
iban TEXT valid IBAN; null where the country has none (US, JP)
bank_country TEXT! country of its bank
bank_account TEXT! account number where there is no IBAN, else the IBAN
duns TEXT! nine digits
currency TEXT! currency it usually bills in
industry TEXT! what it sells: components, metals, office, it, consulting, logistics, facility
status TEXT! active, blocked or inactive
created_at MOMENT! first known
changed_at MOMENT! last change
""",
    ),
    table(
        "supplier_account",
        "How one system knows a supplier; a supplier may be there twice, under other spellings",
        """
supplier_account_id ID! key; documents name suppliers by it
supplier_id ID! the company it really is (no system shows that)
system TEXT! system that keeps the account
entity_id TEXT entity it is for, where the system keeps it so; null: all of its entities
account_no TEXT! number there: SAP 10 digits with leading zeros, others their own
name TEXT! name as written there
country TEXT! country as written there
city TEXT! city as written there
postal_code TEXT! postal code as written there
street TEXT! street as written there
tax_id TEXT tax registration as known there; null if not entered
tax_id_type TEXT type of the registration in SAP such as DE0; null elsewhere
iban TEXT IBAN as known there
bank_account TEXT account number as known there
bank_country TEXT country of the bank
duns TEXT DUNS number as known there
currency TEXT! currency of the account
terms_days INT! days net of payment terms
discount_days INT! days within which a cash discount may be taken; 0 if none
discount_pct PCT! cash discount in percent; 0 if none
status TEXT! active, blocked (for posting and payment) or inactive, as known there
created_by ID! employee who entered it
created_at MOMENT! entered
changed_at MOMENT! last change
""",
    ),
    table(
        "supplier_bank_change",
        "A change of the bank account of a supplier account",
        """
supplier_bank_change_id ID! key
supplier_account_id ID! account that was changed
old_bank_account TEXT account before
new_bank_account TEXT! account after (what supplier_account shows)
changed_by ID! employee who entered the change
changed_at MOMENT! when
verified_by ID employee who called the supplier back; null if nobody did
verified_at MOMENT when it was verified
""",
    ),
)
