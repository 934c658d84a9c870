"""Random small sets of documents, as a purchasing department might leave them.

Belongs here: what may happen, and how often. Not here: what follows from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

from tests.matching.ledger import AS_OF, EXACT, Ledger, on_day
from tests.matching.reference.exact import MINOR
from tests.matching.reference.matcher import judge

CURRENCIES = ["USD", "EUR", "USD", "JPY", "BHD"]
PRICES = ["1", "2.5", "0.0423", "3.3333", "10", "0.335", "99.99", "1.6669", "7"]
LIMITS = ["0", "0.01", "1", "5", "20", None]
PRICED_FOR = ["1", "1", "1", "100", "1000"]


@dataclass(frozen=True)
class Mix:
    """Which of the rarer things happen at all."""

    unmatched_lines: bool = True
    """Order lines of match type none."""
    other_price_unit: bool = True
    """Prices for a dozen single pieces, where the order is in cases."""
    wrong_sums: bool = True
    """Lines whose net is not their quantity at their price."""
    named_corrections: bool = True
    """Credits that name the line they take back."""
    credited_amounts: bool = True
    """Credits of what was billed without a quantity."""


EVERYTHING = Mix()


def policy_rows(rng: Random, checks: list[str]) -> dict[str, dict[str, Any]]:
    """Limits at random; often none at all, so that every variance counts."""
    return {check: _limits(rng, check) for check in checks if rng.random() < 0.5}


def _limits(rng: Random, check: str) -> dict[str, Any]:
    names = ["upper_abs", "upper_pct", "lower_abs", "lower_pct"]
    rows: dict[str, Any] = {name: rng.choice(LIMITS) for name in names}
    one_sided = {"OVER_DELIVERY": "lower", "UNDER_DELIVERY": "upper"}.get(check, "neither")
    rows |= {name: None for name in names if name.startswith(one_sided)}
    return {**rows, "combine": rng.choice(["ALL", "ANY"])}


def write_case(ledger: Ledger, rng: Random, name: str = "", mix: Mix = EVERYTHING) -> None:
    """One to three orders of one to four lines, what arrives for them and what is billed."""
    for number in range(1, rng.randint(1, 3) + 1):
        _order(ledger, rng, f"{name}P{number}", mix)


def _order(ledger: Ledger, rng: Random, po: str, mix: Mix) -> None:
    ccy = rng.choice(CURRENCIES)
    status = "sent" if rng.random() < 0.9 else rng.choice(["draft", "rejected", "cancelled"])
    ledger.order(po, rng.choice([0] * 9 + [13]), ccy=ccy, status_canon=status)
    numbers = [str(n) for n in range(1, rng.choice([1, 1, 2, 4]) + 1)]
    for no in numbers:
        _order_line(ledger, rng, po, no, mix)
        limited = _line_of(ledger, f"{po}-{no}")["match_type"] == "limit"
        if not limited and rng.random() < 0.85:
            _receipts(ledger, rng, f"{po}-{no}")
    if rng.random() < 0.2:
        _amounts(ledger, rng, po, mix)
        return
    for n in range(rng.randint(0, 4)):
        _invoice(ledger, rng, numbers, f"{po}I{n}", mix)


def _order_line(ledger: Ledger, rng: Random, po: str, no: str, mix: Mix) -> None:
    qty = rng.randint(1, 30)
    per = rng.choice(PRICED_FOR)
    price = Decimal(rng.choice(PRICES)) * Decimal(per)
    more: dict[str, Any] = {"price_unit": per}
    rarely = "none" if mix.unmatched_lines else "3w"
    more["match_type"] = rng.choice(["3w", "3w", "3w", "2w", "4w", rarely])
    more["item_id"] = rng.choice([None, "A", f"{po}{no}"])
    if rng.random() < 0.2:
        more |= {"uom_order": "CS", "qty_ordered_base": str(qty * 12)}
        price = price if mix.other_price_unit else price * 12
    if rng.random() < 0.2:
        more |= {"over_delivery_pct": rng.choice(["5", "10"]), "under_delivery_pct": "10"}
    more["unlimited_over"] = True if rng.random() < 0.05 else None
    more["delivery_complete"] = rng.random() < 0.3
    more["cancelled"] = rng.random() < 0.03
    more["tax_rate"] = rng.choice([None, None, "19", "7"])
    if rng.random() < 0.08:
        more["match_basis"] = "amount"
    if rng.random() < 0.05:
        limit = rng.choice([None, "20", "100"])
        more |= {"match_type": "limit", "match_basis": "amount", "limit_amount": limit}
        more |= {"valid_from_date": on_day(12), "valid_to_date": on_day(15)}
    ledger.line(str(qty), str(price), po, no, **more)


def _receipts(ledger: Ledger, rng: Random, line: str) -> None:
    row = _line_of(ledger, line)
    whole = int(row["qty_ordered"])
    for n in range(rng.randint(1, 3)):
        qty = rng.choice([whole, rng.randint(1, whole), rng.randint(1, 10)])
        if rng.random() < (0.05 if n == 0 else 0.4):
            qty = -rng.randint(1, qty)
        kind = "receipt" if qty > 0 else rng.choice(["return", "reversal"])
        rejected = rng.randint(0, qty) if qty > 0 and rng.random() < 0.1 else 0
        more: dict[str, Any] = {"kind": kind, "uom": row["uom_order"]}
        scale = 12 if row["uom_order"] == "CS" else 1
        more |= {"qty_accepted": str(qty - rejected), "qty_rejected": str(rejected)}
        more["qty_base"] = str(qty * scale)
        if scale == 12 and rng.random() < 0.5:  # counted in single pieces
            accepted = str((qty - rejected) * 12)
            more |= {"uom": "EA", "qty_accepted": accepted, "qty_rejected": str(rejected * 12)}
            qty *= 12
        if n and rng.random() < 0.3:
            more["reverses_id"] = f"{line}R{rng.randrange(n)}"
        ledger.receipt(f"{line}R{n}", str(qty), line, rng.randint(0, 4), **more)


def _line_of(ledger: Ledger, key: str) -> dict[str, Any]:
    return next(r for r in ledger.rows["purchase_order_lines"] if r["po_line_id"] == key)


def _amounts(ledger: Ledger, rng: Random, po: str, mix: Mix) -> None:
    """Invoices without quantities, of the order as a whole or of one of its lines."""
    ccy = ledger.rows["purchase_orders"][-1]["ccy"]
    lines = [r for r in ledger.rows["purchase_order_lines"] if r["po_id"] == po]
    received = {row["po_line_id"]: coin(_received(ledger, row) * _price(row), ccy) for row in lines}
    for n in range(rng.choice([1, 1, 1, 2, 3])):
        line = rng.choice([None, None, *lines])
        whole = sum(received.values()) if line is None else received[line["po_line_id"]]
        net = Decimal(rng.choice([whole, whole, whole + 1, whole / 2, rng.randint(1, 50)]))
        net = coin(-net / 4 if n and mix.credited_amounts and rng.random() < 0.3 else net, ccy)
        name = f"{po}I{n}"
        kind = "credit_value" if net < 0 else "invoice"
        ledger.invoice(name, str(net), rng.randint(11, 16), ccy=ccy, kind=kind)
        ledger.bills(name, str(net), po=po, po_line_id=line and line["po_line_id"])


def _received(ledger: Ledger, row: dict[str, Any]) -> Decimal:
    """Roughly what came of an order line, in its unit."""
    rows = ledger.rows.get("receipt_lines", [])
    own = [Decimal(r["qty"]) for r in rows if r["po_line_id"] == row["po_line_id"]]
    return max(sum(own, Decimal(0)), Decimal(0))


def _price(row: dict[str, Any]) -> Decimal:
    return Decimal(row["unit_price"]) / Decimal(row["price_unit"])


def _invoice(ledger: Ledger, rng: Random, numbers: list[str], name: str, mix: Mix) -> None:
    po = name[: name.index("I")]
    ccy = ledger.rows["purchase_orders"][-1]["ccy"]
    billed_in = ccy if rng.random() < 0.95 else "GBP"
    credit, value = rng.random() < 0.2, rng.random() < 0.1
    kinds = ("debit_value", "credit_value") if value else ("invoice", "credit_qty")
    lines = []
    for no in rng.sample(numbers, rng.randint(1, len(numbers))):
        row = _line_of(ledger, f"{po}-{no}")
        made = _value(rng, row, credit) if value else _quantity(rng, row, credit, billed_in, mix)
        lines.append(made)
    net = sum((Decimal(more["net_amount"]) for more in lines), Decimal(0))
    tax = coin(net * Decimal(rng.choice(["0", "0.19", "0.07"])), billed_in)
    off = Decimal(rng.choice(["0"] * 12 + ["1"]))
    ledger.invoice(
        name,
        str(net),
        10 + rng.choice([1, 2, 3, 3, 4, 5, 6]),
        kind=kinds[credit],
        ccy=billed_in,
        tax=str(tax),
        gross=str(net + tax + off),
        status_canon="posted" if rng.random() < 0.95 else "void",
        supplier_src_id="S1" if rng.random() < 0.95 else "S2",
    )
    for at, more in enumerate(lines, 1):
        amount = more.pop("net_amount")
        ledger.bills(name, amount, str(at), **{"po": po, **_named(rng, more)})


def coin(value: Decimal, ccy: str) -> Decimal:
    """Rounded as the supplier's system would."""
    return value.quantize(Decimal(1).scaleb(-MINOR.get(ccy, 2)), rounding=ROUND_HALF_UP)


