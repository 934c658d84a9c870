"""Fields of SAP's services, as their metadata declares them: name and type.

Belongs here: reading the tables beside this file.
"""

from __future__ import annotations

import csv
from pathlib import Path

FIELDS: dict[str, dict[str, str]] = {}
"""Set → field → type."""
KEYS: dict[str, list[str]] = {}
NAVIGATION: dict[str, set[str]] = {}
"""Set → names of what may be expanded."""
SERVICES: dict[str, str] = {}
"""Set → service."""

for _path in sorted(Path(__file__).parent.glob("*.tsv")):
    with _path.open(encoding="utf-8", newline="") as _file:
        for _row in csv.DictReader(_file, delimiter="\t"):
            _set, _field = _row["set"], _row["field"]
            SERVICES[_set] = _path.stem
            fields, keys = FIELDS.setdefault(_set, {}), KEYS.setdefault(_set, [])
            navigation = NAVIGATION.setdefault(_set, set())
            if _row["type"] == "NAV":
                navigation.add(_field)
                continue
            fields[_field] = _row["type"]
            if _row["key"] == "Y":
                keys.append(_field)
