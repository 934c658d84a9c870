"""A process that is killed while it lands leaves no extract, and the next one goes on."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from datetime import UTC, datetime

import pytest

from finsync_dagster.connectors.sql_model import SqlObject
from finsync_dagster.landing.landing import Landing
from finsync_dagster.landing.take import take
from finsync_dagster.landing.verify import verify
from tests.connectors.databases import sqlite_database
from tests.landing.support import circumstances, extraction

LANDS_AND_WAITS = textwrap.dedent(
    """
    import sys, time
    from finsync_dagster.landing.landing import Landing
    from tests.landing.support import circumstances, extraction

    def pages():
        yield [("1", None)]
        print("first page is landed", flush=True)
        time.sleep(60)

    made = extraction(selected=2)
    object.__setattr__(made, "pages", pages())
    Landing(sys.argv[1]).write(made, {}, circumstances())
    """
)


def test_killed_while_landing(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", LANDS_AND_WAITS, tmp_path.as_uri()],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "first page is landed\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()

    landing = Landing(tmp_path.as_uri())
    assert len(list(tmp_path.glob("pages/*/*"))) == 1
    assert landing.last("erp", "lines") is None
    assert landing.write(extraction([("1", None)]), {}, circumstances()).sequence == 1
    assert verify(landing) == []


def test_half_a_file_is_no_manifest(tmp_path):
    landing = Landing(tmp_path.as_uri())
    manifest = landing.write(extraction([("1", None)]), {}, circumstances(8))
    folder = tmp_path / "manifests" / "erp" / "lines"
    (folder / ".00000002-x.json.0011.writing").write_text('{"extract_id":')
    assert landing.last("erp", "lines") == manifest
    assert landing.write(extraction([("1", None)]), {}, circumstances(9)).sequence == 2
    assert verify(landing) == []


TAKES_FOR_EVER = textwrap.dedent(
    """
    import sys
    from datetime import UTC, datetime
    from finsync_dagster.connectors.sql_model import SqlObject
    from finsync_dagster.landing.landing import Landing
    from finsync_dagster.landing.take import take

    spec = SqlObject(
        query='SELECT * FROM "Order_Lines"', key=("Id",), cursor="Changed", overlap="40d",
        control_totals={"Amount": 2}, rows_per_page=2, snapshot_every=3,
    )
    landing = Landing(sys.argv[1])
    print("ready", flush=True)
    while True:
        take(landing, "erp", sys.argv[2], "lines", spec, now=lambda: datetime.now(UTC))
    """
)


@pytest.mark.slow
def test_killed_at_any_moment_of_full_and_incremental_extracts(tmp_path):
    """A query with an overlap is taken again and again, and killed a little later each time."""
    source = sqlite_database(tmp_path)
    source.create_lines(*((i, f"2016-01-{i:02d} 08:00:00", "1.10", "a") for i in range(1, 20)))
    root = (tmp_path / "landing").as_uri()
    landing, seen = Landing(root), 0
    for attempt in range(6):
        process = subprocess.Popen(
            [sys.executable, "-c", TAKES_FOR_EVER, root, source.url],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.getcwd()},
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.15 + attempt * 0.037)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        landing.settle("erp", "lines")
        assert verify(landing) == []
        seen = len(landing.manifests("erp", "lines"))
        assert all(manifest.complete for manifest in landing.manifests("erp", "lines"))
    assert seen > 6
    source.run("""UPDATE "Order_Lines" SET "Amount" = '7', "Changed" = '2016-02-01' WHERE "Id"=3""")
    spec = SqlObject(
        table="Order_Lines", key=("Id",), cursor="Changed", control_totals={"Amount": 2}
    )
    manifest = take(landing, "erp", source.url, "lines", spec, now=lambda: datetime.now(UTC))
    assert (manifest.complete, manifest.sequence) == (True, seen + 1)
