import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsync_dagster.sandbox.vendors.netsuite import results as module
from finsync_dagster.sandbox.vendors.netsuite.results import Results
from finsync_dagster.sandbox.vendors.netsuite.store import Store

KEYS = "SELECT uniquekey FROM transactionline ORDER BY uniquekey"


@pytest.fixture(scope="session")
def keys(opened: Store) -> list[str]:
    with opened.connect(None) as connection:
        rows = connection.execute(KEYS).fetchall()
    return [str(key) for (key,) in rows]


def told(results: Results, limit: int, offset: int, again: int = 0) -> tuple[list[str], int]:
    page = results.page(KEYS, limit, offset, again)
    return [item["uniquekey"] for item in page.items], page.total


def test_a_page_is_a_part_of_the_whole_and_knows_how_many_there_are(
    store: Store, keys: list[str]
) -> None:
    results = Results(store)
    assert told(results, 3, 0) == (keys[:3], len(keys))
    assert told(results, 3, 3) == (keys[3:6], len(keys))
    assert told(results, 1000, len(keys) - 1) == (keys[-1:], len(keys))
    assert told(results, 5, len(keys)) == ([], len(keys))
    assert told(results, 5, 99999) == ([], len(keys))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 7), st.integers(0, 3)), min_size=1, max_size=8),
    st.integers(0, 1),
)
def test_a_client_meets_every_row_however_pages_shrink_and_rows_come_again(
    opened: Store, keys: list[str], pages: list[tuple[int, int]], begun: int
) -> None:
    """It goes on by what came, until there is no more."""
    results, met, offset, turn = Results(opened), [], 0, 0
    if begun:
        told(results, 2, 2, 2)  # another client has seen repeated rows before
    while True:
        limit, again = pages[turn % len(pages)]
        came, total = told(results, limit, offset, again if offset and turn < 20 else 0)
        met += came
        offset += len(came)
        turn += 1
        if offset >= total:
            break
    assert sorted(set(met), key=int) == keys
    if not begun and not any(again for _, again in pages):
        assert met == keys


def test_a_query_gives_no_more_than_the_most(
    store: Store, keys: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 5)
    results = Results(store)
    assert told(results, 3, 0) == (keys[:3], 5)
    assert told(results, 3, 3) == (keys[3:5], 5)
    after = f"SELECT uniquekey FROM transactionline WHERE uniquekey > {keys[4]} ORDER BY uniquekey"
    assert results.page(after, 2, 0).items == [{"uniquekey": key} for key in keys[5:7]]


def test_results_are_kept_for_few_queries(store: Store) -> None:
    results = Results(store)
    for number in range(9):
        results.page(f"SELECT id + {number} n FROM vendor", 1, 1)
    assert len(results._kept) == 4


def test_rows_that_come_again_do_so_also_when_the_result_was_forgotten(
    store: Store, keys: list[str]
) -> None:
    results = Results(store)
    first, _ = told(results, 4, 0)
    second, _ = told(results, 4, 4, 2)
    for number in range(9):
        results.page(f"SELECT id + {number} n FROM vendor", 1, 1)
    third, _ = told(results, 4, 8)
    assert (first, second, third) == (keys[:4], keys[2:6], keys[6:10])
