"""Options and fixtures of the whole suite."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import is_hypothesis_test, settings

# How long an example takes is a matter of the machine and of who else uses it. The suite says the
# same of the same code twice; `make long` looks for new examples.
settings.register_profile("finsync", deadline=None, derandomize=True)
settings.register_profile("searching", deadline=None)
settings.load_profile("finsync")

_LEFT_OUT_OF_FAST = ("postgres", "killed", "permutation", "order_of_rows")
# Hundreds of tests that each run a whole stage. Beside them, worked cases, policies and figures of
# matching, and the other tests of each stage, are in the fast subset.
_EACH_A_WHOLE_STAGE = (
    "tests/benchmarks/",
    "tests/canonical/test_applications_conform.py",
    "tests/canonical/test_conform.py",
    "tests/canonical/test_deletions.py",
    "tests/canonical/test_nested.py",
    "tests/canonical/test_records.py",
    "tests/commands/test_explain.py",
    "tests/commands/test_match.py",
    "tests/landing/test_take.py",
    "tests/lineage/test_explaining.py",
    "tests/matching/allocation/",
    "tests/matching/checks/",
    "tests/matching/linking/",
    "tests/matching/ordering/",
    "tests/reconciliation/duplicates/",
    "tests/reconciliation/test_order_totals.py",
    "tests/reconciliation/test_payment",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--renew", action="store_true", help="write reviewed snapshots anew instead of comparing"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # The fast subset starts no PostgreSQL server (the same tests run on SQLite and DuckDB in it),
    # kills no process, shuffles nothing and makes up no examples.
    for item in items:
        left_out = (
            any(word in item.nodeid for word in _LEFT_OUT_OF_FAST),
            item.nodeid.startswith(_EACH_A_WHOLE_STAGE),
            is_hypothesis_test(getattr(item, "obj", None)),
        )
        if any(left_out):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where worlds are generated, each once for all test processes; they are only read."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "worlds"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(autouse=True)
def _memory_is_left_as_it_was() -> Iterator[None]:
    """What a test landed in memory goes with it: every look-up there goes through all files."""
    memory = sys.modules.get("fsspec.implementations.memory")
    if memory is None:
        yield
        return
    files, folders = memory.MemoryFileSystem.store, memory.MemoryFileSystem.pseudo_dirs
    before, known = set(files), len(folders)
    yield
    for path in set(files) - before:
        del files[path]
    del folders[known:]


@pytest.fixture
def reviewed(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compare a text with a file under version control, or write it anew with --renew."""

    def compare(path: Path, text: str) -> None:
        if request.config.getoption("--renew"):
            path.write_text(text, encoding="utf-8")
        assert path.read_text(encoding="utf-8") == text, f"{path} is not current: make snapshot"

    return compare
