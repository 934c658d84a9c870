"""Documents that follow from the code are current, and what they point at is there."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from finsync_dagster.cli import cli
from finsync_dagster.orchestration.catalog import ELSEWHERE, IN_LAKE
from finsync_dagster.publishing import data_dictionary_markdown

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted(
    path for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")] if path.name != "LICENSE"
)


def test_the_data_dictionary_is_current(reviewed: Callable[[Path, str], None]) -> None:
    reviewed(ROOT / "docs/data-dictionary.md", data_dictionary_markdown([*IN_LAKE, *ELSEWHERE]))


def test_every_variable_of_the_code_is_in_the_readme() -> None:
    code = "\n".join(p.read_text() for p in (ROOT / "finsync_dagster").rglob("*.py"))
    landscape = (ROOT / "finsync_dagster/landscape/demo.yaml").read_text()
    used = set(re.findall(r"\"(FINSYNC_[A-Z0-9_]+)\"", code))
    used |= set(re.findall(r"url_env: (FINSYNC_[A-Z0-9_]+)", landscape))
    assert len(used) >= 8
    assert {v for v in used if f"`{v}`" not in README} == set()


def test_every_command_is_in_the_readme() -> None:
    missing = [name for name in cli.commands if f"finsync {name}" not in README]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (document.parent / target).exists(), f"{document.name} → {target}"


# Put together here, so that this file does not hold what it looks for.
@pytest.mark.parametrize(
    "word", [f"{ROOT}/", "py" + "pi.org", "npm" + "js", "TO" + "DO", "FIX" + "ME"]
)
def test_the_project_speaks_of_itself_alone(word: str) -> None:
    own = Path(__file__).name
    suffixes = {".py", ".md", ".yaml", ".yml", ".toml", ".lock", ".sql"}
    folders = ("finsync_dagster", "tests", "docs", "benchmarks")
    files = [p for f in folders for p in (ROOT / f).rglob("*")] + list(ROOT.glob("*"))
    for path in files:
        if path.suffix in suffixes and path.name != own:
            assert word not in path.read_text(encoding="utf-8"), path
