"""A Coupa over a few hand-written rows, and a client of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from finsync_dagster.sandbox.vendors.coupa import Coupa
from finsync_dagster.sandbox.vendors.faults import Faults
from finsync_dagster.sandbox.vendors.plan import Plan
from finsync_dagster.sandbox.vendors.tokens import BearerTokens, ClientCredentials
from finsync_dagster.sandbox.vendors.wire import Answer, Request
from finsync_dagster.sandbox.world.reading import World
from tests.sandbox.vendors.small_world import SmallWorld

COUPA = "group_coupa"


class Client:
    """Asks a Coupa, with a token unless told otherwise."""

    def __init__(self, coupa: Coupa, tokens: BearerTokens) -> None:
        self.coupa, self.tokens = coupa, tokens
        self.token = tokens.issue()

    def ask(
        self, path: str, *query: tuple[str, str], method: str = "GET", accept: str | None = None
    ) -> Answer:
        headers = {"authorization": f"Bearer {self.token}"}
        if accept:
            headers["accept"] = accept
        return self.coupa.answer(Request(method, path, query, headers))

    def get(self, path: str, *query: tuple[str, str]) -> Any:
        answer = self.ask(path, *query)
        assert answer.status == 200, answer.body
        return json.loads(answer.body)

    def ids(self, path: str, *query: tuple[str, str]) -> list[int]:
        return [each["id"] for each in self.get(path, *query, ("fields", '["id"]'))]


def client_of(world: World, plan: Plan | None = None, **options: Any) -> Client:
    tokens = BearerTokens()
    login = ClientCredentials("the client", "the secret", tokens, ("core.invoice.read",))
    return Client(Coupa(world, Faults(plan), login, **options), tokens)


def small_world() -> SmallWorld:
    """Two entities in Coupa, one elsewhere; two suppliers, and documents of every kind."""
    world = SmallWorld()
    systems = {"order_system": COUPA, "receipt_system": COUPA, "invoice_system": COUPA}
    systems |= {"payment_system": COUPA, "requisition_system": COUPA}
    german = {**systems, "receipt_system": "group_sap", "payment_system": "group_sap"}
    world.add(
        "entity",
        entity_id="lumen_de",
        name="Lumen Technik GmbH",
        country="DE",
        currency="EUR",
        **german,
    )
    world.add(
        "entity", entity_id="lumen_uk", name="Lumen UK Ltd", country="GB", currency="GBP", **systems
    )
    world.add(
        "entity",
        entity_id="lumen_fr",
        name="Lumen France SAS",
        country="FR",
        currency="EUR",
        order_system="group_sap",
        receipt_system="group_sap",
        invoice_system="group_sap",
        payment_system="group_sap",
    )
    world.add(
        "employee",
        login="anna.weber@lumen.example",
        first_name="Anna",
        last_name="Weber",
        entity_id="lumen_de",
        role="requester",
        cost_center="CC10",
        active=True,
    )
    world.add(
        "employee",
        login="max.boss@lumen.example",
        first_name="Max",
        last_name="Boss",
        entity_id="lumen_de",
        role="approver",
        approval_limit=Decimal("5000"),
        cost_center="CC10",
        active=True,
    )
    world.add("cost_center", entity_id="lumen_de", code="CC10", name="Plant", active=True)
    world.add("tax_code", entity_id="lumen_de", code="V1", rate_pct=19, name="Full", country="DE")
    world.add("tax_code", entity_id="lumen_de", code="V0", rate_pct=0, name="None", country="DE")
    for canonical, code in (("EA", "EA"), ("KGM", "KG"), ("HUR", "HR")):
        world.add("uom_code", system=COUPA, uom=canonical, code=code, is_default=True)
    world.add(
        "item",
        description="Screw M4",
        category="components",
        base_uom="EA",
        order_uom="EA",
        price_uom="EA",
        industry="components",
    )
    world.add("item_code", item_id=1, system=COUPA, code="I-0001")
    _suppliers(world)
    _requisition(world)
    _orders(world)
    _receipts(world)
    _invoices(world)
    return world


def _suppliers(world: SmallWorld) -> None:
    common = {"system": COUPA, "country": "DE", "city": "Ulm", "currency": "EUR", "terms_days": 30}
    world.add(
        "supplier_account",
        supplier_id=1,
        account_no="S100",
        name="Müller & Söhne <GmbH>",
        tax_id="DE136695976",
        status="active",
        discount_days=14,
        discount_pct=2,
        changed_at="2026-02-01 10:00:00",
        **common,
    )
    world.add(
        "supplier_account",
        supplier_id=2,
        account_no="S200",
        name="Acme Ltd",
        status="blocked",
        changed_at="2026-03-01 10:00:00",
        **common,
    )
    world.add(
        "supplier_account",
        supplier_id=1,
        account_no="0000004711",
        name="Elsewhere",
        status="active",
        **common | {"system": "group_sap"},
    )


def _requisition(world: SmallWorld) -> None:
    when = {"created_at": "2026-01-30 08:00:00", "changed_at": "2026-02-01 08:00:00"}
    world.add(
        "requisition",
        system=COUPA,
        entity_id="lumen_uk",
        requisition_number="80001",
        requester_id=1,
        status="ordered",
        currency="EUR",
        net_amount=20,
        submitted_at="2026-01-30 08:10:00",
        **when,
    )
    world.add(
        "requisition_line",
        requisition_id=1,
        line_no=1,
        description="Screw M4",
        category="components",
        qty=10,
        uom="KGM",
        price=2,
        net_amount=20,
        supplier_account_id=1,
        gl_account="4000",
        cost_center="CC10",
        need_by="2026-03-01",
        purchase_order_line_id=4,
        **when,
    )


def _orders(world: SmallWorld) -> None:
    common = {
        "system": COUPA,
        "entity_id": "lumen_uk",
        "currency": "EUR",
        "terms_days": 30,
        "supplier_account_id": 1,
        "version_no": 1,
    }
    days = ("2026-02-01", "2026-02-02", "2026-02-03", "2026-02-04", "2026-02-05")
    for number, day in enumerate(days, start=1):
        world.add(
            "purchase_order",
            po_number=f"PO{number}",
            status="pending_approval" if number == 5 else "sent",
            created_at=f"{day} 08:00:00",
            changed_at=f"{day} 09:30:00",
            **common | ({"supplier_account_id": 2, "entity_id": "lumen_de"} if number == 2 else {}),
        )
    world.add("purchase_order", po_number="FR1", status="sent", **common | {"system": "group_sap"})
    line = {
        "category": "components",
        "description": "Screw M4",
        "match_type": "3w",
        "item_id": 1,
        "match_basis": "qty",
        "tax_code": "V1",
        "tax_rate_pct": 19,
        "need_by": "2026-03-01",
    }
    # 12.34 per 1000 pieces: one piece is 0.01234.
    world.add(
        "purchase_order_line",
        purchase_order_id=1,
        line_no=1,
        qty=5000,
        uom="EA",
        price=Decimal("12.34"),
        price_unit=1000,
        price_uom="EA",
        net_amount=Decimal("61.70"),
        receipt_required=True,
        **line,
    )
    world.add(
        "purchase_order_line",
        purchase_order_id=1,
        line_no=2,
        price=Decimal("250"),
        net_amount=Decimal("250"),
        **line | {"match_basis": "amount", "item_id": None},
    )
    for order in (2, 3, 4, 5):
        world.add(
            "purchase_order_line",
            purchase_order_id=order,
            line_no=1,
            qty=10,
            uom="KGM",
            price=Decimal("2"),
            price_uom="KGM",
            net_amount=20,
            requisition_line_id=1 if order == 3 else None,
            **line,
        )
    account = {"gl_account": "4000", "cost_center": "CC10"}
    world.add(
        "purchase_order_assignment",
        purchase_order_line_id=1,
        assignment_no=1,
        pct=60,
        amount=Decimal("37.02"),
        **account,
    )
    world.add(
        "purchase_order_assignment",
        purchase_order_line_id=1,
        assignment_no=2,
        pct=40,
        amount=Decimal("24.68"),
        project="P1",
        **account,
    )
    for each in (2, 3, 4, 5, 6):
        world.add(
            "purchase_order_assignment",
            purchase_order_line_id=each,
            assignment_no=1,
            pct=100,
            amount=20,
            **account,
        )


def _receipts(world: SmallWorld) -> None:
    common = {
        "system": COUPA,
        "entity_id": "lumen_uk",
        "supplier_account_id": 1,
        "posting_date": "2026-02-10",
        "delivery_note": "DN 7",
    }
    for kind in ("receipt", "return", "reversal"):
        world.add("receipt", kind=kind, **common)
    world.add(
        "receipt_line",
        receipt_id=1,
        line_no=1,
        purchase_order_line_id=1,
        kind="receipt",
        qty=3000,
        uom="EA",
        qty_order_uom=3000,
        amount=Decimal("37.02"),
        is_reversed=True,
    )
    world.add(
        "receipt_line",
        receipt_id=2,
        line_no=1,
        purchase_order_line_id=1,
        kind="return",
        qty=-2,  # weighed on its way back
        uom="KGM",
        qty_order_uom=-100,
        amount=Decimal("-1.23"),
        reverses_receipt_line_id=1,
    )
    world.add(
        "receipt_line",
        receipt_id=3,
        line_no=1,
        purchase_order_line_id=1,
        kind="reversal",
        qty=-3000,
        uom="EA",
        qty_order_uom=-3000,
        amount=Decimal("-37.02"),
        reverses_receipt_line_id=1,
    )
    world.add(
        "receipt_line",
        receipt_id=1,
        line_no=2,
        purchase_order_line_id=2,
        kind="service_entry",
        amount=Decimal("100"),
    )


def _invoices(world: SmallWorld) -> None:
    common = {
        "system": COUPA,
        "entity_id": "lumen_de",
        "supplier_account_id": 1,
        "currency": "EUR",
        "terms_days": 30,
        "invoice_date": "2026-02-20",
        "posting_date": "2026-02-21",
        "due_date": "2026-03-22",
        "channel": "email",
    }
    world.add(
        "invoice",
        invoice_number="R-1",
        kind="invoice",
        state="paid",
        net_amount=Decimal("61.70"),
        charges_amount=5,
        tax_amount=Decimal("12.67"),
        gross_amount=Decimal("79.37"),
        **common,
    )
    world.add(
        "invoice",
        invoice_number="G-1",
        kind="credit_qty",
        state="approved",
        net_amount=Decimal("-12.34"),
        tax_amount=Decimal("-2.34"),
        gross_amount=Decimal("-14.68"),
        corrects_invoice_id=1,
        fx_rate=Decimal("0.87"),
        **common | {"currency": "USD"},
    )
    world.add(
        "invoice",
        invoice_number="R-2",
        kind="invoice",
        state="blocked",
        payment_block="R",
        net_amount=30,
        tax_amount=Decimal("3.80"),
        gross_amount=Decimal("33.80"),
        **common,
    )
    world.add(
        "invoice", invoice_number="R-2", kind="invoice", state="void", is_reversed=True, **common
    )
    world.add(
        "invoice",
        invoice_number="R-2",
        kind="invoice",
        state="posted",
        reverses_invoice_id=4,
        **common,
    )
    line = {"gl_account": "4000", "cost_center": "CC10", "tax_code": "V1", "tax_rate_pct": 19}
    stated = {"po_number_ref": "PO1", "po_line_ref": 1, "purchase_order_line_id": 1, "item_id": 1}
    world.add(
        "invoice_line",
        invoice_id=1,
        line_no=1,
        type="item",
        qty=5000,
        uom="EA",
        price=Decimal("12.34"),
        price_unit=1000,
        net_amount=Decimal("61.70"),
        tax_amount=Decimal("11.72"),
        delivery_note="DN 7",
        **stated,
        **line,
    )
    world.add(
        "invoice_line",
        invoice_id=1,
        line_no=2,
        type="charge",
        charge_code="freight",
        net_amount=5,
        tax_amount=Decimal("0.95"),
        **line,
    )
    world.add(
        "invoice_line",
        invoice_id=2,
        line_no=1,
        type="item",
        qty=-1000,
        uom="EA",
        price=Decimal("12.34"),
        price_unit=1000,
        net_amount=Decimal("-12.34"),
        tax_amount=Decimal("-2.34"),
        **stated,
        **line,
    )
    world.add(
        "invoice_line",
        invoice_id=3,
        line_no=1,
        type="item",
        net_amount=20,
        tax_amount=Decimal("3.80"),
        **stated | {"po_number_ref": "PO 9", "item_id": None, "purchase_order_line_id": None},
        **line,
    )
    world.add(
        "invoice_line",
        invoice_id=3,
        line_no=2,
        type="item",
        net_amount=10,
        **line | {"tax_code": "V0", "tax_rate_pct": 0},
    )
    world.add(
        "invoice_tax",
        invoice_id=1,
        tax_no=1,
        tax_code="V1",
        tax_rate_pct=19,
        base_amount=Decimal("66.70"),
        tax_amount=Decimal("12.67"),
    )
    world.add(
        "invoice_tax",
        invoice_id=2,
        tax_no=1,
        tax_code="V1",
        tax_rate_pct=19,
        base_amount=Decimal("-12.34"),
        tax_amount=Decimal("-2.34"),
    )
    world.add(
        "invoice_tax",
        invoice_id=3,
        tax_no=1,
        tax_code="V1",
        tax_rate_pct=19,
        base_amount=20,
        tax_amount=Decimal("3.80"),
    )
    world.add("invoice_tax", invoice_id=3, tax_no=2, tax_code="V0", base_amount=10)
    world.add(
        "payment",
        system=COUPA,
        entity_id="lumen_uk",
        payment_number="PAY1",
        supplier_account_id=1,
        method="transfer",
        currency="EUR",
        status="confirmed",
        fx_rate=Decimal("0.85"),
        amount=Decimal("77.78"),
        payment_date="2026-03-01",
    )
    world.add(
        "payment_application",
        payment_id=1,
        invoice_id=1,
        amount=Decimal("77.78"),
        discount_amount=Decimal("1.59"),
    )
    world.add(
        "approval",
        subject_type="invoice",
        subject_id=1,
        entity_id="lumen_de",
        system=COUPA,
        step=1,
        actor_id=2,
        decision="approved",
        limit_amount=5000,
        decided_at="2026-02-22 10:00:00",
    )


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder: Path = tmp_path_factory.mktemp("coupa")
    return small_world().write(folder / "world.duckdb")


@pytest.fixture
def client(world: World) -> Client:
    return client_of(world)


@pytest.fixture
def faulty(world: World) -> Callable[[dict[str, Any]], Client]:
    """A client of a Coupa with a plan."""
    return lambda plan: client_of(world, Plan.model_validate(plan))
