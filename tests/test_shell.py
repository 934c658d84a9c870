"""Places that cannot be used are named before anything is done."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from finsync_dagster.cli import cli
from finsync_dagster.shell import SettingsError, usable_workshop


@pytest.mark.parametrize("name", ["two words", "größe", "a#1", "100%"])
def test_a_folder_in_which_tables_could_not_be_read(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FINSYNC_HOME", str(tmp_path / name))
    with pytest.raises(SettingsError) as error:
        usable_workshop()
    assert f"{tmp_path / name}/lake cannot be used" in str(error.value)
    assert isinstance(CliRunner().invoke(cli, ["run"]).exception, SettingsError)
    assert not (tmp_path / name).exists()


def test_any_other_folder_can_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINSYNC_HOME", str(tmp_path / "Fin-sync_2.1,~+@(x)"))
    monkeypatch.delenv("FINSYNC_LAKE_URL", raising=False)
    assert usable_workshop().landing is not None
