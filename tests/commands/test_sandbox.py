import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from finsync_dagster.cli import cli

SMALL = ("--world", "group", "--scale", "0.1")


def finsync(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["sandbox", *arguments])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--seed", "3"), "--seed goes with --world group"),
        (("--port", "1", "tryton"), "--port goes with --world group"),
        (("--world", "tryton"), "'tryton' is not 'group'"),
        (("--world", "group", "--scale", "x"), "x is not a number"),
        (("--world", "group", "--scale", "0"), "0 is not above 0"),
        (("--world", "group", "--seed", "-1"), "-1 is not in the range"),
        (("--world", "group", "--until", "soon"), "'soon' does not match the format"),
        (("bogus",), "No such command 'bogus'"),
    ],
)
def test_what_cannot_be_asked_is_told(arguments: tuple[str, ...], said: str) -> None:
    told = finsync(*arguments)
    assert told.exit_code == 2
    assert said in told.output


def test_a_plan_that_cannot_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FINSYNC_HOME", str(tmp_path))
    told = finsync(*SMALL, "--faults", str(tmp_path / "plan.yaml"))
    assert told.exit_code == 1
    assert "plan.yaml cannot be read: No such file or directory" in told.output
    (tmp_path / "plan.yaml").write_text("faults: [{kind: x, rate: 1}]")
    told = finsync(*SMALL, "--faults", str(tmp_path / "plan.yaml"))
    assert "faults[1].kind: 'x' is none of" in told.output


def test_help_tells_of_both(monkeypatch: pytest.MonkeyPatch) -> None:
    told = finsync("--help").output
    assert "--world" in told
    assert "tryton" in told


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


def command(home: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        (sys.executable, "-m", "finsync_dagster.cli", "sandbox", *SMALL, *arguments),
        env={**os.environ, "FINSYNC_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_a_command_runs_beside_the_group_and_its_exit_code_is_passed_on(home: Path) -> None:
    script = (
        "import os, sys, urllib.request as u;"
        "print(sorted(n for n in os.environ if n.startswith('FINSYNC_GROUP_')));"
        "print(u.urlopen(os.environ['FINSYNC_GROUP_CONTROL']).read().decode());"
        "sys.exit(7)"
    )
    with command(home, "--until", "2026-08-31", "--log", "--", sys.executable, "-c", script) as it:
        out, err = it.communicate(timeout=120)
    assert it.returncode == 7
    names, state = out.splitlines()
    for name in ("SAP_URL", "S4_PASSWORD", "COUPA_CLIENT_SECRET", "NETSUITE_TOKEN_ID", "CONTROL"):
        assert f"'FINSYNC_GROUP_{name}'" in names
    assert "FINSYNC_GROUP_CONCUR_REFRESH_TOKEN" in names
    assert '"until":"2026-08-31T23:59:59.999999"' in state
    assert "control GET / 200" in err


@pytest.mark.slow
@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_without_a_command_it_prints_what_to_export_until_it_is_told_to_end(
    home: Path, asked: signal.Signals
) -> None:
    with command(home) as it:
        assert it.stdout is not None
        lines = []
        for line in it.stdout:
            lines.append(line)
            if line.startswith("export FINSYNC_GROUP_CONTROL="):
                break
        it.send_signal(asked)
        it.communicate(timeout=60)
    assert it.returncode == 0
    told = subprocess.run(
        ("sh", "-c", "".join(lines) + 'printf %s "$FINSYNC_GROUP_NETSUITE_PRIVATE_KEY"'),
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.startswith("-----BEGIN PRIVATE KEY-----\n")
