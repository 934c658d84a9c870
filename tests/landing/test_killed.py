"""A process that is killed while it lands leaves no extract, and the next one goes on."""

import os
import signal
import subprocess
import sys
import textwrap

from finsync_dagster.landing.landing import Landing
from finsync_dagster.landing.verify import verify
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
