"""Publishing: every table handed to analysts as a SQL warehouse, complete or not at all.

Belongs here: the warehouse (a DuckDB file or PostgreSQL schemas), its views and its dictionary. Not
here: what the tables hold (the stages before), nor when it happens (orchestration).
"""

from finsync_dagster.publishing.dictionary import data_dictionary_markdown
from finsync_dagster.publishing.errors import PublishError, WarehouseError
from finsync_dagster.publishing.operations import Publication
from finsync_dagster.publishing.publish import publish
from finsync_dagster.publishing.views import VIEWS, View

__all__ = [
    "VIEWS",
    "Publication",
    "PublishError",
    "View",
    "WarehouseError",
    "data_dictionary_markdown",
    "publish",
]
