"""The lake on a real folder: versions, replacement per entity, and clear errors."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pandera.polars as pa
import polars as pl
import pytest

from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.schema import Amount, Table, TableSpec
from finsync_dagster.storage.lake import Lake, LakeError

START = datetime(2026, 1, 1, tzinfo=UTC)
RATES = TABLES["fx_rates"]


class Result(Table):
    entity_id: str = pa.Field(description="Entity.")
    amount: Amount = pa.Field(description="Amount.")


RESULT = TableSpec("matching", "result", "result", ("entity_id",), Result)


def rate(record: str, value: str, moment: datetime) -> pl.DataFrame:
    row = dict.fromkeys(RATES.polars_schema, "x") | {
        "record_id": record,
        "source_system": "ecb",
        "row_hash": value,
        "source_updated_at": None,
        "source_deleted": False,
        "extracted_at": moment,
        "landing_row": 0,
        "valid_from": moment,
        "from_ccy": "EUR",
        "to_ccy": "USD",
        "rate_date": moment.date(),
        "rate": Decimal(value),
    }
    return pl.DataFrame([row], schema=RATES.polars_schema)


def results(**amounts: str) -> pl.DataFrame:
    rows = [{"entity_id": e, "amount": Decimal(a)} for e, a in amounts.items()]
    return pl.DataFrame(rows, schema=RESULT.polars_schema)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(f"file://{tmp_path}/lake")


def test_a_table_never_written_is_empty(lake: Lake) -> None:
    assert lake.read(RATES).collect().equals(RATES.empty())
    assert not lake.exists(RATES)


def test_versions_accumulate_and_the_newest_is_current(lake: Lake) -> None:
    later = START + timedelta(days=1)
    lake.append(RATES, rate("a", "1.1", START))
    lake.append(RATES, rate("a", "1.2", later))
    assert lake.read(RATES).collect().height == 2
    assert lake.current(RATES).collect()["rate"].to_list() == [Decimal("1.2")]
    assert lake.known_at(RATES, START).collect()["rate"].to_list() == [Decimal("1.1")]


def test_rows_and_the_number_of_their_commit_are_stored_together(lake: Lake) -> None:
    assert lake.commit_of(RATES, "one") is None
    frames = [rate("a", "1.1", START), rate("b", "1.2", START)]
    assert lake.append_batches(RATES, iter(frames), ("one", 1)) == 2
    assert lake.append_batches(RATES, iter(frames[:1]), ("other", 7)) == 1
    assert (lake.commit_of(RATES, "one"), lake.commit_of(RATES, "other")) == (1, 7)
    assert lake.read(RATES).collect().height == 3


def test_a_write_that_breaks_off_leaves_nothing(lake: Lake) -> None:
    lake.append_batches(RATES, iter([rate("a", "1.1", START)]), ("one", 1))

    def broken() -> Iterator[pl.DataFrame]:
        yield rate("b", "1.2", START)
        raise ValueError("the source of the rows gave up")

    with pytest.raises(LakeError, match="fx_rates"):
        lake.append_batches(RATES, broken(), ("one", 2))
    assert lake.commit_of(RATES, "one") == 1
    assert lake.read(RATES).collect()["record_id"].to_list() == ["a"]


def test_some_columns_are_read_some_rows_at_a_time(lake: Lake) -> None:
    for record in "abc":
        lake.append(RATES, rate(record, "1.1", START))
    found = pl.concat(lake.batches(RATES, ["record_id"], source_system="ecb"))
    assert sorted(found["record_id"]) == ["a", "b", "c"]
    assert not any(f.height for f in lake.batches(RATES, ["record_id"], source_system="other"))


def test_replacing_one_entity_leaves_the_others(lake: Lake) -> None:
    lake.replace(RESULT, results(a="1"), entity_id="a")
    lake.replace(RESULT, results(b="2"), entity_id="b")
    lake.replace(RESULT, results(a="3.0001"), entity_id="a")
    rows = dict(lake.read(RESULT).collect().sort("entity_id").iter_rows())
    assert rows == {"a": Decimal("3.0001"), "b": Decimal(2)}
    lake.replace(RESULT, results(), entity_id="a")
    assert lake.read(RESULT).collect()["entity_id"].to_list() == ["b"]


def test_replacing_twice_is_the_same_as_once(lake: Lake) -> None:
    for _ in range(2):
        lake.replace(RESULT, results(a="1"), entity_id="a")
    assert lake.read(RESULT).collect().height == 1


def test_rows_of_another_entity_are_refused(lake: Lake) -> None:
    with pytest.raises(LakeError, match="outside"):
        lake.replace(RESULT, results(b="1"), entity_id="a")


def test_an_entity_name_cannot_leave_the_predicate(lake: Lake) -> None:
    hostile = "a' OR '1'='1"
    lake.replace(RESULT, results(b="1"), entity_id="b")
    lake.replace(RESULT, results(**{hostile: "2"}), entity_id=hostile)
    lake.replace(RESULT, results(), entity_id=hostile)
    assert lake.read(RESULT).collect()["entity_id"].to_list() == ["b"]


class WiderResult(Result):
    note: str = pa.Field(nullable=True, description="Declared later.")


WIDER = TableSpec("matching", "result", "result", ("entity_id",), WiderResult)


def test_a_column_declared_later_is_null_in_older_rows(lake: Lake) -> None:
    lake.replace(RESULT, results(acme="1", beta="2"))
    assert lake.read(WIDER).sort("entity_id").collect()["note"].to_list() == [None, None]
    newer = results(acme="3").with_columns(note=pl.lit("new"))
    lake.replace(WIDER, newer, entity_id="acme")
    assert lake.read(WIDER).sort("entity_id").collect()["note"].to_list() == ["new", None]
    lake.append(WIDER, results(gamma="4").with_columns(note=pl.lit("also")))
    assert lake.read(RESULT).collect().height == 3


def test_an_unwritable_place_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(LakeError, match=r"matching\.result.*FINSYNC_LAKE_URL"):
        Lake(f"file://{blocked}/lake").replace(RESULT, results(a="1"), entity_id="a")