def _quantity(rng: Random, row: dict[str, Any], credit: bool, ccy: str, mix: Mix) -> dict[str, Any]:
    ordered, price = Decimal(row["qty_ordered"]), Decimal(row["unit_price"])
    qty = Decimal(rng.choice([rng.randint(1, 12), rng.randint(1, int(ordered)), int(ordered)]))
    if credit:
        qty = -Decimal(rng.randint(1, 6))
    if rng.random() < 0.2:
        price *= Decimal(rng.choice(["1.05", "1.01", "0.98", "1.2"]))
    unit, per = row["uom_order"], Decimal(row["price_unit"])
    if unit == "CS" and rng.random() < 0.5:  # billed in single pieces, priced for a dozen
        unit, qty = "EA", qty * 12
        price, per = (price, per * 12) if mix.other_price_unit else (price / 12, per)
    net = coin(qty * price / per, ccy)
    if mix.wrong_sums and rng.random() < 0.03:
        net += -1 if credit else 1
    priced = rng.random() < 0.85
    return {
        **_refers(rng, row["po_line_id"], credit, mix),
        "po_line_id": row["po_line_id"],
        "item_id": row["item_id"],
        "qty": str(qty),
        "uom": unit,
        "unit_price": str(price.quantize(Decimal("1e-10"))) if priced else None,
        "price_unit": str(per),
        "net_amount": str(net),
    }


