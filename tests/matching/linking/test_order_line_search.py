"""Which line of an order is meant where the invoice does not name it by its key."""

from typing import Any

import pytest

from tests.matching.ledger import Ledger, finding, reasons

ORDER = (
    {"no": "1", "qty": "10", "price": "5", "item_id": "A"},
    {"no": "2", "qty": "10", "price": "7", "item_id": "A"},
    {"no": "10", "qty": "10", "price": "5", "item_id": "B"},
    {"no": "20", "qty": "10", "price": "9", "item_id": None},
)


def order(*lines: dict[str, Any]) -> Ledger:
    ledger = Ledger().order()
    for each in lines or ORDER:
        row = dict(each)
        no = row.pop("no")
        ledger.line(row.pop("qty"), row.pop("price"), no=no, **row).receipt(
            f"R{no}", "10", f"PO1-{no}"
        )
    return ledger


def linked(ledger: Ledger, **stated: Any) -> tuple[str | None, str | None]:
    """The order line found and the reason code, of a line over 2 units."""
    price = stated.pop("unit_price", "5")
    net = stated.pop("net", str(2 * int(price or 5)))
    ledger.invoice("I1", net).bills("I1", net, qty="2", unit_price=price, **stated)
    result = ledger.match()
    codes = [c for c in reasons(result) if c.startswith("LINK_")]
    assert len(codes) <= 1
    return result.invoice_line_results["po_line_id"].item(), codes[0] if codes else None


@pytest.mark.parametrize(
    ("stated", "line", "code"),
    [
        # The line number decides, leading zeros aside, whatever else is stated.
        ({"po_line_ref": "10"}, "PO1-10", None),
        ({"po_line_ref": "00010", "item_id": "A", "unit_price": "7"}, "PO1-10", None),
        ({"po_line_ref": "3", "item_id": "B"}, None, "LINK_MISSING"),
        # The item, if one line has it; else the price among the lines that have it.
        ({"item_id": "B", "unit_price": "8"}, "PO1-10", None),
        ({"item_id": "A", "unit_price": "7"}, "PO1-2", None),
        ({"item_id": "A", "unit_price": "8"}, None, "LINK_AMBIGUOUS"),
        # An item that no line has may still be on a line that names none, at its price.
        ({"item_id": "Z", "unit_price": "9"}, "PO1-20", None),
        ({"item_id": "Z", "unit_price": "7"}, None, "LINK_MISSING"),
        # Without an item the price alone, if one line has it.
        ({"unit_price": "7"}, "PO1-2", None),
        ({"unit_price": "5"}, None, "LINK_AMBIGUOUS"),
        ({"unit_price": "6"}, None, "LINK_MISSING"),
        # Another unit is another price.
        ({"unit_price": "7", "uom": "BX"}, None, "LINK_MISSING"),
        ({"unit_price": "7", "uom": "EA"}, "PO1-2", None),
        # A net without a price says which price it is at.
        ({"unit_price": None, "net": "14"}, "PO1-2", None),
        ({"unit_price": None, "net": "10"}, None, "LINK_AMBIGUOUS"),
    ],
)
def test_the_steps_of_the_search(
    stated: dict[str, Any], line: str | None, code: str | None
) -> None:
    assert linked(order(), **stated) == (line, code)


def test_two_lines_of_one_number_are_ambiguous() -> None:
    ledger = order({"no": "1", "qty": "10", "price": "5"}, {"no": "01", "qty": "10", "price": "7"})
    assert linked(ledger, po_line_ref="1") == (None, "LINK_AMBIGUOUS")


def test_a_price_in_another_currency_is_no_evidence() -> None:
    ledger = order()
    ledger.invoice("I1", "14", ccy="EUR").bills("I1", "14", qty="2", unit_price="7")
    assert "LINK_MISSING" in reasons(ledger.match())


def test_a_price_for_a_hundred_is_the_price_of_one() -> None:
    ledger = order({"no": "1", "qty": "10", "price": "5"}, {"no": "2", "qty": "10", "price": "7"})
    ledger.invoice("I1", "14").bills("I1", "14", qty="2", unit_price="700", price_unit="100")
    assert ledger.match().invoice_line_results["po_line_id"].item() == "PO1-2"


def test_a_one_line_order_at_another_price_is_still_meant() -> None:
    ledger = order({"no": "1", "qty": "10", "price": "5"})
    assert linked(ledger, unit_price="6") == ("PO1-1", None)


def test_a_key_of_a_line_that_is_not_there_is_not_replaced_by_another() -> None:
    assert linked(order(), po_line_id="PO1-99", item_id="B") == (None, "LINK_MISSING")


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ({"unit_price": "5"}, "lines 1, 10 of the order fit, and nothing says which."),
        ({"item_id": "A", "unit_price": "8"}, "lines 1, 2 of the order fit"),
        (
            {"item_id": "Z", "unit_price": "7"},
            "PO1 does not have. The same price: line 2.",
        ),
        (
            {"unit_price": "6"},
            "bills 12.00 USD on line 1 for something at a price",
        ),
    ],
)
def test_lines_to_look_at_first_are_suggested(stated: dict[str, Any], words: str) -> None:
    ledger = order()
    price = stated["unit_price"]
    net = str(2 * int(price))
    ledger.invoice("I1", net).bills("I1", net, qty="2", **stated)
    code = "LINK_MISSING" if "bills" in words or "not have" in words else "LINK_AMBIGUOUS"
    assert words in finding(ledger.match(), code)["message"]


def test_lines_that_name_their_line_and_lines_that_do_not_stand_side_by_side() -> None:
    ledger = order()
    ledger.invoice("I1", "38")
    ledger.bills("I1", "10", "1", po_line_id="PO1-1", qty="2", unit_price="5")
    ledger.bills("I1", "14", "2", qty="2", unit_price="7")
    ledger.bills("I1", "14", "3", po=None, qty="2", unit_price="7")
    rows = ledger.match().invoice_line_results.sort("invoice_line_id")
    assert rows["po_line_id"].to_list() == ["PO1-1", "PO1-2", None]
    assert rows["outcome"].to_list() == ["MATCHED", "MATCHED", "NO_PO"]
