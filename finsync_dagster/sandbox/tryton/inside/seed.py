"""Fill an empty Tryton database with the company and its year: ``python -m inside.seed``.

Belongs here: the order in which things happen. Not here: what happens.
"""

from __future__ import annotations

import gc
import heapq
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from . import bills, company, orders, parties, payments, products, receipts, steps
from .cases import special
from .erp import check_no_errors, connect
from .orders import Case
from .plan import LAST, everyday

_DO: dict[type, Callable[[Case, Any, date], None]] = {
    steps.Receive: receipts.receive,
    steps.SendBack: receipts.send_back,
    steps.Close: receipts.close,
    steps.Bill: bills.bill,
    steps.CancelBill: bills.cancel,
    steps.Credit: bills.credit,
    steps.Pay: payments.pay,
    steps.PayTogether: payments.pay_together,
    steps.Settle: payments.settle,
}


def main() -> None:
    """Seed the database that the environment names."""
    gc.set_threshold(200_000, 50, 50)
    connect()
    company.set_up()
    suppliers, goods = parties.make_suppliers(), products.make_products()
    cases = [
        Case(number, order, suppliers[order.supplier], goods)
        for number, order in enumerate([*everyday(), *special()], start=1)
    ]
    _live(cases)
    for product, quantity, day in (("LED", 8, date(2026, 10, 27)), ("OEL", 200, LAST)):
        orders.request(goods[product], quantity, day)
    check_no_errors()


def _live(cases: list[Case]) -> None:
    """Let every day of the year happen in turn: documents are numbered as time goes by."""
    lives = [_life(case) for case in cases]
    due = [(next(life), place) for place, life in enumerate(lives)]
    heapq.heapify(due)
    while due:
        day, place = heapq.heappop(due)
        if day > LAST:
            break
        following = next(lives[place], None)
        if following is not None:
            heapq.heappush(due, (following, place))


def _life(case: Case) -> Iterator[date]:
    """The days on which something happens to an order; it happens when the next one is asked."""
    yield case.order.day
    if case.order.lines:
        orders.place(case)
    for step in case.order.steps:
        day = case.order.day + timedelta(days=step.after)
        yield day
        try:
            _DO[type(step)](case, step, day)
        except Exception as error:
            check_no_errors()
            error.add_note(f"at {step} of case {case.number}, {case.order}")
            raise


if __name__ == "__main__":
    main()