def _refers(rng: Random, line: str, credit: bool, mix: Mix) -> dict[str, Any]:
    """What a line says it bills, or takes back; often nothing, sometimes what there is not."""
    if rng.random() < 0.7 or (credit and not mix.named_corrections):
        return {}
    if credit:
        return {"orig_invoice_line_id": f"{line.split('-', maxsplit=1)[0]}I{rng.randint(0, 3)}/1"}
    return {"receipt_no_ref": f"{line}R{rng.randint(0, 3)}"}


def _value(rng: Random, row: dict[str, Any], credit: bool) -> dict[str, Any]:
    amount = rng.choice(["1", "2", "10"])
    return {"po_line_id": row["po_line_id"], "net_amount": f"-{amount}" if credit else amount}


def _named(rng: Random, more: dict[str, Any]) -> dict[str, Any]:
    """How the line names what it bills: mostly by order line, sometimes worse."""
    if more.get("qty") is None or rng.random() < 0.85:
        return more
    worse: list[dict[str, Any]] = [
        {"po_line_id": None},
        {"po_line_id": None, "item_id": None},
        {"po_line_id": None, "po_id": None},
        {"po_line_id": None, "po_id": None, "po_number_ref": None},
        {"po_id": "NOWHERE"},
        {"po_line_id": "NOWHERE-1"},
    ]
    return {**more, **rng.choice(worse)}


def ledger_of(
    seed: int, cases: int, mix: Mix = EVERYTHING, without: frozenset[str] = frozenset()
) -> Ledger:
    """Many cases in one ledger, which share nothing but the policy and the supplier.

    Args:
        seed: of the documents.
        cases: how many; numbered, so that C7P1 is the first order of case 7.
        mix: what may happen in them.
        without: reason codes; a case in which the reference finds one is left out.
    """
    ledger = Ledger()
    for number in range(cases):
        case = Ledger()
        write_case(case, Random(seed * 1000 + number), f"C{number}", mix)
        if without:
            found = {code for code, _ in judge(case.rows, EXACT, AS_OF).reasons}
            if found & without:
                continue
        for table, rows in case.rows.items():
            ledger.rows.setdefault(table, []).extend(rows)
    return ledger
