"""The data dictionary says what the declarations say."""

from __future__ import annotations

import random
import re

from finsync_dagster.publishing import VIEWS, data_dictionary_markdown
from finsync_dagster.publishing.operations import OWN_TABLES
from tests.publishing.samples import BILLS, EXCEPTIONS, FACTS

SPECS = [BILLS, EXCEPTIONS, FACTS]


def test_a_table_with_its_grain_key_and_columns() -> None:
    text = data_dictionary_markdown(SPECS)
    section = text.split("## canonical.bills\n")[1].split("\n## ")[0]
    assert "Table. One row per bill. Key: `bill_id`." in section
    assert "| `net` | DECIMAL(38,4) | may be | Amount; net. |" in section
    assert "| `rate` | DECIMAL(38,12) | may be | Rate \\| quoted. |" in section
    rows = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert sorted(rows) == sorted(column.name for column in BILLS.columns())
    assert (rows[0], rows[-1]) == ("bill_id", "valid_from")


def test_every_relation_has_a_section_and_a_link_to_it() -> None:
    text = data_dictionary_markdown(SPECS)
    sections = re.findall(r"^## (.+)$", text, re.MULTILINE)
    relations = [*SPECS, *OWN_TABLES, *(view.spec for view in VIEWS)]
    assert sections == sorted(spec.full_name for spec in relations)
    links = re.findall(r"^- \[(.+)\]\(#(.+)\)$", text, re.MULTILINE)
    assert links == [(name, name.replace(".", "")) for name in sections]


def test_the_order_of_declarations_does_not_matter() -> None:
    shuffled = random.Random(1).sample(SPECS, len(SPECS))
    assert data_dictionary_markdown(shuffled) == data_dictionary_markdown(SPECS)


def test_every_column_is_described() -> None:
    for spec in (*OWN_TABLES, *(view.spec for view in VIEWS)):
        assert all(column.description for column in spec.columns()), spec.full_name
