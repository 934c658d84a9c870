"""Replaying: everything can be made again from landing, and repaired records are released."""

from __future__ import annotations

import json
import shutil

from tests.pipeline.homes import Home
from tests.pipeline.two_companies import two_companies

HEADER = "Purchasing_PurchaseOrderHeader"
SUBTOTAL = "20397.3"  # of order 5
# What extraction leaves behind is no business of a replay.
REBUILT = ("canonical.", "identity.", "matching.", "reconciliation.", "spend.")
MAPPING = "overrides: {code_maps: {order_status: {'9': closed}}}"


def manifests(home: Home) -> int:
    return len([*(home.path / "lake/landing/manifests").rglob("*.json")])


def waiting(home: Home, *options: str) -> set[tuple[str, str, str]]:
    told = json.loads(home.finsync("quarantine", "ls", "--json", *options).text)
    return {(d["source_object"], d["source_pk"], d["reason_code"]) for d in told["defects"]}


def order(number: int) -> str:
    """The canonical key of an order."""
    return f"adventureworks_erp|purchase_order_header|{number}"


def change_order(home: Home, number: int, change: str, day: int) -> None:
    """A user of the source changes an order, which sets its change stamp."""
    home.source(
        "adventureworks",
        f"UPDATE {HEADER} SET {change}, ModifiedDate = '2026-01-{day:02} 00:00:00' "
        f"WHERE PurchaseOrderID = {number}",
    )


def with_mapping_repaired(home: Home) -> Home:
    """The same home, and a landscape that knows order status 9."""
    text = two_companies()
    line = "    connector: adventureworks\n"
    assert text.count(line) == 1
    path = home.path / "landscape.yaml"
    path.write_text(text.replace(line, f"{line}    {MAPPING}\n"), encoding="utf-8")
    return Home(home.path, (*home.extra, ("FINSYNC_LANDSCAPE", str(path))))


def test_everything_is_made_again_from_landing(finished: Home, copied: Home) -> None:
    for part in (copied.path / "lake").iterdir():
        if part.name != "landing":
            shutil.rmtree(part)
    before = manifests(copied)
    done = copied.finsync("replay", "--everything")
    assert done.code == 0, done.text
    assert "4 of 4 runs succeeded" in done.text
    assert manifests(copied) == before
    ours, theirs = copied.content(), finished.content()
    tables = [name for name in theirs if name.startswith(REBUILT)]
    assert len(tables) > 20
    assert [name for name in tables if not ours[name].equals(theirs[name])] == []
    assert sum(theirs[name].height for name in tables) > 100_000
    # Nobody's decisions are lost, and nothing is reported a second time.
    events = "SELECT count(*) FROM operations.exception_events"
    assert copied.one(events) == finished.one(events)


def test_repaired_in_its_source_or_in_the_mapping_a_record_returns(copied: Home) -> None:
    """Two orders wait: one is repaired where it is kept, the other where its code is explained."""
    change_order(copied, 5, "SubTotal = 'much'", day=5)
    change_order(copied, 6, "Status = '9'", day=5)
    assert copied.finsync("run", "--entity", "adventureworks").code == 1
    assert ("purchase_order_header", "5", "VALUE_NOT_READABLE") in waiting(copied)
    told = copied.finsync("quarantine", "show", order(5))
    assert told.code == 0, told.text
    assert "SubTotal holds 'much', which cannot be read" in told.text
    assert "→ SubTotal: much" in told.text

    # The run that reads the order again releases it by itself.
    change_order(copied, 5, f"SubTotal = '{SUBTOTAL}'", day=6)
    assert copied.finsync("run", "--entity", "adventureworks").code == 1
    unknown = {("purchase_order_header", "6", "MAPPING_MISSING")}
    assert waiting(copied, "--reason", "MAPPING_MISSING") == unknown
    # Its lines wait for it; of order 5 nothing does.
    lines = waiting(copied) - unknown
    assert {reason for _, _, reason in lines} == {"PARENT_MISSING"}
    assert {key.split("|")[0] for _, key, _ in lines} == {"6"}
    before = manifests(copied)

    repaired = with_mapping_repaired(copied)
    done = repaired.finsync("replay", "--reason", "MAPPING_MISSING")
    assert done.code == 0, done.text
    assert "conformed again from landing, nothing is extracted: adventureworks_erp" in done.text
    assert "left quarantine: 1 of 1 record" in done.text
    assert manifests(repaired) == before
    assert waiting(repaired) == set()
    status = f"SELECT status_canon FROM canonical.purchase_orders WHERE po_id = '{order(6)}'"
    assert repaired.one(status) == "closed"
    (row,) = repaired.ask(
        "SELECT selected, released, still_waiting, systems, outcome FROM operations.replays"
    )
    assert row == (1, 1, 0, "adventureworks_erp", "succeeded")
