from collections.abc import Iterator

import pytest

from finsync_dagster.sandbox.vendors.netsuite.store import Store
from finsync_dagster.sandbox.world.reading import World
from tests.sandbox.vendors.netsuite.small_world import small_world


@pytest.fixture(scope="session")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store(small_world(tmp_path_factory.mktemp("world")))
    yield store
    store.close()


@pytest.fixture
def store(opened: Store) -> Iterator[Store]:
    """The small world's account, as of its end again for each test."""
    opened.world.until = None
    yield opened
    opened.world.until = None


@pytest.fixture
def world(store: Store) -> World:
    return store.world
