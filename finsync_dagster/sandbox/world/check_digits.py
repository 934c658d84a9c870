"""Numbers that carry check digits: IBAN, VAT registrations, GTIN.

Belongs here: completing a number so that it is valid. Not here: whose number it is.
"""

from __future__ import annotations

from collections.abc import Callable

_BANKS = {
    "DE": ("", 18), "CH": ("", 17), "AT": ("", 16),
    "GB": ("BARC", 14), "IE": ("AIBK", 14), "NL": ("INGB", 10),
}  # fmt: skip
"""Letters of the bank, and digits that follow, where the account has no check digits of its own."""


def iban(country: str, bban: str) -> str:
    """The IBAN of a basic bank account number (ISO 13616, mod 97)."""
    moved = "".join(str(int(c, 36)) for c in f"{bban}{country}00")
    return f"{country}{98 - int(moved) % 97:02d}{bban}"


def bban(country: str, digits: str) -> str | None:
    """A basic bank account number from 23 digits; None where there is no IBAN."""
    if country == "FR":
        return f"{digits[:21]}{97 - int(digits[:21] + '00') % 97:02d}"
    if country == "BE":
        return f"{digits[:10]}{int(digits[:10]) % 97 or 97:02d}"
    if country in _BANKS:
        bank, length = _BANKS[country]
        return f"{bank}{digits[:length]}"
    return None


def _de(digits: str) -> str:
    product = 10
    for digit in digits[:8]:
        total = (int(digit) + product) % 10 or 10
        product = 2 * total % 11
    return f"DE{digits[:8]}{(11 - product) % 10}"


def _fr(digits: str) -> str:
    siren = digits[:8] + _luhn(digits[:8])
    return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}"


def _luhn(base: str) -> str:
    doubled = [int(c) * 2 if i % 2 == 0 else int(c) for i, c in enumerate(reversed(base))]
    return str(-sum(d - 9 if d > 9 else d for d in doubled) % 10)


def _gb(digits: str) -> str:
    base = digits[:7]
    total = sum(int(c) * w for c, w in zip(base, range(8, 1, -1), strict=True))
    return f"GB{base}{97 - total % 97:02d}"


def _ie(digits: str) -> str:
    base = digits[:7]
    total = sum(int(c) * w for c, w in zip(base, range(8, 1, -1), strict=True))
    return f"IE{base}{'WABCDEFGHIJKLMNOPQRSTUV'[total % 23]}"


def _at(digits: str) -> str:
    total = 4
    for place, digit in enumerate(digits[:7]):
        value = int(digit) * (2 if place % 2 else 1)
        total += value // 10 + value % 10
    return f"ATU{digits[:7]}{-total % 10}"


def _be(digits: str) -> str:
    base = f"0{digits[:7]}"
    return f"BE{base}{97 - int(base) % 97:02d}"


def _nl(digits: str) -> str:
    # The mod-97 form that holds for all numbers issued since 2020.
    base = f"{digits[:9]}B"
    for check in range(2, 99):
        number = f"NL{base}{check:02d}"
        if int("".join(str(int(c, 36)) for c in number)) % 97 == 1:
            return number
    raise AssertionError(f"no check digits for {base}")


def _ch(digits: str) -> str:
    base = f"1{digits[:7]}"
    total = sum(int(c) * w for c, w in zip(base, (5, 4, 3, 2, 7, 6, 5, 4), strict=True))
    check = 11 - total % 11
    if check == 10:
        return _ch(str((int(digits[:7]) + 1) % 10_000_000).zfill(7))
    number = f"{base}{check % 11}"
    return f"CHE-{number[:3]}.{number[3:6]}.{number[6:]} MWST"


def _us(digits: str) -> str:
    return f"{digits[:2]}-{digits[2:9]}"


def _jp(digits: str) -> str:
    base = digits[:12]
    total = sum(int(c) * (2 if i % 2 else 1) for i, c in enumerate(reversed(base)))
    return f"T{9 - total % 9}{base}"


_TAX: dict[str, Callable[[str], str]] = {
    "DE": _de, "FR": _fr, "GB": _gb, "IE": _ie, "AT": _at,
    "BE": _be, "NL": _nl, "CH": _ch, "US": _us, "JP": _jp,
}  # fmt: skip


def tax_id(country: str, digits: str) -> str:
    """A valid VAT registration (in the US an employer number) from at least 12 digits."""
    return _TAX[country](digits)


def gtin(base: str) -> str:
    """GTIN-13 of twelve digits."""
    total = sum(int(c) * (3 if i % 2 else 1) for i, c in enumerate(base))
    return f"{base}{-total % 10}"
