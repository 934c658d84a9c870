"""Orders up to a limit: what may be billed, and until when."""

import pytest

from tests.matching.ledger import Ledger, on_day


def limited(limit: str | None = "1000", **more: object) -> Ledger:
    ledger = Ledger().order()
    terms = {"match_type": "limit", "match_basis": "amount", "net_amount": "800", **more}
    return ledger.line("1", "800", limit_amount=limit, **terms)  # type: ignore[arg-type]


def found(ledger: Ledger, **looser: object) -> list[str]:
    result = ledger.match(**looser)  # type: ignore[arg-type]
    return result.findings["reason_code"].to_list()


def billed(ledger: Ledger, *amounts: str) -> Ledger:
    for n, amount in enumerate(amounts, 1):
        ledger.invoice(f"I{n}", amount, day=n).bills(f"I{n}", amount, po_line_id="PO1-1")
    return ledger


def test_the_limit_counts_and_not_what_was_expected() -> None:
    assert found(billed(limited(), "500", "400")) == []


def test_what_exceeds_the_limit_is_told_as_that() -> None:
    result = billed(limited(), "500", "510").match()
    assert result.findings.select("reason_code", "subject_id", "message").rows() == [
        (
            "LIMIT_EXCEEDED",
            "I2",
            "Order PO1 line 1: 1,010.00 USD invoiced up to this invoice, the limit is "
            "1,000.00 USD; 10.00 USD of this invoice exceed it.",
        )
    ]


def test_what_would_release_an_invoice_over_the_limit() -> None:
    lines = billed(limited(), "500", "510").match().invoice_line_results
    release = dict(lines.select("invoice_id", "release").iter_rows())
    assert release == {"I1": None, "I2": "A limit 10.00 USD higher, or a credit of 10.00 USD."}


@pytest.mark.parametrize(("second", "codes"), [("510", []), ("511", ["LIMIT_EXCEEDED"])])
def test_a_tolerance_on_the_limit_is_inclusive(second: str, codes: list[str]) -> None:
    ledger = billed(limited(), "500", second)
    assert found(ledger, LINE_TOTAL={"upper_abs": "10"}) == codes


def test_without_a_limit_what_was_expected_is_one() -> None:
    assert found(billed(limited(None), "500", "400")) == ["LIMIT_EXCEEDED"]


@pytest.mark.parametrize(("day", "codes"), [(1, ["LIMIT_EXPIRED"]), (2, []), (4, []), (5, 1)])
def test_an_order_is_used_from_its_first_to_its_last_day(day: int, codes: object) -> None:
    ledger = limited(valid_from_date=on_day(2), valid_to_date=on_day(4))
    ledger.invoice("I1", "10", day=day).bills("I1", "10", po_line_id="PO1-1")
    assert found(ledger) == (["LIMIT_EXPIRED"] if codes else [])


def test_an_order_without_days_is_used_at_any_time() -> None:
    ledger = limited(valid_to_date=on_day(4))
    ledger.invoice("I1", "10", day=1).bills("I1", "10", po_line_id="PO1-1")
    assert found(ledger) == []
