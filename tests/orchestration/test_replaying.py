"""Which records a replay means, what became of them, and which assets it makes anew."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import dagster as dg
import polars as pl
import pytest

from finsync_dagster.canonical.landed import NO_KEY
from finsync_dagster.canonical.tables.operations import QUARANTINE
from finsync_dagster.definitions import definitions
from finsync_dagster.orchestration.jobs import REPLAY
from finsync_dagster.orchestration.launch import Order, Part, parts
from finsync_dagster.orchestration.replaying import (
    FULL,
    REPLAY_TAG,
    Selection,
    records,
    released,
    select,
    still_waiting,
)
from finsync_dagster.orchestration.workshop import Workshop

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
APRIL = datetime(2026, 4, 1, tzinfo=UTC)
HEADER = {"source_system": "sap", "source_object": "orders", "source_pk": "1"}
LINE = {"source_system": "sap", "source_object": "lines", "source_pk": "1|1"}
OTHER = {"source_system": "wms", "source_object": "orders", "source_pk": "1"}


def quarantine(*rows: dict[str, object]) -> pl.DataFrame:
    """Defects, in each of which what is given differs from a plain one."""
    plain = dict.fromkeys(QUARANTINE.polars_schema, "x") | {
        "landing_row": 0,
        "extracted_at": MARCH,
        "reason_code": "MAPPING_MISSING",
    }
    return pl.DataFrame([plain | row for row in rows], schema=QUARANTINE.polars_schema)


def keys(defects: pl.DataFrame) -> list[tuple[str, str]]:
    return sorted(records(defects).select("source_system", "record").rows())


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(), [("sap", "1"), ("sap", "1|1"), ("wms", "1")]),
        (Selection(everything=True), [("sap", "1"), ("sap", "1|1"), ("wms", "1")]),
        (Selection(systems=("wms",)), [("wms", "1")]),
        (Selection(systems=("wms", "sap"), object="orders"), [("sap", "1"), ("wms", "1")]),
        (Selection(reason="PARENT_MISSING"), [("sap", "1|1")]),
        (Selection(since=APRIL), [("wms", "1")]),
        (Selection(until=APRIL), [("sap", "1"), ("sap", "1|1")]),
        (Selection(since=MARCH, until=APRIL, object="lines"), [("sap", "1|1")]),
    ],
)
def test_what_is_selected(selection: Selection, expected: list[tuple[str, str]]) -> None:
    table = quarantine(
        HEADER, LINE | {"reason_code": "PARENT_MISSING"}, OTHER | {"extracted_at": APRIL}
    )
    assert keys(select(table, selection)) == expected


def test_all_defects_of_a_record_come_along() -> None:
    """It leaves quarantine only when all are repaired, so all are told."""
    table = quarantine(HEADER, HEADER | {"column_name": "b", "reason_code": "PRECISION_LOST"}, LINE)
    found = select(table, Selection(reason="PRECISION_LOST"))
    assert found["reason_code"].to_list() == ["MAPPING_MISSING", "PRECISION_LOST"]
    assert records(found).height == 1


def test_records_without_a_key_are_told_apart_by_their_place() -> None:
    keyless = {"source_system": "sap", "source_object": "orders", "source_pk": NO_KEY}
    table = quarantine(
        keyless | {"landing_page": "p", "landing_row": 3},
        keyless | {"landing_page": "p", "landing_row": 4},
    )
    before = select(table, Selection())
    assert keys(before) == [("sap", "p#3"), ("sap", "p#4")]
    assert keys(released(before, table.head(1))) == [("sap", "p#4")]


def test_what_became_of_them() -> None:
    before = select(quarantine(HEADER, LINE, OTHER), Selection(systems=("sap",)))
    # The line still waits, now for another reason and as a later page brought it.
    now = quarantine(
        LINE | {"reason_code": "PRECISION_LOST", "landing_page": "later"},
        OTHER,
        HEADER | {"source_pk": "2"},
    )
    assert keys(released(before, now)) == [("sap", "1")]
    assert still_waiting(before, now).select("record", "reason_code").rows() == [
        ("1|1", "PRECISION_LOST")
    ]


def test_a_selection_is_recorded_as_it_was_given() -> None:
    given = Selection(systems=("sap",), until=APRIL)
    assert json.loads(given.to_json()) == {"systems": ["sap"], "until": "2026-04-01 00:00:00+00:00"}
    assert given.restricts
    assert not Selection(everything=True).restricts


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FINSYNC_HOME", str(tmp_path_factory.mktemp("home")))
        patch.delenv("FINSYNC_LANDSCAPE", raising=False)
        made = Workshop()
        assert made.landscape.systems
        return made


@pytest.fixture(scope="module")
def defs(shop: Workshop) -> dg.Definitions:
    return definitions(shop)


def assets(part: Part) -> set[str]:
    return {key.to_user_string() for key in part.job.asset_layer.executable_asset_keys}


def test_a_replay_conforms_and_computes_but_extracts_nothing(
    shop: Workshop, defs: dg.Definitions
) -> None:
    replay = parts(shop, defs, Order(replay=True))
    run = parts(shop, defs, Order())
    assert [part.title for part in replay] == [part.title for part in run]
    for ours, theirs in zip(replay, run, strict=True):
        assert assets(ours) == {key for key in assets(theirs) if not key.startswith("landing/")}


@pytest.mark.parametrize(
    ("system", "titles"),
    [
        ("wwi_erp", ["intraday wwi", "publish"]),
        # What serves the whole group concerns all its entities.
        (
            "ecb",
            [
                "reference_data",
                *(
                    f"intraday {name}"
                    for name in (
                        "adventureworks",
                        "lumen_de",
                        "lumen_fr",
                        "lumen_ie",
                        "lumen_uk",
                        "lumen_us",
                        "tryton_sub",
                        "wwi",
                    )
                ),
                "publish",
            ],
        ),
    ],
)
def test_only_the_entities_concerned(
    shop: Workshop, defs: dg.Definitions, system: str, titles: list[str]
) -> None:
    found = parts(shop, defs, Order(systems=(system,), replay=True))
    assert [part.title for part in found] == titles
    conformed = {key.split("/")[1] for p in found for key in assets(p) if "canonical/" in key}
    assert conformed >= {system}
    assert not conformed & ({"wwi_erp", "adventureworks_erp", "ecb"} - {system})


def test_the_job_for_the_user_interface_carries_the_tag(defs: dg.Definitions) -> None:
    job = defs.resolve_job_def(REPLAY)
    assert job.tags[REPLAY_TAG] == FULL
    keys_of_job = {k.to_user_string() for k in job.asset_layer.executable_asset_keys}
    assert not [key for key in keys_of_job if key.startswith(("landing/", "publishing/"))]
    assert {"canonical/ecb/fx_rates", "exceptions/exceptions"} <= keys_of_job
