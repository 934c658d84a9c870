"""Every plant can be found, nothing else can, and no plant spoils its neighbour."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from finsync_dagster.sandbox.world.faults.absent import NOT_PLANTED
from finsync_dagster.sandbox.world.faults.plant import FAULTS
from finsync_dagster.sandbox.world.reading import World, open_world
from tests.sandbox.world import checker

pytestmark = pytest.mark.slow

# Found in logs and ways no query of documents sees; both entail one that is checked.
_NOT_CHECKED = {"PARITY_FORMAT", "PARITY_PERMISSION"}
# Rules of ours that no list of faults in documents has: about connections, rates, calendars.
_OURS = {"FX_RATE_MISSING", "FX_RATE_STALE", "NO_INVOICE_SYSTEM"}


@pytest.fixture(params=[(7, 1), (1, 1), (2, 3)], ids=str)
def some_world(request: pytest.FixtureRequest, worlds: Path) -> Iterator[World]:
    seed, scale = request.param
    opened = open_world(worlds, seed=seed, scale=scale)
    yield opened
    opened.close()


def test_an_auditor_finds_what_was_planted_and_nothing_else(some_world: World) -> None:
    connection = some_world.connect()
    connection.execute(checker.VIEWS)
    planted = checker.expected(connection)
    found = checker.found(connection)
    assert set(planted) - _NOT_CHECKED == set(checker.CHECKS)
    for reason, keys in found.items():
        assert keys == planted[reason], reason


def test_every_reason_code_is_planted_or_said_why_not() -> None:
    reasons = Path(__file__).parents[3] / "finsync_dagster" / "exceptions" / "reasons.yaml"
    known = set(yaml.safe_load(reasons.read_text(encoding="utf-8")))
    planted = {fault.reason_code for fault in FAULTS if not fault.innocent}
    assert planted | set(NOT_PLANTED) | _OURS == known
    assert not planted & set(NOT_PLANTED)


def test_two_to_six_of_each_at_scale_1(world: World) -> None:
    rows = world.connect().execute("SELECT reason_code FROM planted").fetchall()
    counts = Counter(reason for (reason,) in rows)
    assert set(counts) == {fault.reason_code for fault in FAULTS if not fault.innocent}
    assert all(2 <= count <= 6 for count in counts.values()), counts


def test_faults_are_spread_over_the_entities(world: World) -> None:
    rows = (
        world.connect().execute("SELECT entity_id, count(*) FROM planted GROUP BY ALL").fetchall()
    )
    assert {entity for entity, _ in rows} == {
        "lumen_de", "lumen_fr", "lumen_ie", "lumen_uk", "lumen_us"
    }  # fmt: skip
    assert all(count >= 15 for _, count in rows), rows


def test_an_order_carries_one_fault_at_most(some_world: World) -> None:
    connection = some_world.connect()
    rows = connection.execute(
        "SELECT subject_type, subject_id FROM planted UNION ALL FROM (SELECT subject_type,"
        " subject_id FROM innocent)"
    ).fetchall()
    keys = [key for subject, row in rows for key in checker._keys(connection, [(subject, row)])]
    orders = [key for key in keys if key.startswith("order ")]
    assert len(orders) == len(set(orders))


def test_what_is_innocent_is_not_planted(world: World) -> None:
    rows = (
        world.connect()
        .execute(
            "SELECT reason_code, subject_type, subject_id FROM innocent"
            " INTERSECT SELECT reason_code, subject_type, subject_id FROM planted"
        )
        .fetchall()
    )
    assert rows == []


def test_every_innocent_case_is_there(world: World) -> None:
    said = world.connect().execute("SELECT DISTINCT explanation FROM innocent").fetchall()
    assert {text for (text,) in said} == {f.explanation for f in FAULTS if f.innocent}


def test_subjects_are_named_as_their_system_shows_them(world: World) -> None:
    connection = world.connect()
    for table in ("planted", "innocent"):
        wrong = connection.execute(
            f"SELECT p.* FROM {table} AS p JOIN invoice AS v ON p.subject_type = 'invoice'"
            " AND v.invoice_id = p.subject_id WHERE p.system <> v.system OR p.entity_id"
            " <> v.entity_id OR p.subject_key NOT IN (v.invoice_number, v.document_number)"
        ).fetchall()
        assert wrong == []
