"""Which extract is taken, and that the landing ends up with what the source has."""

from datetime import datetime

import polars as pl
import pytest

from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.model import FileObject, SqlObject
from finsync_dagster.connectors.object_model import DeletionFeed
from finsync_dagster.landing.errors import LandingError
from finsync_dagster.landing.landing import Landing
from finsync_dagster.landing.manifest import Manifest
from finsync_dagster.landing.take import take
from finsync_dagster.landing.verify import verify
from tests.connectors.databases import LINES, SourceDatabase
from tests.landing.support import clock

JAN, FEB, MAR, APR = (f"2016-0{month}-01 08:00:00" for month in (1, 2, 3, 4))


class Shop:
    """A source, its landing, and taking one from the other."""

    def __init__(self, database: SourceDatabase, root: str) -> None:
        self.source = database
        self.landing = Landing(root)
        self.now = clock()

    def take(self, spec: SqlObject = LINES, *, full: bool = False) -> Manifest:
        return take(
            self.landing,
            "erp",
            self.source.url,
            "lines",
            spec,
            now=self.now,
            full=full,
        )

    def held(self) -> dict[str | None, str | None]:
        """Id → Note of the newest version of each record."""
        manifests = self.landing.current_manifests("erp", "lines")
        frames = [self.landing.frame(manifest) for manifest in manifests]
        newest = pl.concat(frames).unique("Id", keep="last", maintain_order=True)
        return dict(newest.select("Id", "Note").sort("Id").rows())


@pytest.fixture
def shop(database, tmp_path) -> Shop:
    database.create_lines((1, JAN, "1.10", "a"), (2, FEB, "2.20", "b"), (3, FEB, "3.30", "c"))
    return Shop(database, (tmp_path / "landing").as_uri())


def test_the_first_extract_is_full(shop):
    manifest = shop.take()
    assert (manifest.mode, manifest.reason) == ("full", "first extract")
    assert (manifest.cursor_from, manifest.cursor_to) == (None, FEB)
    assert manifest.complete
    assert [ref.rows for ref in manifest.pages] == [2, 1]
    assert shop.held() == {"1": "a", "2": "b", "3": "c"}


def test_then_only_changes_and_ties_are_taken(shop):
    shop.take()
    shop.source.insert((4, FEB, "4", "late, same stamp"), (5, MAR, "5", "e"))
    shop.source.run(f"""UPDATE "Order_Lines" SET "Note"='A', "Changed"='{MAR}' WHERE "Id"=1""")
    manifest = shop.take()
    assert (manifest.mode, manifest.reason) == ("incremental", f"changes since {FEB}")
    assert (manifest.cursor_from, manifest.cursor_to, manifest.row_count) == (FEB, MAR, 5)
    assert shop.held() == {"1": "A", "2": "b", "3": "c", "4": "late, same stamp", "5": "e"}


def test_quiet_runs_leave_a_manifest_and_no_page(shop, tmp_path):
    shop.take()
    shop.take()
    pages = sorted(tmp_path.glob("landing/pages/*/*"))
    for _ in range(4):
        manifest = shop.take()
        assert (manifest.mode, manifest.complete) == ("incremental", True)
    assert sorted(tmp_path.glob("landing/pages/*/*")) == pages
    assert len(shop.landing.manifests("erp", "lines")) == 6
    assert len(shop.landing.current_manifests("erp", "lines")) == 2
    assert verify(shop.landing) == []


def test_a_deleted_record_is_noticed(shop):
    shop.take()
    shop.source.run('DELETE FROM "Order_Lines" WHERE "Id" = 1')
    manifest = shop.take()
    assert manifest.mode == "full"
    assert "2 records where 3 keys are known" in manifest.reason
    assert shop.held() == {"2": "b", "3": "c"}


def test_a_delete_and_an_insert_at_once_are_noticed(shop):
    shop.take()
    shop.source.run('DELETE FROM "Order_Lines" WHERE "Id" = 1')
    shop.source.insert((9, MAR, "1.10", "new"))
    assert shop.take().mode == "full"
    assert shop.held() == {"2": "b", "3": "c", "9": "new"}


def test_a_record_committed_late_with_an_old_stamp_is_noticed(shop):
    shop.take()
    shop.source.insert((9, JAN, "9", "late"))
    assert "old change stamp" in shop.take().reason
    assert shop.held()["9"] == "late"


