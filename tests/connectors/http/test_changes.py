"""Looking for changes often: seen where the source tells them, for a few requests."""

from __future__ import annotations

from urllib.parse import unquote

from finsync_dagster.connectors.http.changes import change_stamp
from finsync_dagster.connectors.http.model import HttpObject
from finsync_dagster.connectors.load import load_system
from tests.connectors.http.api import Api, items, serving
from tests.connectors.http.systems import COUNTED, ITEMS, asked

FEB, MAR = "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"
UNFILTERED = ITEMS.replace("        since: ${since}\n", "")
# As where only an expression speaks of the stamp, and says the same either way.
INDIFFERENT = UNFILTERED.replace(
    "limit: ${limit}", 'limit: {when: since, use: "${limit}", otherwise: "${limit}"}'
)


def listings(api: Api) -> list[str]:
    return [unquote(path) for path in api.asked if "/count" not in path]


def test_the_sensor_sees_changes_and_asks_only_for_them() -> None:
    with serving(Api(items(3, FEB))) as api:
        one = asked(COUNTED, api.url)
        before = change_stamp(one, MAR)
        assert change_stamp(one, MAR) == before
        api.records.append({"id": 4, "amount": 1, "changed": "2026-03-01T00:00:01Z"})
        after = change_stamp(one, MAR)
        api.records.pop(0)
        assert len({before, after, change_stamp(one, MAR)}) == 3
    assert all("since=" in path for path in listings(api))


def test_only_what_is_as_new_as_the_newest_is_asked_for() -> None:
    """The overlap would bring a day of records every few minutes."""
    text = COUNTED.replace("cursor: changed", "cursor: changed\n    overlap: 92d")
    with serving(Api([*items(50, FEB), {"id": 60, "amount": 1, "changed": MAR}])) as api:
        assert change_stamp(asked(text, api.url), MAR) == f"51|{MAR}"
    assert len(listings(api)) == 2, "a page with one record, and the empty one"
    assert len(api.asked) == 4


def test_years_are_counted_and_not_read() -> None:
    records = [{"id": n, "amount": 1, "changed": "2026"} for n in range(1, 500)]
    text = COUNTED.replace("cursor: changed", "cursor: changed\n    overlap: 1")
    with serving(Api(records)) as api:
        before = change_stamp(asked(text, api.url), "2026")
        api.records.append({"id": 999, "amount": 1, "changed": "2026"})
        after = change_stamp(asked(text, api.url), "2026")
    assert (before, after) == ("499|499", "500|500")
    assert listings(api) == []


def test_what_can_only_be_read_whole_is_not_read() -> None:
    with serving(Api(items(50))) as api:
        assert change_stamp(asked(INDIFFERENT, api.url), MAR) == ""
    assert api.asked == []


def test_what_was_never_extracted_or_has_no_stamp_is_not_read() -> None:
    whole = UNFILTERED.replace("    cursor: changed\n", "")
    with serving(Api(items(50))) as api:
        assert change_stamp(asked(ITEMS, api.url), None) == ""
        assert change_stamp(asked(whole, api.url), MAR) == ""
    assert api.asked == []


def test_the_shipped_connectors_count_whatever_has_a_year_for_a_stamp() -> None:
    for name in ("sap_s4", "sap_s4_v4", "coupa", "netsuite", "concur"):
        for spec in load_system(name).objects.values():
            assert isinstance(spec, HttpObject)
            if "Year" in str(spec.cursor):
                assert spec.count is not None, (name, spec)
