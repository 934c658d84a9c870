"""What to say about an invoice that was booked at another rate than the reference of its day.

Belongs here: reason code, amount at risk, wording. Not here: the check (fx.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from finsync_dagster.matching.telling.limit_words import limit_words, share_words
from finsync_dagster.matching.telling.notes import Note, Said
from finsync_dagster.matching.telling.text import money, quantity
from finsync_dagster.money import round_decimal

FX_RATE_VARIANCE = "FX_RATE_VARIANCE"
_DIGITS = 6


def fx_note(row: Mapping[str, Any], functional: str) -> Said:
    """The note of one invoice.

    Args:
        row: a failed check result beside its invoice, with ``at_reference`` and ``at_booked``,
            what it is worth in functional currency at either rate.
        functional: the currency of the books.
    """
    ccy, over = row["ccy"], row["direction"] == "over"
    booked, reference = row["fx_rate_booked"], row["reference_rate"]
    more: Decimal = abs(row["at_booked"] - row["at_reference"])
    day = row["reference_date"]
    message = (
        f"Invoice {row['invoice_no_supplier']} over {money(abs(row['gross']), ccy)} was booked on "
        f"{row['booked_on']} at {quantity(booked)} {functional} for one {ccy}; the reference rate "
        f"of {day} is {_told(reference)}. It is booked at "
        f"{money(row['at_booked'], functional)} and would be "
        f"{money(row['at_reference'], functional)} at the reference rate: "
        f"{money(more, functional)}{share_words(row)} "
        f"{'too much' if over else 'too little'}, {limit_words(row, functional)}."
    )
    note = Note(
        reason_code=FX_RATE_VARIANCE,
        subject_type="invoice",
        subject_id=row["invoice_id"],
        subject_label=row["invoice_no_supplier"],
        supplier_src_id=row["supplier_src_id"],
        amount=more,
        ccy=functional,
        message=message,
    )
    release = f"The invoice posted at {_told(reference)}, or treasury's consent to its rate."
    return Said(note, invoice_id=row["invoice_id"], release=release if over else None)


def _told(rate: Decimal) -> str:
    """A rate with six decimals, and so many more that six digits say something."""
    return quantity(round_decimal(rate, max(_DIGITS, _DIGITS - 1 - rate.adjusted())))