def test_an_amount_changed_without_a_stamp_is_noticed(shop):
    shop.take()
    shop.source.run("""UPDATE "Order_Lines" SET "Amount" = '1.20', "Note" = '!' WHERE "Id" = 1""")
    manifest = shop.take()
    assert manifest.mode == "full"
    assert "total of Amount is 6.70 where 6.60 is known" in manifest.reason
    assert shop.held()["1"] == "!"
    assert shop.take().mode == "incremental"


def test_an_older_copy_of_the_database_is_noticed(shop):
    shop.take()
    shop.source.run(f"""UPDATE "Order_Lines" SET "Changed" = '{JAN}'""")
    manifest = shop.take()
    assert manifest.reason == "the newest records known are no longer in the source"
    assert manifest.cursor_to == JAN


def test_a_record_without_a_stamp_is_taken_every_time(shop):
    shop.take()
    shop.source.insert((9, None, "9", "no stamp"))
    assert shop.take().mode == "incremental"
    shop.source.run("""UPDATE "Order_Lines" SET "Note" = 'still none' WHERE "Id" = 9""")
    assert shop.take().mode == "incremental"
    assert shop.held()["9"] == "still none"


def test_without_any_stamp_the_next_extract_is_full(shop):
    shop.source.run('UPDATE "Order_Lines" SET "Changed" = NULL')
    shop.take()
    assert shop.take().reason == "no record had a change stamp"


def test_a_record_without_a_key_lands_and_keeps_extracts_full(shop):
    shop.take()
    shop.source.insert((None, MAR, "9", "no key"))
    manifest = shop.take()
    assert manifest.reason == "1 record(s) have no key to follow them by"
    assert shop.held()[None] == "no key"
    assert manifest.complete


def test_text_in_a_number_lands(database, tmp_path):
    database.create_lines((1, JAN, "n/a", "a"), (2, JAN, "2.5", "b"), amount_type="TEXT")
    shop = Shop(database, tmp_path.as_uri())
    manifest = shop.take()
    assert manifest.complete
    found = manifest.landed_sums["Amount"]
    assert (str(found.total), found.not_summed) == ("2.50", 1)
    assert shop.landing.frame(manifest)["Amount"].to_list() == ["n/a", "2.5"]
    assert shop.take().mode == "incremental"


def test_a_new_column_makes_the_extract_full(shop):
    shop.take()
    shop.source.run('ALTER TABLE "Order_Lines" ADD COLUMN "Vat" TEXT')
    manifest = shop.take()
    assert manifest.reason == "the source's columns changed (Vat)"
    assert manifest.columns[-1] == "Vat"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"cursor": None}, "the object has no change stamp"),
        ({"key": ("Id", "Note")}, "cursor or key was changed in the connector's system.yaml"),
    ],
)
def test_another_description_makes_the_extract_full(shop, change, reason):
    shop.take()
    assert shop.take(LINES.model_copy(update=change)).reason == reason


def test_full_on_request(shop, tmp_path):
    shop.take()
    pages = sorted(tmp_path.glob("landing/pages/*/*"))
    manifest = shop.take(full=True)
    assert (manifest.mode, manifest.reason) == ("full", "asked for")
    assert sorted(tmp_path.glob("landing/pages/*/*")) == pages


