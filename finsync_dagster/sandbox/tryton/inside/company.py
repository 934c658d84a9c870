"""The company: currencies, chart of accounts, fiscal years, taxes, terms, numbering, journals.

Belongs here: what a company sets up before it buys anything. Not here: suppliers, products.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from .erp import keep_company, model, one, wizard

NAME = "Nordlicht Werkzeuge GmbH"
CHART = "account_template_root_de"
YEARS = (2025, 2026)
VAT = "Vorsteuer 19 %"
ABROAD = "Lieferant im Ausland"
# Accounts of the chart by their code.
PAYABLE, RECEIVABLE = "2.1.1", "1.2.1"
EXPENSE, REVENUE, FREIGHT = "5.1.1", "4.1.1", "5.2.1"
EXCHANGE = "6.2.1"
TAX, BANK = "2.2.3", "1.1.1"
# US dollars for one euro, from the first of each month of 2026.
DOLLARS = (
    "1.0432", "1.0390", "1.0517", "1.0688", "1.0821", "1.0774",
    "1.0903", "1.0861", "1.0948", "1.1012", "1.0967", "1.0890",
)  # fmt: skip
# Sequence of Tryton's → how its numbers begin.
PREFIXES = {
    "Party": "L",
    "Purchase": "BE26-",
    "Supplier Shipment": "WE26-",
    "Supplier Return Shipment": "RS26-",
    "Default Account Payment": "ZA26-",
    "Default Account Payment Group": "ZL26-",
}


def set_up() -> None:
    """Make the company, ready to buy."""
    _number()
    _currencies()
    _company()
    _chart()
    for year in YEARS:
        _fiscal_year(year)
    _exchange()
    _taxes()
    _terms()
    _journals()


def account(code: str) -> Any:
    """The account with that code in the company's chart."""
    return one("account.account", ("code", "=", code))


def _number() -> None:
    for name, prefix in PREFIXES.items():
        sequence = one("ir.sequence", ("name", "=", name))
        sequence.prefix, sequence.padding = prefix, 4
        sequence.save()


def _currencies() -> None:
    rates = [(date(2026, month, 1), rate) for month, rate in enumerate(DOLLARS, start=1)]
    for code, name, symbol, values in (
        ("EUR", "Euro", "€", [(date(2025, 1, 1), "1")]),
        ("USD", "US-Dollar", "$", [(date(2025, 1, 1), "1.0381"), *rates]),
    ):
        currency = model("currency.currency")(name=name, code=code, symbol=symbol)
        currency.rounding, currency.digits = Decimal("0.01"), 2
        for day, rate in values:
            currency.rates.new(date=day, rate=Decimal(rate))
        currency.save()


def _company() -> None:
    country = model("country.country")(name="Deutschland", code="DE", code3="DEU")
    country.save()
    party = model("party.party")(name=NAME)
    party.identifiers.new(type="eu_vat", code="DE136695976")
    address = party.addresses[0]
    address.street, address.postal_code, address.city = "Speicherallee 7", "24103", "Kiel"
    address.country = country
    party.save()
    dialogue = wizard("company.company.config", [])
    dialogue.execute("company")
    dialogue.form.party = party
    dialogue.form.currency = one("currency.currency", ("code", "=", "EUR"))
    dialogue.execute("add")
    keep_company()


def _chart() -> None:
    template = model("ir.model.data").get_id("account", CHART, {})
    dialogue = wizard("account.create_chart", [])
    dialogue.execute("account")
    dialogue.form.account_template = model("account.account.template")(template)
    dialogue.form.company = one("company.company")
    dialogue.execute("create_account")
    dialogue.form.account_payable = account(PAYABLE)
    dialogue.form.account_receivable = account(RECEIVABLE)
    dialogue.form.category_account_expense = account(EXPENSE)
    dialogue.form.category_account_revenue = account(REVENUE)
    dialogue.execute("create_properties")


def _exchange() -> None:
    """Where the difference goes between a dollar's worth when invoiced and when paid."""
    settings = model("account.configuration")(1)
    settings.currency_exchange_debit_account = account(EXCHANGE)
    settings.currency_exchange_credit_account = account(EXCHANGE)
    settings.save()


def _fiscal_year(year: int) -> None:
    """A year with its twelve periods, and a numbering of its own for each kind of document."""
    company = one("company.company")
    fiscal = model("account.fiscalyear")(name=str(year), company=company)
    fiscal.start_date, fiscal.end_date = date(year, 1, 1), date(year, 12, 31)
    fiscal.move_sequence = _strict("Account Move", f"Buchungen {year}", f"BU{year % 100}-")
    sequences = fiscal.invoice_sequences[0]
    bills = _strict("Invoice", f"Rechnungen {year}", f"RE{year % 100}-")
    credits_ = _strict("Invoice", f"Gutschriften {year}", f"GS{year % 100}-")
    sequences.in_invoice_sequence = sequences.out_invoice_sequence = bills
    sequences.in_credit_note_sequence = sequences.out_credit_note_sequence = credits_
    fiscal.save()
    fiscal.click("create_period")


def _strict(kind: str, name: str, prefix: str) -> Any:
    sequence = model("ir.sequence.strict")(name=name, prefix=prefix, padding=4)
    sequence.sequence_type = one("ir.sequence.type", ("name", "=", kind))
    sequence.company = one("company.company")
    sequence.save()
    return sequence


def _taxes() -> None:
    """German input tax, and the rule that a supplier abroad charges none."""
    tax = model("account.tax")(name=VAT, description=VAT, type="percentage")
    tax.rate = Decimal("0.19")
    tax.invoice_account = tax.credit_note_account = account(TAX)
    tax.save()
    rule = model("account.tax.rule")(name=ABROAD, kind="purchase")
    rule.lines.new(origin_tax=tax)
    rule.save()


def _terms() -> None:
    """Payment terms by name: one instalment after some days, or two halves."""
    for name, days in (("30 Tage netto", 30), ("14 Tage netto", 14)):
        term = model("account.invoice.payment_term")(name=name)
        term.lines.new(type="remainder").relativedeltas.new(days=days)
        term.save()
    halves = model("account.invoice.payment_term")(name="Hälfte nach 30, Hälfte nach 60 Tagen")
    half = halves.lines.new(type="percent", ratio=Decimal("0.5"))
    half.relativedeltas.new(days=30)
    halves.lines.new(type="remainder").relativedeltas.new(days=60)
    halves.save()


def _journals() -> None:
    """Payment runs in each currency, and the bank account that settles what was paid."""
    for code in ("EUR", "USD"):
        journal = model("account.payment.journal")(name=f"Bank {code}", process_method="manual")
        journal.currency = one("currency.currency", ("code", "=", code))
        journal.save()
    bank = model("account.invoice.payment.method")(name="Bank")
    bank.journal = one("account.journal", ("type", "=", "cash"))
    bank.credit_account = bank.debit_account = account(BANK)
    bank.save()
