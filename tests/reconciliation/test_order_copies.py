"""Orders of the system of record against the copies that another system keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from finsync_dagster.canonical.authority import split_by_authority
from finsync_dagster.landscape.model import Domain
from finsync_dagster.landscape.service_model import Authority
from finsync_dagster.matching.telling.notes import Note
from finsync_dagster.reconciliation.order_copies import order_copy_notes
from tests.matching.ledger import ENTITY, Ledger, on_day

AS_OF = on_day(100)


def both(number: str = "7001", mine: str = "100", theirs: str = "100", **copy: str) -> Ledger:
    """An order of one line in the system of record, and its copy, lines numbered in tens."""
    ledger = Ledger()
    own(ledger, number, mine)
    return copied(ledger, number, theirs, **copy)


def own(ledger: Ledger, number: str, price: str = "100", **more: object) -> Ledger:
    return _order(ledger, f"a{number}", number, price, "1", {"source_system": "buy", **more})


def copied(ledger: Ledger, number: str, price: str = "100", **more: object) -> Ledger:
    return _order(ledger, f"b{number}", number, price, "10", {"source_system": "erp", **more})


def _order(
    ledger: Ledger, po: str, number: str, price: str, no: str, more: dict[str, object]
) -> Ledger:
    ledger.order(po, **{"po_number": number, **more})
    return ledger.line("1", price, po=po, no=no, source_system=more["source_system"])


def notes(ledger: Ledger, *unread: str, as_of: date = AS_OF) -> list[Note]:
    ledger.incomplete += unread
    record = Authority(entity=ENTITY, domain=Domain.PURCHASE_ORDERS, system="buy")
    split = split_by_authority(ledger.documents(), [record], ENTITY, as_of)
    return order_copy_notes(split.documents.until(as_of), as_of)


def told(ledger: Ledger, *unread: str) -> list[tuple[str, str]]:
    """(reason, subject), in the order told."""
    return [(n.reason_code, n.subject_id) for n in notes(ledger, *unread)]


def test_equal_on_both_sides() -> None:
    assert told(both()) == []


def test_an_entity_without_copies() -> None:
    assert told(own(Ledger(), "7001")) == []


def test_missing_in_the_other_system() -> None:
    assert told(own(both(), "7002")) == [("XSYS_MISSING_TARGET", "a7002")]


@pytest.mark.parametrize(
    "more",
    [
        {"status_canon": "draft"},
        {"status_canon": "cancelled"},
        # Still on its way; from before the other system had any.
        {"order_date": on_day(99)},
        {"order_date": on_day(-1)},
    ],
)
def test_orders_that_need_no_copy(more: dict[str, object]) -> None:
    assert told(own(both(), "7002", **more)) == []


def test_systems_that_share_no_order_are_no_copies() -> None:
    assert told(own(copied(Ledger(), "4500001"), "7002"))[0][0] != "XSYS_MISSING_TARGET"


def test_a_copy_of_nothing_was_deleted_or_never_there() -> None:
    ledger = copied(copied(own(both(), "7003"), "7002"), "45001")
    copied(ledger, "7003")
    assert told(ledger) == [
        ("XSYS_MISSING_SOURCE", "b45001"),
        ("XSYS_DELETED_AT_SOURCE", "b7002"),
    ]


def test_a_copy_that_is_cancelled_misses_nothing() -> None:
    assert told(copied(both(), "45001", status_canon="cancelled")) == []


def test_an_order_that_could_not_be_read_is_told_of() -> None:
    ledger = copied(copied(own(both(), "7003"), "7002"), "7003")
    (note,) = notes(ledger, "unread")
    assert note.message == (
        "Order 7002 over 100.00 USD is in erp and no longer in the system of record, whose number "
        "it bears. 1 order there could not be read; this may be it."
    )


@pytest.mark.parametrize(
    ("order", "copy", "drifts"),
    [
        ("cancelled", "approved", True),
        ("approved", "cancelled", True),
        ("rejected", "approved", True),
        ("cancelled", "cancelled", False),
        ("closed", "approved", False),
    ],
)
def test_states(order: str, copy: str, drifts: bool) -> None:
    ledger = copied(own(Ledger(), "7001", status_canon=order), "7001", status_canon=copy)
    assert told(ledger) == ([("XSYS_STATUS_DRIFT", "a7001")] if drifts else [])


def test_another_value() -> None:
    (note,) = notes(both(mine="100", theirs="110"))
    assert (note.reason_code, note.subject_id, note.counter_key) == (
        "XSYS_VALUE_DRIFT",
        "a7001-1",
        "b7001",
    )
    assert note.amount == 10
    assert note.message == (
        "Order 7001 line 1 is 1 EA for 100.00 USD net in buy, and 1 EA for 110.00 USD net in erp."
    )


def test_another_currency() -> None:
    assert told(both(ccy="EUR")) == [("XSYS_VALUE_DRIFT", "a7001-1")]


def test_a_line_that_is_cancelled_on_one_side_is_not_compared() -> None:
    ledger = both(theirs="110")
    ledger.rows["purchase_order_lines"][1]["cancelled"] = True
    assert told(ledger) == []


def test_orders_that_are_not_whole_are_not_compared() -> None:
    assert told(both(theirs="110"), "a7001") == []
    assert told(both(theirs="110"), "b7001") == []


def test_the_day_decides() -> None:
    docs = both(order_date=on_day(50)).documents()
    assert (
        replace(docs, order_copies=docs.purchase_orders).until(on_day(20)).order_copies.height == 1
    )
