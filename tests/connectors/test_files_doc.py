"""What docs/files.md shows is true: its YAML loads, its tables name every word."""

import re
from pathlib import Path

import pytest
import yaml

from finsync_dagster.connectors.file_model import FileObject, FileSystem
from finsync_dagster.connectors.object_model import ObjectBase

TEXT = (Path(__file__).parents[2] / "docs" / "files.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS)
def test_every_block_is_a_system(block):
    assert FileSystem.model_validate(yaml.safe_load(block)).objects


def test_every_word_is_explained():
    assert len(BLOCKS) == 5
    own = set(FileObject.model_fields) - set(ObjectBase.model_fields)
    assert {word for word in own if f"`{word}" not in TEXT and f" {word}:" not in TEXT} == set()
