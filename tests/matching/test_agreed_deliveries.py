"""Deliveries within what the order line itself tolerates."""

import pytest

from tests.matching.ledger import Ledger


def delivered(qty: str, **agreed: object) -> list[str]:
    ledger = Ledger().order().line("100", "2", delivery_complete=True, **agreed)
    result = ledger.receipt("R1", qty).match()
    return result.findings["reason_code"].to_list()


@pytest.mark.parametrize(("qty", "codes"), [("105", []), ("106", ["OVER_DELIVERY"])])
def test_what_the_order_tolerates_is_not_too_much(qty: str, codes: list[str]) -> None:
    assert delivered(qty, over_delivery_pct="5", under_delivery_pct="5") == codes


@pytest.mark.parametrize(("qty", "codes"), [("95", []), ("94.999999", ["UNDER_DELIVERY"])])
def test_what_the_order_tolerates_is_not_too_little(qty: str, codes: list[str]) -> None:
    assert delivered(qty, over_delivery_pct="5", under_delivery_pct="5") == codes


def test_any_delivery_may_be_agreed() -> None:
    assert delivered("1000", unlimited_over=True) == []


def test_without_an_agreement_the_policy_counts_alone() -> None:
    assert delivered("101") == ["OVER_DELIVERY"]
