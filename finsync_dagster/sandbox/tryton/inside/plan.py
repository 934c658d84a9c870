"""The everyday purchases of the year, by rule.

Belongs here: orders that go the usual way. Not here: the special ones (cases.py).

Everything follows from an order's place in the list, so the same plan makes the same documents.
"""

from __future__ import annotations

from datetime import date, timedelta

from .steps import Bill, Line, Order, Pay, Receive, Settle, Step

FIRST = date(2026, 1, 7)
# The last day of the story: what would come later has not happened.
LAST = date(2026, 10, 31)
EVERYDAY = 14
ASSORTMENT = {
    "fahrenkamp": ("SR-M6", "SR-M8"),
    "lindqvist": ("BO-06", "BO-08", "BO-10"),
    "brenner": ("FR-12", "FR-16", "WP-01"),
    "alpenstahl": ("ST-C45", "ST-42", "AL-20"),
    "delft": ("MS-25", "FR-12"),
    "garonne": ("BO-10", "WP-02", "SB-50"),
    "ohio": ("WP-01", "WP-02"),
    "bianchi": ("TR-125", "TR-230", "SB-50"),
    "wisla": ("ST-C45", "AL-20"),
    "meuse": ("TR-125", "SB-50"),
    "cascade": ("SR-M8", "BO-06"),
    "kraft": ("KA-3", "KA-5", "LED"),
    "hansen": ("PAP", "STIFT"),
}
DOLLAR_SUPPLIERS = {"ohio", "cascade"}
# Tried in turn: an order of the usual kind goes one of these ways.
_WAYS: tuple[tuple[str, tuple[Step, ...]], ...] = (
    ("order", (Receive(8), Bill(10), Pay(40), Settle(42))),
    ("fulfillment", (Receive(6, "0.4"), Bill(8), Receive(15), Bill(17), Pay(38), Pay(47))),
    ("order", (Bill(9), Receive(12), Pay(39), Settle(41))),
    (
        "order",
        (Receive(5, "0.5"), Receive(11, "0.3"), Receive(19), Bill(21, booked=3), Pay(51)),
    ),
    ("fulfillment", (Receive(7), Bill(7), Settle(21))),
)


def everyday() -> list[Order]:
    """The orders that nobody would remember."""
    return [_order(place) for place in range(EVERYDAY)]


def _order(place: int) -> Order:
    suppliers = list(ASSORTMENT)
    supplier = suppliers[place % len(suppliers)]
    method, steps = _WAYS[(place * 3 + place // len(suppliers)) % len(_WAYS)]
    products = ASSORTMENT[supplier]
    lines = [
        Line(product, str(10 * (1 + (place * 7 + 5 * number) % 12)))
        for number, product in enumerate(products[: 1 + place % len(products)])
    ]
    day = FIRST + timedelta(days=20 * place)
    currency = "USD" if supplier in DOLLAR_SUPPLIERS else "EUR"
    return Order(supplier, day, lines, steps, currency, method)
