"""A Concur over a few hand-written rows, and a client of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from finsync_dagster.sandbox.vendors.concur import Concur
from finsync_dagster.sandbox.vendors.faults import Faults
from finsync_dagster.sandbox.vendors.plan import Plan
from finsync_dagster.sandbox.vendors.tokens import BearerTokens, RefreshTokens
from finsync_dagster.sandbox.vendors.wire import Answer, Request
from finsync_dagster.sandbox.world.reading import World
from tests.sandbox.vendors.small_world import SmallWorld

ADDRESS = "http://127.0.0.1:1/group_concur"
V3 = "/api/v3.0/expense"
FI = "/financialintegration/fi/v4/companies/transactiontypes"
ALL = ("user", "ALL")


class Client:
    """Asks a Concur, with a token unless told otherwise."""

    def __init__(self, concur: Concur, tokens: BearerTokens) -> None:
        self.concur, self.tokens = concur, tokens
        self.token = tokens.issue()

    def ask(self, path: str, *query: tuple[str, str], accept: str | None = None) -> Answer:
        headers = {"authorization": f"Bearer {self.token}"}
        if accept:
            headers["accept"] = accept
        return self.concur.answer(Request("GET", path, query, headers, address=ADDRESS))

    def get(self, path: str, *query: tuple[str, str]) -> Any:
        answer = self.ask(path, *query)
        assert answer.status == 200, answer.body
        return json.loads(answer.body)

    def follow(self, address: str) -> Any:
        """Asks an address that an answer gave."""
        assert address.startswith(ADDRESS)
        parts = urlsplit(address.removeprefix(ADDRESS))
        return self.get(parts.path, *parse_qsl(parts.query, keep_blank_values=True))

    def post(self, path: str, value: Any) -> Answer:
        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        return self.concur.answer(Request("POST", path, (), headers, body, ADDRESS))


def client_of(world: World, plan: Plan | None = None, **options: Any) -> Client:
    tokens = BearerTokens()
    login = RefreshTokens("the client", "the secret", "the token", tokens)
    return Client(Concur(world, Faults(plan), login, **options), tokens)


def small_world() -> SmallWorld:
    """Seven reports of two people; the first, approved and paid, has everything."""
    world = SmallWorld()
    for entity, country, currency, unit in (
        ("lumen_de", "DE", "EUR", "DE01"),
        ("lumen_uk", "GB", "GBP", "UK01"),
    ):
        world.add(
            "entity",
            entity_id=entity,
            name=f"Lumen {country}",
            country=country,
            currency=currency,
            org_unit=unit,
        )
    for name, entity in (("anna", "lumen_de"), ("bob", "lumen_uk")):
        world.add(
            "employee",
            login=f"{name}@lumen.example",
            first_name=name.title(),
            last_name="Weber & <Co>",
            entity_id=entity,
            cost_center="200",
            active=True,
        )
    world.add("cost_center", entity_id="lumen_de", code="200", name="Sales", active=True)
    for number in range(1, 8):
        done = number in (1, 3)
        world.add(
            "expense_report",
            report_key=f"REPORT{number:014d}",
            name=f"Trip {number}",
            employee_id=2 if number == 2 else 1,
            approver_id=1,
            entity_id="lumen_uk" if number == 2 else "lumen_de",
            currency="GBP" if number == 2 else "EUR",
            total_amount=Decimal("307.01"),
            approved_amount=Decimal("290"),
            personal_amount=Decimal("17.01"),
            due_employee_amount=Decimal("190"),
            due_card_amount=100,
            approval_status="A_APPR" if done else "A_NOTF" if number == 4 else "A_PEND",
            payment_status="P_PAID" if done else "P_NOTP",
            created_at=f"2026-03-0{number} 08:00:00",
            submitted_at=None if number == 4 else f"2026-03-0{number} 09:00:00",
            approved_at=f"2026-03-1{number} 10:00:00.57" if done else None,
            paid_at=f"2026-03-2{number} 11:00:00" if done else None,
            changed_at=f"2026-03-2{number} 11:00:00",
        )
    _entries(world)
    world.add(
        "cash_advance",
        advance_key="ADVANCE1",
        employee_id=1,
        entity_id="lumen_de",
        currency="EUR",
        amount=400,
        purpose="Travel",
        status="settled",
        issued_at="2026-03-01 10:00:00",
        expense_report_id=1,
        used_amount=Decimal("85.50"),
    )
    world.add(
        "cash_advance",
        advance_key="ADVANCE2",
        employee_id=2,
        entity_id="lumen_uk",
        currency="GBP",
        amount=50,
        purpose="Fair",
        status="issued",
        issued_at="2026-03-02 10:00:00",
    )
    return world


def _entries(world: SmallWorld) -> None:
    common = {
        "city": "Ulm",
        "country": "DE",
        "transaction_date": "2026-03-01",
        "merchant": "M",
        "expense_report_id": 1,
        "description": "D",
    }
    world.add(
        "expense_entry",
        entry_no=1,
        entry_key="ENTRY1",
        expense_type="HOTEL",
        payment_type="CASH",
        transaction_amount=119,
        transaction_currency="EUR",
        exchange_rate=1,
        posted_amount=119,
        approved_amount=119,
        tax_code="V1",
        tax_rate_pct=19,
        tax_amount=19,
        has_receipt=True,
        **common,
    )
    world.add(
        "expense_entry",
        entry_no=2,
        entry_key="ENTRY2",
        expense_type="TAXIX",
        payment_type="CBCP",
        transaction_amount=Decimal("24.30"),
        transaction_currency="USD",
        exchange_rate=Decimal("0.925900000000"),
        posted_amount=Decimal("22.50"),
        approved_amount=Decimal("22.50"),
        **common,
    )
    world.add(
        "expense_itemization",
        expense_entry_id=1,
        itemization_no=1,
        itemization_key="ITEM1",
        expense_type="HOTEL",
        description="Room",
        transaction_amount=100,
        posted_amount=100,
        approved_amount=100,
    )
    account = {"gl_account": "474200", "cost_center": "200"}
    for number, (entry, pct, amount, tax) in enumerate(
        (
            (1, 60, Decimal("71.40"), Decimal("11.40")),
            (1, 40, Decimal("47.60"), Decimal("7.60")),
            (2, 100, Decimal("22.50"), 0),
        ),
        start=1,
    ):
        world.add(
            "expense_allocation",
            expense_entry_id=entry,
            allocation_no=number,
            pct=pct,
            allocation_key=f"ALLOC{number}",
            amount=amount,
            tax_amount=tax,
            **account,
        )
        for side, ledger in (("CR", "176000"), ("DR", "474200")):
            world.add(
                "expense_journal",
                expense_report_id=1,
                expense_entry_id=entry,
                expense_allocation_id=number,
                line_no=number,
                debit_credit=side,
                account=ledger,
                payer="Company",
                tax_code="V1" if tax else None,
                payee="Employee" if entry == 1 else "Company Card",
                amount_gross=amount,
                amount_net=amount - tax,
                tax_amount=tax,
                currency="EUR",
            )
    # Report 3 has a posting of its own.
    world.add(
        "expense_entry",
        **common | {"expense_report_id": 3},
        entry_no=1,
        entry_key="ENTRY3",
        expense_type="MEALS",
        payment_type="CASH",
        transaction_amount=10,
        transaction_currency="EUR",
        exchange_rate=1,
        posted_amount=10,
        approved_amount=10,
    )
    world.add(
        "expense_allocation",
        expense_entry_id=3,
        allocation_no=1,
        pct=100,
        amount=10,
        allocation_key="ALLOC4",
        **account,
    )
    world.add(
        "expense_journal",
        expense_report_id=3,
        expense_entry_id=3,
        line_no=1,
        expense_allocation_id=4,
        debit_credit="DR",
        account="474200",
        payer="Company",
        payee="Employee",
        amount_gross=10,
        amount_net=10,
        currency="EUR",
    )


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder: Path = tmp_path_factory.mktemp("concur")
    return small_world().write(folder / "world.duckdb")


@pytest.fixture
def client(world: World) -> Client:
    return client_of(world)


@pytest.fixture
def faulty(world: World) -> Callable[..., Client]:
    """A client of a Concur with a plan."""
    return lambda plan, **options: client_of(world, Plan.model_validate(plan), **options)
