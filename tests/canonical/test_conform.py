"""Conforming: every bad record gets its own sentence, and the rest goes on."""

from decimal import Decimal

import pytest

from finsync_dagster.canonical.mapping import MappingError
from tests.canonical.support import extract, line, order
from tests.canonical.world import World


class Conformed:
    """What one run over these records left behind."""

    def __init__(self, orders: list, lines: list, entity: str = "acme") -> None:
        world = World(entity=entity)
        done = world.run(
            orders=extract("orders", orders), order_lines=extract("order_lines", lines)
        )
        self.tables = {t: world.current(t) for t in world.mappings.tables}
        self.quarantine, self.incomplete_orders = done.quarantine(), done.incomplete_orders()


run = Conformed


def only_defect(conformed: Conformed) -> dict:
    rows = conformed.quarantine.to_dicts()
    assert len(rows) == 1, rows
    return rows[0]


def test_good_records_become_canonical_rows() -> None:
    done = run([order()], [line()])
    assert done.quarantine.is_empty()
    row = done.tables["purchase_order_lines"].to_dicts()[0]
    assert row["po_line_id"] == "erp|order_lines|11"
    assert row["po_id"] == done.tables["purchase_orders"]["po_id"][0] == "erp|orders|1"
    assert row["net_amount"] == Decimal("10.5")
    assert row["uom_order"] == "EA"
    assert row["entity_id"] == "acme"
    assert (row["landing_page"], row["landing_row"]) == ("page-order_lines-x1", 0)


def test_a_text_in_a_number() -> None:
    done = run([order()], [line(), line("12", Qty="three")])
    defects = done.quarantine.filter(done.quarantine["column_name"] == "qty_ordered").to_dicts()
    assert defects[0]["reason_code"] == "VALUE_NOT_READABLE"
    assert defects[0]["source_pk"] == "12"
    assert defects[0]["field"] == "Qty"
    assert "'three'" in defects[0]["message"]
    assert done.tables["purchase_order_lines"]["line_no"].to_list() == ["11"]


def test_a_record_is_taken_whole_or_not_at_all() -> None:
    """The receipt is unreadable, so the order line of the same record waits with it."""
    done = run([order()], [line(Received="lots")])
    assert done.tables["purchase_order_lines"].is_empty()
    assert done.tables["receipt_lines"].is_empty()
    assert done.tables["purchase_orders"].height == 1
    assert done.incomplete_orders["po_id"].to_list() == ["erp|orders|1"]


def test_a_null_key() -> None:
    done = run([order(), order(None)], [line()])
    assert set(done.quarantine["source_pk"]) == {"(no key)"}
    assert set(done.quarantine["reason_code"]) == {"MISSING_REQUIRED_FIELD"}
    assert "source_pk" in done.quarantine["column_name"]
    assert done.tables["purchase_orders"].height == 1


def test_two_null_keys_are_two_records() -> None:
    done = run([order(), order(None, Net="1"), order(None, Net="2")], [line()])
    assert done.quarantine["landing_row"].n_unique() == 2


def test_an_unknown_code_asks_for_the_code_map() -> None:
    done = run([order(Status="7")], [])
    defect = only_defect(done)
    assert (defect["reason_code"], defect["value"]) == ("MAPPING_MISSING", "7")


def test_more_decimals_than_are_kept_are_not_rounded_away() -> None:
    defect = only_defect(run([order(Net="10.50001")], []))
    assert defect["reason_code"] == "PRECISION_LOST"


def test_a_value_that_breaks_a_rule() -> None:
    defects = run([order()], [line(Qty="3", Price="-3")]).quarantine.to_dicts()
    assert {d["column_name"] for d in defects} == {"unit_price"}
    assert {d["reason_code"] for d in defects} == {"VALUE_NOT_ALLOWED"}


def test_lines_wait_for_their_order() -> None:
    done = run([order(Net="much")], [line(), line("12", "99")])
    reasons = {(d["source_pk"], d["reason_code"]) for d in done.quarantine.to_dicts()}
    assert ("11", "PARENT_MISSING") in reasons
    assert ("12", "PARENT_MISSING") in reasons
    assert all(frame.is_empty() for frame in done.tables.values())


def test_a_record_no_mapping_takes_is_not_dropped() -> None:
    defect = only_defect(run([order(), order("2", Kind="RFQ")], [line()]))
    assert (defect["reason_code"], defect["value"]) == ("UNMAPPED_RECORD", "RFQ")


def test_an_id_written_as_a_decimal_is_the_same_id() -> None:
    done = run([order()], [line(order_id="1.0")])
    assert done.tables["purchase_order_lines"]["po_id"].to_list() == ["erp|orders|1"]


def test_the_hash_follows_the_business_columns_only() -> None:
    first = run([order()], [])
    other = run([order(Changed="2026-02-02 10:00:00")], [])
    changed = run([order(Net="10.51")], [])
    hashes = [d.tables["purchase_orders"]["row_hash"][0] for d in (first, other, changed)]
    assert hashes[0] == hashes[1] != hashes[2]


def test_hostile_text_stays_text() -> None:
    done = run([order(Status="'); DROP TABLE x; --")], [])
    assert only_defect(done)["value"] == "'); DROP TABLE x; --"


def test_a_system_of_several_entities_must_say_which() -> None:
    with pytest.raises(MappingError, match="entity_id"):
        run([order()], [line()], entity="")
