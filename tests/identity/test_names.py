"""Which spellings are the same name, and what is a registration."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsync_dagster.identity.names import fold, registration

SAME = [
    ("A. Datum Corporation", "A Datum Corporation"),
    ("Litware, Inc.", "LITWARE INC"),
    ("I.B.M. Corp.", "IBM Corp"),
    ("Société Générale", "SOCIETE GENERALE"),
    ("Müller & Söhne", "Muller and Sohne"),
    ("Straße AG", "STRASSE AG"),
    ("ＡＣＭＥ　株式会社", "acme 株式会社"),
    ("Άλφα", "ΑΛΦΑ"),
    ("  Trey   Research ", "Trey Research"),
    ("Smith/Jones_Ltd", "smith jones ltd"),
]
DIFFERENT = [
    ("Northwind Traders", "Northwind Electric Cars"),
    ("Fabrikam Ltd", "Fabrikam Inc"),
    ("東京商事 Ltd", "大阪商事 Ltd"),
    ("ООО Ромашка", "ООО Василёк"),
    ("Герой", "Герои"),
    ("ハト商会", "バド商会"),
    ("राम ट्रेडर्स", "रमा ट्रेडर्स"),
    ("شركة النور", "شركة النيل"),
    ("Ørsted", "Rsted"),
    ("!!!", "***"),
]


@pytest.mark.parametrize(("left", "right"), SAME)
def test_same_name(left: str, right: str) -> None:
    assert fold(left) == fold(right)


@pytest.mark.parametrize(("left", "right"), DIFFERENT)
def test_different_names(left: str, right: str) -> None:
    assert fold(left) != fold(right)


@pytest.mark.parametrize("name", ["東京商事 Ltd", "ООО Ромашка", "ハト商会"])
def test_letters_of_every_script_are_kept(name: str) -> None:
    assert fold(name) == name.casefold()


@settings(deadline=None)
@given(st.text(min_size=1).filter(str.strip))
def test_a_name_never_folds_to_nothing_and_folding_settles(name: str) -> None:
    assert fold(name)
    assert fold(fold(name)) == fold(name)


@settings(deadline=None)
@given(st.text(alphabet="aéßñzΑλж7 .,&"))
def test_case_and_outer_blanks_do_not_matter(name: str) -> None:
    assert fold(f" {name.upper()} ") == fold(name.lower()).strip()


@pytest.mark.parametrize(
    ("stated", "value"),
    [
        ("DE 123.456.789", "DE123456789"),
        ("de123456789", "DE123456789"),
        ("12-3456789", "123456789"),
        ("ＧＢ９８", "GB98"),
        (None, None),
        ("", None),
        ("-", None),
        ("N/A", None),
        ("none", None),
        ("0", None),
        ("000-000-000", None),
        ("999999999", None),
        ("XX 1111", None),
    ],
)
def test_a_registration_has_two_different_digits(stated: str | None, value: str | None) -> None:
    assert registration(stated) == value
