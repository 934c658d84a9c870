from pathlib import Path

import pytest

from finsync_dagster.landing.landing import Landing
from finsync_dagster.landing.verify import heads, verify
from tests.landing.support import circumstances, extraction


@pytest.fixture
def landing(tmp_path) -> Landing:
    made = Landing(tmp_path.as_uri())
    for hour in (8, 9, 10):
        made.write(extraction([(str(hour), "1.10")], [("2", None)]), {}, circumstances(hour))
    assert verify(made) == []
    return made


def manifests(tmp_path: Path) -> list[Path]:
    return sorted(tmp_path.glob("manifests/erp/lines/*"))


def test_every_flipped_byte_of_a_page_is_found(landing, tmp_path):
    page = sorted(tmp_path.glob("pages/*/*"))[0]
    stored = page.read_bytes()
    for position in range(len(stored)):
        page.write_bytes(stored[:position] + bytes([stored[position] ^ 1]) + stored[position + 1 :])
        problems = verify(landing)
        # Some bits of the compressed form carry nothing: the content is then still the same.
        if problems:
            assert all(page.name in problem for problem in problems)
        else:
            assert landing.page(page.name.split(".")[0])
    page.write_bytes(stored[:-1])
    assert verify(landing)


def test_a_page_with_other_records_is_found(landing, tmp_path):
    one, other = sorted(tmp_path.glob("pages/*/*"))[:2]
    one.write_bytes(other.read_bytes())
    assert any("changed or damaged" in problem for problem in verify(landing))


def test_a_removed_page_is_found(landing, tmp_path):
    page = sorted(tmp_path.glob("pages/*/*"))[0]
    page.unlink()
    assert any(f"{page.name}: missing" in problem for problem in verify(landing))


@pytest.mark.parametrize("position", [0, 1])
def test_a_removed_manifest_is_found(landing, tmp_path, position):
    manifests(tmp_path)[position].unlink()
    assert any(f"extract {position + 1} should come here" in problem for problem in verify(landing))


def test_the_last_manifest_is_missed_by_whoever_knew_it(landing, tmp_path):
    known = heads(landing)
    landing.write(extraction([("11", None)]), {}, circumstances(11))
    assert verify(landing, known) == []
    for path in manifests(tmp_path)[2:]:
        path.unlink()
    assert verify(landing) == []
    assert verify(landing, known) == [
        "erp.lines: extract 3, known to have taken place, was removed or changed"
    ]


def test_every_changed_byte_of_a_manifest_is_found(landing, tmp_path):
    path = manifests(tmp_path)[1]
    stored = path.read_bytes()
    for position in range(0, len(stored), 7):
        path.write_bytes(stored[:position] + bytes([stored[position] ^ 1]) + stored[position + 1 :])
        assert verify(landing), stored[position - 20 : position + 20]


def test_a_manifest_under_another_name_is_found(landing, tmp_path):
    path = manifests(tmp_path)[2]
    path.rename(path.with_name("00000003-another.json"))
    assert any("another extract than its name" in problem for problem in verify(landing))
