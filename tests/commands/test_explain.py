"""`finsync explain`: why an invoice was matched as it was, on a terminal of 80 columns."""

from __future__ import annotations

import json

import pytest

from finsync_dagster.matching.tables import TABLES as MATCHING
from finsync_dagster.storage.lake import Lake
from tests.commands.conftest import HOSTILE, SmallHome
from tests.commands.stored import documents, stored

__all__ = ["stored"]


@pytest.fixture
def matched(stored: SmallHome) -> SmallHome:
    """The small company, its documents matched as a run would have stored them."""
    result = documents().match(PRICE_UNIT={"upper_pct": "1", "lower_pct": "1"})
    lake = Lake(f"file://{stored.path}/lake")
    for spec in MATCHING:
        lake.replace(spec, getattr(result, spec.name))
    return stored


def test_every_line_fits_a_terminal_and_says_who_says_so(matched: SmallHome) -> None:
    done = matched.finsync("explain", "I2")
    assert done.exit_code == 0, done.output
    assert max(len(line) for line in done.output.splitlines()) <= 80
    said = " ".join(done.output.split())
    assert "Invoice I2 of Muttern OHG (S2): BLOCKED" in said
    assert "Billed 10 EA at 10.05 USD = 100.50 USD" in said
    assert "10 EA at 10.00 USD, order PO2 line 1" in said
    assert (
        "PRICE_UNIT: 10.00 USD per EA ordered, 10.05 USD per EA billed: 0.05 USD (0.5 %) above "
        "(limit 1 %; rule: default)"
    ) in said
    assert "LINE_TOTAL BLOCKS: 100.00 USD ordered, 100.50 USD billed so far" in said
    assert "QTY_RECEIVED: 10 EA received, 10 EA billed so far: agrees" in said
    assert "10 EA = 100.00 USD: receipt R2 line 1 of 2024-01-02 (erp), oldest receipt first" in said
    assert "100.50 USD = 100.00 USD at the order's price, 0.50 USD price, 0.00 USD rounding" in said
    assert "order PO2: erp, documents purchase_orders|PO2" in said


def test_machines_get_the_same(matched: SmallHome) -> None:
    done = matched.finsync("explain", "I2", "--json", "--entity", "acme")
    (invoice,) = json.loads(done.output)
    assert (invoice["outcome"], invoice["net"], invoice["as_of"]) == (
        "BLOCKED",
        "100.5000",
        "2024-12-31",
    )
    (line,) = invoice["lines"]
    assert line["variances"]["price"] == "0.5000"
    assert {c["check"]: c["effect"] for c in line["comparisons"]} == {
        "LINE_TOTAL": "block",
        "QTY_ORDERED": "none",
        "QTY_RECEIVED": "none",
        "PRICE_UNIT": "none",
    }
    assert line["consumed"][0]["source"]["number"] == "R2 line 1"


def test_a_line_that_is_there_and_one_that_is_not(matched: SmallHome) -> None:
    assert "Line 1: BLOCKED" in matched.finsync("explain", "I2", "--line", "01").output
    missing = matched.finsync("explain", "I2", "--line", "9")
    assert missing.exit_code == 1
    assert "No line 9. Lines: I2 of acme has 1." in missing.output


def test_nothing_found_is_a_helpful_sentence(matched: SmallHome) -> None:
    nothing = matched.finsync("explain", "I99")
    assert nothing.exit_code == 1
    assert "No invoice answers to I99." in nothing.output
    assert "quarantine" in nothing.output
    assert json.loads(matched.finsync("explain", "I99", "--json").output) == []
    nowhere = matched.finsync("explain", "I2", "--entity", "nowhere")
    assert "no legal entity nowhere" in str(nowhere.exception)


def test_a_number_commands_neither_terminal_nor_markup(matched: SmallHome) -> None:
    for number in ("=1+1", HOSTILE):
        said = matched.finsync("explain", number).output
        assert "\x1b" not in said
        assert "\u202e" not in said
    assert "Invoice =1+1 of Schrauben AG" in matched.finsync("explain", "=1+1").output
    assert "[red]" in matched.finsync("explain", HOSTILE).output


def test_before_anything_was_run(stored: SmallHome) -> None:
    """Documents without results: they are shown, and that nothing was compared."""
    done = stored.finsync("explain", "I2")
    assert done.exit_code == 0, done.output
    said = " ".join(done.output.split())
    assert "Invoice I2 of Muttern OHG (S2) Amount" in said
    assert "It was not compared yet" in said
    assert "The line was not matched." in said
