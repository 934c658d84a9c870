import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from finsync_dagster.sandbox.tryton import install as module
from finsync_dagster.sandbox.tryton.errors import TrytonError
from finsync_dagster.sandbox.tryton.install import folder, install, without_credentials


@pytest.fixture
def nothing_to_install(monkeypatch, tmp_path) -> Path:
    """A lock file that lists nothing: the environment is real, but made in a few seconds."""
    lock = tmp_path / "requirements.lock"
    lock.write_text("# nothing\n")
    monkeypatch.setattr(module, "LOCK", lock)
    return lock


@pytest.mark.slow
def test_two_at_once_make_one_environment_and_a_broken_one_is_made_anew(
    nothing_to_install, tmp_path
):
    home, said = tmp_path / "home", []
    with ThreadPoolExecutor(2) as both:
        first, second = both.map(lambda _: install(home, said.append), range(2))
    assert first == second == install(home, said.append)
    assert len(said) == 1
    assert prefix(first) == first.parents[1]

    # What is left of an attempt that was killed: parts, and no word that it is whole.
    (first.parents[1] / "installed").unlink()
    first.unlink()
    assert install(home, said.append) == first
    assert len(said) == 2
    assert prefix(first) == first.parents[1]


def prefix(python: Path) -> Path:
    program = "import sys; print(sys.prefix)"
    return Path(subprocess.check_output([python, "-c", program], text=True).strip())


@pytest.mark.slow
def test_what_pip_says_is_told_with_the_way_out(nothing_to_install, tmp_path, monkeypatch):
    nothing_to_install.write_text(f"no-such-thing==1.0 --hash=sha256:{'0' * 64}\n")
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(TrytonError, match=r"(?s)PIP_INDEX_URL.*no-such-thing==1.0"):
        install(tmp_path)
    assert not list(folder(tmp_path).glob("env-*/installed"))


def test_another_lock_file_is_another_environment(nothing_to_install):
    before = module.digest()
    nothing_to_install.write_text("# something else\n")
    assert module.digest() != before


def test_credentials_of_a_package_index_are_not_repeated():
    said = "Looking in indexes: https://me:secret@index.example/simple"
    assert without_credentials(said) == "Looking in indexes: https://***@index.example/simple"


def test_the_lock_file_pins_every_package_by_hash():
    lock = Path(module.__file__).parent / "requirements.lock"
    pinned = [line for line in lock.read_text().splitlines() if line[:1].isalpha()]
    assert len(pinned) > 25
    assert all(line.endswith("\\") and "==" in line for line in pinned)
    assert lock.read_text().count("--hash=sha256:") >= len(pinned)


def test_tryton_has_nothing_to_ask_the_tax_authorities_with():
    """Without a SOAP client it takes a VAT number whose check digits are right for valid."""
    lock = (Path(module.__file__).parent / "requirements.lock").read_text()
    packages = {line.partition("==")[0] for line in lock.splitlines()}
    assert "trytond" in packages
    assert not packages & {"zeep", "suds", "suds-community", "pysimplesoap"}
