from datetime import timedelta
from decimal import Decimal

import polars as pl
import pytest

from finsync_dagster.connectors.extraction import Sum
from finsync_dagster.landing.errors import LandingError
from finsync_dagster.landing.landing import Landing
from finsync_dagster.landing.manifest import Manifest
from finsync_dagster.landing.verify import verify
from tests.landing.support import START, circumstances, extraction

DECIMALS = {"Amount": 2}
FIRST = [("1", "1.10"), ("2", None)]
SECOND = [("3", "-0.10")]


@pytest.fixture
def landing(tmp_path) -> Landing:
    return Landing(tmp_path.as_uri())


def page_files(tmp_path) -> int:
    return len(list(tmp_path.glob("pages/*/*.zst")))


def test_an_extract_comes_back_as_it_was(landing):
    stated = {"Amount": Sum(Decimal("1.00"))}
    manifest = landing.write(extraction(FIRST, SECOND, sums=stated), DECIMALS, circumstances())
    assert manifest.complete
    assert (manifest.row_count, manifest.sequence, manifest.previous) == (3, 1, None)
    assert manifest.landed_sums["Amount"].total == Decimal("1.00")
    assert landing.manifests("erp", "lines") == [manifest]
    frame = landing.frame(manifest)
    assert frame.schema == {
        "Id": pl.String(),
        "Amount": pl.String(),
        "landing_page": pl.String(),
        "landing_row": pl.Int64(),
        "extract_id": pl.String(),
        "extracted_at": pl.Datetime("us", "UTC"),
    }
    pages = [ref.sha256 for ref in manifest.pages]
    common = (manifest.extract_id, START)
    assert frame.rows() == [
        ("1", "1.10", pages[0], 0, *common),
        ("2", None, pages[0], 1, *common),
        ("3", "-0.10", pages[1], 0, *common),
    ]
    assert landing.read_page(pages[1]) == [{"Id": "3", "Amount": "-0.10"}]


def test_equal_records_are_kept_once(landing, tmp_path):
    manifests = [landing.write(extraction(FIRST), {}, circumstances(hour)) for hour in (8, 9, 10)]
    assert page_files(tmp_path) == 1
    assert len({manifest.extract_id for manifest in manifests}) == 3
    assert [m.sequence for m in landing.manifests("erp", "lines")] == [1, 2, 3]


def test_each_manifest_names_the_one_before(landing, tmp_path):
    first, second = (landing.write(extraction(FIRST), {}, circumstances(hour)) for hour in (8, 9))
    stored = (tmp_path / "manifests" / "erp" / "lines" / first.file_name).read_bytes()
    assert second.previous == first.sha256
    assert Manifest.from_bytes(stored, "x").sha256 == first.sha256


def test_an_extract_without_records_has_a_frame(landing):
    manifest = landing.write(extraction(), DECIMALS, circumstances())
    assert manifest.complete
    assert landing.frame(manifest).columns[:2] == ["Id", "Amount"]
    assert landing.frame(manifest).height == 0


def test_fewer_records_than_stated_are_incomplete(landing):
    manifest = landing.write(extraction(FIRST, selected=5), {}, circumstances())
    assert not manifest.complete
    assert manifest.incomplete_because == ("the source stated 5 records, 2 were landed",)


def test_another_total_than_stated_is_incomplete(landing):
    stated = {"Amount": Sum(Decimal("1.11"))}
    manifest = landing.write(extraction(FIRST, sums=stated), DECIMALS, circumstances())
    assert not manifest.complete
    assert "a total of 1.11 (0 values not summed), landed were 1.10 (0)" in str(
        manifest.incomplete_because
    )


def test_pages_without_a_manifest_are_no_extract(landing, tmp_path):
    landing.land(extraction(FIRST), {})
    assert page_files(tmp_path) == 1
    assert landing.last("erp", "lines") is None
    assert landing.systems() == []


def test_current_manifests_that_count_only_complete_ones(landing):
    good = landing.write(extraction(FIRST), {}, circumstances(8))
    bad = landing.write(extraction(FIRST, selected=9), {}, circumstances(9))
    assert landing.current_manifests("erp", "lines") == [bad]
    assert landing.current_manifests("erp", "lines", complete_only=True) == [good]


def test_of_two_extracts_at_a_time_the_first_takes_place(landing):
    before = landing.write(extraction(FIRST), {}, circumstances(8))
    one, other = extraction(FIRST), extraction(SECOND)
    landed = landing.land(one, {}), landing.land(other, {})
    first = landing.commit(one, landed[0], circumstances(9), before)
    with pytest.raises(LandingError, match="another extract of the object came first"):
        landing.commit(other, landed[1], circumstances(10), before)
    assert landing.manifests("erp", "lines") == [before, first]
    assert verify(landing) == []


def test_memory_stays_flat(landing, tmp_path):
    """Pages are consumed one at a time: each is on disk before the next is asked for."""
    seen = []

    def stream():
        for number in range(4):
            seen.append(page_files(tmp_path))
            yield [(str(number), None)]

    made = extraction(selected=4)
    object.__setattr__(made, "pages", stream())
    assert landing.write(made, {}, circumstances()).complete
    assert seen == [0, 1, 2, 3]


def test_names_that_would_leave_the_folder(landing):
    with pytest.raises(LandingError, match="no name of a system or object"):
        landing.manifests("..", "etc")


def test_a_field_named_like_the_landing_s_own(landing):
    made = extraction([("1", "x")])
    object.__setattr__(made, "columns", ("Id", "extract_id"))
    with pytest.raises(LandingError, match="a field extract_id"):
        landing.frame(landing.write(made, {}, circumstances()))


def test_the_extract_s_name_tells_its_time(landing):
    moment = START + timedelta(hours=1)
    manifest = landing.write(extraction(FIRST), {}, circumstances(moment.hour))
    assert manifest.file_name.startswith("00000001-20160601T090000Z-")
    assert manifest.file_name.endswith(".json")


def test_in_memory(tmp_path):
    landing = Landing(f"memory://landing-{tmp_path.name}")
    manifest = landing.write(extraction(FIRST), {}, circumstances())
    assert landing.systems() == ["erp"]
    assert landing.objects("erp") == ["lines"]
    assert landing.frame(manifest).height == 2
