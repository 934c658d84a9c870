"""The data dictionary as a document.

Belongs here: rendering declarations as Markdown. Not here: the table operations.data_dictionary
(operations.py), nor writing files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from finsync_dagster.publishing.ddl import published_columns
from finsync_dagster.publishing.operations import OWN_TABLES
from finsync_dagster.publishing.views import VIEWS, View
from finsync_dagster.schema import TableSpec

_HEAD = """# Data dictionary

Every table and view of the warehouse, generated from the declarations in the code. The same
descriptions are comments in the database and rows of `operations.data_dictionary`.
"""


def data_dictionary_markdown(specs: Sequence[TableSpec], views: Sequence[View] = VIEWS) -> str:
    """One section per table, sorted by name, with grain, key and columns.

    The tables that every publication adds are included; ``specs`` need not name them.
    """
    relations = {s.full_name: ("Table", s) for s in (*specs, *OWN_TABLES)}
    relations |= {v.spec.full_name: ("View", v.spec) for v in views}
    ordered = [relations[name] for name in sorted(relations)]
    contents = [f"- [{s.full_name}](#{_anchor(s.full_name)})" for _, s in ordered]
    sections = ["\n".join(_section(kind, spec)) for kind, spec in ordered]
    return "\n".join([_HEAD, *contents, "", "\n\n".join(sections), ""])


def _section(kind: str, spec: TableSpec) -> Iterator[str]:
    yield f"## {spec.full_name}"
    yield ""
    keys = ", ".join(f"`{name}`" for name in spec.key)
    yield f"{kind}. One row per {spec.grain}. Key: {keys}."
    yield ""
    yield "| Column | Type | Empty? | Meaning |"
    yield "|---|---|---|---|"
    for column in published_columns(spec):
        empty = "may be" if column.nullable else "never"
        # For whoever writes a mapping.
        empty = "may be left out" if column.may_be_left_out else empty
        said = column.description.replace("|", "\\|")
        yield f"| `{column.name}` | {column.sql_type} | {empty} | {said} |"


def _anchor(heading: str) -> str:
    # As the usual Markdown renderers form it: lower case, dots dropped.
    return heading.lower().replace(".", "")
