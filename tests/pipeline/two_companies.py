"""The demonstration's landscape without its servers: two companies on databases.

Belongs here: leaving the others out. Not here: tests of it (test_tryton.py).
"""

from __future__ import annotations

import re

from finsync_dagster.landscape.load import DEMO


def two_companies() -> str:
    """The landscape's text, every comment and line as it is but for the other companies'."""
    text = DEMO.read_text(encoding="utf-8")
    others = ["tryton_sub", "tryton_erp", *re.findall(r"(?m)^  ((?:lumen|group)_\w+):$", text)]
    for name in others:
        text, left_out = re.subn(rf"(?m)^  {name}:\n(    .*\n|   *#.*\n)+", "", text)
        assert left_out == 1
    text = re.sub(r"(?m)^#[^\n]*\nauthority:\n(  .*\n)+", "", text)
    text = text.partition("  entity_tolerances:")[0]
    described = text.partition("\ncompany:")[2]
    assert not re.search("tryton|lumen|group_(?!currency)", described)
    return text
