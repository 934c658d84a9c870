"""What is in the seeded database, as the server itself tells it."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.tryton import Asking, log_in, tryton_server

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("tryton")]


@pytest.fixture(scope="module")
def asking(tmp_path_factory) -> Iterator[Asking]:
    with tryton_server(tmp_path_factory.mktemp("tryton")) as server:
        yield log_in(server)


def by_state(asking: Asking, model: str, *more: str) -> Counter:
    rows = asking.read(model, "state", *more)
    return Counter(tuple(row[name] for name in ("state", *more)) for row in rows)


def amount(tagged: dict) -> Decimal:
    assert tagged["__class__"] == "Decimal"
    return Decimal(tagged["decimal"])


def test_the_company_buys_in_euros_and_dollars(asking):
    (company,) = asking.read("company.company", "party.name", "currency.code")
    assert company["party."]["name"] == "Nordlicht Werkzeuge GmbH"
    assert company["currency."]["code"] == "EUR"
    orders = asking.read("purchase.purchase", "currency.code")
    assert set(row["currency."]["code"] for row in orders) == {"EUR", "USD"}
    assert [row["name"] for row in asking.read("account.fiscalyear", "name")] == ["2025", "2026"]
    assert asking.call("model.ir.error.search_count", []) == 0


def test_suppliers_are_identified_but_for_the_foreign_and_the_double(asking):
    parties = asking.read("party.party", "name", "tax_identifier.code")
    named = Counter(row["name"] for row in parties)
    assert len(parties) == 16
    assert [name for name, times in named.items() if times > 1] == ["Hansen Bürobedarf"]
    assert sum(row["tax_identifier."] is None for row in parties) == 3


def test_products_are_bought_in_pieces_packs_kilograms_metres_litres_and_hours(asking):
    products = asking.read("product.product", "code", "type", "default_uom.symbol")
    assert len(products) == 25
    symbols = Counter(row["default_uom."]["symbol"] for row in products)
    assert symbols == {"u": 17, "m": 3, "kg": 2, "l": 1, "h": 1, "d": 1}
    bought = {row["unit."]["symbol"] for row in asking.read("purchase.line", "unit.symbol")}
    assert bought >= {"u", "P10", "kg", "m", "h", "d"}


def test_orders_stand_in_every_state(asking):
    states = by_state(asking, "purchase.purchase")
    assert states == {
        ("draft",): 2,
        ("quotation",): 2,
        ("cancelled",): 2,
        ("processing",): 46,
        ("done",): 9,
    }
    assert {row["state"] for row in asking.read("purchase.request", "state")} == {"draft"}


def test_invoices_and_payments_stand_in_every_state(asking):
    assert by_state(asking, "account.invoice", "type") == {
        ("draft", "in"): 7,
        ("posted", "in"): 53,
        ("paid", "in"): 14,
        ("cancelled", "in"): 1,
    }
    assert by_state(asking, "account.payment", "kind") == {
        ("draft", "payable"): 1,
        ("submitted", "payable"): 1,
        ("processing", "payable"): 1,
        ("succeeded", "payable"): 33,
        ("failed", "payable"): 2,
        ("succeeded", "receivable"): 1,
    }
    runs = asking.read("account.payment.group", "payments")
    assert sorted(len(run["payments"]) for run in runs)[-2:] == [1, 2]


def received(asking: Asking) -> dict[int, list[float]]:
    """Order line → what arrived in each delivery, what was sent back as a negative."""
    found: dict[int, list[float]] = {}
    fields = ("state", "origin", "quantity", "unit.factor", "to_location.type")
    for move in asking.read("stock.move", *fields):
        model, _, number = (move["origin"] or "").partition(",")
        if model == "purchase.line" and move["state"] == "done":
            sign = -1 if move["to_location."]["type"] == "supplier" else 1
            pieces = sign * move["quantity"] * move["unit."]["factor"]
            found.setdefault(int(number), []).append(pieces)
    return found


def test_goods_arrive_whole_in_parts_too_many_not_at_all_and_go_back(asking):
    arrived, seen = received(asking), Counter()
    fields = ("purchase.state", "product.type", "quantity", "unit.factor")
    for line in asking.read("purchase.line", *fields):
        if line["purchase."]["state"] not in ("processing", "done"):
            continue
        parts = arrived.get(line["id"], [])
        rest = line["quantity"] * line["unit."]["factor"] - sum(parts)
        if line["product."]["type"] == "service":
            seen["service"] += 1
            assert parts == []
        elif line["quantity"] < 0:
            seen["sent back"] += 1
            assert rest == 0
        elif not parts:
            seen["nothing yet"] += 1
        elif rest == 0:
            seen["whole" if len(parts) == 1 else f"in {len(parts)} parts"] += 1
        else:
            seen["too few" if rest > 0 else "too many"] += 1
    assert seen == {
        "whole": 36,
        "in 2 parts": 6,
        "in 3 parts": 6,
        "too many": 4,
        "too few": 5,
        "nothing yet": 4,
        "sent back": 3,
        "service": 4,
    }


def test_invoices_differ_from_their_orders_in_price_quantity_and_lines(asking):
    ordered = {
        line["id"]: line
        for line in asking.read("purchase.line", "unit_price", "quantity", "invoice_lines")
    }
    seen: Counter[str] = Counter()
    fields = ("origin", "unit_price", "quantity", "invoice.state", "description", "amount")
    invoiced: Counter[int] = Counter()
    for line in asking.read("account.invoice.line", *fields):
        model, _, number = (line["origin"] or "").partition(",")
        if model == "purchase.line":
            order = ordered[int(number)]
            invoiced[int(number)] += line["quantity"]
            price, agreed = amount(line["unit_price"]), amount(order["unit_price"])
            seen["dearer"] += price > agreed
            seen["cheaper"] += price < agreed
            seen["corrected by Tryton itself"] += line["quantity"] < 0 < order["quantity"]
        elif not model:
            seen[line["description"] or "not ordered"] += 1
        else:
            seen[f"of {model}"] += 1
    seen["as much as arrived, which is more than ordered"] = sum(
        n > ordered[i]["quantity"] > 0 for i, n in invoiced.items()
    )
    assert +seen == {
        "dearer": 3,
        "cheaper": 1,
        "corrected by Tryton itself": 1,
        "as much as arrived, which is more than ordered": 1,
        "not ordered": 11,
        "of account.invoice.line": 3,
        "Frachtkosten": 2,
        "Nachlass": 1,
    }


def test_a_reference_is_entered_twice_for_one_supplier_and_for_his_double(asking):
    invoices = asking.read("account.invoice", "reference", "party", "party.name")
    twice = [n for n, times in Counter(i["reference"] for i in invoices).items() if times > 1 and n]
    parties = {n: len({i["party"] for i in invoices if i["reference"] == n}) for n in twice}
    assert parties == {"SP 70211": 1, "HB-2026-311": 2}


def test_credit_notes_are_open_offset_or_paid_back(asking):
    notes = [
        (row["state"], amount(row["total_amount"]), amount(row["amount_to_pay"]))
        for row in asking.read(
            "account.invoice", "state", "total_amount", "amount_to_pay", "number"
        )
        if (row["number"] or "").startswith("GS")
    ]
    assert sorted(notes) == [
        ("paid", Decimal("-853.23"), 0),
        ("posted", Decimal("-860.20"), Decimal("-860.20")),
        ("posted", Decimal("-853.23"), Decimal("-853.23")),
        # What the supplier paid back: Tryton leaves it posted until the bank statement says so.
        ("posted", Decimal("-853.23"), 0),
        ("posted", Decimal("-845.00"), Decimal("-845.00")),
        ("posted", Decimal("-456.96"), Decimal("-456.96")),
    ]


def test_every_document_is_dated_within_the_year_and_none_later_than_the_last_day(asking):
    for model, field in (
        ("purchase.purchase", "purchase_date"),
        ("stock.move", "effective_date"),
        ("account.invoice", "invoice_date"),
        ("account.payment", "date"),
        ("account.move", "date"),
    ):
        days = [row[field] for row in asking.read(model, field) if row[field]]
        moments = [(day["year"], day["month"], day["day"]) for day in days]
        assert min(moments) >= (2026, 1, 1), model
        assert max(moments) <= (2026, 11, 10), model
