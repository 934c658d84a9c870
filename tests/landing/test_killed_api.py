"""An extract over HTTP, killed before each change that it makes to the disk, goes on afterwards.

Belongs here: every such moment of a full extract and of an increment that finds what is gone. Not
here: which readings may be gone on with (test_take_api_resumed.py).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from finsync_dagster.landing.landing import Landing
from finsync_dagster.landing.manifest import Manifest
from finsync_dagster.landing.verify import verify
from tests.connectors.http.api import Api, items, serving
from tests.landing.test_take_api import Shop, shop
from tests.pipeline.homes import Home

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
# Python and its libraries are loaded once; each line of input then names a landing, and the moment
# at which a process of its own is killed that takes the extract. A file appears by being linked,
# and is removed through the store: those are the moments.
TAKES = textwrap.dedent(
    """
    import os, signal, sys
    from datetime import UTC, datetime
    from finsync_dagster.landing.landing import Landing
    from finsync_dagster.landing.store import Store
    from finsync_dagster.landing.take import take
    from tests.connectors.http.systems import COUNTED, system

    items = system(COUNTED).objects["items"]
    moments, killed_at = 0, 0

    def before(act):
        def acting(*args):
            global moments
            moments += 1
            if moments == killed_at:
                os.kill(os.getpid(), signal.SIGKILL)
            return act(*args)
        return acting

    os.link, Store.remove = before(os.link), before(Store.remove)
    for line in sys.stdin:
        root, killed_at = line.split()[0], int(line.split()[1])
        process = os.fork()
        if process == 0:
            take(Landing(root), "shop", sys.argv[1], "items", items, now=lambda: datetime.now(UTC))
            print(moments, flush=True)
            os._exit(0)
        if os.waitpid(process, 0)[1] == signal.SIGKILL:
            print("killed", flush=True)
    """
)
CIRCUMSTANCES = {"extract_id", "started_at", "finished_at", "previous"}


def facts(manifest: Manifest) -> dict[str, object]:
    return manifest.model_dump(exclude=CIRCUMSTANCES)


@dataclass
class Moments:
    """An extract to be killed at any of its moments; ``before`` is the landing it begins with."""

    folder: Path
    one: Shop
    process: subprocess.Popen[str]
    before: Path | None = None
    expected: Manifest = field(init=False)
    count: int = field(init=False)

    def __post_init__(self) -> None:
        whole = self.begun("whole")
        self.count = int(self.taken(whole, 0))
        last = Landing(whole.as_uri()).last("shop", "items")
        assert last is not None
        self.expected = last

    def begun(self, name: str) -> Path:
        target = self.folder / name / "lake" / "landing"
        if self.before is not None:
            shutil.copytree(self.before, target)
        return target

    def taken(self, root: Path, killed_at: int) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(root.as_uri(), killed_at, file=self.process.stdin, flush=True)
        return self.process.stdout.readline().strip()

    def killed(self, moment: int) -> Path:
        """The landing that a process leaves that is killed then."""
        root = self.begun(f"killed_{moment}")
        assert self.taken(root, moment) == "killed"
        return root

    def finish(self, root: Path) -> int:
        """Takes the extract again; how many pages were asked for."""
        self.one.landing = Landing(root.as_uri())
        self.one.api.asked.clear()
        self.one.take()
        return sum(path.startswith("/items") for path in self.one.api.asked)

    def check(self, root: Path) -> None:
        """It is as if nothing had happened."""
        landing = Landing(root.as_uri())
        manifests = {m.sequence: m for m in landing.manifests("shop", "items")}
        assert facts(manifests[self.expected.sequence]) == facts(self.expected)
        assert verify(landing) == []
        assert self.one.held() == self.one.there()
        assert landing.store.names("progress/shop/items") == []
        assert landing.store.names("claims/shop/items") == []


@pytest.fixture
def one() -> Iterator[Shop]:
    with serving(Api(items(34))) as api:
        yield shop(api)


@pytest.fixture
def process(one: Shop) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", TAKES, one.api.url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as started:
        yield started
        started.kill()


def verified_by_the_command(root: Path) -> None:
    done = Home(root.parents[1]).finsync("landing", "verify")
    assert done.code == 0, done.text


def test_a_first_extract_of_twelve_pages(
    one: Shop, process: subprocess.Popen[str], tmp_path: Path
) -> None:
    moments = Moments(tmp_path, one, process)
    assert len(moments.expected.pages) == 12
    asked = []
    for moment in range(1, moments.count + 1):
        root = moments.killed(moment)
        if moment == 28:
            assert Landing(root.as_uri()).store.names("claims/shop/items") != []
            verified_by_the_command(root)
        asked.append(moments.finish(root))
        moments.check(root)
    # It begins with a note about what is asked for. Then each page is written, and noted: only one
    # that was not noted is asked for again, beside those that follow and the empty one at the end.
    assert asked[:27] == [13] + [14 - moment // 2 for moment in range(2, 27)] + [1]
    # Then come the index and the manifest, and last the notes are removed.
    assert moments.count > 27 + 13
    verified_by_the_command(root)


@pytest.mark.parametrize("step", [3, pytest.param(1, marks=pytest.mark.long)])
def test_an_increment_that_finds_what_is_gone(
    step: int, one: Shop, process: subprocess.Popen[str], tmp_path: Path
) -> None:
    """Killed at every third moment; long: at each."""
    one.landing = Landing((tmp_path / "before").as_uri())
    one.take()
    for number in (3, 17):
        one.delete(number)
    for number in range(40, 48):
        one.add(number)
    moments = Moments(tmp_path, one, process, tmp_path / "before")
    assert moments.expected.mode == "incremental"
    assert sum(ref.rows for ref in moments.expected.gone) == 2
    for moment in range(1, moments.count + 1, step):
        root = moments.killed(moment)
        moments.finish(root)
        moments.check(root)