def test_an_incomplete_extract_is_not_built_upon(shop, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(
            "finsync_dagster.landing.landing.differences", lambda *_: ["something was lost"]
        )
        assert not shop.take().complete
    manifest = shop.take()
    assert manifest.reason == "the extract before was not complete"
    assert manifest.complete


def test_a_table_that_was_emptied(shop):
    shop.take()
    shop.source.run('DELETE FROM "Order_Lines"')
    manifest = shop.take()
    assert (manifest.mode, manifest.row_count, manifest.complete) == ("full", 0, True)
    assert shop.held() == {}


def test_a_source_that_fails_leaves_no_manifest(shop):
    shop.take()
    with pytest.raises(SourceError, match="no column Missing"):
        shop.take(LINES.model_copy(update={"cursor": "Missing"}))
    assert len(shop.landing.manifests("erp", "lines")) == 1


def test_files(tmp_path):
    (tmp_path / "rates.csv").write_text("Date,USD,\n2,1.1,\n1,1.2,\n")
    landing = Landing((tmp_path / "landing").as_uri())
    spec = FileObject(glob="rates.csv", key=("Date",))
    now = clock()
    for _ in range(2):
        manifest = take(landing, "ecb", tmp_path.as_uri(), "rates", spec, now=now)
    assert (manifest.mode, manifest.complete, manifest.row_count) == ("full", True, 2)
    assert "rates.csv (sha256 " in manifest.request
    assert len(landing.current_manifests("ecb", "rates")) == 1


OVERLAPPING = LINES.model_copy(update={"overlap": "31d"})
QUERY = LINES.model_copy(update={"table": None, "query": 'SELECT * FROM "Order_Lines"'})


def test_a_query_is_taken_like_a_table(shop):
    assert shop.take(QUERY).mode == "full"
    shop.source.insert((4, MAR, "4", "d"))
    assert shop.take(QUERY).mode == "incremental"
    shop.source.run('DELETE FROM "Order_Lines" WHERE "Id" = 1')
    assert shop.take(QUERY).mode == "full"
    assert shop.held() == {"2": "b", "3": "c", "4": "d"}


def test_within_the_overlap_a_late_record_is_an_increment(shop):
    shop.take(OVERLAPPING)
    shop.source.insert((9, "2016-01-02 08:00:00", "9", "late"))
    manifest = shop.take(OVERLAPPING)
    assert (manifest.mode, manifest.reason) == ("incremental", f"changes since {JAN}")
    assert manifest.cursor_from == JAN
    assert shop.held()["9"] == "late"


def test_a_change_without_a_stamp_that_no_total_shows_is_found_by_the_next_snapshot(shop):
    spec = LINES.model_copy(update={"snapshot_every": 2})
    shop.take(spec)
    shop.source.run("""UPDATE "Order_Lines" SET "Note" = 'quietly' WHERE "Id" = 1""")
    taken = [shop.take(spec) for _ in range(4)]
    modes = " ".join(manifest.mode for manifest in taken)
    assert modes == "incremental incremental full incremental"
    assert taken[2].reason == "due after 2 increments"
    assert shop.held()["1"] == "quietly"


def test_a_stamp_far_ahead_hides_no_later_change(shop):
    shop.source.insert((8, "9999-12-31 00:00:00", "8", "for ever"))
    assert shop.take().cursor_to == FEB
    shop.source.run(f"""UPDATE "Order_Lines" SET "Note"='new', "Changed"='{MAR}' WHERE "Id"=1""")
    assert shop.take().mode == "incremental"
    assert shop.held()["1"] == "new"


def test_a_record_flagged_as_deleted_comes_with_its_stamp(shop):
    shop.source.run('ALTER TABLE "Order_Lines" ADD COLUMN "Deleted" TEXT')
    shop.take()
    shop.source.run(f"""UPDATE "Order_Lines" SET "Deleted"='x', "Changed"='{MAR}' WHERE "Id"=1""")
    manifest = shop.take()
    assert manifest.mode == "incremental"
    flagged = shop.landing.frame(manifest).filter(pl.col("Deleted") == "x")
    assert flagged["Id"].to_list() == ["1"]


def test_a_total_of_a_field_that_went_away_is_no_error(shop):
    spec = LINES.model_copy(update={"control_totals": {"Amount": 2}})
    shop.take(spec)
    shop.source.run('ALTER TABLE "Order_Lines" DROP COLUMN "Amount"')
    manifest = shop.take(spec)
    assert (manifest.mode, manifest.complete) == ("full", True)
    assert manifest.reason == "the source's columns changed (Amount)"
    assert "Amount" not in manifest.columns
    assert shop.take(spec).mode == "incremental"


class TestDeletionFeed:
    """Another table tells which records were deleted."""

    SPEC = LINES.model_copy(
        update={"deleted_by": DeletionFeed(object="deletions", key=("LineId",))}
    )
    FEED = SqlObject(table="Deletions", key=("No",), cursor="No")

    @pytest.fixture
    def shop(self, shop: Shop) -> Shop:
        shop.source.run('CREATE TABLE "Deletions" ("No" BIGINT, "LineId" BIGINT)')
        self.feed(shop)
        shop.take(self.SPEC)
        return shop

    def feed(self, shop: Shop) -> None:
        take(shop.landing, "erp", shop.source.url, "deletions", self.FEED, now=shop.now)

    def test_what_the_feed_explains_needs_no_snapshot(self, shop):
        shop.source.run(
            'DELETE FROM "Order_Lines" WHERE "Id" = 1', 'INSERT INTO "Deletions" VALUES (1, 1)'
        )
        self.feed(shop)
        for _ in range(2):
            assert shop.take(self.SPEC).mode == "incremental"

    def test_a_delete_that_the_feed_does_not_tell_is_found_by_a_snapshot(self, shop):
        shop.source.run('DELETE FROM "Order_Lines" WHERE "Id" = 1')
        manifest = shop.take(self.SPEC)
        assert manifest.mode == "full"
        assert "2 records where 3 keys are known" in manifest.reason

    def test_a_feed_that_tells_of_another_record_explains_nothing(self, shop):
        shop.source.run(
            'DELETE FROM "Order_Lines" WHERE "Id" = 1', 'INSERT INTO "Deletions" VALUES (1, 2)'
        )
        self.feed(shop)
        # One record less, and yet not the one that the feed names: the totals tell.
        assert shop.take(self.SPEC).mode == "full"

    def test_a_record_that_was_deleted_and_made_anew_is_there(self, shop):
        shop.source.run('INSERT INTO "Deletions" VALUES (1, 1)', 'DELETE FROM "Order_Lines"')
        shop.source.insert((1, MAR, "1.10", "again"), (2, FEB, "2.20", "b"), (3, FEB, "3.30", "c"))
        self.feed(shop)
        assert shop.take(self.SPEC).mode == "incremental"
        assert shop.held()["1"] == "again"


class TestIndex:
    """The index of keys is a cache: whatever becomes of it, extracts are the same."""

    def changed(self, shop: Shop) -> Manifest:
        shop.source.run(f"""UPDATE "Order_Lines" SET "Amount"=7, "Changed"='{MAR}' WHERE "Id"=1""")
        return shop.take()

    def test_only_the_newest_state_is_kept(self, shop, tmp_path):
        for _ in range(5):
            shop.take()
        self.changed(shop)
        files = [path.name for path in (tmp_path / "landing/index/erp/lines").iterdir()]
        assert len([name for name in files if name.endswith(".json")]) == 1
        assert len([name for name in files if name.endswith(".parquet")]) == 2

    @pytest.mark.parametrize("damage", ["delete", "empty", "parts"])
    def test_without_it_the_pages_are_read(self, shop, tmp_path, damage):
        shop.take()
        shop.source.insert((4, MAR, "4", "d"))
        shop.take()
        for path in (tmp_path / "landing/index/erp/lines").iterdir():
            if damage == "empty":
                path.write_bytes(b"")
            elif damage == "delete" or path.suffix == ".parquet":
                path.unlink()
        assert self.changed(shop).mode == "incremental"
        shop.source.run('DELETE FROM "Order_Lines" WHERE "Id" = 1')
        assert "3 records where 4 keys are known" in shop.take().reason

    def test_it_is_not_read_where_it_is_enough(self, shop, monkeypatch):
        shop.take()
        monkeypatch.setattr(shop.landing, "page", lambda sha256: pytest.fail("a page was read"))
        assert self.changed(shop).mode == "incremental"

    def test_many_increments_are_put_together(self, shop, tmp_path):
        shop.take()
        for i in range(30):
            shop.source.run(
                f'UPDATE "Order_Lines" SET "Amount" = {i}, "Changed" = '
                f"'2016-03-01 08:00:{i:02d}' WHERE \"Id\" = {i % 3 + 1}"
            )
            assert shop.take().mode == "incremental"
        assert len(list((tmp_path / "landing/index/erp/lines").glob("*.parquet"))) < 25
        shop.source.run('UPDATE "Order_Lines" SET "Amount" = 5 WHERE "Id" = 1')
        assert "total of Amount" in shop.take().reason


def test_an_extract_that_another_overtook_does_not_take_place(shop):
    """The older records of the slower one must not come after the newer ones of the faster."""
    shop.take()

    def overtaken() -> datetime:
        if not faster:
            faster.append(shop.landing.last("erp", "lines"))
            shop.take()
        return shop.now()

    faster: list[Manifest | None] = []
    with pytest.raises(LandingError, match="another extract of the object came first"):
        take(shop.landing, "erp", shop.source.url, "lines", LINES, now=overtaken)
    assert [manifest.sequence for manifest in shop.landing.manifests("erp", "lines")] == [1, 2]
    assert verify(shop.landing) == []
