"""Every record of the five systems says, field by field, what happened in the generated world."""

from __future__ import annotations

import pytest

from tests.systems.group.company import SYSTEMS
from tests.systems.group.comparing import differences, records, told
from tests.systems.group.conftest import Judged
from tests.systems.group.projection import Projection
from tests.systems.group.real import (
    billing,
    expenses,
    ordering,
    parties,
    receiving,
    settling,
)

pytestmark = pytest.mark.slow

PROJECTIONS = (
    *parties.PROJECTIONS,
    *ordering.PROJECTIONS,
    *receiving.PROJECTIONS,
    *billing.PROJECTIONS,
    *settling.PROJECTIONS,
    *expenses.PROJECTIONS,
)


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda p: p.name)
def test_every_record_field_by_field(clean: Judged, projection: Projection, system: str) -> None:
    found = differences(projection, system, clean.world, clean.warehouse)
    assert found == [], told(found)


def test_there_is_much_to_compare(clean: Judged) -> None:
    """Records per system: an empty projection would agree with an empty table."""
    counted = {
        system: sum(records(clean.world, projection, system) for projection in PROJECTIONS)
        for system in SYSTEMS
    }
    assert {name: count > 1000 for name, count in counted.items()} == dict.fromkeys(SYSTEMS, True)


def test_what_a_system_cannot_tell_has_a_reason() -> None:
    reasons = [
        each.reason
        for projection in PROJECTIONS
        for told_by_system in projection.told.values()
        for each in told_by_system.values()
    ]
    assert len(reasons) > 100
    assert [r for r in reasons if len(r.split()) < 2] == []


def test_a_difference_is_told_with_record_field_and_values(clean: Judged) -> None:
    """The comparison itself notices a changed amount, a lost and an added record."""
    wrong = Projection(
        name="invoices",
        key=("invoice_no",),
        real="SELECT 'x' AS system, * FROM (VALUES ('A', 1.50), ('B', 2.00)) v(invoice_no, net)",
        said="SELECT 'x' AS system, * FROM (VALUES ('A', 1.49), ('C', 2.00)) v(invoice_no, net)",
    )
    found = differences(wrong, "x", clean.world, clean.warehouse)
    assert told(found).splitlines()[-3:] == [
        "x invoices A net: expected 1.5, got 1.49",
        "x invoices B missing: expected a record, got None",
        "x invoices C not of this world: expected None, got a record",
    ]


def test_only_pallets_are_set_aside(clean: Judged) -> None:
    """They have no canonical code in Coupa and NetSuite; nothing else waits."""
    waiting = clean.warehouse.execute(
        """SELECT source_system, reason_code, source_pk, message FROM operations.quarantine
        WHERE NOT (reason_code = 'MAPPING_MISSING' AND regexp_matches(message, 'PAL|Pallet'))"""
    ).fetchall()
    assert waiting == []
    systems = "SELECT DISTINCT source_system FROM operations.quarantine ORDER BY 1"
    found = [row[0] for row in clean.warehouse.execute(systems).fetchall()]
    assert found == ["group_coupa", "group_netsuite"]
