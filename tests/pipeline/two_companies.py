"""The demonstration's landscape without its server: two companies on databases.

Belongs here: leaving the subsidiary out. Not here: tests of it (test_tryton.py).
"""

from __future__ import annotations

import re

from finsync_dagster.landscape.load import DEMO


def two_companies() -> str:
    """The landscape's text, every comment and line as it is but for the subsidiary's."""
    text = DEMO.read_text(encoding="utf-8")
    for name in ("tryton_sub", "tryton_erp"):
        text, left_out = re.subn(rf"(?m)^  {name}:\n(    .*\n|   *#.*\n)+", "", text)
        assert left_out == 1
    text = text.partition("  entity_tolerances:")[0]
    assert "tryton" not in text
    return text
