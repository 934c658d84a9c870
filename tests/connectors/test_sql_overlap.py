"""Moving a change stamp back, in every spelling that a source may hold."""

from datetime import UTC, datetime

import pytest

from finsync_dagster.connectors import sql
from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.sql_overlap import aware, lowered
from tests.connectors.databases import LINES


@pytest.mark.parametrize(
    ("stamp", "overlap", "begin"),
    [
        ("2016-03-01 08:00:00", "2h", "2016-03-01 06:00:00"),
        ("2016-03-01T08:00:00.1234567", "30m", "2016-03-01 07:30:00.123456"),
        ("2016-03-01 00:10", "90s", "2016-03-01 00:08:30"),
        ("2016-03-01 08:00:00.5+00", "1d", "2016-02-29 08:00:00.500000+00"),
        ("2016-03-01 08:00:00Z", "1d", "2016-02-29 08:00:00Z"),
        ("2016-03-01", "3d", "2016-02-27"),
        ("2016-03-01", "2h", "2016-02-29"),
        ("20160301", "1d", "20160229"),
        ("20160301080000", "1h", "20160301070000"),
        ("0001-01-01", "1d", "0001-01-01"),
        ("1000", 10, "990"),
        ("10.25", 10, "0.25"),
        ("5", 10, "-5"),
        ("\\x00000000000007d0", 16, "\\x00000000000007c0"),
        ("\\x01", 16, "\\x00"),
        ("anything", 0, "anything"),
    ],
)
def test_a_stamp_is_moved_back(stamp, overlap, begin):
    assert lowered(stamp, overlap) == begin


@pytest.mark.parametrize(("stamp", "overlap"), [("1000", "2h"), ("2016-03-01", 5), ("new", "1d")])
def test_an_overlap_of_another_kind_is_refused(stamp, overlap):
    with pytest.raises(ValueError, match=r"is no (date|number)"):
        lowered(stamp, overlap)


def test_offsets_are_moments():
    moment = datetime(2016, 3, 1, 6, 30, tzinfo=UTC)
    for text in ("2016-03-01 08:30+02", "2016-03-01 06:30", "2016-03-01T03:00:00-03:30"):
        assert aware(text) == moment


def test_an_increment_begins_earlier_by_the_overlap(database):
    database.create_lines((1, "2016-01-01 08:00:00", "1", ""), (2, "2016-01-01 09:00:00", "1", ""))
    spec = LINES.model_copy(update={"overlap": "1h"})
    with sql.extract("erp", database.url, "lines", spec, since="2016-01-01 09:00:00") as extraction:
        assert [row[0] for page in extraction.pages for row in page] == ["1", "2"]
        assert extraction.since == "2016-01-01 08:00:00"


def test_an_overlap_that_does_not_fit_the_cursor_says_what_to_write(database):
    database.create_lines((1, "2016-01-01 08:00:00", "1", ""))
    spec = LINES.model_copy(update={"overlap": 5})
    with (
        pytest.raises(SourceError, match=r"overlap 5 does not fit the cursor Changed.*Write a dur"),
        sql.extract("erp", database.url, "lines", spec, since="2016-01-01 08:00:00"),
    ):
        pass
