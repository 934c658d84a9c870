"""docs/mappings.md is kept true: its example works, its words and reasons are those there are."""

import re
from datetime import date
from pathlib import Path

import polars as pl
import yaml

from finsync_dagster.canonical.landed import ObjectRules
from finsync_dagster.canonical.mapping import Mapping, SystemMappings
from finsync_dagster.canonical.quarantine import WORDING
from tests.canonical.support import AT
from tests.canonical.world import World

TEXT = (Path(__file__).parents[2] / "docs" / "mappings.md").read_text()
ORDER = {"NUMBER": "1", "KIND": "P", "DELETED": "", "CHANGED": "2026-01-02", "VENDOR": "7.0"} | {
    "CURRENCY": "EUR",
    "ORDERED": "2026-01-01",
    "STATUS": "O",
    "NET": "12.34",
}
LINE = {"LINE_ID": "1", "ORDER_NUMBER": "1", "POSITION": "10", "TEXT": "Bolts"} | {
    "QTY": "3",
    "UNIT": "ST",
    "PRICE": "4.115",
}


def frame(name: str, *records: dict[str, str]) -> pl.DataFrame:
    return pl.DataFrame(list(records)).with_columns(
        pl.lit(name).alias("landing_page"),
        pl.int_range(pl.len(), dtype=pl.Int64).alias("landing_row"),
        pl.lit("x1").alias("extract_id"),
        pl.lit(AT).cast(pl.Datetime("us", "UTC")).alias("extracted_at"),
    )


def test_the_example_conforms() -> None:
    block, *_ = re.findall(r"```yaml\n(.*?)```", TEXT, re.S)
    mappings = SystemMappings.model_validate(yaml.safe_load(block))
    world = World(mappings, {o: ObjectRules((k,)) for o, k in KEYS.items()})
    quote, gone = ORDER | {"NUMBER": "2", "KIND": "Q"}, ORDER | {"NUMBER": "3", "DELETED": "X"}
    lines = frame("lines", LINE, LINE | {"LINE_ID": "2", "ORDER_NUMBER": "3"})
    done = world.run(orders=frame("orders", ORDER, quote, gone), order_lines=lines)
    assert world.current("purchase_orders")["supplier_src_id"].to_list() == ["erp|vendors|7"]
    assert world.current("purchase_order_lines").select("net_amount", "due_date").rows() == [
        (pl.Series(["12.35"]).str.to_decimal(scale=4)[0], AT.date())
    ]
    assert done.quarantine().select("source_pk", "reason_code").rows() == [("2", "UNMAPPED_RECORD")]


KEYS = {"orders": "NUMBER", "order_lines": "LINE_ID"}


def test_a_moment_in_utc_is_the_day_that_people_have() -> None:
    block, *_ = re.findall(r"```yaml\n(.*?)```", TEXT, re.S)
    (expression,) = re.findall(r"`(CAST\(timezone\(.*?)`", TEXT)
    assert block.count("order_date: day(ORDERED)") == 1
    block = block.replace("order_date: day(ORDERED)", f"order_date: {expression}")
    mappings = SystemMappings.model_validate(yaml.safe_load(block))
    world = World(mappings, {o: ObjectRules((k,)) for o, k in KEYS.items()})
    late = frame("orders", ORDER | {"ORDERED": "2026-01-21 23:00:00"})
    world.run(orders=late, order_lines=frame("lines", LINE))
    assert world.current("purchase_orders")["order_date"].to_list() == [date(2026, 1, 22)]


def test_every_reason_is_told() -> None:
    told = re.findall(r"^\| `([A-Z_]+)` \|", TEXT, re.M)
    assert sorted(told) == sorted(WORDING)


def test_every_word_is_told() -> None:
    told = set(re.findall(r"`([a-z_]+)`", TEXT))
    assert set(Mapping.model_fields) | {"code_maps"} <= told
