"""Numbers with check digits: known valid ones, and that every draw gives a valid one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsync_dagster.sandbox.world.check_digits import bban, gtin, iban, tax_id


def _valid(number: str) -> bool:
    return int("".join(str(int(c, 36)) for c in number[4:] + number[:4])) % 97 == 1


@pytest.mark.parametrize(
    ("country", "account", "known"),
    [
        ("DE", "370400440532013000", "DE89370400440532013000"),
        ("FR", "20041010050500013M02606", "FR1420041010050500013M02606"),
        ("GB", "NWBK60161331926819", "GB29NWBK60161331926819"),
        ("CH", "00762011623852957", "CH9300762011623852957"),
        ("NL", "ABNA0417164300", "NL91ABNA0417164300"),
    ],
)
def test_published_examples_of_ibans(country: str, account: str, known: str) -> None:
    assert iban(country, account) == known


def test_the_belgian_example_has_its_own_check_digits() -> None:
    assert bban("BE", "5390075470" + "0" * 13) == "539007547034"


@given(
    country=st.sampled_from(["DE", "FR", "GB", "IE", "NL", "BE", "AT", "CH"]),
    digits=st.text("0123456789", min_size=23, max_size=23),
)
def test_every_iban_is_valid(country: str, digits: str) -> None:
    account = bban(country, digits)
    assert account is not None
    number = iban(country, account)
    assert _valid(number)
    assert len(number) == {
        "DE": 22, "FR": 27, "GB": 22, "IE": 22, "NL": 18, "BE": 16, "AT": 20, "CH": 21
    }[country]  # fmt: skip


@pytest.mark.parametrize("country", ["US", "JP"])
def test_countries_without_ibans(country: str) -> None:
    assert bban(country, "1" * 23) is None


@pytest.mark.parametrize(
    ("country", "digits", "known"),
    [
        ("DE", "136695976" + "00000", "DE136695976"),
        ("FR", "40483304" + "000000", "FR83404833048"),
        ("GB", "9807806" + "0000000", "GB980780684"),
        ("IE", "6388047" + "0000000", "IE6388047V"),
        ("AT", "1358562" + "0000000", "ATU13585627"),
        ("BE", "4031018" + "0000000", "BE0403101811"),
        ("NL", "123456789" + "00000", "NL123456789B13"),
        ("JP", "180301018771" + "00", "T1180301018771"),
    ],
)
def test_tax_numbers(country: str, digits: str, known: str) -> None:
    assert tax_id(country, digits) == known


@given(digits=st.text("0123456789", min_size=14, max_size=14))
def test_swiss_numbers_end_in_a_check_digit(digits: str) -> None:
    number = tax_id("CH", digits)
    bare = [int(c) for c in number if c.isdigit()]
    weights = (5, 4, 3, 2, 7, 6, 5, 4)
    total = sum(d * w for d, w in zip(bare, weights, strict=False))
    assert len(bare) == 9
    assert (11 - total % 11) % 11 == bare[8]


def test_gtin() -> None:
    assert gtin("400638133393") == "4006381333931"
