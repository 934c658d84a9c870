"""What Coupa's documents refer to: users, suppliers, accounts, units, currencies, terms.

Belongs here: loading and keeping these objects, shared by every document that names them; they are
never changed after. Not here: documents themselves.

Coupa keeps its own ids for accounts, charts of accounts, payment terms, commodities and currencies;
the world has none, so they are numbered here in the order of their codes.
"""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

import duckdb

from finsync_dagster.sandbox.vendors.coupa.documents import master, people
from finsync_dagster.sandbox.vendors.coupa.making import Object, make
from finsync_dagster.sandbox.vendors.view import Row, View, rows

AccountKey = tuple[str, str, str, str | None]  # entity, account, cost centre, project
_UNKNOWN_UNIT = 999_999
TermsKey = tuple[int, int, Decimal]  # days net, days for the discount, percent


class References:
    """All of them, at one moment of the world. Read by many threads, written by none."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, view: View) -> None:
        self.view = view
        here = _quoted(view.system)
        entities = rows(cursor, master.ENTITIES.format(here=here))
        self.since: datetime | None = rows(cursor, master.SINCE)[0]["since"]
        self.entities: dict[str, Row] = {each["entity_id"]: each for each in entities}
        self.currencies = master.currencies(rows(cursor, master.CURRENCIES))
        self.users = people.simple_users(rows(cursor, people.EMPLOYEES))
        self.account_types = self._account_types(entities)
        self.uoms = master.uoms(rows(cursor, master.UOMS.format(here=here)), self)
        self.tax_codes = master.tax_codes(rows(cursor, master.TAX_CODES), self)
        self.commodities = master.commodities(rows(cursor, master.CATEGORIES), self)
        self.items = master.items(rows(cursor, master.ITEMS.format(here=here)), self)
        self.departments: dict[int, Object] = {
            each["cost_center_id"]: master.department(each, self)
            for each in rows(cursor, master.COST_CENTERS)
            if each["entity_id"] in self.entities
        }
        self.payment_terms = self._payment_terms(rows(cursor, master.TERMS.format(here=here)))
        self.accounts = self._accounts(rows(cursor, master.ACCOUNTS.format(here=view.here("h"))))
        asked = people.SUPPLIERS.format(changed=view.changed("s"), here=view.here("s"))
        self.suppliers: dict[int, Object] = {
            each["supplier_account_id"]: people.supplier(each, self) for each in rows(cursor, asked)
        }

    def currency(self, code: str | None) -> Object | None:
        """The currency of a code."""
        return None if code is None else self.currencies[code]

    def in_books(self, amount: Decimal, document: Row) -> Object:
        """An amount in the legal entity's currency, by the ``fx_rate`` of its document."""
        own = self.entities[document["entity_id"]]["currency"]
        minor = Decimal(1).scaleb(-master.decimals_of(own))
        return {
            "accounting-total": (amount * document["fx_rate"]).quantize(minor, ROUND_HALF_UP),
            "accounting-total-currency": self.currency(own),
        }

    def uom(self, code: str | None) -> Object | None:
        """The unit of a canonical code; one nobody set up is shown by that code."""
        if code is None or code in self.uoms:
            return None if code is None else self.uoms[code]
        return make("Uom", {"id": _UNKNOWN_UNIT, "code": code, "name": code, "active": True})

    def user(self, employee: int | None) -> Object | None:
        """A user as documents show one."""
        return None if employee is None else self.users[employee]

    def account(
        self, entity: str, account: str | None, center: str | None, project: str | None
    ) -> Object | None:
        """The account of an entity's chart that has these segments."""
        if account is None or center is None:
            return None
        return self.accounts.get((entity, account, center, project))

    def tax_code(self, entity: str, code: str | None) -> Object | None:
        """An entity's tax code."""
        return None if code is None else self.tax_codes.get((entity, code))

    def terms(self, row: Row) -> Object | None:
        """The payment term of a row with ``terms_days``, ``discount_days``, ``discount_pct``."""
        return self.payment_terms.get(_terms_key(row))

    def _stamps(self) -> Object:
        return {"created-at": self.since, "updated-at": self.since}

    def _account_types(self, entities: list[Row]) -> dict[str, Object]:
        found = {}
        for number, each in enumerate(entities, start=1):
            values = {
                "id": number,
                "name": f"{each['country']} chart",
                "active": True,
                "dynamic-flag": False,
                "currency": self.currencies[each["currency"]],
                "legal-entity-name": each["name"],
            }
            found[each["entity_id"]] = make("AccountType", values | self._stamps())
        return found

    def _payment_terms(self, found: list[Row]) -> dict[TermsKey, Object]:
        terms: dict[TermsKey, Object] = {}
        for number, each in enumerate(found, start=1):
            days, discount_days, percent = key = _terms_key(each)
            discount = f"{_short(percent)}/{discount_days} " if discount_days else ""
            values = {
                "id": number,
                "code": f"{discount}Net {days}",
                "description": f"{discount}Net {days}",
                "type": "DaysAfterNetPaymentTerm",
                "active": True,
                "active?": "true",
                "days-for-net-payment": days,
                "days-for-discount-payment": discount_days or None,
                "discount-rate": percent if discount_days else None,
            }
            terms[key] = make("PaymentTerm", values | self._stamps())
        return terms

    def _accounts(self, found: list[Row]) -> dict[AccountKey, Object]:
        accounts: dict[AccountKey, Object] = {}
        for number, each in enumerate(found, start=1):
            entity, *segments = each.values()
            chart = self.account_types[entity]
            code = "-".join(part for part in segments if part)
            values = {
                "id": number,
                "code": code,
                "name": code,
                "active": True,
                "account-type": chart,
                "account-type-id": chart["id"],
            }
            values |= {f"segment-{place}": part for place, part in enumerate(segments, start=1)}
            accounts[entity, *segments] = make("Account", values | self._stamps())
        return accounts


def _terms_key(row: Row) -> TermsKey:
    return (row["terms_days"], row["discount_days"], row["discount_pct"])


def _short(percent: Decimal) -> str:
    text = f"{percent:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
